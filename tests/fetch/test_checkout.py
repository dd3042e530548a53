from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from pipfast.errors import InstallationError, Interrupted, ProgramFailed
from pipfast.fetch.exists_action import NoAnswer
from pipfast.fetch.vcs.checkout import RepositoryCheckout
from pipfast.fetch.vcs.git_object_cache import GitObjectCache
from pipfast.fetch.vcs.runner import ProgramMissing
from pipfast.model.events import Event, Level, Message
from pipfast.model.link import Link
from pipfast.report.render import text_of
from pipfast.requirements.parse_link import parse_link

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")


SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


class Bench:
    """A repository, and who clones it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.emitted: list[Message] = []
        self.clones = folder / "clones"
        self.origin = folder / "origin"

    def grow(self) -> None:
        """Give the repository a tag of each kind, a branch with a slash and a pull request."""
        self.made("origin")
        self.commit("one")
        self.git("tag", "v1")
        self.git("tag", "-a", "v1a", "-m", "noted")
        self.git("checkout", "-q", "-b", "rel/1.x")
        self.commit("side")
        self.git("update-ref", "refs/pull/7/head", "HEAD")
        self.git("checkout", "-q", "main")
        self.commit("two")

    def made(self, name: str) -> Path:
        path = self.folder / name
        run("git", "init", "-q", "-b", "main", str(path))
        run("git", "-C", str(path), "config", "uploadpack.allowFilter", "true")
        return path

    def git(self, *words: str, at: Path | None = None) -> str:
        return run("git", "-C", str(at or self.origin), *words)

    def commit(self, name: str, at: Path | None = None) -> str:
        ((at or self.origin) / name).write_text(name)
        self.git("add", ".", at=at)
        self.git("commit", "-q", "-m", name, at=at)
        return self.git("rev-parse", "HEAD", at=at)

    def url(self, revision: str = "", path: Path | None = None) -> str:
        return f"git+{(path or self.origin).as_uri()}{revision}"

    def link(self, revision: str = "", path: Path | None = None) -> Link:
        return parse_link(self.url(revision, path))

    def repositories(self, *, cached: bool = True, **options: object) -> RepositoryCheckout:
        clones = self.clones if cached else None
        return RepositoryCheckout(clones, self._take, **options)  # type: ignore[arg-type]

    def _take(self, event: Event) -> None:
        assert isinstance(event, Message)
        self.emitted.append(event)

    def lines(self) -> list[str]:
        """What was emitted, with the names of this test taken out."""
        emitted = [text_of(line).replace(self.origin.as_uri(), "URL") for line in self.emitted]
        self.emitted.clear()
        return [text.replace(str(self.folder), "").strip() for text in emitted]

    def checkout(self, revision: str = "") -> Path:
        place = self.folder / "tree"
        self.repositories().checkout(self.link(revision), place)
        return place


def run(*words: str) -> str:
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        Bench(folder).grow()
    return folder / "origin"


@pytest.fixture
def bench(grown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(grown, tmp_path / "origin")
    return Bench(tmp_path)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".git"}


@pytest.mark.parametrize(
    ("revision", "commit", "files"),
    [
        ("", "main", {"one", "two"}),
        ("@main", "main", {"one", "two"}),
        ("@v1", "v1", {"one"}),
        ("@v1a", "v1", {"one"}),
        ("@rel/1.x", "rel/1.x", {"one", "side"}),
        ("@rel%2F1.x", "rel/1.x", {"one", "side"}),
        ("@refs/pull/7/head", "rel/1.x", {"one", "side"}),
        ("@refs/tags/v1", "v1", {"one"}),
        ("@origin/rel/1.x", "rel/1.x", {"one", "side"}),
    ],
)
def test_a_revision_of_any_form_is_checked_out(
    bench: Bench, revision: str, commit: str, files: set[str]
) -> None:
    place = bench.folder / "tree"
    for repositories in (bench.repositories(), bench.repositories()):
        origin = repositories.checkout(bench.link(f"{revision}#subdirectory=sub"), place)
        assert (origin.url, origin.system) == (bench.origin.as_uri(), "git")
        assert origin.commit == bench.git("rev-parse", f"{commit}^{{commit}}")
        assert origin.subdirectory == "sub"
        assert names(place) == files
        assert bench.git("status", "--porcelain", at=place) == ""
        assert bench.git("tag", at=place).split() == ["v1", "v1a"]


def test_without_a_cache_nothing_is_kept(bench: Bench) -> None:
    place = bench.folder / "tree"
    bench.repositories(cached=False).checkout(bench.link("@rel/1.x"), place)
    assert names(place) == {"one", "side"}
    assert names(bench.folder) == {"origin", "tree"}


def test_commits_in_full_and_in_short_are_checked_out(bench: Bench) -> None:
    commit = bench.git("rev-parse", "v1")
    for revision in (commit, commit[:9]):
        assert names(bench.checkout(f"@{revision}")) == {"one"}


def test_the_lines_are_those_of_pip(bench: Bench) -> None:
    bench.checkout("@rel/1.x")
    commit = bench.git("rev-parse", "rel/1.x")
    bench.emitted = [emitted for emitted in bench.emitted if emitted.level is not Level.DEBUG]
    lines = bench.lines()
    switched = [line for line in lines if "branch" in line and "Running" not in line]
    assert len(switched) == 2  # in git's own order
    assert [line for line in lines if line not in switched and "git version" not in line] == [
        "Cloning URL (to revision rel/1.x) to /tree",
        "Running command git clone --filter=blob:none --quiet URL /tree",
        "Running command git show-ref rel/1.x",
        f"{commit} refs/remotes/origin/rel/1.x",
        "Running command git symbolic-ref -q HEAD",
        "refs/heads/main",
        "Running command git checkout -b rel/1.x --track origin/rel/1.x",
        f"Resolved URL to commit {commit}",
        "Running command git rev-parse HEAD",
        commit,
    ]


def test_programs_speak_on_standard_error_and_quiet_ones_only_when_asked(bench: Bench) -> None:
    bench.checkout("@v1")
    by_program = {text_of(emitted).split("git ")[1].split()[0]: emitted for emitted in bench.emitted
                  if text_of(emitted).startswith("  Running command")}  # fmt: skip
    assert all(emitted.of_program for emitted in by_program.values())
    assert {name: emitted.level for name, emitted in by_program.items()} == {
        "version": Level.VERBOSE, "clone": Level.INFO, "show-ref": Level.VERBOSE,
        "rev-parse": Level.VERBOSE, "checkout": Level.INFO,
    }  # fmt: skip


def test_a_second_checkout_fetches_nothing_that_is_here(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.checkout()
    new = bench.commit("three")
    trace = bench.folder / "packets"
    monkeypatch.setenv("GIT_TRACE_PACKET", str(trace))
    place = bench.checkout()
    assert bench.git("rev-parse", "HEAD", at=place) == new
    assert len(list((place / ".git/objects/pack").glob("*.idx"))) == 2  # the commit, its new blob
    monkeypatch.delenv("GIT_TRACE_PACKET")
    assert f"have {bench.git('rev-parse', 'HEAD~1')}" in trace.read_text("utf-8", "replace")


def test_a_branch_is_what_the_server_says_now(bench: Bench) -> None:
    bench.checkout("@rel/1.x")
    bench.git("branch", "-f", "rel/1.x", "v1")
    assert names(bench.checkout("@rel/1.x")) == {"one"}
    bench.git("branch", "-D", "rel/1.x")
    with pytest.raises(ProgramFailed):
        bench.checkout("@rel/1.x")
    bench.git("tag", "-f", "v1", "main")
    assert names(bench.checkout("@v1")) == {"one", "two"}


def test_a_damaged_cache_is_replaced(bench: Bench) -> None:
    bench.checkout()
    pool = GitObjectCache(bench.clones).pool(bench.origin.as_uri(), partial=True)
    for pack in (pool.folder / "objects/pack").glob("*.pack"):
        content = pack.read_bytes()
        pack.unlink()
        pack.write_bytes(content[:30])
    assert names(bench.checkout()) == {"one", "two"}
    assert pool.lend() == pool.folder


def test_one_repository_is_kept_for_every_way_to_log_in() -> None:
    clones = GitObjectCache(Path("clones"))
    one = clones.pool("https://example.org/p", partial=True).folder
    for same in ("https://user:secret@example.org/p", "https://example.org/p.git/"):
        assert clones.pool(same, partial=True).folder == one
    for other in ("https://example.org/q", "https://example.net/p"):
        assert clones.pool(other, partial=True).folder != one
    assert clones.pool("https://example.org/p", partial=False).folder != one


def test_submodules_come_along_to_any_depth_and_are_kept(bench: Bench) -> None:
    inner, outer = bench.made("inner"), bench.made("outer")
    bench.commit("deep", at=inner)
    bench.commit("file", at=outer)
    bench.git("submodule", "add", "-q", inner.as_uri(), "in", at=outer)
    bench.git("commit", "-q", "-m", "in", at=outer)
    bench.git("submodule", "add", "-q", outer.as_uri(), "out")
    bench.git("commit", "-q", "-m", "out")
    place = bench.folder / "tree"
    for _ in range(2):
        bench.checkout()
        assert (place / "out/in/deep").read_text() == "deep"
        assert "Running command git submodule update --init --recursive -q" in bench.lines()
    lent = place / ".git/modules/out/objects/info/alternates"
    assert str(bench.clones) in lent.read_text()


def test_many_may_check_out_the_same_at_once(bench: Bench) -> None:
    repositories = bench.repositories()
    faults: list[Exception] = []

    def work(number: int) -> None:
        try:
            repositories.checkout(bench.link("@v1"), bench.folder / f"tree{number}")
        except Exception as error:  # noqa: BLE001 - shown by the test
            faults.append(error)

    crew = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert faults == []
    assert {frozenset(names(bench.folder / f"tree{number}")) for number in range(4)} == {
        frozenset({"one"})
    }


def test_a_failure_is_shown_below_the_source_and_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(ProgramFailed) as caught:
        bench.checkout("@nosuch")
    assert caught.value.command == "git checkout -q nosuch"
    assert not (bench.folder / "tree").exists()
    shown = [emitted for emitted in bench.emitted if emitted.level is Level.ERROR]
    assert [emitted.of_program for emitted in shown] == [True]
    assert text_of(shown[0]).startswith("  error: subprocess-exited-with-error\n  \n  ")
    assert "Did not find branch or tag 'nosuch', assuming revision or ref." in bench.lines()


def test_output_that_was_not_shown_is_told_with_the_failure(bench: Bench) -> None:
    with pytest.raises(ProgramFailed) as caught:
        bench.repositories(verbosity=-1).checkout(
            bench.link(path=bench.folder / "none"), bench.folder / "tree"
        )
    assert "does not appear to be a git repository" in caught.value.message


def test_secrets_are_shown_nowhere(bench: Bench) -> None:
    link = parse_link("git+https://user:hunter2@127.0.0.1:9/p.git@v1")
    with pytest.raises(ProgramFailed) as caught:
        bench.repositories(verbosity=1).checkout(link, bench.folder / "tree")
    shown = "\n".join(text_of(emitted) for emitted in bench.emitted) + caught.value.message
    assert "hunter2" not in shown
    assert "https://user:****@127.0.0.1:9/p.git" in shown


def test_another_repository_in_the_environment_is_left_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(bench.folder / "elsewhere"))
    place = bench.folder / "tree"
    bench.repositories().checkout(bench.link(), place)
    monkeypatch.delenv("GIT_DIR")
    assert names(place) == {"one", "two"}


def test_without_git_the_run_ends_in_pips_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(bench.folder))
    with pytest.raises(ProgramMissing, match="do you have 'git' installed and in your PATH"):
        bench.repositories().checkout(bench.link(), bench.folder / "tree")


def test_an_empty_revision_is_refused(bench: Bench) -> None:
    with pytest.raises(InstallationError, match=r"has an empty revision \(after @\)"):
        bench.checkout("@")


def test_closing_ends_what_runs_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = bench.folder / "bin"
    slow.mkdir()
    (slow / "git").write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = clone ]; then mkdir -p "$5"; touch {slow}/begun; exec sleep 60; fi\n'
        "echo git version 2.40\n"
    )
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(slow), prepend=os.pathsep)
    repositories = bench.repositories()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            repositories.checkout(bench.link(), bench.folder / "tree")
        except BaseException as error:  # noqa: BLE001 - shown by the test
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while not (slow / "begun").exists():
        time.sleep(0.01)
    repositories.close()
    thread.join(10)
    assert [type(fault) for fault in faults] == [Interrupted]
    assert not (bench.folder / "tree").exists()


class TestLasting:
    def obtain(self, bench: Bench, revision: str = "", **options: object) -> Path:
        place = bench.folder / "src"
        bench.repositories(**options).obtain(bench.link(revision), place)  # type: ignore[arg-type]
        return place

    def test_a_clone_that_stays_leans_on_no_cache(self, bench: Bench) -> None:
        bench.checkout()
        place = self.obtain(bench, "@rel/1.x")
        shutil.rmtree(bench.clones)
        run("git", "-C", str(place), "fsck", "--connectivity-only")  # it raises if anything lacks
        assert names(place) == {"one", "side"}
        assert bench.git("branch", "--show-current", at=place) == "rel/1.x"

    def test_one_of_the_same_url_is_brought_to_the_revision(self, bench: Bench) -> None:
        place = self.obtain(bench)
        new = bench.commit("three")
        (place / "one").write_text("changed")
        assert bench.git("rev-parse", "HEAD", at=self.obtain(bench, "@main")) == new
        assert (place / "one").read_text() == "one"
        bench.lines()
        self.obtain(bench, f"@{new}")
        assert "Skipping because already up-to-date." in bench.lines()

    @pytest.mark.parametrize(
        ("actions", "files", "kept"),
        [("w", {"one", "two"}, set()), ("b", {"one", "two"}, {"src.bak"}), ("i", {"x"}, set())],
    )
    def test_what_else_is_there_is_treated_as_decided(
        self, bench: Bench, actions: str, files: set[str], kept: set[str]
    ) -> None:
        (bench.folder / "src").mkdir()
        (bench.folder / "src/x").touch()
        before = names(bench.folder)
        place = self.obtain(bench, exists_action=f"s {actions}")
        assert names(place) == files
        assert names(bench.folder) - before - {"clones"} == kept
        emitted = bench.lines()
        assert "Directory /src already exists, and is not a git clone." in emitted
        assert "The plan is to install the git repository URL" in emitted

    def test_a_clone_of_another_repository_can_be_switched(self, bench: Bench) -> None:
        other = bench.folder / "other"
        run("git", "clone", "-q", str(bench.origin), str(other))
        bench.repositories().obtain(bench.link(path=other), bench.folder / "src")
        place = self.obtain(bench, "@v1", exists_action="s")
        assert names(place) == {"one"}
        assert bench.git("remote", "get-url", "origin", at=place) == bench.origin.as_uri()

    def test_the_user_is_asked_until_the_answer_is_one(self, bench: Bench) -> None:
        (bench.folder / "src").mkdir()
        asked: list[str] = []
        answers = iter(["x", "", " I "])

        def ask(question: str) -> str:
            asked.append(question)
            return next(answers)

        self.obtain(bench, ask=ask)
        question = "What to do?  (i)gnore, (w)ipe, (b)ackup "
        wrong = "Your response ({!r}) was not one of the expected responses: i, w, b\n"
        assert asked == [question, wrong.format("x") + question, wrong.format("") + question]

    def test_where_nobody_can_answer_the_run_ends(self, bench: Bench) -> None:
        (bench.folder / "src").mkdir()
        with pytest.raises(NoAnswer, match="No input was expected"):
            self.obtain(bench, ask=None)

    def test_a_revision_that_is_not_there_leaves_the_clone_as_pip_does(self, bench: Bench) -> None:
        with pytest.raises(ProgramFailed):
            self.obtain(bench, "@nosuch")
        place = self.obtain(bench)
        assert names(place) == {"one", "two"}
        assert not (place / ".git/objects/info/alternates").exists()


@pytest.mark.parametrize(
    ("url", "bare", "revision"),
    [
        ("git+https://example.org/p.git@v1#egg=p", "https://example.org/p.git", "v1"),
        ("git+ssh://git@example.org/p.git", "ssh://git@example.org/p.git", None),
        ("git+git@example.org:u/p.git@a/b", "git@example.org:u/p.git", "a/b"),
        ("git+file:///a%20b/p@x", "file:///a b/p", "x"),
        ("git+https://example.org/p@x%23y", "https://example.org/p", "x#y"),
        ("hg+http://example.org/p@1", "http://example.org/p", "1"),
        ("svn+ssh://u@example.org/p@1", "svn+ssh://u@example.org/p", "1"),
        ("svn+http://u:p%40@example.org/p@1", "http://example.org/p", "1"),
        ("bzr+ssh://example.org/p", "bzr+ssh://example.org/p", None),
        ("bzr+lp:p", "lp:p", None),
    ],
)
def test_an_address_is_read_as_pip_reads_it(url: str, bare: str, revision: str | None) -> None:
    system = RepositoryCheckout(None, print)._system(Link(url=url.partition("#")[0]), None, 0)
    address = system.address(url)
    assert (address.url.value, address.revision) == (bare, revision)
