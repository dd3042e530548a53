"""What a build reads, and the keys under which its wheel is stored; without input or output."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from packaging.utils import NormalizedName

from pipfast.model.digest import STRONG
from pipfast.model.direct_url import FolderOrigin, Origin
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import Link
from pipfast.store.build_cache.pip_wheel_cache import is_kept, subdirectory_of

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildKey:
    """Everything that a build reads except its source's address; equal keys give equal wheels.

    `python` is the interpreter as in wheel tags (``cp311``), `platform` sysconfig's name.
    `source` identifies the source's content, empty if unknown: ``sha256:…`` of an archive; for a
    repository everything that files and version depend on (the commit, and tags that a backend
    may read). `settings` are ``--config-settings``. `variables` are those that only pipfast sets
    for a project; `against` is what only pipfast makes visible to a build, as ``name==version``.
    With either of them, the wheel is not placed in pip's cache. `ambient` are the listed
    variables of the user's environment, `constraints` the lines of build constraints; `visible`
    is what a build without isolation could see, as ``name==version``.
    """

    python: str
    platform: str = ""
    source: str = ""
    settings: Mapping[str, str | Sequence[str]] = field(default_factory=lambda: _NOTHING)
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    ambient: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    constraints: tuple[str, ...] = ()
    visible: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Return whether the build read nothing that pip's key leaves out."""
        special = (self.settings, self.variables, self.ambient, self.constraints, self.visible)
        return not any((*special, self.against))

    @property
    def enclosed(self) -> BuildKey:
        """Return the key of the isolated build."""
        return replace(self, visible=())

    @property
    def beside(self) -> str:
        """Return a digest of everything except the source."""
        parts = {
            "python": self.python,
            "platform": self.platform,
            "settings": dict(self.settings),
            "variables": dict(self.variables),
            "ambient": dict(self.ambient),
            "constraints": sorted(self.constraints),
            "visible": sorted(self.visible),
            **({"against": sorted(self.against)} if self.against else {}),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def source_of(link: Link, key: BuildKey) -> str:
    """Return what identifies the content of `link`, empty if unknown."""
    if key.source:
        return key.source
    strong = [str(digest) for digest in link.digests if digest.algorithm in STRONG]
    return strong[0] if strong else ""


def storage_keys(link: Link, origin: Origin, key: BuildKey) -> list[str]:
    """Return the keys to store a wheel under: the source's content, and the link if pip uses it."""
    if isinstance(origin, FolderOrigin):
        return []
    by_link = _link_key(link, key) if is_kept(link, origin) else None
    return [one for one in (content_key(link, key), by_link) if one is not None]


def lookup_key(link: Link, name: NormalizedName | None, key: BuildKey) -> str | None:
    """Return the key to look a wheel up by; None without known content and project `name`."""
    return content_key(link, key) or (_link_key(link, key) if name is not None else None)


def content_key(link: Link, key: BuildKey) -> str | None:
    """Return the key of wheels with the same content; None if it is unknown."""
    source = source_of(link, key)
    if not source:
        return None
    if "+" in link.scheme:  # a backend may read name and location from a repository
        source = f"{source} {link.url}"
    return _hashed(source, link, key)


def _link_key(link: Link, key: BuildKey) -> str:
    """Return the key of a link's wheels, whatever its content."""
    return _hashed(link.url, link, key)


def _hashed(source: str, link: Link, key: BuildKey) -> str:
    parts = [source, subdirectory_of(link) or "", key.beside]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:40]}"
