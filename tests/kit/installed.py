"""Wheels made from installed distributions: real build backends without a network."""

from __future__ import annotations

import io
import zipfile
from importlib.metadata import PathDistribution, distribution

from packaging.requirements import Requirement

from tests.kit.wheels import EPOCH, Raw, canonical, escaped, record_row

LEFT_OUT = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files that an installer added to the ``.dist-info`` folder."""


def installed_wheel(name: str) -> Raw:
    """Return the wheel of the installed distribution `name`, without script wrappers.

    Raises importlib.metadata.PackageNotFoundError if it is not installed.
    """
    found = distribution(name)
    assert isinstance(found, PathDistribution)
    stem = f"{escaped(found.metadata['Name'])}-{found.version}"
    members = {}
    for file in found.files or ():
        outside = ".." in file.parts or file.is_absolute() or file.suffix == ".pyc"
        if not outside and not (file.parts[0].endswith(".dist-info") and file.name in LEFT_OUT):
            members[file.as_posix()] = file.read_binary()
    info = next(path.partition("/")[0] for path in members if path.endswith("/METADATA"))
    rows = "".join(record_row(path, body) for path, body in members.items())
    members[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n".encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in members.items():
            archive.writestr(zipfile.ZipInfo(path, EPOCH), body)
    return Raw(
        filename=f"{stem}-py3-none-any.whl",
        project=canonical(name),
        content=stream.getvalue(),
        metadata=members[f"{info}/METADATA"],
    )


def installed_wheels(name: str) -> tuple[Raw, ...]:
    """Return the wheels of the installed distribution `name` and of its dependencies."""
    found: dict[str, Raw] = {}
    missing = [name]
    while missing:
        wanted = canonical(missing.pop())
        if wanted in found:
            continue
        found[wanted] = installed_wheel(wanted)
        required = map(Requirement, distribution(wanted).requires or ())
        missing += [each.name for each in required if not each.marker or each.marker.evaluate()]
    return tuple(found.values())
