"""A variable or key that is no setting is reported with the most similar name."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest

from pipfast.config.nearest_setting import nearest_setting
from pipfast.config.pipfast_settings import SECTION, UnknownSetting, own_settings
from pipfast.errors import UsageError

PACKAGE = Path(__file__).parents[2] / "src" / "pipfast"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("PIPFAST_PIPCOMPAT", "PIPFAST_PIP_COMPAT"),
        ("PIPFAST_pip_compat", "PIPFAST_PIP_COMPAT"),
        ("PIPFAST_COMPAT", "PIPFAST_PIP_COMPAT"),
        ("PIPFAST_LINKMODE", "PIPFAST_LINK_MODE"),
        ("PIPFAST_ISOLATION", "PIPFAST_BUILD_ISOLATION"),
        ("PIPFAST_INDEXOF_", "PIPFAST_INDEX_OF_<PROJECT>"),
        ("PIPFAST_CACHE_DIR", ""),
        ("PIPFAST_X", ""),
    ],
)
def test_an_unknown_variable_has_the_nearest_name(name: str, nearest: str) -> None:
    assert own_settings({}, {name: "1"}).unknown == (UnknownSetting(name),)
    assert nearest_setting(UnknownSetting(name)) == nearest


@pytest.mark.parametrize(
    ("key", "nearest"),
    [("pipcompat", "pip-compat"), ("linkmode", "link-mode"), ("indexof.demo", ""), ("x", "")],
)
def test_an_unknown_key_has_the_nearest_name(key: str, nearest: str) -> None:
    sections = {SECTION: {key: ("1", "pip.conf"), "link-mode": ("copy", "pip.conf")}}
    assert own_settings(sections, {}).unknown == (UnknownSetting(key, "pip.conf"),)
    assert nearest_setting(UnknownSetting(key, "pip.conf")) == nearest


@pytest.mark.parametrize(
    "name",
    [
        "PIPFAST_PIP_COMPAT",
        "PIPFAST_INDEX_OF_DEMO",
        "PIPFAST_BUILD_ENV_DEMO",
        "PIPFAST_TEST_ANYTHING",
    ],
)
def test_a_known_variable_is_not_unknown(name: str) -> None:
    value = "A=b" if "ENV" in name else "true"
    assert own_settings({}, {name: value}).unknown == ()


def test_an_empty_value_is_no_value() -> None:
    sections = {SECTION: {"pipcompat": ("", "pip.conf")}}
    assert own_settings(sections, {"PIPFAST_PIPCOMPAT": ""}).unknown == ()


def test_keys_for_projects_are_known() -> None:
    keys = {"index.demo": ("https://a.example", "f"), "build-env.demo": ("A=b", "f")}
    assert own_settings({SECTION: keys}, {}).unknown == ()


def test_every_variable_that_the_program_names_is_known() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    names = set(re.findall(r"\bPIPFAST_[A-Z_]*[A-Z]\b", sources))
    assert names >= {"PIPFAST_LINK_MODE", "PIPFAST_TRACE_DELEGATION"}
    unknown = set()
    for name in names:
        with suppress(UsageError):  # the value is invalid, so the name is known
            unknown |= {one.name for one in own_settings({}, {name: "1"}).unknown}
    assert unknown == set()
