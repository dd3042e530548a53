"""Options determine which candidates are acceptable."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pipfast.errors import CommandError
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.selection import (
    Existing,
    FormatControl,
    ReleaseControl,
    SelectionPolicy,
    Upgrade,
    selection_policy,
)
from tests.policy.settings_of import settings_of


def test_without_options_the_policy_is_the_default_one() -> None:
    assert selection_policy(settings_of("install demo")) == SelectionPolicy()


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        (
            "--no-binary a --only-binary b",
            {"formats": FormatControl(frozenset("a"), frozenset("b"))},
        ),
        ("--pre", {"releases": ReleaseControl(pre=True)}),
        ("--only-final b", {"releases": ReleaseControl(only_final=frozenset("b"))}),
        ("--pre --all-releases=x,:none:", {"releases": ReleaseControl(pre=True)}),
        ("--prefer-binary", {"prefer_binary": True}),
        ("--ignore-requires-python", {"ignore_requires_python": True}),
        (
            "--uploaded-prior-to 2023-01-02T00:00:00Z",
            {"uploaded_prior_to": datetime(2023, 1, 2, tzinfo=timezone.utc)},
        ),
        ("--require-hashes", {"require_hashes": True}),
        ("-U", {"upgrade": Upgrade.REQUESTED}),
        ("-U --upgrade-strategy eager", {"upgrade": Upgrade.EVERYTHING}),
        ("--upgrade-strategy eager", {}),
        ("--force-reinstall", {"existing": Existing.REINSTALL}),
        ("--force-reinstall -I", {"existing": Existing.IGNORE}),
        ("--target t", {"existing": Existing.IGNORE}),
        ("--no-deps", {"dependencies": False}),
        ("--only-deps", {"only_dependencies": True}),
    ],
)
def test_an_option_changes_its_part_of_the_policy(line: str, changes: dict[str, object]) -> None:
    found = selection_policy(settings_of(f"install {line} demo"))
    assert found == replace(SelectionPolicy(), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", ["download", "wheel", "lock"])
def test_a_command_that_installs_nothing_looks_at_nothing_installed(command: str) -> None:
    assert selection_policy(settings_of(f"{command} demo")).existing is Existing.IGNORE


def test_pre_does_not_go_with_the_options_that_replace_it() -> None:
    with pytest.raises(CommandError, match="--pre cannot be used with --all-releases or --only-f"):
        selection_policy(settings_of("install --pre --only-final a demo"))
