from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.model.digest import Digest
from pipfast.model.link import Link
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.selection import SelectionPolicy
from pipfast.resolve.errors import UnpinnedRequirement
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.solve import solve
from tests.resolve.world import World

HASHED = SelectionPolicy(require_hashes=True)


@pytest.mark.parametrize("asked", ["demo", "demo>1", "demo==1.0,<2"])
def test_hashes_need_a_pin(asked: str) -> None:
    world = World({"demo": {"1.0": [], "2.0": []}})
    with pytest.raises(
        UnpinnedRequirement, match="must have their versions pinned with =="
    ) as error:
        world.resolve(asked, policy=HASHED)
    assert f"\n    {Requirement(asked)} from https://" in error.value.message
    assert world.emitted == [f"Collecting {Requirement(asked)}"]


@pytest.mark.parametrize("asked", ["demo==1.0", "demo===1.0", "demo==1.*"])
def test_one_equality_is_a_pin(asked: str) -> None:
    assert World({"demo": {"1.0": []}}).pins(asked, policy=HASHED) == {"demo": "1.0"}


@pytest.mark.parametrize(
    ("asked", "digests", "shown"),
    [("Demo[x]>=1", ("aa",), "Demo==1.0"), ("Demo[x]>=1", (), "Demo[x]>=1")],
)
def test_digests_make_a_pin_of_whatever_version_is_taken(
    asked: str, digests: tuple[str, ...], shown: str
) -> None:
    install_req = InstallRequirement(
        Requirement(asked), digests=tuple(Digest("sha256", value) for value in digests)
    )
    assert install_req.pinned(Version("1.0")).text == shown


def test_an_address_without_scheme_is_told_once_it_is_reached() -> None:
    world = World({"app": {"1": ["demo @ there/x"]}})
    with pytest.raises(InstallationError, match="Invalid URL 'there/x': No scheme supplied"):
        world.resolve("app")
    assert world.emitted[-1] == "Collecting demo @ there/x (from app)"


def test_what_an_extra_of_an_address_needs_is_asked_by_the_project_itself() -> None:
    world = World({"app": {"1": ["dep; extra == 'x'"]}, "dep": {"1": []}}, extras={"app": ["x"]})
    line = "app[x] @ https://h/app-1-py3-none-any.whl"
    wanted = UserRequirement(
        text=line, requirement=Requirement(line), link=Link(url="https://h/app-1-py3-none-any.whl")
    )
    solve([wanted], world.ports(), SelectionPolicy())
    bare = line.replace("[x]", "")
    assert world.emitted[-1] == f"Collecting dep (from {bare}->{line})"


def test_a_release_whose_metadata_cannot_be_read_is_told_each_time_it_is_reached() -> None:
    world = World({"app": {"1": [], "2": ["broken (>>3"]}})
    assert world.pins("app") == {"app": "1"}
    ignored = [text for text in world.emitted if text.startswith("Ignoring version 2 of app")]
    assert len(ignored) == 2


def test_what_is_for_another_python_pulls_nothing_in() -> None:
    needs = ["dep @ https://h/dep-1-py3-none-any.whl"]
    world = World({"app": {"1": needs}}, requires_python={"app-1": ">=99"})
    with pytest.raises(InstallationError, match="requires a different Python"):
        world.resolve("app")
    assert world.emitted == ["Collecting app"]
