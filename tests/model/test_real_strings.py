"""Strings of PyPI, one of each form, are judged without `packaging` as packaging judges them.

`corpus/requirements.txt` has Requires-Dist lines of 2,668 METADATA files, `corpus/versions.txt`
versions in file names of 681 index pages.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from pipfast.model.fast_requirements import admits, read
from pipfast.model.fast_versions import ordered
from pipfast.model.metadata import Metadata
from tests.kit.marker_environments import LINUX

CORPUS = Path(__file__).parent / "corpus"
REQUIREMENTS = (CORPUS / "requirements.txt").read_text("utf-8").splitlines()
VERSIONS = (CORPUS / "versions.txt").read_text("utf-8").splitlines()

WINDOWS = {
    **LINUX,
    "implementation_version": "3.9.1",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_system": "Windows",
    "python_full_version": "3.9.1",
    "python_version": "3.9",
    "sys_platform": "win32",
}


@pytest.mark.parametrize("environment", [LINUX, WINDOWS])
@pytest.mark.parametrize("extras", [(), ("test",), ("Dev", "socks")])
def test_requirements_apply_where_packaging_says_so(
    environment: dict[str, str], extras: tuple[str, ...]
) -> None:
    metadata = Metadata(name="demo", version="1", requires_dist=tuple(REQUIREMENTS))
    expected = []
    for line in REQUIREMENTS:
        requirement, contexts = Requirement(line), extras or ("",)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": e}) for e in contexts):
            expected.append(requirement)
    assert list(metadata.dependencies(extras, environment)) == expected


def test_nearly_all_requirements_are_plain() -> None:
    assert sum(read(line) is None for line in REQUIREMENTS) <= 8


def test_versions_are_ordered_as_packaging_orders_them() -> None:
    found = [(version, one) for text in VERSIONS if (version := _version(text)) is not None
             for one in [ordered(text)] if one is not None]  # fmt: skip
    assert [one[0] for _, one in found] == [str(version) for version, _ in found]
    found.sort(key=lambda pair: pair[0])
    for (version, (_, key)), (higher, (_, higher_key)) in pairwise(found):
        assert (version < higher, version == higher) == (key < higher_key, key == higher_key)
    assert all(ordered(text) is None for text in VERSIONS if _version(text) is None)


def test_versions_are_admitted_as_packaging_does() -> None:
    versions = [version for text in VERSIONS if (version := _version(text)) is not None]
    for line in REQUIREMENTS:
        plain = read(line)
        if plain is None:
            continue
        specifier = Requirement(line).specifier
        for version in versions:
            ours = admits(plain.clauses, str(version))
            assert ours in (None, specifier.contains(version, prereleases=True)), (line, version)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
