from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.fetch.downloads.hash_check import HashMismatch, HashMissing
from pipfast.fetch.source_trees import NotHashable, SourceTrees
from pipfast.fetch.vcs.checkout import RepositoryCheckout
from pipfast.model.digest import Digest
from pipfast.model.direct_url import ArchiveOrigin, FolderOrigin, RepositoryOrigin
from pipfast.model.distribution import Sdist, Source
from pipfast.model.events import Event
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.policy.network import NetworkPolicy
from pipfast.requirements.parse_link import parse_link
from pipfast.store.filesystem.root import Store
from tests.kit.archives import archive, members
from tests.kit.site import Reply, Site, serving
from tests.kit.texts import texts

PACKED = archive(".tar.gz", members({"setup.py": "", "sub/setup.py": "sub"}, "p-1"))
SHA256 = Digest("sha256", hashlib.sha256(PACKED).hexdigest())
NAME = NormalizedName("p")


class NoProgram(RepositoryCheckout):
    """Stands in for programs of version control: a checkout is a folder with a project."""

    def __init__(self) -> None:
        super().__init__(None, print)
        self.asked: list[Path] = []

    def checkout(self, link: Link, folder: Path, listen: object = None) -> RepositoryOrigin:
        self.asked.append(folder)
        return RepositoryOrigin(
            url=link.url, system="git", commit="c", subdirectory=link.subdirectory
        )

    def obtain(self, link: Link, folder: Path, listen: object = None) -> None:
        self.asked.append(folder)


class Place:
    """The folders of a run, within the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self) -> Path:
        return self.root / "scratch"

    def beside(self, prefix: str) -> Path:
        return self.root / f"{prefix}0"


class Bench:
    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.folder = folder
        self.emitted: list[Event] = []
        policy = NetworkPolicy(retries=0, interactive=False, trusted_hosts=("127.0.0.1",))
        self.client = Client(policy)
        self.files = Downloader(self.client, Store(folder / "store"), self.emitted.append)
        self.repositories = NoProgram()

    def trees(self, *, require_hashes: bool = False) -> SourceTrees:
        return SourceTrees(
            self.files,
            self.repositories,
            Place(self.folder),
            self.folder / "src",
            require_hashes=require_hashes,
        )

    def archive(self) -> Path:
        path = self.folder / "p-1.tar.gz"
        path.write_bytes(PACKED)
        return path

    def lines(self) -> list[str]:
        return texts(self.emitted)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with serving() as site:
        made = Bench(site, tmp_path)
        yield made
        made.files.close()
        made.client.close()


def ordered(source: Sdist | Source, *digests: Digest) -> DownloadRequest:
    return DownloadRequest(source.link, f"p from {source.link.redacted}", digests)


def test_an_sdist_is_downloaded_told_of_and_unpacked_once(bench: Bench) -> None:
    bench.site.pages["/p-1.tar.gz"] = Reply(PACKED)
    link = Link(url=f"{bench.site.base}/p-1.tar.gz", page=bench.site.base)
    source = Sdist(link=link, name=NAME, version=Version("1"))
    trees = bench.trees()
    tree = trees.of(source, ordered(source))
    assert (tree.folder / "setup.py").is_file()
    assert tree.folder.name.startswith("p_")
    assert tree.origin == ArchiveOrigin(url=link.url, digests=(SHA256,))
    assert trees.of(source, ordered(source)) is tree
    assert bench.lines() == [f"  Downloading p-1.tar.gz ({len(PACKED)} bytes)"]


@pytest.mark.parametrize("fragment", ["", "#subdirectory=sub", "#egg=p&subdirectory=sub"])
def test_the_folder_is_that_of_the_project(bench: Bench, fragment: str) -> None:
    source = Source(link=parse_link(bench.archive().as_uri() + fragment))
    tree = bench.trees().of(source, ordered(source))
    part = "sub" if fragment else None
    assert (tree.folder.name == "sub") is bool(fragment)
    assert isinstance(tree.origin, ArchiveOrigin)
    assert (tree.origin.subdirectory, tree.origin.digests) == (part, (SHA256,))
    assert (tree.folder / "setup.py").read_text() == (part or "")


@pytest.mark.parametrize("require_hashes", [False, True])
def test_an_archive_with_another_digest_is_refused(bench: Bench, require_hashes: bool) -> None:
    source = Source(link=parse_link(bench.archive().as_uri()))
    with pytest.raises(HashMismatch):
        bench.trees(require_hashes=require_hashes).of(
            source, ordered(source, Digest("sha256", "0" * 64))
        )
    assert {path.name for path in bench.folder.iterdir()} <= {"p-1.tar.gz", "store"}


def test_a_folder_is_taken_where_it_is(bench: Bench) -> None:
    here = bench.folder / "project"
    (here / "sub").mkdir(parents=True)
    source = Source(link=parse_link(f"{here.as_uri()}#subdirectory=sub"))
    tree = bench.trees().of(source, ordered(source))
    assert tree.folder == here / "sub"
    assert tree.origin == FolderOrigin(url=here.as_uri(), subdirectory="sub")


def test_an_editable_folder_is_recorded_by_the_folder_of_its_project(bench: Bench) -> None:
    here = bench.folder / "project"
    source = Source(link=parse_link(f"{here.as_uri()}#subdirectory=sub"), editable=True)
    tree = bench.trees().of(source, ordered(source))
    assert tree.folder == here / "sub"
    assert tree.origin == FolderOrigin(url=(here / "sub").as_uri(), editable=True)


def test_repositories_go_to_scratch_and_editable_ones_to_src(bench: Bench) -> None:
    link = parse_link("git+https://example.org/p#subdirectory=sub")
    trees = bench.trees()
    passing = trees.of(Source(link=link, name=NAME), ordered(Source(link=link)))
    lasting = trees.of(Source(link=link, name=NAME, editable=True), ordered(Source(link=link)))
    first, second = bench.repositories.asked
    assert first.parent == bench.folder / "scratch"
    assert second == bench.folder / "src" / "p"
    assert (passing.folder, lasting.folder) == (first / "sub", second / "sub")
    assert isinstance(passing.origin, RepositoryOrigin)
    assert lasting.origin == FolderOrigin(url=(second / "sub").as_uri(), editable=True)


@pytest.mark.parametrize(
    ("address", "editable", "kind", "text"),
    [
        ("git+https://example.org/p", False, NotHashable, "to hash version control repositories"),
        ("file:FOLDER", False, NotHashable, "point to directories:\n    p from file:"),
        ("file:FOLDER", True, InstallationError, "there is no single file to hash"),
        ("file:FOLDER/p-1.tar.gz", False, HashMissing, f"--hash=sha256:{SHA256.value}"),
    ],
)
def test_where_digests_are_required_what_has_none_is_refused(
    bench: Bench, address: str, editable: bool, kind: type[InstallationError], text: str
) -> None:
    bench.archive()
    link = parse_link(address.replace("file:FOLDER", bench.folder.as_uri()))
    source = Source(link=link, name=NAME, editable=editable)
    with pytest.raises(kind) as caught:
        bench.trees(require_hashes=True).of(source, ordered(source))
    assert text in caught.value.message


def test_a_file_that_its_server_will_not_give_ends_the_run_in_pips_words(bench: Bench) -> None:
    source = Source(link=Link(url=f"{bench.site.base}/none-1.tar.gz"))
    with pytest.raises(InstallationError, match=r"Could not install requirement p from .* because"):
        bench.trees().of(source, ordered(source))
