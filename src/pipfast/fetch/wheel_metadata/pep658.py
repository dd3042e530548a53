"""Metadata files next to distributions (PEP 658): their address, and missing ones."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name, canonicalize_version

from pipfast.errors import InstallationError, PipfastError
from pipfast.model.events import Listener, silent
from pipfast.model.input_limits import (
    METADATA_LINES,
    METADATA_SIZE,
    LimitExceeded,
    Unit,
    check_size,
    is_excessive,
)
from pipfast.model.link import Link, redact
from pipfast.model.mended_requirements import mended
from pipfast.model.metadata import Metadata, parse_requirement
from pipfast.net.client import Client
from pipfast.net.errors import HTTPStatusError, NetworkError
from pipfast.net.response_body import limited


class MetadataFileMissing(PipfastError):
    """An index announced a metadata file and does not serve it.

    This is fatal in pip; a caller may catch it and read the metadata from the distribution.
    """

    def __init__(self, link: Link, fault: NetworkError) -> None:
        message = fault.message
        if isinstance(fault, HTTPStatusError):
            address = f"{link.url}.metadata"
            message = f"  HTTP error {fault.status} while getting {address}\nERROR: {message}"
        super().__init__(message, *fault.remedies)
        self.link = link
        self.fault = fault


class MetadataFileDiffers(InstallationError):
    """A wheel's metadata differs from its metadata file."""


def read_beside(link: Link, client: Client) -> bytes:
    """Return the metadata file next to the one at `link`.

    Raises MetadataFileMissing and LimitExceeded.
    """
    address = f"{link.url}.metadata"
    try:
        document = _in_place(link, address) if link.is_file else _remote(client, address)
    except NetworkError as fault:
        raise MetadataFileMissing(link, fault) from fault
    if is_excessive(document):
        raise LimitExceeded(redact(address), METADATA_LINES, Unit.LINES)
    return document


def _remote(client: Client, address: str) -> bytes:
    with client.stream(address) as stream:
        return limited(stream, METADATA_SIZE)


def _in_place(link: Link, address: str) -> bytes:
    try:
        path = link.path.with_name(f"{link.path.name}.metadata")
        check_size(path.stat().st_size, METADATA_SIZE, str(path))
        return path.read_bytes()
    except OSError as error:  # pip handles files like responses of a server
        raise HTTPStatusError(address, 404, type(error).__name__) from None


def assert_same(
    requirement: str, sidecar: Metadata, wheel: Metadata, emit: Listener = silent
) -> None:
    """Check that a wheel's metadata equals its metadata file.

    An invalid Requires-Python is reported to `emit`, once for each. Raises MetadataFileDiffers
    (pip checks the same fields, in this order).
    """
    reads: list[tuple[str, Callable[[Metadata], frozenset[str]]]] = [
        ("Name", lambda one: frozenset({_name(one)})),
        ("Version", lambda one: frozenset({_version(one)})),
        ("Requires-Dist", lambda one: frozenset(one.requires_dist)),
        ("Requires-Python", lambda one: frozenset({str(one.pythons(emit))})),
        ("Provides-Extra", _extras),
    ]
    for field, read in reads:
        beside, own = read(sidecar), read(wheel)
        if beside != own and field == "Requires-Dist":  # only now, because parsing takes long
            beside, own = _normal(beside), _normal(own)
        if beside != own:
            there, here = ", ".join(sorted(beside - own)), ", ".join(sorted(own - beside))
            raise MetadataFileDiffers(
                f"Requested {requirement} has inconsistent {field} between its PEP 658 .metadata "
                f"file and the wheel's METADATA: sidecar has {there!r}, wheel has {here!r}"
            )


def _name(metadata: Metadata) -> str:
    return canonicalize_name(metadata.name)


def _version(metadata: Metadata) -> str:
    return canonicalize_version(metadata.version, strip_trailing_zero=False)


def _normal(lines: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_normal_line, lines))


def _normal_line(line: str) -> str:
    for text in (line, mended(line) or line):
        with suppress(InvalidRequirement):
            return str(parse_requirement(text))
    return line


def _extras(metadata: Metadata) -> frozenset[str]:
    return frozenset(canonicalize_name(extra) for extra in metadata.provides_extra)
