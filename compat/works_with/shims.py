"""Tools that run unchanged on pipfast: with a shim in an environment, or a seed for virtualenv."""

from __future__ import annotations

from dataclasses import replace

from compat.works_with.checkers import (
    CHECKERS,
    NOX_CALL,
    TOX_CALLS,
)
from compat.works_with.makers import BUILD, IN_FILE, PINNED, PIP_TOOLS, PIPX, VIRTUALENV
from compat.works_with.playbooks import CALLS, PLAYBOOKS
from compat.works_with.projects import PROJECT, SAYS
from compat.works_with.trial import Python, Standing, Trial
from pipfast.model.version import PIP_VERSION

VIRTUALENV_20 = ("virtualenv==20.39.1",)
TOX_ON_20 = ("tox==4.48.1", *VIRTUALENV_20)  # the last that accepts it
IPYTHON = ("ipython==9.6.0", f"pip=={PIP_VERSION}")
HATCH = ("hatch==1.18.2",)
PDM = ("pdm==2.29.4",)
POETRY = ("poetry==2.5.1",)

POETRY_PROJECT = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.10"
"""  # Poetry asks its own index about dependencies, not the one of pip
HATCH_TOML = """\
[envs.default]
dependencies = ["iniconfig==2.0.0"]
installer = "pip"
"""


def _seeded(tool: str, calls: tuple[str, ...]) -> Trial:
    """Return the trial of a tool as it is, with a seed."""
    [as_it_is] = [one for one in CHECKERS if one.tool == tool and one.what == "as it is"]
    return replace(as_it_is, what="as it is, with a seed", standing=Standing.SEED, calls=calls)


def _virtualenv(pins: tuple[str, ...]) -> Trial:
    return Trial(
        tool="virtualenv",
        what=f"{pins[0].partition('==')[2]}, with a seed",
        pins=pins,
        standing=Standing.SEED,
        files=PROJECT,
        lines="""
        virtualenv -q made
        made/bin/python -I -m pip install .
        made/bin/demo
        made/bin/pip uninstall -y demo
        """,
        shows=(SAYS, "Successfully uninstalled demo-1.0"),
        says=True,
        folders=("made",),
        varies=r"/_virtualenv|\.virtualenv$",
        calls=("install .", "uninstall -y demo"),
    )


SHIMS = (
    _seeded("tox", (*(call.replace("<here>/", "...") for call in TOX_CALLS),)),
    _seeded("nox", (NOX_CALL,)),
    _seeded("pre-commit", ("install . iniconfig==2.0.0",)),
    replace(
        _seeded("tox", (*(call.replace("<here>/", "...") for call in TOX_CALLS),)),
        what="as it is, on virtualenv 20, with a seed",
        pins=TOX_ON_20,
    ),
    _virtualenv(VIRTUALENV),
    _virtualenv(VIRTUALENV_20),
    Trial(
        tool="venv",
        what="python -m venv, then a shim",
        python=Python.ACTIVE,
        standing=Standing.SHIM,
        files=PROJECT,
        lines=f"""
        <python> -m venv made
        made/bin/python -m pip install -q pip=={PIP_VERSION}
        <shim> made
        made/bin/python -m pip install .
        made/bin/demo
        made/bin/pip3 freeze
        """,
        shows=(SAYS, "idna==3.10"),
        folders=("made",),
        calls=("shim made", "install .", "freeze"),
    ),
    Trial(
        tool="pipx",
        what="as it is, a shim in its shared environment",
        pins=PIPX,
        standing=Standing.SHIM,
        files=PROJECT,
        environ={"PIPX_DEFAULT_BACKEND": "pip"},
        lines="""
        pipx ensurepath --quiet || true
        pipx upgrade-shared --quiet
        <shim> ../home/.local/share/pipx/shared
        pipx install --quiet ./
        pipx inject --quiet demo six==1.16.0
        ../home/.local/bin/demo
        pipx runpip demo freeze
        pipx uninstall demo
        """,
        shows=(SAYS, "six==1.16.0"),
        calls=("freeze", *("...",) * 3),
    ),
    Trial(
        tool="pip-tools",
        what="pip-compile and pip-sync as they are, with a shim",
        pins=PIP_TOOLS,
        python=Python.ACTIVE,
        standing=Standing.SHIM,
        files={"requirements.in": IN_FILE, "pinned.txt": PINNED},
        lines="""
        <python> -m pip install -q pip-tools==7.6.2 six==1.16.0
        <python> -m piptools compile -q --no-emit-index-url requirements.in
        <python> -m piptools sync requirements.txt
        """,
        folders=("<env>", "."),
        varies=r"^\.",
        calls=("...",) * 2,
    ),
    Trial(
        tool="build",
        what="as it is, with a shim",
        python=Python.ACTIVE,
        standing=Standing.SHIM,
        files=PROJECT,
        lines=f"""
        <python> -m pip install -q {BUILD[0]}
        <python> -m build
        <python> -m pip install -q hatchling==1.27.0
        <python> -m build --no-isolation --outdir again
        """,
        shows=("Successfully built demo-1.0.tar.gz and demo-1.0-py3-none-any.whl",),
        folders=("dist", "again", "<env>"),
        calls=(f"install -q {BUILD[0]}", "install -q hatchling==1.27.0",
               *("--python ... -r ...",) * 2),  # the environments for the sdist and the wheel
    ),
    replace(
        PLAYBOOKS[0],
        what="as it is, with a shim",
        standing=Standing.SHIM,
        calls=("install -q packaging==25.0", *CALLS),
    ),
    Trial(
        tool="ipython",
        what="%pip, with a shim",
        python=Python.ACTIVE,
        standing=Standing.SHIM,
        lines="""
        <python> -m pip install -q ipython==9.6.0
        <python> -m IPython --no-banner --colors=NoColor -c "%pip install idna==3.10"
        <python> -m IPython --no-banner --colors=NoColor -c "%pip list --format=freeze"
        """,
        shows=("idna==3.10", "Successfully installed idna-3.10"),
        folders=("<env>",),
        calls=("install -q ipython==9.6.0", "install idna==3.10", "list --format=freeze"),
    ),
    Trial(
        tool="hatch",
        what="as it is, with a seed",
        pins=HATCH,
        standing=Standing.SEED,
        files={**PROJECT, "hatch.toml": HATCH_TOML},
        environ={"HATCH_DATA_DIR": "<here>/hatch"},
        lines="hatch -q run demo",
        shows=(SAYS,),
        calls=("...",) * 2,
    ),
    Trial(
        tool="poetry",
        what="poetry run pip, with a seed",
        pins=POETRY,
        standing=Standing.SEED,
        files={"pyproject.toml": POETRY_PROJECT},
        environ={"POETRY_VIRTUALENVS_IN_PROJECT": "1"},
        lines="""
        poetry install --no-root
        poetry run python -m pip install -q iniconfig==2.0.0
        poetry run pip freeze
        """,
        shows=("iniconfig==2.0.0",),
        folders=(".venv",),
        calls=("install -q iniconfig==2.0.0", "freeze"),
    ),
    Trial(
        tool="pdm",
        what="pdm run pip, with a seed",
        pins=PDM,
        standing=Standing.SEED,
        files=PROJECT,
        lines="""
        pdm venv create -q --with-pip
        pdm run pip install -q . six==1.16.0
        pdm run python -m pip freeze
        """,
        shows=("six==1.16.0", "idna==3.10"),
        folders=(".venv",),
        calls=("install -q . six==1.16.0", "freeze"),
    ),
)  # fmt: skip
