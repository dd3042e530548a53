import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.model.digest import Digest
from pipfast.model.events import Event
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.net.errors import IncompleteDownloadError
from pipfast.policy.network import NetworkPolicy
from pipfast.store import partial_files
from pipfast.store.filesystem.root import Store
from tests.kit.site import Question, Reply, Responder, Site, serving
from tests.kit.texts import texts

CONTENT = bytes(range(256)) * 40
MEGABYTES = bytes(5 << 20)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


class Run:
    """One run of pipfast with its own client, on a store that several runs share."""

    def __init__(self, site: Site, folder: Path, resume_retries: int = 0) -> None:
        self.emitted: list[Event] = []
        policy = NetworkPolicy(
            retries=0,
            resume_retries=resume_retries,
            interactive=False,
            trusted_hosts=("127.0.0.1",),
        )
        self.client = Client(policy, self.emitted.append)
        self.files = Downloader(self.client, Store(folder), self.emitted.append)

    def __enter__(self) -> "Run":  # noqa: PYI034 - typing.Self came with 3.11
        return self

    def __exit__(self, *error: object) -> None:
        self.files.close()
        self.client.close()

    @property
    def lines(self) -> list[str]:
        return texts(self.emitted)


def order(site: Site, name: str, content: bytes) -> DownloadRequest:
    digests = (Digest("sha256", hashlib.sha256(content).hexdigest()),)
    return DownloadRequest(Link(url=f"{site.base}/{name}", digests=digests), name)


def rest_of(content: bytes, *cuts: int, etag: str = '"1"') -> Responder:
    """Answer ranges; the first answers break off after so many bytes."""
    left = list(cuts)

    def answer(question: Question) -> Reply:
        headers, start = {"etag": etag}, 0
        asked = question.headers.get("range", "")
        if asked and question.headers.get("if-range", etag) == etag:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers["content-range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        cut = left.pop(0) if left else None
        return Reply(content[start:], 206 if start else 200, headers, cut=cut)

    return answer


def fails(site: Site, folder: Path, name: str, content: bytes) -> None:
    with Run(site, folder) as run, pytest.raises(IncompleteDownloadError):
        list(run.files.many([order(site, name, content)]))


def test_a_broken_off_file_is_continued_by_the_next_run(site: Site, tmp_path: Path) -> None:
    site.pages["/a.whl"] = rest_of(CONTENT, 5000)
    fails(site, tmp_path, "a.whl", CONTENT)
    with Run(site, tmp_path) as run:
        (one,) = run.files.many([order(site, "a.whl", CONTENT)])
        assert one.path.read_bytes() == CONTENT
        assert run.lines == ["Downloading a.whl (10 kB)"]
    asked = site.questions[-1].headers
    assert (asked["range"], asked["if-range"]) == ("bytes=5000-", '"1"')
    assert not list((tmp_path / "partial").iterdir())


def test_a_file_that_was_replaced_meanwhile_begins_anew(site: Site, tmp_path: Path) -> None:
    site.pages["/a.whl"] = rest_of(CONTENT, 5000)
    fails(site, tmp_path, "a.whl", CONTENT)
    site.pages["/a.whl"] = rest_of(CONTENT, etag='"2"')
    with Run(site, tmp_path) as run:
        (one,) = run.files.many([order(site, "a.whl", CONTENT)])
        assert one.path.read_bytes() == CONTENT
    assert len(site.questions) == 2


@pytest.mark.parametrize("begun", [b"x" * 5000, CONTENT + b"more", CONTENT])
def test_a_wrong_beginning_is_found_by_the_digest(site: Site, tmp_path: Path, begun: bytes) -> None:
    def answer(question: Question) -> Reply:
        start = int(question.headers.get("range", "bytes=0-")[6:].partition("-")[0])
        if start >= len(CONTENT):
            return Reply(status=416)
        return Reply(CONTENT[start:], 206 if start else 200)

    site.pages["/a.whl"] = answer
    wanted = order(site, "a.whl", CONTENT)
    (tmp_path / "partial").mkdir()
    (tmp_path / "partial" / str(wanted.trusted)).write_bytes(begun)
    with Run(site, tmp_path) as run:
        (one,) = run.files.many([wanted])
        assert one.path.read_bytes() == CONTENT


def test_whole_files_are_kept_if_another_one_fails(site: Site, tmp_path: Path) -> None:
    names = [f"f{n}.whl" for n in range(5)]
    for name in names[:-1]:
        site.pages[f"/{name}"] = Reply(CONTENT + name.encode())
    orders = [order(site, name, CONTENT + name.encode()) for name in names]
    with Run(site, tmp_path) as run, pytest.raises(InstallationError):
        list(run.files.many(orders))
    site.pages["/f4.whl"] = Reply(CONTENT + b"f4.whl")
    before = len(site.questions)
    with Run(site, tmp_path) as run:
        for one in list(run.files.many(orders)):
            run.files.release(one)
        assert [line.split()[0] for line in run.lines] == ["Using"] * 4 + ["Downloading"]
    assert [one.path for one in site.questions[before:]] == ["/f4.whl"]
    assert not list((tmp_path / "waiting").glob("*/*"))  # what is unpacked is not kept twice


def test_two_runs_fetch_a_file_once(site: Site, tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    def answer(_: Question) -> Reply:
        started.set()
        go_on.wait(10)
        return Reply(CONTENT)

    site.pages["/a.whl"] = answer
    came: list[bytes] = []

    def run() -> None:
        with Run(site, tmp_path) as own:
            (one,) = own.files.many([order(site, "a.whl", CONTENT)])
            came.append(one.path.read_bytes())
            assert own.lines == ["Downloading a.whl (10 kB)"]

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    time.sleep(0.2)
    go_on.set()
    for thread in threads:
        thread.join()
    assert came == [CONTENT] * 2
    assert len(site.questions) == 1


def test_a_run_that_does_not_get_on_is_not_waited_for(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_files, "_PATIENCE", 0.1)
    site.pages["/a.whl"] = Reply(CONTENT)
    wanted = order(site, "a.whl", CONTENT)
    hung = partial_files.claimed_file(str(tmp_path), str(wanted.trusted), lambda: False)
    with hung, Run(site, tmp_path) as run:
        (one,) = run.files.many([wanted])
        assert one.path.read_bytes() == CONTENT


def test_attempts_are_counted_anew_after_progress(site: Site, tmp_path: Path) -> None:
    site.pages["/a.whl"] = rest_of(MEGABYTES, *[600_000] * 8)
    with Run(site, tmp_path, resume_retries=2) as run:
        (one,) = run.files.many([order(site, "a.whl", MEGABYTES)])
        assert one.path.read_bytes() == MEGABYTES
    beyond = [line for line in run.lines if "pip would have failed here" in line]
    assert len(beyond) == 3
    assert "Download failed after 3 attempts because not enough bytes" in beyond[0]


def test_without_progress_the_attempts_end(site: Site, tmp_path: Path) -> None:
    site.pages["/a.whl"] = rest_of(MEGABYTES, *[1000] * 8)
    with Run(site, tmp_path, resume_retries=2) as run, pytest.raises(IncompleteDownloadError):
        list(run.files.many([order(site, "a.whl", MEGABYTES)]))
    assert len(site.questions) == 3


def test_waiting_wheels_that_are_unpacked_are_removed(site: Site, tmp_path: Path) -> None:
    for name in ("unpacked", "other"):
        (tmp_path / "waiting" / name).mkdir(parents=True)
    (tmp_path / "archives" / "unpacked").mkdir(parents=True)
    (tmp_path / "archives" / "unpacked" / "manifest").touch()
    with Run(site, tmp_path):
        assert [path.name for path in (tmp_path / "waiting").iterdir()] == ["other"]


def test_old_partial_files_are_removed(site: Site, tmp_path: Path) -> None:
    import os

    (tmp_path / "partial").mkdir()
    for name, age in (("old", 15), ("new", 13)):
        (tmp_path / "partial" / name).write_bytes(b"x")
        moment = time.time() - age * 24 * 3600
        os.utime(tmp_path / "partial" / name, (moment, moment))
    with Run(site, tmp_path):
        assert [path.name for path in (tmp_path / "partial").iterdir()] == ["new"]
