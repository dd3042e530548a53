"""Parse the file names of wheels: the only module that does so.

A file name is ``name-version(-build)-python-abi-platform.whl`` (PEP 427, PEP 491). A new component,
such as the label of variant wheels, only changes this module.
"""

from __future__ import annotations

from typing import NamedTuple

from packaging.tags import Tag
from packaging.utils import BuildTag, InvalidWheelFilename, NormalizedName, parse_wheel_filename
from packaging.version import Version

SUFFIX = ".whl"
_TAGS = 3
"""The number of components behind the version and the optional build tag."""

COMPONENTS = (_TAGS + 2, _TAGS + 3)
"""The numbers of components that a file name may have."""

InvalidWheelName = InvalidWheelFilename
"""A file name is not a valid wheel name; the message is pip's."""


class WheelName(NamedTuple):
    """The components of a wheel's file name; `build` is empty without a build tag."""

    name: NormalizedName
    version: Version
    build: BuildTag
    tags: frozenset[Tag]


class Release(NamedTuple):
    """The components before the tags."""

    name: NormalizedName
    version: Version
    build: BuildTag


def parse(filename: str) -> WheelName:
    """Parse the file name of a wheel.

    Raises InvalidWheelName.
    """
    return WheelName(*_parsed(filename))


def split_tags(filename: str) -> tuple[str, str] | None:
    """Split a wheel's file name before its tags, without the suffix; None if it has too few.

    Both parts repeat often on an index page, so callers cache what they parse to.
    """
    parts = filename[: -len(SUFFIX)].rsplit("-", _TAGS)
    return (parts[0], "-".join(parts[1:])) if len(parts) == _TAGS + 1 else None


def parse_release(text: str) -> Release:
    """Parse the part of a wheel's file name before its tags, as `split_tags` returns it.

    Raises InvalidWheelName.
    """
    name, version, build, _ = _parsed(f"{text}-py3-none-any{SUFFIX}")
    return Release(name, version, build)


def name_and_version(filename: str) -> tuple[str, str] | None:
    """Return project and version as written; None for a wrong number of components.

    This does not check that they are valid, which takes a hundred times as long.
    """
    parts = filename[: -len(SUFFIX)].split("-")
    return (parts[0], parts[1]) if len(parts) in COMPONENTS else None


def _parsed(filename: str) -> tuple[NormalizedName, Version, BuildTag, frozenset[Tag]]:
    try:
        return parse_wheel_filename(filename)
    except InvalidWheelName:
        raise
    except ValueError as error:  # a number with more digits than Python converts
        raise InvalidWheelName(f"Invalid wheel filename: {error}") from None
