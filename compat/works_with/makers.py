"""Tools that create environments, lock files and distributions."""

from __future__ import annotations

from compat.works_with.projects import PROJECT, SAYS
from compat.works_with.trial import Python, Trial
from pipfast.model.version import PIP_VERSION

VIRTUALENV = ("virtualenv==21.15.11",)
PIPX = ("pipx==1.18.4",)
PIP_TOOLS = ("pip-tools==7.6.2", f"pip=={PIP_VERSION}")
BUILD = ("build==1.6.1",)
IN_FILE = """\
iniconfig<2.1
idna>=3,<3.11
six==1.16.0
"""
PINNED = """\
idna==3.10
iniconfig==2.0.0
"""

MAKERS = (
    Trial(
        tool="virtualenv",
        what="an environment with pip, active",
        pins=VIRTUALENV,
        lines="""
        virtualenv -q made
        . made/bin/activate
        pip install idna==3.10
        """,
        folders=("made",),
    ),
    Trial(
        tool="virtualenv",
        what="an environment with pip, active, `pip` looked up before it",
        pins=VIRTUALENV,
        files=PROJECT,
        lines="""
        virtualenv -q made
        VIRTUAL_ENV=$PWD/made <pip> install .
        made/bin/demo
        """,
        by_pip="made/bin/pip",
        shows=(SAYS,),
        says=True,
        folders=("made",),
        calls=("install .",),
    ),
    Trial(
        tool="virtualenv",
        what="an environment without pip, active",
        pins=VIRTUALENV,
        files=PROJECT,
        lines="""
        virtualenv -q --no-pip made
        . made/bin/activate
        <pip> install .
        demo
        """,
        by_pip="<env>/bin/pip --python made",
        shows=(SAYS,),
        folders=("made",),
        calls=("install .",),
    ),
    Trial(
        tool="virtualenv",
        what="`<environment>/bin/pip` is a link",
        pins=VIRTUALENV,
        files=PROJECT,
        lines="""
        virtualenv -q made
        if [ -e <folder>/pipfast ]; then ln -sf <folder>/pipfast made/bin/pip; fi
        made/bin/pip install .
        made/bin/demo
        made/bin/pip uninstall -y demo
        """,
        shows=(SAYS, "Successfully uninstalled demo-1.0"),
        folders=("made",),
        calls=("install .", "uninstall -y demo"),
    ),
    Trial(
        tool="pipx",
        what="as it is",
        pins=PIPX,
        files=PROJECT,
        lines="""
        pipx install --quiet ./
        pipx inject --quiet demo six==1.16.0
        ../home/.local/bin/demo
        pipx runpip demo freeze
        pipx list --short
        pipx uninstall demo
        """,
        shows=(SAYS, "six==1.16.0", "demo 1.0"),
    ),
    Trial(
        tool="pipx",
        what="what is in an environment of its, changed by --python",
        pins=PIPX,
        files=PROJECT,
        lines="""
        pipx install --quiet ./
        <pip> --python ../home/.local/share/pipx/venvs/demo install six==1.16.0
        pipx runpip demo freeze
        """,
        by_pip="<env>/bin/pip",
        shows=("six==1.16.0",),
        folders=("../home/.local/share/pipx/venvs",),
        varies=r"/pipx_metadata\.json$",
        calls=("--python ... install six==1.16.0",),
    ),
    Trial(
        tool="pip-tools",
        what="pip-compile, then install -r",
        pins=PIP_TOOLS,
        python=Python.ACTIVE,
        files={"requirements.in": IN_FILE},
        lines="""
        pip-compile -q --generate-hashes --no-emit-index-url requirements.in
        pip install --require-hashes -r requirements.txt
        """,
        says=True,
        folders=("<env>", "."),
        calls=("install --require-hashes -r requirements.txt",),
    ),
    Trial(
        tool="pip-tools",
        what="pip-sync as it is",
        pins=PIP_TOOLS,
        python=Python.ACTIVE,
        files={"requirements.txt": PINNED},
        lines="""
        <env>/bin/python -m pip install -q six==1.16.0 idna==3.9
        pip-sync --python-executable <python> requirements.txt
        """,
        shows=("Successfully uninstalled six-1.16.0", "Successfully installed idna-3.10"),
        folders=("<env>",),
    ),
    Trial(
        tool="pip-tools",
        what="pip-sync's own calls",
        pins=PIP_TOOLS,
        python=Python.ACTIVE,
        files={"requirements.txt": PINNED},
        lines="""
        pip install -q six==1.16.0 idna==3.9
        pip uninstall -y -q six
        pip install -r requirements.txt -q
        pip install --no-deps -r requirements.txt
        """,
        says=True,
        folders=("<env>",),
        calls=("install -q six==1.16.0 idna==3.9", "uninstall -y -q six",
               "install -r requirements.txt -q", "install --no-deps -r requirements.txt"),
    ),
    Trial(
        tool="build",
        what="as it is",
        pins=BUILD,
        files=PROJECT,
        lines="python -m build",
        shows=("Successfully built demo-1.0.tar.gz and demo-1.0-py3-none-any.whl",),
        folders=("dist",),
    ),
    Trial(
        tool="build",
        what="--no-isolation, what it needs installed by pip",
        pins=BUILD,
        python=Python.ACTIVE,
        files=PROJECT,
        lines="""
        pip install hatchling==1.27.0 build==1.6.1
        <env>/bin/python -m build --no-isolation
        pip install dist/demo-1.0-py3-none-any.whl
        """,
        shows=("Successfully built demo-1.0.tar.gz and demo-1.0-py3-none-any.whl",),
        says=True,
        folders=("dist", "<env>"),
        calls=("install hatchling==1.27.0 build==1.6.1",
               "install dist/demo-1.0-py3-none-any.whl"),
    ),
)  # fmt: skip
