"""Every reason against a release has a text, advice, and a line in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.model import passed_over as because
from pipfast.model.passed_over import Limit, PassedOver, Reason, VersionChoice
from pipfast.report.version_json import kind_of
from pipfast.report.version_lines import advice, newer, reason_text

MINE = Limit(requirement="demo<2", place="-r r.txt (line 1)")
THEIRS = Limit(requirement="demo<3", dependent="app 1.0")
REASONS: list[Reason] = [
    because.NeedsPython(needs=">=3.12", python="3.11.7"),
    because.OtherPlatforms(tags=("win32",), target="cp311"),
    because.FormatNotAllowed(binary=True),
    because.FormatNotAllowed(binary=False),
    because.UploadedLater(uploaded="2030-01-01"),
    because.UnusableFiles(because="invalid wheel filename"),
    because.Yanked(why=""),
    because.Prerelease(by_option=True),
    because.Prerelease(by_option=False),
    because.ExcludedBy(limits=(MINE, THEIRS)),
    because.Conflict(own=(MINE,), others=(THEIRS,)),
    because.Conflict(own=(MINE,), others=()),
    because.OtherHashes(),
    because.SourcesOnly(),
    because.InvalidRelease(error="bad"),
    because.InconsistentRelease(field="version", expected="2.0", found="2.1"),
    because.BuildFails(),
    because.OnOtherIndex(page="https://b/demo/", used="https://a/demo/"),
    because.Locked(),
    because.Abandoned(),
]
DOCUMENT = Path(__file__).parents[2] / "docs" / "why.md"


def test_the_list_is_complete() -> None:
    assert {type(one) for one in REASONS} == set(Reason.__subclasses__())


@pytest.mark.parametrize("reason", REASONS, ids=kind_of)
def test_a_reason_has_a_text_advice_and_documentation(reason: Reason) -> None:
    assert reason_text(reason)
    assert advice("demo", PassedOver(version="2.0", reasons=(reason,)))
    assert f"`{kind_of(reason)}`" in DOCUMENT.read_text(encoding="utf-8")


def test_neighbours_with_the_same_reason_are_one_range() -> None:
    yanked, other = (because.Yanked(why=""),), (because.OtherHashes(),)
    releases = [("3.0", yanked), ("2.1", other), ("2.0", other), ("1.9", yanked)]
    choice = VersionChoice(
        project="demo",
        version="1.0",
        file="",
        origin="",
        is_direct=False,
        limits=(),
        newer=tuple(PassedOver(version=version, reasons=found) for version, found in releases),
    )
    ranges = [line.partition(":")[0].strip() for line in newer(choice, each=False)]
    assert ranges == [
        "Newer releases",
        "3.0",
        "to get 3.0",
        "2.0 to 2.1 (2 releases)",
        "to get 2.1",
        "1.9",
        "to get 1.9",
    ]
