"""Options that exclude each other are rejected with pip's messages."""

from __future__ import annotations

import pytest

from pipfast.errors import CommandError, NotNative
from pipfast.policy.option_conflicts import (
    VirtualenvRequired,
    check_hash_options,
    check_options,
    check_served,
    check_virtualenv,
    feature_notices,
    notices,
)
from tests.policy.settings_of import settings_of

FOREIGN = "either --no-deps must be set, or --only-binary=:all: must be set"
TARGET = "unless installing via '--target' or using '--dry-run'"
LOCKED = "are not supported when selecting requirements from"
ONLY = "Cannot use '--only-dependencies' in combination with"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("install --platform x demo", FOREIGN),
        ("install --python-version 3.9 -t d demo", FOREIGN),
        ("install --abi x --only-binary :all: --no-binary a -t d demo", FOREIGN),
        ("install --platform x --only-binary :all: demo", TARGET),
        ("install --implementation pp --no-deps demo", TARGET),
        ("install --platform x --no-deps -t d -r pylock.toml", f"{LOCKED} 'pylock.toml'"),
        ("install --platform x --no-deps -t d -r a/pylock.b.toml[c]", f"{LOCKED} 'a/pylock.b.to"),
        ("download --platform x --group pylock.toml:d --no-deps", f"{LOCKED} 'pylock.toml'"),
        ("download --platform x demo", FOREIGN),
        ("install --only-deps --no-deps demo", f"{ONLY} '--no-deps'. "),
        (
            "install --only-deps --no-deps -r a --group g",
            f"{ONLY} '--no-deps', '--requirement', or '--group'. ",
        ),
        ("wheel --only-deps -r a", f"{ONLY} '--requirement'. "),
        (
            "install --build-constraint c --no-build-isolation demo",
            "--build-constraint cannot be used with --no-build-isolation.",
        ),
        ("download --pre --only-final a demo", "--pre cannot be used with"),
        ("index versions --pre --all-releases a demo", "--pre cannot be used with"),
        ("list -o -u", "Options --outdated and --uptodate cannot be combined."),
        (
            "list -o --format freeze",
            "List format 'freeze' cannot be used with the --outdated option.",
        ),
        ("list --path x --user", "Cannot combine '--path' with '--user' or '--local'"),
        ("freeze --path x --local", "Cannot combine '--path' with '--user' or '--local'"),
        ("inspect --path x --local", "Cannot combine '--path' with '--user' or '--local'"),
    ],
)
def test_options_that_exclude_each_other_are_refused(line: str, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        check_options(settings_of(line))
    assert message in caught.value.message


@pytest.mark.parametrize(
    "line",
    [
        "install demo",
        "install --platform x --only-binary :all: -t d demo",
        "install --platform x --no-deps --dry-run demo",
        "install --platform x --no-deps -t d -r requirements.txt",
        "download --python-version 3.9 --only-binary=:all: demo",
        "install --only-deps -c c.txt demo",
        "install --require-hashes --no-require-hashes demo",
        "list --path x",
        "show demo",
    ],
)
def test_options_that_go_together_pass(line: str) -> None:
    check_options(settings_of(line))


def test_the_legacy_resolver_is_pips_alone() -> None:
    check_served(settings_of("install --use-deprecated legacy-certs demo"))
    with pytest.raises(NotNative):
        check_served(settings_of("install --use-deprecated legacy-resolver demo"))
    with pytest.raises(CommandError, match="'--use-deprecated legacy-resolver'"):
        check_served(settings_of("install --use-deprecated legacy-resolver --only-deps demo"))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("--use-feature venv-isolation --use-feature inprocess-build-deps", True),
        ("--use-feature venv-isolation", False),
        ("--use-feature venv-isolation --use-feature inprocess-build-deps --no-build-isolation",
         False),
    ],
)  # fmt: skip
def test_two_ways_of_isolation_are_told_not_to_go_together(line: str, shown: bool) -> None:
    assert bool(list(feature_notices(settings_of(f"install {line} demo")))) is shown


def test_requiring_hashes_and_not_requiring_them_exclude_each_other() -> None:
    check_hash_options(settings_of("install --require-hashes demo"))
    with pytest.raises(CommandError, match="are mutually exclusive"):
        check_hash_options(settings_of("install --require-hashes --no-require-hashes demo"))


@pytest.mark.parametrize(
    ("line", "is_virtual", "refused"),
    [
        ("--require-virtualenv install demo", False, True),
        ("install --require-venv demo", False, True),
        ("install --require-venv demo", True, False),
        ("install demo", False, False),
        ("--require-virtualenv list", False, False),
        ("--require-virtualenv uninstall demo", False, True),
        ("--require-virtualenv", False, False),
    ],
)
def test_only_commands_that_change_something_are_held_to_a_virtualenv(
    line: str, is_virtual: bool, refused: bool
) -> None:
    if not refused:
        check_virtualenv(settings_of(line), is_virtual=is_virtual)
        return
    with pytest.raises(VirtualenvRequired) as caught:
        check_virtualenv(settings_of(line), is_virtual=is_virtual)
    assert caught.value.exit_code == 3


def test_features_that_are_always_on_are_mentioned_in_order() -> None:
    line = "install --use-feature truststore --use-feature build-constraint demo"
    assert notices(settings_of(line)) == (
        "The following features are always enabled: build-constraint, truststore. ",
    )
    assert notices(settings_of("install --use-feature fast-deps demo")) == ()
