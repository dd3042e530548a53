"""When a stored resolution is used although indexes have to confirm its pages, in whole runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.kit.site import Question, Reply, Responder, Site, serving
from tests.kit.wheels import sha256, wheel

TYPE = "application/vnd.pypi.simple.v1+json"
MAIN, EXTRA = "main", "extra"
ACCOUNT, PASSWORD = "me:secret-word", b"secret-word"
REQUIRES = {"app": ("left", "right"), "left": ("deep",), "right": ("deep",), "deep": ()}
FIRST = "Would install app-1.0 deep-1.0 left-1.0 right-1.0"

PROGRAM = """\
import sys
import pipfast.session.cached_resolution as cached
solve, solved = cached.solve, []
def counting(*arguments):
    solved.append(1)
    return solve(*arguments)
cached.solve = counting
from pipfast.main import main
code = main(sys.argv[1:], "pipfast")
print(len(solved), file=sys.stderr)
sys.exit(code)
"""


def publish(site: Site, index: str, project: str, *versions: str, tag: bool = False) -> None:
    """Serve a page of a project on an index; the page has to be confirmed by each run."""
    files = []
    for version in versions:
        built = wheel(project, version, *REQUIRES[project])
        site.pages[f"/{index}/{built.filename}.metadata"] = Reply(built.metadata)
        digest = {"sha256": sha256(built.metadata)}
        address = f"{site.base}/{index}/{built.filename}"
        hashes = {"sha256": sha256(built.content)}
        files.append(
            {"filename": built.filename, "url": address, "hashes": hashes, "core-metadata": digest}
        )
    page = {"meta": {"api-version": "1.1"}, "name": project, "files": files}
    body = json.dumps(page).encode()
    headers = {"Content-Type": TYPE, "Cache-Control": "max-age=0"}
    if tag:
        headers["ETag"] = f'"{sha256(body)}"'

    def respond(question: Question) -> Reply:
        if tag and question.headers.get("if-none-match") == headers["ETag"]:
            return Reply(status=304, headers=headers)
        return Reply(body, headers=headers)

    site.pages[f"/{index}/simple/{project}/"] = respond


def only_for(account: str, page: Reply | Responder) -> Responder:
    """Return a page that only an account may read."""

    def respond(question: Question) -> Reply:
        if question.account != account:
            return Reply(status=401, headers={"WWW-Authenticate": "Basic realm=x"})
        return page if isinstance(page, Reply) else page(question)

    return respond


@dataclass
class Runs:
    """Dry runs of ``app`` in an empty environment; `variables` are those of the next ones."""

    folder: Path
    site: Site
    variables: dict[str, str] = field(default_factory=dict)

    def dry(self) -> tuple[str, int]:
        """Make a dry run; return its last line, and how many resolutions were solved."""
        environ = {name: value for name, value in os.environ.items() if name[:4] != "PIP_"}
        environ |= {
            "PIP_CONFIG_FILE": os.devnull,
            "HOME": str(self.folder),
            "PIP_CACHE_DIR": str(self.folder / "cache"),
            "PIP_INDEX_URL": f"{self.site.base}/{MAIN}/simple/",
            "PIP_TRUSTED_HOST": "127.0.0.1",
            "PIPFAST_FALLBACK": "never",
            **self.variables,
        }
        python = str(self.folder / "env")
        words = ["--python", python, "install", "--dry-run", "--retries", "0", "app"]
        self.site.questions.clear()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=self.folder, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = (done.stdout or done.stderr).strip().splitlines()
        return lines[-1], int(done.stderr.split()[-1])

    def pages(self) -> list[str]:
        """Return the pages that the last run has requested, sorted."""
        asked = [question.path for question in self.site.questions]
        return sorted(path for path in asked if "/simple/" in path)


@pytest.fixture(params=[False, True], ids=["no-etag", "etag"])
def runs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runs]:
    """Runs of which the first ones have stored their resolution."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    with serving() as site:
        for project in REQUIRES:
            publish(site, MAIN, project, "1.0", tag=request.param)
        yield Runs(tmp_path, site)


def learn(runs: Runs) -> None:
    """Make dry runs until none solves."""
    for _ in range(2):  # one says what is downloaded, one solves
        line, _ = runs.dry()
        assert line == FIRST
    assert runs.dry() == (FIRST, 0)


def test_pages_are_confirmed_with_the_requests_of_a_resolution(runs: Runs) -> None:
    runs.dry()
    first = runs.pages()
    learn(runs)
    assert runs.pages() == first == [f"/main/simple/{name}/" for name in sorted(REQUIRES)]


def new_release(site: Site) -> None:
    publish(site, MAIN, "deep", "1.0", "2.0")


def withdrawn_release(site: Site) -> None:
    publish(site, MAIN, "deep", "0.9")


def removed_project(site: Site) -> None:
    del site.pages["/main/simple/deep/"]


def failing_page(site: Site) -> None:
    site.pages["/main/simple/deep/"] = Reply(status=500)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (new_release, "Would install app-1.0 deep-2.0 left-1.0 right-1.0"),
        (withdrawn_release, "Would install app-1.0 deep-0.9 left-1.0 right-1.0"),
        (removed_project, ""),
        (failing_page, ""),
    ],
)
def test_a_page_that_is_not_confirmed_leads_to_a_new_resolution(
    runs: Runs, change: Callable[[Site], None], line: str
) -> None:
    learn(runs)
    change(runs.site)
    found, solved = runs.dry()
    assert solved >= 1
    assert found == line or (not line and "Would install" not in found)
    pages = runs.pages()
    assert len(pages) == len(set(pages)) == len(REQUIRES)


@pytest.mark.parametrize("strategy", ["first-index", "best-match"])
def test_an_index_without_a_project_is_asked_each_time(runs: Runs, strategy: str) -> None:
    runs.variables = {
        "PIP_EXTRA_INDEX_URL": f"{runs.site.base}/{EXTRA}/simple/",
        "PIPFAST_INDEX_STRATEGY": strategy,
    }
    publish(runs.site, EXTRA, "deep", "1.0")
    learn(runs)
    asked = runs.pages()
    assert sorted(set(asked)) == asked
    assert {path for path in asked if "/main/" in path} == {
        f"/main/simple/{name}/" for name in REQUIRES
    }
    publish(runs.site, EXTRA, "left", "2.0")
    newer = strategy == "best-match"
    found, solved = runs.dry()
    assert found == (FIRST.replace("left-1.0", "left-2.0") if newer else FIRST)
    assert solved >= 1


def test_rules_about_indexes_are_part_of_the_question(runs: Runs) -> None:
    runs.variables = {"PIP_EXTRA_INDEX_URL": f"{runs.site.base}/{EXTRA}/simple/"}
    for project in REQUIRES:
        publish(runs.site, EXTRA, project, "2.0")
    runs.variables["PIPFAST_INDEX_STRATEGY"] = "first-index"
    learn(runs)
    runs.variables["PIPFAST_INDEX_STRATEGY"] = "best-match"
    assert runs.dry() == (FIRST.replace("-1.0", "-2.0"), 1)


def test_credentials_of_an_index_are_not_stored(runs: Runs) -> None:
    for path, page in tuple(runs.site.pages.items()):
        runs.site.pages[path] = only_for(ACCOUNT, page)
    address = f"{runs.site.base}/{MAIN}/simple/".replace("://", f"://{ACCOUNT}@")
    runs.variables = {"PIP_INDEX_URL": address}
    learn(runs)
    stored = [path for path in (runs.folder / "cache").rglob("*") if path.is_file()]
    assert stored
    assert not any(PASSWORD in path.read_bytes() for path in stored)
    runs.variables = {"PIP_INDEX_URL": address.replace("secret", "wrong"), "PIP_NO_INPUT": "1"}
    line, solved = runs.dry()
    assert "Would install" not in line
    assert solved == 1


def test_an_index_that_fails_is_never_part_of_a_stored_resolution(runs: Runs) -> None:
    runs.variables = {
        "PIP_EXTRA_INDEX_URL": f"{runs.site.base}/{EXTRA}/simple/",
        "PIPFAST_INDEX_ERRORS": "skip",
        "PIPFAST_INDEX_STRATEGY": "best-match",
    }
    for project in REQUIRES:
        runs.site.pages[f"/{EXTRA}/simple/{project}/"] = Reply(status=500)
    for _ in range(3):
        line, solved = runs.dry()
        assert line == FIRST
        assert solved == 1
