import hashlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.downloader import Downloader, downloads
from pipfast.fetch.downloads.files import Downloaded, DownloadRequest
from pipfast.fetch.downloads.hash_check import HashMismatch
from pipfast.model.digest import Digest
from pipfast.model.events import Event, Level, Message, Transfer
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import IncompleteDownloadError
from pipfast.policy.network import NetworkPolicy
from pipfast.store.filesystem.root import Store
from tests.kit.site import Question, Reply, Site, serving
from tests.kit.texts import texts

TRUSTED = ("127.0.0.1",)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


class Bench:
    def __init__(self, site: Site, folder: Path, destination: Destination | None = None) -> None:
        self.site = site
        self.store = Store(folder)
        self.emitted: list[Event] = []
        policy = NetworkPolicy(
            retries=0, resume_retries=2, interactive=False, trusted_hosts=TRUSTED
        )
        self.client = Client(policy, self.emitted.append)
        self.files = Downloader(self.client, self.store, self.emitted.append, destination)

    def order(self, name: str, content: bytes | None, **facts: object) -> DownloadRequest:
        digests = (Digest("sha256", hashlib.sha256(content).hexdigest()),) if content else ()
        link = Link(url=f"{self.site.base}/{name}", digests=digests, **facts)  # type: ignore[arg-type]
        return DownloadRequest(link, name)

    def texts(self, level: Level) -> list[str]:
        return texts(e for e in self.emitted if isinstance(e, Message) and e.level is level)


@pytest.fixture
def bench(site: Site, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(site, tmp_path / "store")
    yield made
    made.files.close()
    made.client.close()


def test_files_come_whole_and_are_told_in_the_order_they_were_asked_for(bench: Bench) -> None:
    contents = {f"f{n}-1.0.whl": bytes([n]) * (n * 1000 + 5) for n in range(9)}
    for name, content in contents.items():
        bench.site.pages[f"/{name}"] = Reply(content)
    orders = [bench.order(name, content) for name, content in contents.items()]
    done = list(bench.files.many(orders))
    assert {d.path.name: d.path.read_bytes() for d in done} == contents
    assert [line.split()[1] for line in bench.texts(Level.INFO)] == list(contents)
    assert {e.name for e in bench.emitted if isinstance(e, Transfer)} == set(contents)


def test_a_file_is_fetched_once(bench: Bench) -> None:
    bench.site.pages["/a.whl"] = Reply(b"x")
    order = bench.order("a.whl", b"x")
    assert bench.files.one(order) is bench.files.one(order)
    assert len(list(bench.files.many([order]))) == len(bench.site.questions) == 1


def test_threads_that_need_a_file_at_once_fetch_it_once(bench: Bench) -> None:
    both = threading.Barrier(2)

    def slowly(_: Question) -> Reply:
        time.sleep(0.2)
        return Reply(b"x")

    def fetch(_: int) -> Downloaded:
        both.wait()
        return bench.files.one(bench.order("a.whl", b"x"))

    bench.site.pages["/a.whl"] = slowly
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(fetch, range(2))
    assert first is second
    assert len(bench.site.questions) == 1


def test_a_wrong_file_is_refused_and_the_requirement_named(bench: Bench) -> None:
    bench.site.pages["/a.whl"] = Reply(b"wicked")
    with pytest.raises(HashMismatch, match=r"a\.whl"):
        list(bench.files.many([bench.order("a.whl", b"good")]))


def test_the_digests_of_the_user_outrank_those_of_the_index(bench: Bench) -> None:
    bench.site.pages["/a.whl"] = Reply(b"x")
    link = bench.order("a.whl", b"else").link
    mine = Digest("sha512", hashlib.sha512(b"x").hexdigest())
    assert mine in bench.files.one(DownloadRequest(link, "a", (mine,))).digests


def test_a_file_must_match_every_digest_of_the_index_and_any_of_the_user() -> None:
    right, wrong = Digest("sha256", "1"), Digest("md5", "2")
    received = (right, Digest("md5", "3"))
    link = Link(url="https://h/f.whl", digests=(right, wrong))
    with pytest.raises(HashMismatch):
        DownloadRequest(link, "demo").check(received)
    DownloadRequest(link, "demo", (right, wrong)).check(received)


def test_an_algorithm_that_python_lacks_is_an_error(bench: Bench) -> None:
    bench.site.pages["/one"] = Reply(b"x")
    order = bench.order("one", None)
    order = replace(order, link=replace(order.link, digests=(Digest("sha0", "1"),)))
    with pytest.raises(InstallationError, match="Unknown hash name: sha0"):
        bench.files.one(order)


def test_a_file_that_is_not_there_is_told_with_its_page(bench: Bench) -> None:
    with pytest.raises(InstallationError) as fault:
        list(bench.files.many([bench.order("a.whl", None)]))
    first, second = fault.value.message.split("\n")
    assert first == f"HTTP error 404 while getting {bench.site.base}/a.whl"
    assert second.startswith("ERROR: 404 Client Error: Not Found for url: ")


def test_a_kept_file_is_only_spoken_of_in_its_turn(bench: Bench) -> None:
    bench.site.pages["/b.whl"] = Reply(b"x")
    kept = [replace(bench.order(name, None), kept=7) for name in ("a.whl", "c.whl")]
    done = list(bench.files.many([kept[0], bench.order("b.whl", b"x"), kept[1]]))
    assert [one.link.filename for one in done] == ["b.whl"]
    assert bench.texts(Level.INFO) == [
        "Using cached a.whl (7 bytes)", "Downloading b.whl (1 bytes)",
        "Using cached c.whl (7 bytes)",
    ]  # fmt: skip


def broken(content: bytes, *, resumes: bool) -> object:
    """The first answer breaks off in the midst; the later ones give the rest, or all again."""

    def respond(question: Question) -> Reply:
        etag = {"etag": '"1"'}
        if "range" not in question.headers:
            return Reply(content, headers=etag, cut=len(content) // 2)
        start = int(question.headers["range"][6:-1])
        if resumes and question.headers["if-range"] == '"1"':
            shown = {"content-range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            return Reply(content[start:], 206, shown)
        return Reply(content)

    return respond


@pytest.mark.parametrize("resumes", [True, False])
def test_a_download_that_breaks_off_is_resumed_or_begun_again(bench: Bench, resumes: bool) -> None:
    content = bytes(range(256)) * 40
    bench.site.pages["/a.whl"] = broken(content, resumes=resumes)  # type: ignore[assignment]
    assert bench.files.one(bench.order("a.whl", content)).path.read_bytes() == content
    assert bench.texts(Level.WARNING) == [
        "  Connection interrupted while downloading.",
        "  Attempting to resume incomplete download (5.1 kB/10 kB, attempt 1)",
    ]


def test_a_download_that_never_ends_is_given_up(bench: Bench) -> None:
    bench.site.pages["/a.whl"] = Reply(b"x" * 3000, cut=1500)
    with pytest.raises(
        IncompleteDownloadError, match=r"failed after 3 attempts because .* \(1.5 kB/3.0 kB\)"
    ):
        bench.files.one(bench.order("a.whl", None))


def test_nothing_is_left_behind(site: Site, tmp_path: Path) -> None:
    site.pages["/a.whl"] = Reply(b"x")
    seen: list[Downloaded] = []
    with Client(NetworkPolicy(interactive=False)) as client:
        for one in downloads(
            [DownloadRequest(Link(url=f"{site.base}/a.whl"), "a")], client, Store(tmp_path)
        ):
            assert one.path.read_bytes() == b"x"
            seen.append(one)
    assert seen[0].sha256 == hashlib.sha256(b"x").hexdigest()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_lies_in_the_destination_is_not_fetched(site: Site, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "a.whl").write_bytes(b"x")
    bench = Bench(site, tmp_path / "store", Destination(tmp_path / "to"))
    order = bench.order("a.whl", b"x")
    assert bench.files.lies_ready(order.link)
    bench.files.look(order.link, order.expected)
    assert bench.files.is_beside(order.link)
    assert [one.path for one in bench.files.many([order])] == [tmp_path / "to" / "a.whl"]
    assert not site.questions
    (line,) = bench.texts(Level.INFO)
    assert line == f"  File was already downloaded {tmp_path / 'to' / 'a.whl'}"


@pytest.mark.parametrize(
    ("name", "for_a_folder", "fetched"),
    [("a.whl", True, 1), ("a.whl", False, 1), ("a.tar.gz", False, 1)],
)
def test_what_will_be_wanted_as_a_file_again_is_kept(
    site: Site, tmp_path: Path, name: str, for_a_folder: bool, fetched: int
) -> None:
    site.pages[f"/{name}"] = Reply(b"x")
    emitted: list[str] = []
    for run in range(2):
        to = Destination(tmp_path / f"to{run}") if for_a_folder else None
        bench = Bench(site, tmp_path / "store", to)
        (one,) = bench.files.many([bench.order(name, b"x")])
        assert one.path.read_bytes() == b"x"
        emitted += bench.texts(Level.INFO)
        bench.files.close()
        bench.client.close()
    assert len(site.questions) == fetched
    assert [line.split()[0] for line in emitted].count("Downloading") == fetched
    assert len(emitted) == 2


def test_a_kept_file_that_was_changed_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    site.pages["/a.tar.gz"] = Reply(b"x")
    for _ in range(2):
        bench = Bench(site, tmp_path / "store")
        (one,) = bench.files.many([bench.order("a.tar.gz", b"x")])
        assert one.path.read_bytes() == b"x"
        bench.files.close()
        bench.client.close()
        (kept,) = (tmp_path / "store" / "files").glob("*/*")
        kept.write_bytes(b"wicked")
    assert len(site.questions) == 2


def test_the_first_file_that_cannot_be_had_is_told_after_all_before_it(bench: Bench) -> None:
    orders = [
        bench.order(f"f{n}.whl", b"x" * n, size=n) for n in range(1, 8)
    ]  # the last are begun first
    for n in (1, 2, 3, 5, 6):
        bench.site.pages[f"/f{n}.whl"] = Reply(b"x" * n)
    with pytest.raises(InstallationError, match=r"f4\.whl"):
        list(bench.files.many(orders))
    assert [line.split()[1] for line in bench.texts(Level.INFO)] == ["f1.whl", "f2.whl", "f3.whl"]


def test_a_wrong_file_is_told_of_once_all_files_are_here(bench: Bench) -> None:
    for n in range(1, 5):
        bench.site.pages[f"/f{n}.whl"] = Reply(b"x" * n)
    orders = [bench.order(f"f{n}.whl", b"y" if n in (2, 4) else b"x" * n) for n in range(1, 5)]
    with pytest.raises(HashMismatch, match=r"f2\.whl"):
        list(bench.files.many(orders))
    assert len(bench.texts(Level.INFO)) == 4


def test_a_released_file_is_removed_and_fetched_again_if_it_is_needed(
    site: Site, tmp_path: Path
) -> None:
    site.pages["/a.whl"] = Reply(b"x")
    order = DownloadRequest(Link(url=f"{site.base}/a.whl"), "a")
    with Client(NetworkPolicy(interactive=False)) as client:
        files = Downloader(client, Store(tmp_path))
        [first] = files.many([order])
        files.release(first)
        assert not first.path.exists()
        [again] = files.many([order])
        assert again.path.read_bytes() == b"x"
        files.close()


def test_the_users_own_file_is_not_released(tmp_path: Path) -> None:
    own = tmp_path / "a.whl"
    own.write_bytes(b"x")
    with Client(NetworkPolicy(interactive=False)) as client:
        files = Downloader(client, Store(tmp_path / "store"))
        [found] = files.many([DownloadRequest(Link(url=own.as_uri()), "a")])
        files.release(found)
        files.close()
    assert own.exists()
