"""Options determine where distributions are installed."""

from __future__ import annotations

import pytest

from pipfast.errors import CommandError
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.target import ForeignTarget, LinkMode, TargetPolicy, target_policy
from tests.policy.settings_of import settings_of


def test_without_options_the_policy_is_the_default_one() -> None:
    assert target_policy(settings_of("install demo")) == TargetPolicy()


@pytest.mark.parametrize(
    ("line", "environ", "changes"),
    [
        ("--user", {}, {"user": True}),
        ("--no-user", {}, {"user": False}),
        ("", {"PIP_USER": "0"}, {"user": False}),
        ("--prefix p --root r", {}, {"prefix": "p", "root": "r"}),
        ("-t d -U", {}, {"target": "d", "upgrade": True}),
        ("--no-compile", {}, {"compile_bytecode": False}),
        ("", {"PIP_NO_COMPILE": "0"}, {"compile_bytecode": False}),
        ("--no-warn-script-location", {}, {"warn_script_location": False}),
        ("--break-system-packages", {}, {"break_system_packages": True}),
        ("", {"PIPFAST_LINK_MODE": "copy"}, {"link_mode": LinkMode.COPY}),
        (
            "--platform a --platform b --python-version 3.9 --abi c --implementation pp",
            {},
            {
                "foreign": ForeignTarget(
                    platforms=("a", "b"), python_version=(3, 9), implementation="pp", abis=("c",)
                )
            },
        ),
    ],
)
def test_an_option_changes_its_part_of_the_policy(
    line: str, environ: dict[str, str], changes: dict[str, object]
) -> None:
    found = target_policy(settings_of(f"install {line} demo", **environ))
    assert found == replace(TargetPolicy(), **changes)  # type: ignore[arg-type]


def test_a_folder_and_the_user_site_are_two_places() -> None:
    with pytest.raises(CommandError, match="Can not combine '--user' and '--target'"):
        target_policy(settings_of("install --user --target t demo"))
