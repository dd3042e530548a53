import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.index.candidates import Candidates
from pipfast.index.events import SharedProject
from pipfast.index.finder import Finder, IndexFailed
from pipfast.index.pep708 import normalised
from pipfast.model.events import Event
from pipfast.net.client import Client
from pipfast.net.events import CredentialsRejected
from pipfast.policy.network import EVERY_PROJECT, IndexErrors, IndexStrategy, NetworkPolicy
from pipfast.policy.selection import SelectionPolicy
from pipfast.report.failure import message_of
from pipfast.store.filesystem.root import Store
from pipfast.store.page_cache import AREA
from tests.kit.site import Question, Reply, Site, serving
from tests.kit.texts import texts

DEMO = NormalizedName("demo")
JSON = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as up:
        yield up


@pytest.fixture
def other() -> Iterator[Site]:
    with serving() as up:
        yield up


def page(*versions: str, place: str = "f", **headers: str) -> Reply:
    files = [{"url": f"https://{place}/demo-{version}.tar.gz"} for version in versions]
    return Reply(json.dumps({"files": files}).encode(), headers={"content-type": JSON, **headers})


class Run:
    """One run: a finder of its own on a store that lasts."""

    def __init__(self, store: Path, emitted: list[Event]) -> None:
        self.store = Store(store)
        self.emitted = emitted
        self.open: list[Client] = []

    def finder(self, *indexes: str, **fields: object) -> Finder:
        policy = NetworkPolicy(
            **{  # type: ignore[arg-type]
                "index_urls": indexes,
                "retries": 0,
                "interactive": False,
                "keyring": "disabled",
                **fields,
            }
        )
        client = Client(policy, self.emitted.append)
        self.open.append(client)
        tags = (Tag("py3", "none", "any"),)
        return Finder(SelectionPolicy(), client, self.store, tags, (3, 11, 7), self.emitted.append)

    def texts(self) -> list[str]:
        return texts(self.emitted)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path / "store", [])
    yield made
    for client in made.open:
        client.close()


def urls(found: Candidates) -> list[str]:
    return [c.link.url.removeprefix("https://") for c in found.candidates(SpecifierSet(""))]


def test_a_fresh_page_is_not_asked_for_again(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = page("1.0", **{"cache-control": "max-age=600"})
    for _ in range(2):
        assert urls(run.finder(f"{site.base}/simple").found(DEMO)) == ["f/demo-1.0.tar.gz"]
    assert len(site.questions) == 1
    assert site.questions[0].headers["accept"].startswith(f"{JSON}, ")


def test_a_stale_page_is_confirmed_by_its_validators(site: Site, run: Run) -> None:
    def respond(question: Question) -> Reply:
        if question.headers.get("if-none-match") == '"7"':
            return Reply(status=304)
        return page("1.0", etag='"7"', **{"last-modified": "then"})

    site.pages["/simple/demo/"] = respond
    for _ in range(2):
        assert urls(run.finder(f"{site.base}/simple").found(DEMO)) == ["f/demo-1.0.tar.gz"]
    assert site.questions[1].headers["if-modified-since"] == "then"


def test_a_confirmation_renews_how_long_a_page_is_fresh(site: Site, run: Run) -> None:
    def respond(question: Question) -> Reply:
        if "if-none-match" in question.headers:
            return Reply(status=304, headers={"cache-control": "max-age=600"})
        return page("1.0", etag='"7"')

    site.pages["/simple/demo/"] = respond
    for _ in range(3):
        assert urls(run.finder(f"{site.base}/simple").found(DEMO)) == ["f/demo-1.0.tar.gz"]
    assert len(site.questions) == 2


@pytest.mark.parametrize("refreshed", [DEMO, EVERY_PROJECT])
def test_a_refreshed_page_is_asked_for_though_it_is_fresh(
    site: Site, run: Run, refreshed: NormalizedName
) -> None:
    site.pages["/simple/demo/"] = page("1.0", **{"cache-control": "max-age=600"})
    run.finder(f"{site.base}/simple").found(DEMO)
    site.pages["/simple/demo/"] = page("2.0")
    finder = run.finder(f"{site.base}/simple", refresh=frozenset({refreshed}))
    assert urls(finder.found(DEMO)) == ["f/demo-2.0.tar.gz"]
    assert site.questions[1].headers["cache-control"] == "max-age=0"


def test_a_page_that_must_not_be_kept_is_not_kept(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = page("1.0", **{"cache-control": "no-store"})
    run.finder(f"{site.base}/simple").found(DEMO)
    assert not (run.store.root / AREA).exists()


@pytest.mark.parametrize("harm", ["cut", "header", "body", "empty"])
def test_a_broken_entry_is_fetched_anew(site: Site, run: Run, harm: str) -> None:
    site.pages["/simple/demo/"] = page("1.0", "2.0", **{"cache-control": "max-age=600"})
    run.finder(f"{site.base}/simple").found(DEMO)
    (entry,) = (path for path in (run.store.root / AREA).rglob("*") if path.is_file())
    content = bytearray(entry.read_bytes())
    if harm == "header":
        content[20] ^= 1
    if harm == "body":
        content[-3] ^= 1
    broken = {"cut": bytes(content[:-5]), "empty": b""}
    entry.write_bytes(broken.get(harm, bytes(content)))
    found = run.finder(f"{site.base}/simple").found(DEMO)
    assert urls(found) == ["f/demo-2.0.tar.gz", "f/demo-1.0.tar.gz"]
    assert len(site.questions) == 2


def test_a_project_that_is_not_there_is_no_fault(site: Site, run: Run) -> None:
    assert urls(run.finder(f"{site.base}/simple").found(DEMO)) == []
    assert run.emitted == []


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_index_that_fails_ends_the_run_and_is_named(site: Site, run: Run, status: int) -> None:
    site.pages["/simple/demo/"] = Reply(status=status)
    text = f"The index {site.base}/simple could not be read: {status} "
    with pytest.raises(IndexFailed, check=lambda error: message_of(error).startswith(text)):
        run.finder(f"{site.base}/simple").found(DEMO)


def test_an_index_that_fails_may_be_skipped_with_one_line(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = Reply(status=403)
    site.pages["/simple/more/"] = Reply(status=403)
    finder = run.finder(f"{site.base}/simple", errors=IndexErrors.SKIP)
    assert urls(finder.found(DEMO)) == urls(finder.found(NormalizedName("more"))) == []
    url = f"{site.base}/simple/demo/"
    assert texts(run.emitted) == [
        f"Could not fetch URL {url}: 403 Client Error: Forbidden for url: {url} - skipping"
    ]


def test_looking_ahead_says_and_raises_nothing(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = Reply(status=500)
    finder = run.finder(f"{site.base}/simple")
    finder.prefetch(DEMO)
    with pytest.raises(IndexFailed):
        finder.found(DEMO)
    assert len(site.questions) == 1


def test_what_was_looked_for_ahead_is_asked_once_and_handed_on(site: Site, run: Run) -> None:
    import threading

    site.pages["/simple/demo/"] = page("1.0")
    finder, got, over = run.finder(f"{site.base}/simple"), [], threading.Event()

    def then(found: Candidates) -> None:
        got.append(found)
        over.set()

    assert finder.prefetch(DEMO, then) is None
    assert over.wait(5)
    assert got == [finder.found(DEMO)]
    assert finder.prefetch(DEMO) is finder.found(DEMO)
    assert len(site.questions) == 1


def test_what_is_at_hand_is_handed_over_at_once(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = page("1.0", **{"cache-control": "max-age=600"})
    run.finder(f"{site.base}/simple").found(DEMO)
    found = run.finder(f"{site.base}/simple").prefetch(DEMO)
    assert found is not None
    assert urls(found) == ["f/demo-1.0.tar.gz"]


def test_the_first_index_that_has_a_project_is_used_and_others_are_named(
    site: Site, other: Site, run: Run
) -> None:
    site.pages["/simple/demo/"] = page("1.0", place="main")
    other.pages["/simple/demo/"] = page("9.0", place="extra")
    finder = run.finder(f"{site.base}/simple", f"{other.base}/simple")
    assert urls(finder.found(DEMO)) == ["main/demo-1.0.tar.gz"]
    assert finder.shared(DEMO) == SharedProject(
        "demo", f"{site.base}/simple/demo/", (f"{other.base}/simple/demo/",)
    )
    assert run.texts() == []


def test_there_is_no_warning_about_indexes_with_the_same_versions(
    site: Site, other: Site, run: Run
) -> None:
    for each in (site, other):
        each.pages["/simple/demo/"] = page("1.0")
    finder = run.finder(f"{site.base}/simple", f"{other.base}/simple")
    finder.found(DEMO)
    assert finder.shared(DEMO) is None


def test_a_rival_that_fails_is_left_out(site: Site, other: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = page("1.0", place="main")
    other.pages["/simple/demo/"] = Reply(status=503)
    finder = run.finder(f"{site.base}/simple", f"{other.base}/simple")
    assert urls(finder.found(DEMO)) == ["main/demo-1.0.tar.gz"]
    assert finder.shared(DEMO) is None


def test_a_project_with_an_index_of_its_own_is_searched_there_alone(
    site: Site, other: Site, run: Run
) -> None:
    site.pages["/simple/demo/"] = page("9.0", place="main")
    other.pages["/simple/demo/"] = page("1.0", place="own")
    own = {"demo": f"{other.base}/simple"}
    for strategy in IndexStrategy:
        finder = run.finder(f"{site.base}/simple", strategy=strategy, project_indexes=own)
        assert urls(finder.found(DEMO)) == ["own/demo-1.0.tar.gz"]
    assert site.questions == []


def test_the_extra_index_is_used_for_what_the_main_one_lacks(
    site: Site, other: Site, run: Run
) -> None:
    other.pages["/simple/demo/"] = page("9.0", place="extra")
    finder = run.finder(f"{site.base}/simple", f"{other.base}/simple")
    assert finder.prefetch(DEMO) is None
    assert urls(finder.found(DEMO)) == ["extra/demo-9.0.tar.gz"]


def test_an_index_that_fails_is_not_passed_over_for_another(
    site: Site, other: Site, run: Run
) -> None:
    site.pages["/simple/demo/"] = Reply(status=503)
    other.pages["/simple/demo/"] = page("9.0")
    with pytest.raises(IndexFailed):
        run.finder(f"{site.base}/simple", f"{other.base}/simple").found(DEMO)


def test_merged_indexes_offer_all_and_of_equals_the_last_wins(
    site: Site, other: Site, run: Run
) -> None:
    site.pages["/simple/demo/"] = page("1.0", "9.0", place="main")
    other.pages["/simple/demo/"] = page("1.0", place="extra")
    strategy = IndexStrategy.BEST_MATCH
    finder = run.finder(f"{site.base}/simple", f"{other.base}/simple", strategy=strategy)
    assert urls(finder.found(DEMO)) == [
        "main/demo-9.0.tar.gz",
        "extra/demo-1.0.tar.gz",
        "main/demo-1.0.tar.gz",
    ]


def naming(version: str, *, tracks: Sequence[str] = (), alternates: Sequence[str] = ()) -> Reply:
    body = {
        "meta": {"api-version": "1.2", "tracks": [f"{whom}/simple/demo/" for whom in tracks]},
        "files": [{"url": f"https://f/demo-{version}.tar.gz"}],
        "alternate-locations": [f"{whom}/simple/demo/" for whom in alternates],
    }
    return Reply(json.dumps(body).encode(), headers={"content-type": JSON})


@pytest.mark.parametrize(
    ("first", "main", "one"),
    [
        ("alternates", "alternates", True),
        ("alternates", "tracks", True),
        ("alternates", None, False),
        ("tracks", None, True),
        (None, "tracks", False),
        (None, "alternates", False),
    ],
)
def test_indexes_count_as_one_where_pep_708_says_so(
    site: Site, other: Site, run: Run, first: str | None, main: str | None, one: bool
) -> None:
    site.pages["/simple/demo/"] = naming("9.0", **({main: [other.base]} if main else {}))
    other.pages["/simple/demo/"] = naming("1.0", **({first: [site.base]} if first else {}))
    finder = run.finder(f"{other.base}/simple", f"{site.base}/simple")
    both = ["f/demo-9.0.tar.gz", "f/demo-1.0.tar.gz"]
    assert urls(finder.found(DEMO)) == (both if one else both[1:])


def test_alternate_locations_have_to_agree_all_of_them(site: Site, other: Site, run: Run) -> None:
    with serving() as third:
        site.pages["/simple/demo/"] = naming("9.0", alternates=[other.base])
        third.pages["/simple/demo/"] = naming("8.0", alternates=[other.base])
        other.pages["/simple/demo/"] = naming("1.0", alternates=[site.base, third.base])
        finder = run.finder(*(f"{one.base}/simple" for one in (other, third, site)))
        assert urls(finder.found(DEMO)) == ["f/demo-8.0.tar.gz", "f/demo-1.0.tar.gz"]


def test_of_equal_files_of_indexes_that_count_as_one_the_first_index_has_it(
    site: Site, other: Site, run: Run
) -> None:
    site.pages["/simple/demo/"] = naming("1.0")
    body = {"meta": {"tracks": [f"{site.base}/simple/demo"]}}
    files = {"files": [{"url": "https://extra/demo-1.0.tar.gz"}]}
    reply = Reply(json.dumps({**body, **files}).encode(), headers={"content-type": JSON})
    other.pages["/simple/demo/"] = reply
    finder = run.finder(f"{other.base}/simple", f"{site.base}/simple")
    assert urls(finder.found(DEMO)) == ["extra/demo-1.0.tar.gz", "f/demo-1.0.tar.gz"]


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("https://user:secret@Index.example:443/simple/demo", True),
        ("HTTPS://index.example/simple/demo/#here", True),
        ("https://index.example/Simple/demo/", False),
        ("http://index.example/simple/demo/", False),
        ("https://index.example:8443/simple/demo/", False),
        ("https://[broken/simple/demo/", False),
    ],
)
def test_an_address_is_the_same_without_secrets_and_default_port(address: str, same: bool) -> None:
    assert (normalised(address) == normalised("https://index.example/simple/demo/")) is same


def test_an_index_page_beats_a_file_and_links_of_find_links(run: Run, tmp_path: Path) -> None:
    links, index = tmp_path / "links", tmp_path / "index"
    (index / "demo").mkdir(parents=True)
    links.mkdir()
    (links / "demo-1.0.tar.gz").touch()
    (links / "page.html").write_text('<a href="https://page/demo-1.0.tar.gz">x</a>')
    (index / "demo" / "index.html").write_text('<a href="https://index/demo-1.0.tar.gz">x</a>')
    finder = run.finder(str(index), find_links=(str(links),))
    assert urls(finder.found(DEMO)) == [
        "index/demo-1.0.tar.gz",
        "page/demo-1.0.tar.gz",
        f"{(links / 'demo-1.0.tar.gz').as_uri()}",
    ]


def test_a_page_in_the_file_system_is_read_anew_when_it_changes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    file = tmp_path / "demo" / "index.html"
    for version in ("1.0", "10.0"):
        file.write_text(f'<a href="https://f/demo-{version}.tar.gz">x</a>')
        found = run.finder(tmp_path.as_uri()).found(DEMO)
        assert urls(found) == [f"f/demo-{version}.tar.gz"]


def test_places_that_are_none_are_told_indexes_first(run: Run, tmp_path: Path) -> None:
    index = (tmp_path / "none").as_uri()
    run.finder(index, find_links=("/no/such/place",)).found(DEMO)
    assert run.texts() == [
        f"Location '{index}/demo/' is ignored: it is neither a file nor a directory.",
        "Location '/no/such/place' is ignored: it is either a non-existing path or lacks a "
        "specific scheme.",
    ]


def test_a_host_that_is_not_trusted_is_not_read(run: Run) -> None:
    assert urls(run.finder("http://index.example/simple").found(DEMO)) == []
    assert run.texts()[0].startswith("The repository located at index.example is not a trusted")


def test_a_page_of_another_kind_is_skipped_with_a_warning(site: Site, run: Run) -> None:
    site.pages["/simple/demo/"] = Reply(b"{}", headers={"content-type": "application/json"})
    assert urls(run.finder(f"{site.base}/simple").found(DEMO)) == []
    assert run.texts() == [
        f"Skipping page {site.base}/simple/demo/ because the GET request got Content-Type: "
        "application/json. The only supported Content-Types are "
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html, and text/html"
    ]


def test_a_find_links_url_of_a_file_is_taken_and_first_asked_what_it_is(
    site: Site, run: Run
) -> None:
    site.pages["/demo-1.0.tar.gz"] = Reply(headers={"content-type": "application/gzip"})
    link = f"{site.base}/demo-1.0.tar.gz"
    assert urls(run.finder(find_links=(link,)).found(DEMO)) == [link]
    assert [question.method for question in site.questions] == ["HEAD"]
    assert "because the HEAD request got Content-Type: application/gzip" in run.texts()[0]


def test_what_was_refused_for_its_python_is_told_for_the_whole_run(site: Site, run: Run) -> None:
    for name in ("demo", "more"):
        files = [{"url": f"https://f/{name}-1.0.tar.gz", "requires-python": ">=99"}]
        site.pages[f"/simple/{name}/"] = Reply(
            json.dumps({"files": files}).encode(), headers={"content-type": JSON}
        )
    finder = run.finder(f"{site.base}/simple")
    finder.found(DEMO)
    finder.found(NormalizedName("more"))
    assert finder.requires_python_skipped() == ("1.0 Requires-Python >=99",)


def test_refused_credentials_are_reported_in_the_order_of_the_indexes(
    run: Run, site: Site, other: Site
) -> None:
    def refuse(question: Question) -> Reply:
        time.sleep(0.2 if question.headers["host"] in site.base else 0)
        return Reply(b"", 401, {"www-authenticate": "Basic"})

    indexes = [one.base.replace("://", "://me:bad@") for one in (site, other)]
    for one in (site, other):
        one.pages["/demo/"] = refuse
    finder = run.finder(*indexes, errors=IndexErrors.SKIP, strategy=IndexStrategy.BEST_MATCH)
    finder.prefetch(DEMO)
    time.sleep(0.05)
    finder.found(DEMO)
    refused = [one.url for one in run.emitted if isinstance(one, CredentialsRejected)]
    assert refused == [f"{site.base}/demo/", f"{other.base}/demo/"]
