from __future__ import annotations

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.metadata_checks import (
    FieldMismatch,
    differs_in_local_version,
    metadata_file_mismatch,
    project_mismatch,
)

DEMO = NormalizedName("demo")
URL = "https://files.example/demo-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("metadata", "version", "mismatch"),
    [
        (Metadata(name="Demo", version="1"), "1.0", None),
        (Metadata(name="Demo", version="2.0"), None, None),
        (Metadata(name="De_mo", version="1.0"), "1.0", FieldMismatch("name", "demo", "de-mo")),
        (Metadata(name="demo", version="02.0"), "1.0", FieldMismatch("version", "1.0", "2.0")),
    ],
)
def test_the_project_is_compared_before_the_version(
    metadata: Metadata, version: str | None, mismatch: FieldMismatch | None
) -> None:
    assert project_mismatch(metadata, DEMO, Version(version) if version else None) == mismatch


@pytest.mark.parametrize(
    ("link", "requirement", "mismatch"),
    [
        (Link(url=URL), "other", None),
        (Link(url=URL, core_metadata=()), None, None),
        (Link(url=URL, core_metadata=()), "DEMO>=1", None),
        (
            Link(url=URL, core_metadata=()),
            "Other",
            FieldMismatch("Name", "Other", "Demo"),
        ),
    ],
)
def test_a_metadata_file_is_of_the_required_project(
    link: Link, requirement: str | None, mismatch: FieldMismatch | None
) -> None:
    install_req = InstallRequirement(Requirement(requirement) if requirement else None)
    metadata = Metadata(name="Demo", version="1.0")
    assert metadata_file_mismatch(metadata, link, install_req) == mismatch


@pytest.mark.parametrize(
    ("found", "differs"),
    [("1.0", False), ("1", False), ("1.0+cpu", True), ("1+cpu", False), ("1.0.1", False)],
)
def test_only_a_local_segment_on_the_same_public_version_is_a_local_difference(
    found: str, *, differs: bool
) -> None:
    metadata = Metadata(name="demo", version=found)
    assert differs_in_local_version(metadata, Version("1.0")) is differs
