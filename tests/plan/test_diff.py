from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.distribution import Wheel
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.plan.diff import PlannedInstall, TargetEnvironment, in_install_order, planned_installs
from pipfast.policy.selection import Existing
from pipfast.resolve.graph import LinkCandidate
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.solve import PinnedCandidate, Resolution

DEMO = NormalizedName("demo")
HERE = Installed(name=DEMO, raw_name="Demo", version="1.0", location="site", info="site/demo")
INDEX = Link(url="https://files.example/demo-1.0-py3-none-any.whl")
FILE = Link(url="file:///wheels/demo-1.0-py3-none-any.whl")


def answer(version: str, link: Link) -> Resolution:
    """A resolution that chose demo at `version` from `link`."""
    wheel = Wheel(link=link, name=DEMO, version=Version(version), build=(), tags=frozenset())
    install_req = InstallRequirement(Requirement("Demo"), user_supplied=True)
    metadata = Metadata(name="Demo", version=version)
    node = LinkCandidate(wheel, metadata, install_req, DEMO, Version(version))
    return Resolution(
        pins=(PinnedCandidate(node=node, extras=frozenset(), weight=1),), requested=(DEMO,)
    )


def around(installed: Installed | None, existing: Existing = Existing.KEEP) -> TargetEnvironment:
    """An environment with at most one distribution."""
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
def test_what_comes_in_and_what_makes_room(
    version: str,
    link: Link,
    installed: Installed | None,
    existing: Existing,
    replaced: str | None,
) -> None:
    coming, _ = planned_installs(answer(version, link), around(installed, existing))
    found = [one.replaced.version if one.replaced else "nothing" for one in coming]
    assert found == ([replaced] if replaced else [])


def test_a_wheel_of_the_installed_version_is_left_and_told() -> None:
    coming, said = planned_installs(answer("1.0", FILE), around(HERE))
    assert coming == ()
    assert said[0].text.startswith(
        "Demo is already installed with the same version as the provided"
    )


def test_a_yanked_file_is_warned_of_with_its_reason() -> None:
    _, said = planned_installs(answer("1.0", replace(INDEX, yanked="it burns")), around(None))
    assert said[0].text.endswith("Reason for being yanked: it burns")


def test_the_user_site_does_not_shadow_a_virtual_environment() -> None:
    shadowed = replace(around(HERE), into_user_site=True, virtual=True)
    with pytest.raises(InstallationError, match=r"lack sys\.path precedence to Demo in site"):
        planned_installs(answer("1.1", INDEX), shadowed)


@pytest.mark.parametrize(
    ("behind", "order"),
    [
        ({}, ["c", "b", "a"]),
        ({"c": {"a"}}, ["a", "c", "b"]),
        ({"c": {"b"}, "b": {"a"}}, ["a", "b", "c"]),
        ({"c": {"elsewhere"}}, ["c", "b", "a"]),
        ({"c": {"a"}, "a": {"c"}}, ["a", "c", "b"]),
    ],
)
def test_what_something_was_built_against_is_put_in_before_it(
    behind: dict[str, set[str]], order: list[str]
) -> None:
    pin = answer("1.0", INDEX).pins[0]
    coming = [
        PlannedInstall(replace(pin, node=replace(pin.node, name=NormalizedName(name))), None)
        for name in "abc"
    ]
    named = {
        NormalizedName(name): frozenset(map(NormalizedName, of)) for name, of in behind.items()
    }
    assert [one.pin.name for one in in_install_order(coming, named)] == order
