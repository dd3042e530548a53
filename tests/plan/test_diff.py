from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.distribution import Wheel
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.plan.diff import PlannedInstall, TargetEnvironment, in_install_order, planned_installs
from pipfast.policy.selection import Existing
from pipfast.resolve.graph import LinkCandidate
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.solve import PinnedCandidate, Resolution
from tests.kit.texts import texts

DEMO = NormalizedName("demo")
HERE = Installed(name=DEMO, raw_name="Demo", version="1.0", location="site", info="site/demo")
INDEX = Link(url="https://files.example/demo-1.0-py3-none-any.whl")
FILE = Link(url="file:///wheels/demo-1.0-py3-none-any.whl")


def resolution(version: str, link: Link) -> Resolution:
    """Return a resolution that chose demo at `version` from `link`."""
    wheel = Wheel(link=link, name=DEMO, version=Version(version), build=(), tags=frozenset())
    install_req = InstallRequirement(Requirement("Demo"), user_supplied=True)
    metadata = Metadata(name="Demo", version=version)
    node = LinkCandidate(wheel, metadata, install_req, DEMO, Version(version))
    return Resolution(
        pins=(PinnedCandidate(node=node, extras=frozenset(), weight=1),), requested=(DEMO,)
    )


def target(installed: Installed | None, existing: Existing = Existing.KEEP) -> TargetEnvironment:
    """Return an environment with at most one distribution."""
    there = {installed.name: installed} if installed else {}
    return TargetEnvironment(installed=there, existing=existing)


@pytest.mark.parametrize(
    ("version", "link", "installed", "existing", "replaced"),
    [
        ("1.0", INDEX, None, Existing.KEEP, "nothing"),
        ("1.1", INDEX, HERE, Existing.KEEP, "1.0"),
        ("1.0", INDEX, HERE, Existing.KEEP, None),
        ("1.0", FILE, HERE, Existing.KEEP, None),
        ("1.0", INDEX, HERE, Existing.REINSTALL, "1.0"),
        ("1.1", INDEX, HERE, Existing.IGNORE, "nothing"),
        ("1.0", INDEX, replace(HERE, editable="src"), Existing.KEEP, "1.0"),
    ],
)
def test_what_is_installed_and_what_it_replaces(
    version: str,
    link: Link,
    installed: Installed | None,
    existing: Existing,
    replaced: str | None,
) -> None:
    planned, _ = planned_installs(resolution(version, link), target(installed, existing))
    found = [one.replaced.version if one.replaced else "nothing" for one in planned]
    assert found == ([replaced] if replaced else [])


def test_an_installed_local_wheel_of_the_same_version_is_kept_with_a_message() -> None:
    planned, messages = planned_installs(resolution("1.0", FILE), target(HERE))
    assert planned == ()
    assert texts(messages) == [
        "Demo is already installed with the same version as the provided wheel. Use "
        "--force-reinstall to force an installation of the wheel."
    ]


@pytest.mark.parametrize(("yanked", "reason"), [("it burns", "it burns"), ("", "<none given>")])
def test_a_yanked_file_has_a_warning_with_its_reason(yanked: str, reason: str) -> None:
    _, messages = planned_installs(resolution("1.0", replace(INDEX, yanked=yanked)), target(None))
    assert texts(messages) == [
        "The candidate selected for download or install is a yanked version: 'demo' candidate "
        f"(version 1.0 at {INDEX.url})\nReason for being yanked: {reason}"
    ]
    assert messages[0].level is Level.WARNING


def test_the_user_site_does_not_shadow_a_virtual_environment() -> None:
    shadowed = replace(target(HERE), into_user_site=True, virtual=True)
    with pytest.raises(InstallationError, match=r"lack sys\.path precedence to Demo in site"):
        planned_installs(resolution("1.1", INDEX), shadowed)


@pytest.mark.parametrize(
    ("built_against", "order"),
    [
        ({}, ["c", "b", "a"]),
        ({"c": {"a"}}, ["a", "c", "b"]),
        ({"c": {"b"}, "b": {"a"}}, ["a", "b", "c"]),
        ({"c": {"elsewhere"}}, ["c", "b", "a"]),
        ({"c": {"a"}, "a": {"c"}}, ["a", "c", "b"]),
    ],
)
def test_what_a_project_was_built_against_is_installed_before_it(
    built_against: dict[str, set[str]], order: list[str]
) -> None:
    pin = resolution("1.0", INDEX).pins[0]
    planned = [
        PlannedInstall(replace(pin, node=replace(pin.node, name=NormalizedName(name))), None)
        for name in "abc"
    ]
    named = {
        NormalizedName(name): frozenset(map(NormalizedName, of))
        for name, of in built_against.items()
    }
    assert [one.pin.name for one in in_install_order(planned, named)] == order
