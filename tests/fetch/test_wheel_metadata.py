import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.tags import Tag
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.errors import InstallationError, NotNative, PipfastError
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.hash_check import HashMismatch, HashMissing
from pipfast.fetch.wheel_metadata.pep658 import (
    MetadataFileDiffers,
    MetadataFileMissing,
    assert_same,
    read_beside,
)
from pipfast.fetch.wheel_metadata.source import PartsDiffer, WheelMetadataReader
from pipfast.fetch.wheel_metadata.wheel_file import InvalidWheel
from pipfast.model.digest import Digest
from pipfast.model.distribution import Sdist, Wheel
from pipfast.model.events import Event, Level, Message
from pipfast.model.file_urls import url_of_path
from pipfast.model.input_limits import LimitExceeded
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.net.client import Client
from pipfast.policy.network import NetworkPolicy
from pipfast.store.filesystem.root import Store
from tests.kit.site import Question, Reply, Site, ranged, serving
from tests.kit.texts import texts

METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: other>1\n"
FILE = "demo-1.0-py3-none-any.whl"


def archive(ballast: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("demo/data", b"\0" * ballast)
        made.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        made.writestr("demo-1.0.dist-info/METADATA", METADATA)
    return file.getvalue()


def digest(content: bytes) -> Digest:
    return Digest("sha256", hashlib.sha256(content).hexdigest())


class Run:
    """A store that lasts, and runs on it."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.store = Store(folder)
        self.emitted: list[Event] = []
        self.open: list[Client | Downloader] = []

    def source(self, *, require_hashes: bool = False) -> WheelMetadataReader:
        policy = NetworkPolicy(
            retries=0, interactive=False, keyring="disabled", trusted_hosts=("127.0.0.1",)
        )
        client = Client(policy, self.emitted.append)
        files = Downloader(client, self.store, self.emitted.append)
        self.open += [files, client]
        return WheelMetadataReader(
            client, self.store, files, self.emitted.append, require_hashes=require_hashes
        )

    def wheel(self, **facts: object) -> Wheel:
        link = Link(url=f"{self.site.base}/{FILE}", **facts)  # type: ignore[arg-type]
        tags = frozenset({Tag("py3", "none", "any")})
        return Wheel(
            link=link, name=NormalizedName("demo"), version=Version("1.0"), build=(), tags=tags
        )

    def lines(self) -> list[str]:
        return texts(e for e in self.emitted if isinstance(e, Message) and e.level is Level.INFO)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with serving() as site:
        made = Run(site, tmp_path / "store")
        yield made
        for one in made.open:
            one.close()


def test_the_sidecar_is_enough_and_is_read_once(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    wheel = run.wheel(core_metadata=(digest(METADATA),), digests=(digest(b"w"),))
    for _ in range(2):
        assert run.source().of(wheel).requires_dist == ("other>1",)
    assert len(run.site.questions) == 1
    assert run.lines() == [
        f"  Downloading {FILE}.metadata (69 bytes)",
        f"  Using cached {FILE}.metadata (69 bytes)",
    ]


@pytest.mark.parametrize("surplus", [0, 1])
def test_the_size_of_a_sidecar_is_limited(
    run: Run, surplus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pipfast.fetch.wheel_metadata.pep658.METADATA_SIZE", len(METADATA) - surplus
    )
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    wheel = run.wheel(core_metadata=(digest(METADATA),))
    if not surplus:
        assert run.source().of(wheel).name == "demo"
        return
    with pytest.raises(PipfastError, match="more than 0 MiB"):
        run.source().of(wheel)


@pytest.mark.parametrize("surplus", [0, 1])
def test_the_fields_of_a_sidecar_are_limited(run: Run, surplus: int) -> None:
    fields = METADATA.rstrip()
    document = fields + b"\nDynamic: x" * (100_000 - fields.count(b"\n") + surplus) + b"\n\n"
    run.site.pages[f"/{FILE}.metadata"] = Reply(document)
    wheel = run.wheel(core_metadata=(digest(document),))
    if not surplus:
        assert run.source().of(wheel).name == "demo"
        return
    with pytest.raises(LimitExceeded):
        run.source().of(wheel)


@pytest.mark.parametrize("surplus", [0, 1])
def test_the_size_of_a_local_sidecar_is_limited(
    tmp_path: Path, surplus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pipfast.fetch.wheel_metadata.pep658.METADATA_SIZE", len(METADATA) - surplus
    )
    (tmp_path / f"{FILE}.metadata").write_bytes(METADATA)
    link = Link(url=url_of_path(str(tmp_path / FILE)))
    with Client(NetworkPolicy()) as client:
        if not surplus:
            assert read_beside(link, client) == METADATA
            return
        with pytest.raises(LimitExceeded):
            read_beside(link, client)


def test_a_sidecar_that_was_read_ahead_is_told_when_it_is_wanted(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    source, wheel = run.source(), run.wheel(core_metadata=())
    assert source.prefetch(wheel)
    assert run.lines() == []
    assert source.of(wheel).name == "demo"
    assert len(run.site.questions) == len(run.lines()) == 1


def test_a_sidecar_with_another_digest_is_refused(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    with pytest.raises(HashMismatch, match="THESE PACKAGES DO NOT MATCH"):
        run.source().of(run.wheel(core_metadata=(digest(b"else"),)), "demo")
    assert run.lines() == [f"  Downloading {FILE}.metadata (69 bytes)"]


def test_a_fault_found_ahead_names_the_requirement_it_is_wanted_for(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    source, wheel = run.source(), run.wheel(core_metadata=(digest(b"else"),))
    source.prefetch(wheel)
    with pytest.raises(HashMismatch, match="demo from here:"):
        source.of(wheel, "demo from here")


def test_a_missing_sidecar_is_fatal_and_may_be_forgiven(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = Reply(archive())
    source, wheel = run.source(), run.wheel(core_metadata=())
    url = f"{run.site.base}/{FILE}.metadata"
    with pytest.raises(MetadataFileMissing) as fault:
        source.of(wheel)
    assert fault.value.message == (
        f"  HTTP error 404 while getting {url}\nERROR: 404 Client Error: Not Found for url: {url}"
    )
    assert source.without_sidecar(wheel).name == "demo"
    assert source.of(wheel).name == "demo"


def test_without_a_sidecar_the_end_of_the_wheel_is_read(run: Run) -> None:
    content = archive(ballast=500_000)
    run.site.pages[f"/{FILE}"] = ranged(content)
    wheel = run.wheel(size=len(content), page="https://index/")
    assert run.source().of(wheel).requires_dist == ("other>1",)
    assert [q.headers["range"] for q in run.site.questions] == ["bytes=-32768"]
    assert run.lines() == [f"  Downloading {FILE} (500 kB)"]


def test_without_ranges_the_whole_wheel_is_read_once_and_kept(run: Run) -> None:
    from pipfast.fetch.downloads.files import DownloadRequest

    content = archive(ballast=500_000)
    run.site.pages[f"/{FILE}"] = Reply(content)
    source, wheel = run.source(), run.wheel(page="https://index/")
    assert source.of(wheel).name == "demo"
    files = next(one for one in run.open if isinstance(one, Downloader))
    (downloaded,) = files.many([DownloadRequest(wheel.link, "demo")])
    assert downloaded.path.read_bytes() == content
    assert len(run.site.questions) == 1
    assert run.lines() == [f"  Downloading {FILE} (500 kB)"]


def test_a_broken_wheel_is_told_after_its_line(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = Reply(b"nonsense")
    with pytest.raises(InvalidWheel, match=r"Wheel 'demo' located at .* is invalid"):
        run.source().of(run.wheel())
    assert run.lines() == [f"  Downloading {FILE} (8 bytes)"]


def test_a_small_wheel_is_read_whole(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = ranged(archive())
    run.source().of(run.wheel(size=len(archive())))
    assert [q.headers.get("range") for q in run.site.questions] == [None]


def test_a_wheel_that_is_not_there_is_told_in_the_words_of_pip(run: Run) -> None:
    url = f"{run.site.base}/{FILE}"
    with pytest.raises(InstallationError) as fault:
        run.source().of(run.wheel(), "demo==1.0")
    assert fault.value.message == (
        f"  HTTP error 404 while getting {url}\nERROR: Could not install requirement demo==1.0 "
        f"because of HTTP error 404 Client Error: Not Found for url: {url} for URL {url}"
    )


def test_a_wheel_in_the_file_system_is_read_in_place_and_nothing_is_said(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / FILE
    path.write_bytes(archive())
    wheel = run.wheel()
    local = Wheel(
        link=Link(url=path.as_uri()),
        name=wheel.name,
        version=wheel.version,
        build=(),
        tags=wheel.tags,
    )
    assert run.source().of(local).name == "demo"
    assert run.emitted == []


def test_a_wheel_with_another_digest_than_the_users_is_refused(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = Reply(archive())
    wheel = run.wheel(core_metadata=(), digests=(digest(archive()),))
    with pytest.raises(HashMismatch, match=f"Got        {digest(archive()).value}"):
        run.source().of(wheel, "demo==1.0", [digest(b"else")])


def test_where_hashes_are_required_the_missing_one_is_told(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = Reply(archive())
    wheel = run.wheel(core_metadata=(), page="https://index/")
    with pytest.raises(HashMissing, match=f"demo==1.0 --hash=sha256:{digest(archive()).value}"):
        run.source(require_hashes=True).of(wheel, "demo==1.0 from https://h/demo.whl")


def test_where_hashes_are_required_the_sidecar_serves_but_the_wheel_is_named(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    wheel = run.wheel(core_metadata=(), digests=(digest(b"w"),), size=4200, page="page")
    run.source(require_hashes=True).of(wheel, "demo==1.0", [digest(b"w")])
    assert run.lines() == [f"  Downloading {FILE} (4.2 kB)"]


def test_an_sdist_is_not_ours_to_read(run: Run) -> None:
    link = Link(url="https://h/demo-1.0.tar.gz")
    sdist = Sdist(link=link, name=NormalizedName("demo"), version=Version("1.0"))
    with pytest.raises(NotNative):
        run.source().of(sdist)


def test_what_one_index_says_of_a_file_is_not_believed_of_anothers(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    run.site.pages[f"/other/{FILE}.metadata"] = Reply(METADATA.replace(b"other", b"wicked"))
    wheel = run.wheel(core_metadata=(), digests=(digest(b"w"),))
    wicked = Wheel(
        link=Link(url=f"{run.site.base}/other/{FILE}", core_metadata=(), digests=(digest(b"w"),)),
        name=wheel.name,
        version=wheel.version,
        build=(),
        tags=wheel.tags,
    )
    assert run.source().of(wicked).requires_dist == ("wicked>1",)
    assert run.source().of(wheel).requires_dist == ("other>1",)


@pytest.mark.parametrize(
    ("wheel", "message"),
    [
        (Metadata(name="demo", version="2.0"), "Version between its PEP 658 .metadata file"),
        (
            Metadata(name="demo", version="1.0", requires_dist=("cc",)),
            "Requires-Dist between its PEP 658 .metadata file and the wheel's METADATA: sidecar "
            "has '', wheel has 'cc'",
        ),
        (Metadata(name="demo", version="1.0", requires_python=">=3"), "Requires-Python"),
    ],
)
def test_a_wheel_must_say_what_its_sidecar_said(wheel: Metadata, message: str) -> None:
    with pytest.raises(MetadataFileDiffers, match=message):
        assert_same("demo==1.0", Metadata(name="demo", version="1.0"), wheel)


def test_spelling_and_order_are_no_difference() -> None:
    assert_same(
        "demo",
        Metadata(name="Demo", version="1.0", requires_dist=("a >1", "b"), provides_extra=("X_y",)),
        Metadata(name="demo", version="1.0", requires_dist=("b", "a>1"), provides_extra=("x-y",)),
    )


def test_an_invalid_requires_python_is_told_of_both_and_no_difference() -> None:
    emitted: list[Event] = []
    sidecar = Metadata(name="Demo", version="1.0", requires_python="nonsense")
    assert_same("demo", sidecar, Metadata(name="Demo", version="1.0"), emitted.append)
    text = "Package 'Demo' has an invalid Requires-Python: Invalid specifier: 'nonsense'"
    assert texts(emitted) == [text]


def test_what_was_read_beside_a_wheel_is_not_taken_for_the_wheel(run: Run) -> None:
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    run.site.pages[f"/{FILE}"] = Reply(archive())
    source = run.source()
    source.prefetch(run.wheel(core_metadata=()))
    source.of(run.wheel())
    assert run.lines() == [f"  Downloading {FILE} ({len(archive())} bytes)"]


def parts_of(content: bytes, whole: bytes) -> Callable[[Question], Reply]:
    """Return the responses of a server that takes parts from another file than it sends whole."""
    parts = ranged(content)
    return lambda question: parts(question) if "range" in question.headers else Reply(whole)


def test_metadata_from_parts_of_a_wheel_are_not_kept_for_later_runs(run: Run) -> None:
    content = archive(300_000)
    run.site.pages[f"/{FILE}"] = ranged(content)
    wheel = run.wheel(size=len(content), digests=(digest(content),), page="page")
    source = run.source()
    assert source.of(wheel).requires_dist == ("other>1",)
    assert not source.is_verified(wheel)
    assert run.source().at_hand(wheel) is None
    source.verify(wheel, "demo", METADATA)
    assert source.is_verified(wheel)
    assert not source.has_unverified
    assert run.source().at_hand(wheel) is not None


def test_metadata_from_parts_that_the_file_does_not_have_end_the_run(run: Run) -> None:
    lie = archive(300_000)
    run.site.pages[f"/{FILE}"] = parts_of(lie, b"another file")
    wheel = run.wheel(size=len(lie), digests=(digest(b"another file"),), page="page")
    source = run.source()
    assert source.of(wheel).requires_dist == ("other>1",)
    with pytest.raises(PartsDiffer, check=lambda error: error.filename == FILE):
        source.verify(wheel, "demo", METADATA.replace(b"other>1", b"third"))
    assert run.source().at_hand(wheel) is None


def test_a_file_of_which_the_index_states_no_digest_is_verified_at_once(run: Run) -> None:
    run.site.pages[f"/{FILE}"] = Reply(archive())
    run.site.pages[f"/{FILE}.metadata"] = Reply(METADATA)
    wheel = run.wheel(core_metadata=(), page="page")
    with pytest.raises(HashMismatch, match="DO NOT MATCH"):
        run.source(require_hashes=True).of(wheel, "demo", (digest(b"else"),))


def test_the_users_digests_count_and_not_those_of_the_index(run: Run) -> None:
    content = archive()
    run.site.pages[f"/{FILE}"] = Reply(content)
    wheel = run.wheel(digests=(digest(b"lie"),), page="page", size=len(content))
    source = run.source(require_hashes=True)
    source.prefetch(wheel)
    assert source.of(wheel, "demo", (digest(content),)).name == "demo"
    assert source.document(wheel) == METADATA.decode()
    assert run.source().at_hand(wheel) is None
