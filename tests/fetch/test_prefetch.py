import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.prefetch import Prefetcher
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.index.finder import Finder
from pipfast.model.distribution import Candidate
from pipfast.model.metadata import Metadata
from pipfast.net.client import Client
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.selection import SelectionPolicy
from pipfast.store.filesystem.root import Store
from tests.kit.site import Reply, Site, serving

CHAIN = {"one": "two", "two": "three", "three": ""}


def publish(site: Site) -> None:
    for name, needs in CHAIN.items():
        file = f"{name}-1.0-py3-none-any.whl"
        lines = f"Name: {name}\nVersion: 1.0\n" + (f"Requires-Dist: {needs}\n" if needs else "")
        listed = {
            "url": f"{site.base}/{file}",
            "core-metadata": {"sha256": hashlib.sha256(lines.encode()).hexdigest()},
            "hashes": {"sha256": name.encode().hex()},
        }
        site.pages[f"/simple/{name}/"] = Reply(
            json.dumps({"files": [listed]}).encode(),
            headers={"content-type": "application/vnd.pypi.simple.v1+json"},
        )
        site.pages[f"/{file}.metadata"] = Reply(lines.encode())


class Wheels(WheelMetadataReader):
    """Reads wheels alone, for which nothing depends on how surely they will be asked for."""

    def prefetch(
        self,
        candidate: Candidate,
        then: Callable[[Metadata], object] | None = None,
        *,
        surely: bool = False,
    ) -> bool:
        return super().prefetch(candidate, then)


def look_ahead(site: Site, folder: Path, done: Callable[[], bool]) -> None:
    """One run: ahead of everything else, until `done`; then what a resolver would ask."""
    policy = NetworkPolicy(index_urls=(f"{site.base}/simple",), retries=0, interactive=False)
    with Client(policy) as client:
        store, tags = Store(folder), (Tag("py3", "none", "any"),)
        finder = Finder(SelectionPolicy(), client, store, tags, (3, 11, 7))
        source = Wheels(client, store, Downloader(client, store))
        ahead = Prefetcher(finder, source, {})
        ahead.expect([Requirement("one")])
        limit = time.monotonic() + 5
        while not done():
            assert time.monotonic() < limit
            time.sleep(0.005)
        asked = len(site.questions)
        for name in CHAIN:
            found = finder.found(NormalizedName(name))
            candidate = next(found.candidates(SpecifierSet("")))
            assert source.of(candidate).name == name
        assert len(site.questions) == asked
        ahead.close()


def test_the_graph_is_followed_before_anybody_asks(tmp_path: Path) -> None:
    with serving() as site:
        publish(site)
        look_ahead(site, tmp_path, lambda: bool(site.asked("/three-1.0-py3-none-any.whl.metadata")))


def test_no_index_is_asked_for_what_is_taken_from_an_address(tmp_path: Path) -> None:
    with serving() as site:
        publish(site)
        policy = NetworkPolicy(index_urls=(f"{site.base}/simple",), retries=0, interactive=False)
        with Client(policy) as client:
            store = Store(tmp_path)
            finder = Finder(
                SelectionPolicy(), client, store, (Tag("py3", "none", "any"),), (3, 11, 7)
            )
            ahead = Prefetcher(
                finder,
                Wheels(client, store, Downloader(client, store)),
                {},
                {NormalizedName("two")},
            )
            ahead.expect([Requirement("two"), Requirement("three")])
            finder.found(NormalizedName("three"))
            ahead.close()
            kept = Prefetcher(
                finder, Wheels(client, store, Downloader(client, store)), {}, (), _is_two
            )
            kept.expect([Requirement("two")])
            ahead = kept
            ahead.close()
        assert [question.path for question in site.questions if "two" in question.path] == []


def _is_two(requirement: Requirement) -> bool:
    return requirement.name == "two"


def test_stale_pages_are_asked_for_ahead_though_metadata_is_at_hand(tmp_path: Path) -> None:
    with serving() as site:
        publish(site)
        look_ahead(site, tmp_path, lambda: bool(site.asked("/three-1.0-py3-none-any.whl.metadata")))
        look_ahead(site, tmp_path, lambda: len(site.asked("/simple/three/")) == 2)
        assert len(site.asked("/two-1.0-py3-none-any.whl.metadata")) == 1
