"""Tools that run a project's checks in their own environments: tox, nox, pre-commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat.works_with.projects import LISTING, MODULE_PIP, PROJECT, PYTEST
from compat.works_with.trial import Trial

TOX = ("tox==4.67.15",)
TOX_INI = f"""\
[tox]
env_list = py
[testenv]
deps =
    {PYTEST.replace(" ", f"{chr(10)}    ")}
commands = pytest -q
"""
TOX_COMMAND = """\
install_command = <pip> install {opts} {packages}
list_dependencies_command = <pip> freeze --all
allowlist_externals = *
set_env =
    PIPFAST_PIP_COMPAT = 1
"""
TOX_OWN = f"{TOX_INI}{TOX_COMMAND}[testenv:.pkg]\n{TOX_COMMAND}"
TOX_BARE = f"{TOX_COMMAND}    VIRTUALENV_NO_PIP = 1\n"
TOX_BARE_INI = f"{TOX_INI}{TOX_BARE}[testenv:.pkg]\n{TOX_BARE}"
TOX_VARIES = r"/log/|/\.tox-info\.json$"  # times, and the arguments of the calls
TOX_LEFT = (".tox/py", ".tox/.pkg")
TOX_CALLS = (
    f"install {PYTEST}",
    "install hatchling==1.27.0",
    "install idna==3.10",
    "install --force-reinstall --no-deps <here>/.tox/.tmp/package/1/demo-1.0.tar.gz",
)

SIDES = ("a", "b", "c")
TOX_SIDES = TOX_OWN.replace("env_list = py", f"env_list = {','.join(SIDES)}").replace(
    "deps =",
    "package = editable\nextras = test\ndeps =\n    -r more.txt\n    -c constraints.txt",
)
TOX_SIDE = (
    f"install {PYTEST} -r more.txt -c constraints.txt",
    "install idna==3.10 iniconfig==2.0.0",
    "install --force-reinstall --no-deps ...demo-1.0-py3-none-any.whl",
)

NOX = ("nox==2026.10.20",)
NOX_FILE = """\
import nox

@nox.session({options})
def check(session):
    session.{install}
    session.run("pytest", "-q")
"""
NOX_WORDS = ", ".join(f'"{word}"' for word in (*PYTEST.split(), "-e", "."))
NOX_CALL = f"install {PYTEST} -e ."


def _nox(what: str, install: str, options: str = "", **further: Any) -> Trial:
    more: Mapping[str, str] = further.pop("more", {})
    return Trial(
        tool="nox",
        what=what,
        pins=NOX,
        files={**PROJECT, "noxfile.py": NOX_FILE.format(options=options, install=install), **more},
        lines="nox",
        shows=("1 passed", "was successful"),
        folders=(".nox/check",),
        **further,
    )


PRE_COMMIT = ("pre-commit==4.7.0",)
HOOK = """\
[build-system]
requires = ["hatchling==1.27.0"]
build-backend = "hatchling.build"

[project]
name = "shout"
version = "1.0"
dependencies = ["idna==3.10"]

[project.scripts]
shout = "shout:main"
"""
HOOKS = """\
- id: shout
  name: shout
  entry: shout
  language: python
  types: [text]
"""
CONFIGURATION = """\
repos:
- repo: <here>/hook
  rev: v1
  hooks:
  - id: shout
    additional_dependencies: [iniconfig==2.0.0]
"""
COMMITTED = """\
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
for folder in hook project; do
    git -C $folder init -q; git -C $folder add -A; git -C $folder commit -qm one
done
git -C hook tag v1
cd project
"""
PRE_COMMIT_LINES = f"""\
{COMMITTED}
pre-commit run --all-files --verbose
cd ..
mkdir left
cache/repo*/py_env*/bin/python listing.py cache/repo*/py_env*/lib/python*/site-packages |
    sed 's#cache/repo[^/"]*#cache/repo#' > left/all
"""
PRE_COMMIT_FILES = {
    "hook/pyproject.toml": HOOK,
    "hook/shout.py": "def main():\n    print('SHOUTED')\n",
    "hook/.pre-commit-hooks.yaml": HOOKS,
    "project/.pre-commit-config.yaml": CONFIGURATION,
    "listing.py": LISTING,
}
PRE_COMMIT_HOME = {"PRE_COMMIT_HOME": "<here>/cache"}

CHECKERS = (
    Trial(
        tool="tox",
        what="as it is",
        pins=TOX,
        files={**PROJECT, "tox.ini": TOX_INI},
        lines="tox",
        shows=("1 passed", "congratulations"),
        folders=TOX_LEFT,
        varies=TOX_VARIES,
    ),
    Trial(
        tool="tox",
        what="install_command",
        pins=TOX,
        files={**PROJECT, "tox.ini": TOX_OWN},
        lines="tox",
        by_pipfast="pipfast",
        shows=("1 passed", "congratulations"),
        folders=TOX_LEFT,
        varies=TOX_VARIES,
        calls=TOX_CALLS,
    ),
    Trial(
        tool="tox",
        what="install_command and list_dependencies_command, environments without pip",
        pins=TOX,
        files={**PROJECT, "tox.ini": TOX_BARE_INI},
        lines="tox --result-json result.json",
        by_pip="<env>/bin/pip --python {env_python}",
        shows=("1 passed", "congratulations"),
        folders=TOX_LEFT,
        varies=TOX_VARIES,
        calls=(*TOX_CALLS[:2], "freeze --all", *TOX_CALLS[2:], "freeze --all"),
    ),
    Trial(
        tool="tox",
        what="install_command, an editable package, side by side",
        pins=TOX,
        files={**PROJECT, "more.txt": "six\n", "constraints.txt": "six<1.17\n",
               "tox.ini": TOX_SIDES},
        lines="tox -p",
        by_pipfast="pipfast",
        shows=("congratulations",),
        folders=(*(f".tox/{name}" for name in SIDES), ".tox/.pkg"),
        varies=rf"{TOX_VARIES}|/demo-1\.0\.dist-info/(RECORD|direct_url\.json)$",  # random order
        calls=(*TOX_SIDE * len(SIDES), "install hatchling==1.27.0", "install editables..."),
    ),
    _nox("as it is", f"install({NOX_WORDS})"),
    _nox("session.run, external", f'run("<pip>", "install", {NOX_WORDS}, external=True)',
         by_pipfast="pipfast", environ={"PIPFAST_PIP_COMPAT": "1"}, calls=(NOX_CALL,)),
    _nox("session.run, external, environments without pip",
         f'run(*"<pip> install".split(), {NOX_WORDS}, external=True)',
         'venv_params=["--no-pip"]', by_pip="<env>/bin/pip --python .nox/check",
         calls=(NOX_CALL,)),
    _nox("as it is, a module on PYTHONPATH", f"install({NOX_WORDS})",
         environ={"PYTHONPATH": "<pip>"}, by_pip="", by_pipfast="<here>/module",
         more={"module/pip.py": MODULE_PIP}, calls=(f"--python ... {NOX_CALL}",)),
    Trial(
        tool="pre-commit",
        what="as it is",
        pins=PRE_COMMIT,
        files=PRE_COMMIT_FILES,
        environ=PRE_COMMIT_HOME,
        lines=PRE_COMMIT_LINES,
        shows=("SHOUTED", "Passed"),
        folders=("left",),
    ),
    Trial(
        tool="pre-commit",
        what="as it is, a module on PYTHONPATH",
        pins=PRE_COMMIT,
        files={**PRE_COMMIT_FILES, "module/pip.py": MODULE_PIP},
        environ={**PRE_COMMIT_HOME, "PYTHONPATH": "<pip>"},
        lines=PRE_COMMIT_LINES,
        by_pip="",
        by_pipfast="<here>/module",
        shows=("SHOUTED", "Passed"),
        folders=("left",),
        calls=("--python ... install . iniconfig==2.0.0",),
    ),
)  # fmt: skip
