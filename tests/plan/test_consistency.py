from __future__ import annotations

from collections.abc import Sequence

import pytest
from packaging.utils import NormalizedName

from pipfast.model.metadata import Metadata
from pipfast.plan.consistency import ConflictingDependency, MissingDependency, problems_after
from pipfast.report.install_lines import disagreements

CONFLICT = "a 1 requires b<2, but you have b 2 which is incompatible."
MARKERS = {"python_version": "3.11", "sys_platform": "linux"}


def world(**distributions: Sequence[str]) -> dict[NormalizedName, Metadata]:
    """Distributions by name: a version, then Requires-Dist lines."""
    return {
        NormalizedName(name): Metadata(name=name, version=version, requires_dist=tuple(lines))
        for name, (version, *lines) in distributions.items()
    }


@pytest.mark.parametrize(
    ("present", "incoming", "lines"),
    [
        ({}, {"a": ["1"]}, []),
        ({"a": ["1", "b<2"]}, {"b": ["2"]}, [CONFLICT]),
        ({"a": ["1", "b"]}, {"c": ["1"]}, []),
        ({}, {"a": ["1", "b"]}, ["a 1 requires b, which is not installed."]),
        ({"a": ["1", "b"]}, {"a": ["2"]}, []),
        ({}, {"a": ["1", "b; sys_platform == 'win32'"]}, []),
        ({"a": ["1", "b==1"]}, {"b": ["1+local"]}, []),
        ({"a": ["1", "b>0.5"]}, {"b": ["1rc1"]}, []),
    ],
)  # fmt: skip
def test_only_incoming_distributions_and_their_dependents_are_checked(
    present: dict[str, Sequence[str]], incoming: dict[str, Sequence[str]], lines: list[str]
) -> None:
    found = problems_after(world(**present), world(**incoming), MARKERS)
    assert disagreements(found).splitlines()[1:] == lines


def test_missing_dependencies_come_before_conflicting_ones() -> None:
    found = problems_after(world(a=["1", "b<2"]), world(b=["2"], c=["1", "nowhere"]), MARKERS)
    assert [type(problem) for problem in found] == [MissingDependency, ConflictingDependency]
