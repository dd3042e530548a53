"""docs/settings.md has every setting, and its examples are valid."""

from __future__ import annotations

import re
import shlex

import pytest

from compat.options.settings_page import DOCUMENT, document
from pipfast.config.pipfast_settings import OWN, own_settings
from pipfast.policy.mode import mode
from pipfast.policy.settings_table import SettingRow, settings_table
from tests.policy.settings_of import settings_of


def test_the_page_is_current() -> None:
    assert document() == DOCUMENT.read_text(encoding="utf-8"), (
        "write it again: python -m compat.options.settings_page"
    )


@pytest.mark.parametrize("row", settings_table(), ids=lambda row: row.key)
def test_each_setting_has_an_example_that_is_accepted(row: SettingRow) -> None:
    section = document().partition(f"### {row.key}\n")[2].partition("\n### ")[0]
    found = re.search(r"Example: `(PIPFAST_\w+)=(.*?)`, or `pip config set (\S+) (.*?)`", section)
    assert found is not None
    variable, value, key, text = found.groups()
    [value], [text] = shlex.split(value), shlex.split(text)
    by_variable = own_settings({}, {variable: value})
    name = key.removeprefix("pipfast.")
    by_file = own_settings({"pipfast": {name: (text, "pip.conf")}}, {})
    assert by_variable.unknown == by_file.unknown == ()
    values = [
        (one.values, one.indexes, one.build_variables, one.call_log, dict(one.texts))
        for one in (by_variable, by_file)
    ]
    assert values[0] == values[1]
    assert any(values[0])


@pytest.mark.parametrize("compat", ["true", "false"])
def test_the_defaults_are_those_of_a_run(compat: str) -> None:
    answers = mode(settings_of("list", PIPFAST_PIP_COMPAT=compat)).answers()
    for row in settings_table():
        if row.key in answers:
            assert (row.parity if compat == "true" else row.guarded) == answers[row.key]
    assert {row.key for row in settings_table()} >= set(OWN)
