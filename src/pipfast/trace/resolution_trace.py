"""Reuse a resolution while the index pages that it used are unchanged.

The key contains everything that affects a resolution except the environment: requirements,
policy, the target's tags and markers. Each page is stored with its own lifetime, so checking
files shows which pages the indexes have to confirm before the resolution is valid. Installed
distributions are not part of the key: an entry is valid only if none of the projects it looked
at is installed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from pipfast.index.used_pages import UsedPage
from pipfast.model import wheel_name
from pipfast.model.digest import Digest
from pipfast.model.distribution import Candidate, Sdist, Wheel
from pipfast.model.events import Level, Message, RepeatedMessage
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.policy.selection import SelectionPolicy
from pipfast.report.render import text_of
from pipfast.resolve.graph import LinkCandidate
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.solve import PinnedCandidate, Resolution
from pipfast.store.filesystem.root import Store
from pipfast.trace.satisfied_install import AREA, is_fresh, is_same, key_of, question

FORMAT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedResolution:
    """A resolution with the messages emitted meanwhile; `names` are the projects looked at.

    `built` has the SHA-256 of the wheel built from each sdist, by the sdist's address. `pages` are
    the pages that it depends on, and `unconfirmed` those that an index has to confirm first.
    """

    answer: Resolution
    built: Mapping[str, str]
    messages: tuple[Message, ...]
    names: tuple[NormalizedName, ...]
    pages: tuple[UsedPage, ...]
    unconfirmed: tuple[UsedPage, ...] = ()


def question_of(
    wanted: Sequence[object], selection: SelectionPolicy, target: Mapping[str, object]
) -> str:
    """Return the key as text, independent of the environment."""
    parts = {name: getattr(selection, name) for name in SelectionPolicy.__slots__}
    parts["formats"] = [selection.formats.no_binary, selection.formats.only_binary]
    releases = selection.releases
    parts["releases"] = [releases.all_releases, releases.only_final, releases.pre]
    return question({"format": FORMAT, "wanted": wanted, "selection": parts, **target})


def recall(
    store: Store, text: str, is_installed: Callable[[NormalizedName], bool]
) -> SavedResolution | None:
    """Return the resolution stored under the key `text`, None if there is none that may be valid.

    It is valid once its `unconfirmed` pages are confirmed.
    """
    kept = store.read(AREA, key_of(text))
    if kept is None:
        return None
    try:
        trace = json.loads(kept)
        if trace["question_of"] != text:
            return None
        names = tuple(NormalizedName(name) for name in trace["names"])
        pages = tuple(_page(fields) for fields in trace["pages"])
        unconfirmed = _unconfirmed(pages)
        if unconfirmed is None or any(map(is_installed, names)):
            return None
        answer = Resolution(
            pins=tuple(_chosen(fields) for fields in trace["chosen"]),
            requested=tuple(NormalizedName(name) for name in trace["requested"]),
        )
        messages = tuple(
            RepeatedMessage(text, level=Level[level]) for level, text in trace["messages"]
        )
        built = dict(trace["built"])
    except (ValueError, KeyError, TypeError, InvalidVersion, RecursionError):
        return None
    return SavedResolution(
        answer=answer,
        built=built,
        messages=messages,
        names=names,
        pages=pages,
        unconfirmed=unconfirmed,
    )


def remember(store: Store, text: str, known: SavedResolution) -> None:
    """Store a resolution under its key, unless it contains a direct requirement."""
    pins = known.answer.pins
    if any(one.install_req.link is not None for one in pins):
        return
    trace = {
        "question_of": text,
        "names": known.names,
        "pages": [
            [page.project, page.index, page.path, page.number, page.lifetime]
            for page in known.pages
        ],
        "built": dict(known.built),
        "chosen": [_fields(one) for one in pins],
        "requested": known.answer.requested,
        "messages": [(message.level.name, text_of(message)) for message in known.messages],
    }
    store.write(AREA, key_of(text), json.dumps(trace, separators=(",", ":")).encode())


def _page(fields: Sequence[Any]) -> UsedPage:
    project, index, path, number, lifetime = fields
    return UsedPage(
        project=NormalizedName(project), index=index, path=path, number=number, lifetime=lifetime
    )


def _unconfirmed(pages: Sequence[UsedPage]) -> tuple[UsedPage, ...] | None:
    """Return the pages that are no longer fresh, None if a stored page was replaced or removed."""
    now = time.time()
    found = []
    for page in pages:
        if page.path is not None and is_fresh(page.path, page.number, page.lifetime, now):
            continue
        if page.path is not None and not is_same(page.path, page.number):
            return None
        found.append(page)
    return tuple(found)


def _fields(one: PinnedCandidate) -> dict[str, Any]:
    link, metadata, install_req = one.node.distribution.link, one.node.metadata, one.install_req
    return {
        "name": one.node.name,
        "version": str(one.node.version),
        "link": [
            link.url, link.fragment, [str(digest) for digest in link.digests],
            link.requires_python, link.yanked, _texts(link.core_metadata), link.upload_time,
            link.size, link.page,
        ],
        "metadata": [
            metadata.name, metadata.version, metadata.requires_dist, metadata.requires_python,
            metadata.provides_extra, sorted(metadata.dynamic), metadata.metadata_version,
        ],
        "ask": [
            str(install_req.requirement), install_req.parent_chain(),
            [str(digest) for digest in install_req.digests], install_req.user_supplied,
        ],
        "extras": sorted(one.extras),
        "weight": one.weight,
    }  # fmt: skip


def _chosen(fields: Mapping[str, Any]) -> PinnedCandidate:
    url, fragment, digests, python, yanked, sidecar, uploaded, size, page = fields["link"]
    link = Link(
        url=url,
        fragment=fragment,
        digests=_digests(digests) or (),
        requires_python=python,
        yanked=yanked,
        core_metadata=_digests(sidecar),
        upload_time=uploaded,
        size=size,
        page=page,
    )
    raw_name, raw_version, requires, python, extras, dynamic, written = fields["metadata"]
    metadata = Metadata(
        name=raw_name,
        version=raw_version,
        requires_dist=tuple(requires),
        requires_python=python,
        provides_extra=tuple(extras),
        dynamic=frozenset(dynamic),
        metadata_version=written,
    )
    requirement, above, wanted, requested = fields["ask"]
    install_req = InstallRequirement(
        Requirement(requirement), above or None, None, _digests(wanted) or (), requested
    )
    name, version = NormalizedName(fields["name"]), Version(fields["version"])
    return PinnedCandidate(
        node=LinkCandidate(_candidate(link, name, version), metadata, install_req, name, version),
        extras=frozenset(fields["extras"]),
        weight=fields["weight"],
    )


def _candidate(link: Link, name: NormalizedName, version: Version) -> Candidate:
    if not link.filename.endswith(wheel_name.SUFFIX):
        return Sdist(link=link, name=name, version=version)
    project, of_wheel, build, tags = wheel_name.parse(link.filename)
    return Wheel(link=link, name=project, version=of_wheel, build=build, tags=tags)


def _texts(digests: Sequence[Digest] | None) -> list[str] | None:
    return None if digests is None else [str(digest) for digest in digests]


def _digests(texts: Sequence[str] | None) -> tuple[Digest, ...] | None:
    return None if texts is None else tuple(map(Digest.parse, texts))
