"""Scripts that call pip: setup scripts, template hooks, shell idioms."""

from __future__ import annotations

from compat.works_with.projects import MODULE_PIP, PROJECT, SAYS
from compat.works_with.trial import Python, Standing, Trial
from pipfast.model.version import PIP_VERSION

COOKIECUTTER = ("cookiecutter==2.7.1", f"pip=={PIP_VERSION}")
SETUP = """\
#!/bin/sh
set -e
pip install -r requirements.txt
pip3 install -e '.[test]'
pip check
demo
"""
HOOK = """\
import subprocess
import sys

subprocess.run(["pip", "install", "-r", "requirements.txt"], check=True)
subprocess.check_call("pip install -e .", shell=True)
command = [sys.executable, "-m", "pip", "install", "--target", "extra", "six==1.16.0"]
subprocess.run(command, check=True)
"""
REQUIREMENTS = "iniconfig==2.0.0\nidna>=3,<3.11  # as the project\n"
SET_UP = {**PROJECT, "requirements.txt": REQUIREMENTS, "setup.sh": SETUP}
MADE = "template/{{cookiecutter.slug}}"
TEMPLATE = {
    "template/cookiecutter.json": '{"slug": "made"}',
    "template/hooks/post_gen_project.py": HOOK,
    f"{MADE}/requirements.txt": REQUIREMENTS,
    **{f"{MADE}/{path}": text for path, text in PROJECT.items()},
}
SET_UP_CALLS = ("install -r requirements.txt", "install -e .[test]", "check")
HOOK_CALLS = ("install -r requirements.txt", "install -e .")

SCRIPTS = (
    Trial(
        tool="a set-up script",
        what="in an active environment",
        python=Python.ACTIVE,
        files=SET_UP,
        lines="sh setup.sh",
        shows=(SAYS,),
        says=True,
        folders=("<env>",),
        calls=SET_UP_CALLS,
    ),
    Trial(
        tool="a set-up script",
        what="`<environment>/bin/pip` is a link, the environment is on PATH alone",
        python=Python.ACTIVE,
        standing=Standing.IN_PLACE,
        files=SET_UP,
        lines="unset VIRTUAL_ENV; PATH=<env>/bin:$PATH; sh setup.sh",
        shows=(SAYS,),
        says=True,
        folders=("<env>",),
        calls=SET_UP_CALLS,
    ),
    Trial(
        tool="cookiecutter",
        what="a hook that calls `pip` and `python -m pip`",
        pins=COOKIECUTTER,
        python=Python.ACTIVE,
        files=TEMPLATE,
        lines="cookiecutter --no-input template",
        says=True,
        folders=("<env>", "made"),
        calls=HOOK_CALLS,
    ),
    Trial(
        tool="cookiecutter",
        what="the same, a module on PYTHONPATH",
        pins=COOKIECUTTER,
        python=Python.ACTIVE,
        files={**TEMPLATE, "module/pip.py": MODULE_PIP},
        environ={"PYTHONPATH": "<pip>"},
        lines="cookiecutter --no-input template",
        by_pip="",
        by_pipfast="<here>/module",
        says=True,
        folders=("<env>", "made"),
        calls=(*HOOK_CALLS, "--python ... install --target extra six==1.16.0"),
    ),
    Trial(
        tool="the shell",
        what="freeze, then xargs uninstall -y",
        python=Python.ACTIVE,
        files=SET_UP,
        lines="""
        pip install -q -r requirements.txt six==1.16.0 .
        pip freeze | grep -v '^demo @' | xargs pip uninstall -y
        pip freeze
        pip uninstall -y -r requirements.txt demo
        pip list --format=freeze
        """,
        says=True,
        folders=("<env>",),
        calls=("install -q -r requirements.txt six==1.16.0 .", "freeze",
               "uninstall -y idna==3.10 iniconfig==2.0.0 six==1.16.0", "freeze",
               "uninstall -y -r requirements.txt demo", "list --format=freeze"),
    ),
    Trial(
        tool="the shell",
        what="xargs, one requirement at a time; a loop; a here-document",
        python=Python.ACTIVE,
        files=SET_UP,
        lines="""
        grep -v '^#' requirements.txt | cut -d'#' -f1 | xargs -n 1 pip install --no-input
        for name in six==1.16.0 packaging==25.0; do pip install "$name" | tail -1; done
        pip install -r /dev/stdin <<END
        pluggy==1.6.0
        END
        pip list | awk 'NR > 2 { print $1 }' | sort
        pip show six | grep ^Version
        """,
        says=True,
        folders=("<env>",),
        calls=("install --no-input iniconfig==2.0.0", "install --no-input idna>=3,<3.11",
               "install six==1.16.0", "install packaging==25.0", "install -r /dev/stdin",
               "list", "show six"),
    ),
)  # fmt: skip
