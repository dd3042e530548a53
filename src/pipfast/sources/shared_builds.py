"""What other machines built of the same sources, with everything else equal that a build reads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.model import wheel_name
from pipfast.model.digest import STRONG
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, Origin, RepositoryOrigin
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.net.auth import without_credentials
from pipfast.remote_store.events import RemoteWheelOrigin, RemoteWheelUsed
from pipfast.remote_store.objects import Fault
from pipfast.remote_store.remote import RemoteStore
from pipfast.store.build_cache.backend_metadata import BackendMetadata, decoded, encoded
from pipfast.store.build_cache.build_key import BuildKey
from pipfast.store.build_cache.pip_wheel_cache import is_kept, subdirectory_of

_FORMAT = 1
_NATIVE = "native"
"""In compiler flags (``-march=native``, ``target-cpu=native``): for this processor alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedBuild:
    """A build that machines may share: the keys of its results, and its project for messages."""

    wheel_key: str
    metadata_key: str
    project: str
    is_asked: bool


class SharedBuilds:
    """Takes results of builds from the remote store and offers those of this machine.

    `facts` are what a build reads of the machine, `tags` those that a wheel needs one of.
    `is_asked` is whether the user accepts what was built elsewhere for a project, which may be
    unknown. Safe for several threads.
    """

    def __init__(
        self,
        remote: RemoteStore,
        facts: Callable[[], Mapping[str, object]],
        *,
        tags: Sequence[Tag],
        is_asked: Callable[[NormalizedName | None], bool],
    ) -> None:
        self._remote = remote
        self._facts = facts
        self._tags = frozenset(tags)
        self._is_asked = is_asked

    @cached_property
    def _machine(self) -> Mapping[str, object]:
        return self._facts()

    def may_share(self, link: Link, origin: Origin, key: BuildKey) -> bool:
        """Return whether the results of a build may be shared at all.

        The source must be an archive or a commit, and no flag may be for one processor alone.
        """
        if not self._remote.is_open and not self._remote.place.writes:
            return False
        values = [*key.variables.values(), *key.ambient.values()]
        values += [json.dumps(value) for value in key.settings.values()]
        return bool(_source(link, origin)) and not any(_NATIVE in value for value in values)

    def build(
        self,
        link: Link,
        origin: Origin,
        key: BuildKey,
        inputs: Sequence[str],
        name: NormalizedName | None,
    ) -> SharedBuild:
        """Return the build of a source with `inputs` in its environment."""
        parts = {
            "format": _FORMAT,
            "source": _source(link, origin),
            "subdirectory": subdirectory_of(link) or "",
            "beside": key.beside,
            "inputs": [*inputs],
            "machine": self._machine,
        }
        digest = sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return SharedBuild(
            wheel_key=f"wheel {digest}",
            metadata_key=f"metadata {digest}",
            project=name or link.filename,
            is_asked=self._is_asked(name),
        )

    def metadata(self, build: SharedBuild, listen: Listener) -> BackendMetadata | None:
        """Return what the backend answered on another machine."""
        file = BytesIO()
        if not build.is_asked:
            return None
        if self._remote.get(build.metadata_key, file, build.project, listen) is None:
            return None
        found = decoded(file.getvalue())
        if found is None:
            self._remote.refuse(build.metadata_key, Fault.UNUSABLE, build.project)
        return found

    def wheel(
        self, build: SharedBuild, folder: Path, name: NormalizedName, listen: Listener
    ) -> Path | None:
        """Return the wheel of project `name` that another machine built, as a file in `folder`."""
        if not build.is_asked or not self._remote.is_open:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".shared-{os.urandom(4).hex()}"
        try:
            with aside.open("wb") as file:
                manifest = self._remote.get(build.wheel_key, file, build.project, listen)
            if manifest is None:
                return None
            if not self._is_usable(manifest.file, name):
                self._remote.refuse(build.wheel_key, Fault.UNUSABLE, build.project)
                return None
            listen(RemoteWheelUsed(manifest.file))
            url = self._remote.place.url_of(build.wheel_key)
            listen(RemoteWheelOrigin(url, manifest.seconds))
            return aside.replace(folder / manifest.file)
        finally:
            aside.unlink(missing_ok=True)

    def offer_metadata(self, build: SharedBuild, entry: BackendMetadata, seconds: float) -> None:
        """Queue a backend's answer for other machines."""
        self._remote.offer_bytes(build.metadata_key, encoded(entry), seconds)

    def offer_wheel(self, build: SharedBuild, wheel: Path, seconds: float) -> None:
        """Queue a wheel that was built here, in `seconds`, for other machines."""
        self._remote.offer(build.wheel_key, wheel, seconds)

    def _is_usable(self, filename: str, name: NormalizedName) -> bool:
        """Return whether a file is a wheel of the project that this Python can use."""
        if os.sep in filename or "/" in filename:
            return False
        try:
            project, _, _, tags = wheel_name.parse(filename)
        except wheel_name.InvalidWheelName:
            return False
        return project == name and not self._tags.isdisjoint(tags)


def _source(link: Link, origin: Origin) -> str:
    """Return what identifies the content of a source; empty for one that is not shared."""
    match origin:
        case FolderOrigin():
            return ""
        case ArchiveOrigin():
            strong = [str(one) for one in origin.digests if one.algorithm in STRONG]
            return strong[0] if strong else ""
        case RepositoryOrigin():
            if not is_kept(link, origin):
                return ""  # what a backend may read of a branch is not known
            return f"git {without_credentials(origin.url)} {origin.commit}"
