"""Ansible's pip module, run against this machine."""

from __future__ import annotations

from typing import Any

from compat.works_with.trial import Python, Standing, Trial

ANSIBLE = ("ansible-core==2.19.14",)
RUN = "ansible-playbook -i localhost, -v play.yml"
OWN = '"{{ ansible_playbook_python }}"'
"""Ansible's own Python, which has no pip."""

HEAD = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: <interpreter>
  module_defaults:
    ansible.builtin.pip:
      <how>
  tasks:
"""
TASKS = (
    "name: ['iniconfig==2.0.0', 'idna>=3,<3.11']",
    "name: ['iniconfig==2.0.0', 'idna>=3,<3.11']",  # nothing changes
    "name: idna, version: '3.9'",
    "name: idna, state: forcereinstall, version: '3.10'",
    "requirements: requirements.txt, chdir: <here>, extra_args: --no-deps",
    "name: iniconfig, state: absent",
    "name: iniconfig, state: absent",  # nothing changes
    "name: file://<here>/demo, editable: true",
    "name: six==1.17.0, state: latest, umask: '0022'",
)
SUMMARY = "ok=9    changed=7    unreachable=0    failed=0"
CALLS = (
    "install iniconfig==2.0.0 idna<3.11,>=3",
    "install iniconfig==2.0.0 idna<3.11,>=3",
    "install idna==3.9",
    "install -U --force-reinstall idna==3.10",
    "list --format=freeze",  # before the unnamed ones, to see whether anything changes
    "install --no-deps -r requirements.txt",
    "list --format=freeze",
    "uninstall -y iniconfig",
    "uninstall -y iniconfig",
    "install -e file://<here>/demo",
    "install -U six==1.17.0",
)
FILES = {
    "requirements.txt": "six==1.16.0\n",
    "demo/setup.py": "from setuptools import setup\nsetup(name='demo', version='1.0')\n",
    "demo/pyproject.toml": "[build-system]\nrequires = ['setuptools==80.9.0']\n",
}


def _play(how: str, tasks: tuple[str, ...] = TASKS, python: str = OWN) -> str:
    head = HEAD.replace("<how>", how.replace("\n", "\n      ")).replace("<interpreter>", python)
    return head + "".join(f"  - ansible.builtin.pip: {{{task}}}\n" for task in tasks)


def _trial(what: str, play: str, **further: Any) -> Trial:
    return Trial(
        tool="ansible-core",
        what=what,
        pins=ANSIBLE,
        files={**FILES, "play.yml": play},
        lines=further.pop("lines", RUN),
        shows=(further.pop("summary", SUMMARY),),
        folders=further.pop("folders", ("<env>",)),
        **further,
    )


PLAYBOOKS = (
    _trial("as it is, pip is a module of its Python",
           _play("umask: '0022'", python="<python>"),
           lines=f"<python> -m pip install -q packaging==25.0\n{RUN}", python=Python.ACTIVE),
    _trial("as it is, `pip3` is on PATH alone", _play("umask: '0022'"), python=Python.ACTIVE,
           calls=CALLS),
    _trial("executable", _play("executable: <pip>"), python=Python.ACTIVE,
           by_pip="<env>/bin/pip", by_pipfast="<folder>/pip", calls=CALLS),
    _trial("virtualenv, whose `bin/pip` is a link", _play("virtualenv: <env>"),
           standing=Standing.IN_PLACE, calls=CALLS),
    _trial("virtualenv, in check mode", _play("virtualenv: <env>", TASKS[:1]),
           standing=Standing.IN_PLACE, lines=f"{RUN} --check",
           summary="ok=1    changed=1", calls=("list --format=freeze",)),
    _trial("virtualenv, made by virtualenv_command",
           _play("virtualenv: <here>/made\nvirtualenv_command: <python> -m venv", TASKS[:1]),
           summary="ok=1    changed=1", folders=("made",)),
)  # fmt: skip
