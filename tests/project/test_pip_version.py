"""The version of pip is decided in `pipfast.model.version`; each failure says what to do next."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

import pip

from compat.pip_version import outdated
from pipfast.model.version import PIP_VERSION

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "dependencies"
]


def test_every_file_names_that_version() -> None:
    assert outdated() == [], "Run `python -m compat.pip_version`, then read the changes."


def test_the_installed_pip_has_that_version() -> None:
    assert version("pip") == PIP_VERSION, (
        f"Run `python -m pip install pip=={PIP_VERSION}`. Then run compat/options: its failures "
        "name the options to change in config/option_table.py and config/subcommands.py. Then run "
        "compat/scenarios, and decide on each difference."
    )


def test_packaging_is_the_release_that_pip_vendors() -> None:
    vendored = (Path(pip.__path__[0]) / "_vendor/vendor.txt").read_text(encoding="utf-8")
    match = re.search(r"(?m)^packaging==(\d+\.\d+)", vendored)
    assert match is not None
    (pinned,) = (one for one in DEPENDENCIES if one.startswith("packaging"))
    assert pinned == f"packaging=={match[1]}.*", (
        "Pin packaging in pyproject.toml to the release that pip vendors (decision 0003)."
    )


def test_tomli_w_is_the_release_that_pip_vendors() -> None:
    vendored = (Path(pip.__path__[0]) / "_vendor/vendor.txt").read_text(encoding="utf-8")
    match = re.search(r"(?m)^tomli-w==(\d+)", vendored)
    assert match is not None
    assert version("tomli-w").split(".")[0] == match[1], "Update tomli-w (decision 0007)."
