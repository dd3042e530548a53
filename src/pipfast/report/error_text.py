"""Texts of errors that pip does not have."""

from __future__ import annotations

from pathlib import Path

from pipfast.builds.errors import (
    BadMetadata,
    InvalidToml,
    MetadataFault,
    TomlType,
    WrongTypeInProject,
)
from pipfast.environment.dependencies import UnreadableMetadata
from pipfast.environment.interpreter import EnvironmentNotSeen, PythonTooOld
from pipfast.errors import OwnError
from pipfast.fetch.archive_limits import Bomb
from pipfast.fetch.downloads.descriptions import human_size
from pipfast.fetch.exists_action import InputEnded
from pipfast.fetch.vcs.errors import NoRemote, RemoteNotARequirement
from pipfast.fetch.wheel_metadata.source import PartsDiffer
from pipfast.index.finder import IndexFailed
from pipfast.model.input_limits import METADATA_LINES, METADATA_SIZE, LimitExceeded
from pipfast.sources.fixpoint import Unsettled
from pipfast.sources.wheel_request import OtherVersionBuilt
from pipfast.store.wheels.unpacked import AmbiguousWheel
from pipfast.store.workers import wheel_limits, zip_faults
from pipfast.transaction.errors import (
    DiskTooSmall,
    InterpreterReplacedError,
    ReservedNameError,
    RollbackFailed,
)

_TOML_TYPES = {
    TomlType.TABLE: "a table",
    TomlType.STRING: "a string",
    TomlType.STRINGS: "an array of strings",
}


_WHEEL_FAULTS = {
    zip_faults.NO_ARCHIVE: "it is not a ZIP archive",
    zip_faults.DAMAGED: "it is damaged",
    zip_faults.DIRECTORY: "its directory contradicts itself",
    zip_faults.EXTRA_FIELD: "an extra field is invalid",
    zip_faults.HEADER: "the header of a file differs from the directory",
    zip_faults.OVERLAP: "files in it overlap",
    zip_faults.SURPLUS: "it has bytes that belong to no file",
    zip_faults.NAME: "the name of a file is not readable without doubt",
    zip_faults.TWICE: "a path occurs twice with different content",
    zip_faults.ENCRYPTED: "a file is encrypted",
    zip_faults.METHOD: "a file is neither stored nor deflated",
    zip_faults.CONTENT: "the content of a file does not have the declared size or CRC",
    zip_faults.LARGER: "a file is larger than its declared size",
    zip_faults.TOO_MANY_MEMBERS: (
        f"it has more than {wheel_limits.MEMBERS} files, or a directory of more than "
        f"{wheel_limits.DIRECTORY_SIZE >> 20} MiB"
    ),
    zip_faults.TOO_LARGE: (
        f"METADATA or RECORD has more than {wheel_limits.RECORD_SIZE >> 20} MiB, another metadata "
        f"file more than {wheel_limits.SMALL_SIZE >> 20} MiB, METADATA more than "
        f"{METADATA_LINES} lines of fields, or RECORD more than {wheel_limits.RECORD_ROWS} lines"
    ),
}


def text_of(error: OwnError) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return the text of an error that pip does not have.

    Raises TypeError for a class that has none, which a test rules out.
    """
    match error:
        case InvalidToml(named=named, fault=fault):
            return f"The pyproject.toml of {named} cannot be used: {fault}"
        case WrongTypeInProject(named=named, key=key, expected=expected):
            fault = f"{key} is not {_TOML_TYPES[expected]}"
            return f"The pyproject.toml of {named} cannot be used: {fault}"
        case BadMetadata(named=named):
            return f"The build backend of {named} returned invalid metadata: {_fault_of(error)}"
        case UnreadableMetadata(name=name, fault=fault):
            return f"The metadata of {name} cannot be read: {fault}"
        case PythonTooOld(version=version, oldest=oldest):
            return (
                f"This version of pipfast does not support python {version} (requires >={oldest})."
            )
        case EnvironmentNotSeen(executable=executable):
            return f"Failed to run pip under {executable}: it cannot read its pyvenv.cfg"
        case InputEnded(question=question):
            return f"Standard input ended before the question was answered: {question}"
        case Bomb(archive=archive, size=size, ratio=ratio):
            limits = f"more than {size >> 30} GiB and more than {ratio} times its own size"
            return f"Refused to unpack {archive}: its content has {limits}"
        case LimitExceeded(source=source, limit=limit, unit=unit):
            return f"Refused to read {source}: it has more than {limit} {unit.value}"
        case AmbiguousWheel(path=path, fault=fault, member=member):
            of = f" ({member})" if member else ""
            return f"The wheel {Path(path).name} cannot be installed: {_WHEEL_FAULTS[fault]}{of}"
        case PartsDiffer(requirement=requirement, filename=filename):
            return (
                f"The metadata of {requirement} that the server sent when parts of {filename} were "
                "requested differs from that in the file, so the resolution cannot be trusted"
            )
        case RollbackFailed(cause=cause):
            return f"The environment could not be restored: {cause}"
        case DiskTooSmall(path=path, free=free, needed=needed):
            return (
                f"The disk of {path} has {human_size(free)} left, and what is to be installed "
                f"needs at least {human_size(needed)}"
            )
        case ReservedNameError(wheel=wheel, path=path):
            use = "a name that is reserved for installations in progress"
            return f"The wheel {Path(wheel).name} contains {path!r}, {use}"
        case InterpreterReplacedError(wheel=wheel, path=path):
            return f"The wheel {Path(wheel).name} would replace the interpreter {path}"
        case RemoteNotARequirement(place=place, url=url):
            return f"{place} is from {url}, which no requirement can name"
        case NoRemote(place=place):
            return f"{place} has no remote"
        case IndexFailed(index=index, why=why):
            return f"The index {index} could not be read: {why}"
        case Unsettled(projects=projects):
            return (
                "The requirements of these projects change whenever they are built against "
                f"selected versions: {', '.join(projects)}"
            )
        case OtherVersionBuilt(project=project, resolved=resolved, found=found):
            return f"The wheel built for {project} {resolved} has version {found}"
        case _:
            raise TypeError(error)


def _fault_of(error: BadMetadata) -> str:
    match error.fault:
        case MetadataFault.NO_FOLDER:
            return "it names no folder"
        case MetadataFault.NO_DOCUMENT:
            return f"there is no METADATA in {error.folder}"
        case MetadataFault.NO_NAME:
            return "METADATA has no Name"
        case MetadataFault.TOO_LARGE:
            size = f"{METADATA_SIZE >> 20} MiB"
            return f"METADATA has more than {size}, or more than {METADATA_LINES} lines of fields"
