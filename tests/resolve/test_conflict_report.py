from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from packaging.utils import NormalizedName

from pipfast.resolve.errors import NoSolution
from pipfast.resolve.ports import ProjectVersions
from tests.kit.texts import texts
from tests.resolve.world import World


@dataclass
class Listing(World):
    """A world whose index lists versions of which none matches."""

    listed: ProjectVersions = field(default_factory=ProjectVersions)

    def versions(self, project: NormalizedName) -> ProjectVersions:
        """Return the listed versions for every project."""
        return self.listed


@pytest.mark.parametrize(
    ("listed", "lines"),
    [
        (
            ProjectVersions(final_only=True),
            [
                "Could not find a final version that satisfies the requirement demo==3 "
                "(from versions: none)"
            ],
        ),
        (
            ProjectVersions(
                versions=("1", "2"),
                yanked=("1.1", "1.2"),
                excluded_by_python=("2.0 Requires-Python >=3.99", "2.1 Requires-Python >=4"),
            ),
            [
                "Ignored the following yanked versions: 1.1, 1.2",
                "Ignored the following versions that require a different python version: "
                "2.0 Requires-Python >=3.99; 2.1 Requires-Python >=4",
                "Could not find a version that satisfies the requirement demo==3 "
                "(from versions: 1, 2)",
            ],
        ),
        (
            ProjectVersions(versions=("2",), locked=True),
            [
                "The requirement demo==3 is not compatible with version 2 specified in a provided "
                "lock file"
            ],
        ),
        (
            ProjectVersions(versions=("2rc1",), locked=True, final_only=True),
            [
                "A pre-release version 2rc1 is specified in a provided lock file for demo but only "
                "final versions are allowed"
            ],
        ),
    ],
)
def test_an_unsatisfied_requirement_has_pips_explanation(
    listed: ProjectVersions, lines: list[str]
) -> None:
    with pytest.raises(NoSolution, match="No matching distribution found for demo==3") as error:
        Listing({}, listed=listed).pins("demo==3; python_version > '3'")
    assert texts(error.value.details) == lines


def test_a_project_named_like_a_requirements_file_gets_pips_hint() -> None:
    with pytest.raises(NoSolution) as error:
        World({}).pins("requirements.txt")
    assert texts(error.value.details)[-1].startswith("HINT: You are attempting to install")


def test_a_conflict_lists_constraints_of_its_projects() -> None:
    world = World({"app": {"1": ["demo<2"]}, "demo": {"1": [], "2": []}})
    with pytest.raises(NoSolution) as error:
        world.pins("app", constraints=["demo>=2", "other==1"])
    assert texts(error.value.details) == [
        "Cannot install app==1 because these package versions have conflicting dependencies.",
        "\nThe conflict is caused by:\n    app 1 depends on demo<2\n"
        "    The user requested (constraint) demo>=2\n\n"
        "Additionally, some packages in these conflicts have no matching distributions available "
        "for your environment:\n    demo\n\n"
        "To fix this you could try to:\n"
        "1. loosen the range of package versions you've specified\n"
        "2. remove package versions to allow pip to attempt to solve the dependency conflict\n",
    ]
