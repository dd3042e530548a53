"""Find a wheel's ``.dist-info`` folder and check its Wheel-Version (PEP 427)."""

from __future__ import annotations

from functools import lru_cache

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import InstallationError
from pipfast.model.events import Listener, NewerWheelVersion
from pipfast.model.frozen_dataclass import dataclass
from pipfast.store.wheels.manifest import Archive

SUPPORTED_VERSION = (1, 0)
"""The newest Wheel-Version that is fully supported."""


@dataclass(frozen=True, slots=True)
class WheelFormat:
    """The name of a wheel's ``.dist-info`` folder, and where the files of its root go."""

    info: str
    root_is_purelib: bool


def check_wheel_format(archive: Archive, name: NormalizedName, emit: Listener) -> WheelFormat:
    """Check that a wheel is one of the project `name`, in a supported format.

    A newer minor Wheel-Version is a warning. Raises InstallationError with pip's message.
    """
    try:
        info = _info_folder(archive, name)
        headers = _headers(_wheel_text(archive, info))
        version = _wheel_version(headers.get("wheel-version"))
    except ValueError as error:
        raise InstallationError(f"{name} has an invalid wheel, {error}") from error
    if version[0] > SUPPORTED_VERSION[0]:
        raise InstallationError(
            f"{name}'s Wheel-Version ({'.'.join(map(str, version))}) is not compatible with this "
            "version of pip"
        )
    if version > SUPPORTED_VERSION:
        emit(NewerWheelVersion(version))
    return WheelFormat(info, headers.get("root-is-purelib", "").lower() == "true")


def _info_folder(archive: Archive, name: NormalizedName) -> str:
    infos = _infos_among(archive.names)
    if not infos:
        raise ValueError(".dist-info directory not found")
    if len(infos) > 1:
        raise ValueError(f"multiple .dist-info directories found: {', '.join(infos)}")
    if not canonicalize_name(infos[0]).startswith(name):
        raise ValueError(f".dist-info directory {infos[0]!r} does not start with {name!r}")
    return infos[0]


@lru_cache(maxsize=1000)  # pip checks each wheel several times
def _infos_among(names: tuple[str, ...]) -> tuple[str, ...]:
    tops = {path.partition("/")[0] for path in names}  # a set, as in pip: any order
    return tuple(top for top in tops if top.endswith(".dist-info"))


def _wheel_text(archive: Archive, info: str) -> str:
    path = f"{info}/WHEEL"
    try:
        return archive.texts[path].decode()
    except KeyError:
        missing = f'"There is no item named {path!r} in the archive"'
        raise ValueError(f"could not read {path!r} file: KeyError({missing})") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"error decoding {path!r}: {error!r}") from error


def _headers(text: str) -> dict[str, str]:
    """Return the headers of a metadata file; names in lower case, the first of each name."""
    headers: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            break
        headers.setdefault(name.lower(), value.lstrip(" \t"))
    return headers


def _wheel_version(text: str | None) -> tuple[int, ...]:
    if text is None:
        raise ValueError("WHEEL is missing Wheel-Version")
    try:
        return tuple(map(int, text.strip().split(".")))
    except ValueError:
        raise ValueError(f"invalid Wheel-Version: {text.strip()!r}") from None
