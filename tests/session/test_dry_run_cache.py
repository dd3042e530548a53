"""When the output of a dry run may be repeated, in whole runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.kit.site import Reply, Site, serving
from tests.kit.wheels import sha256, wheel

RESOLVER = "resolvelib"
TYPE = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


def publish(site: Site, *versions: str, lifetime: int = 600) -> None:
    """Serve a page of the project ``demo`` with these versions."""
    files = []
    for version in versions:
        built = wheel("demo", version)
        site.pages[f"/{built.filename}"] = Reply(built.content)
        site.pages[f"/{built.filename}.metadata"] = Reply(built.metadata)
        files.append(
            {
                "filename": built.filename,
                "url": f"{site.base}/{built.filename}",
                "hashes": {"sha256": sha256(built.content)},
                "core-metadata": {"sha256": sha256(built.metadata)},
            }
        )
    page = {"meta": {"api-version": "1.1"}, "name": "demo", "files": files}
    headers = {"Content-Type": TYPE, "Cache-Control": f"max-age={lifetime}"}
    site.pages["/simple/demo/"] = Reply(json.dumps(page).encode(), headers=headers)


@dataclass
class Runs:
    """Dry runs in one environment; `variables` change those of the next ones."""

    folder: Path
    site: Site
    words: str = "demo"
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables of a run."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
            "PIP_CONFIG_FILE": str(self.folder / "pip.conf"),
            "HOME": str(self.folder),
            "PIP_CACHE_DIR": str(self.folder / "cache"),
            "PIP_INDEX_URL": f"{self.site.base}/simple/",
            "PIP_TRUSTED_HOST": "127.0.0.1",  # pip caches what it has from trusted hosts
            **self.variables,
        }

    def run(self, *words: str) -> tuple[str, frozenset[str]]:
        """Run a command; return its last line and the modules that it imported."""
        program = (
            "import sys; from pipfast.main import main; code = main(sys.argv[1:], 'pipfast'); "
            "print(*sys.modules, file=sys.stderr); sys.exit(code)"
        )
        command = [sys.executable, "-c", program, "--python", str(self.folder / "env"), *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        lines = done.stdout.strip().splitlines()
        return lines[-1], frozenset(done.stderr.splitlines()[-1].split())

    def dry(self) -> tuple[str, bool]:
        """Make a dry run; return its last line, and whether it was known without a resolver."""
        line, modules = self.run("install", "--dry-run", *self.words.split())
        return line, RESOLVER not in modules


@pytest.fixture
def runs(tmp_path: Path, site: Site) -> Runs:
    """Runs whose output is known: one has resolved, and the second has reused that."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    (tmp_path / "r.txt").write_text("demo\n")
    (tmp_path / "pip.conf").write_text("")
    publish(site, "1.0")
    time.sleep(0.1)  # files that are as new as the run might change in it
    return Runs(tmp_path, site, "-r r.txt")


def learn(runs: Runs) -> None:
    """Make dry runs until the output is known."""
    for _ in range(4):  # one says what is downloaded, one resolves, one reuses the resolution
        line, known = runs.dry()
        assert line == "Would install demo-1.0"
        if known:
            return
    pytest.fail("the output is not known")


def test_a_dry_run_is_repeated_without_a_resolver_and_requests(runs: Runs) -> None:
    learn(runs)
    asked = len(runs.site.questions)
    assert runs.dry() == ("Would install demo-1.0", True)
    assert len(runs.site.questions) == asked


def test_a_repeated_dry_run_needs_few_modules(runs: Runs) -> None:
    learn(runs)
    _, modules = runs.run("install", "--dry-run", "-r", "r.txt")
    assert sum(name.startswith("pipfast") for name in modules) <= 40
    assert {"packaging", "httpcore", "typing", "dataclasses", "threading"}.isdisjoint(modules)


def edit_requirements(runs: Runs) -> None:
    (runs.folder / "r.txt").write_text("demo==1.0\n")


def edit_configuration(runs: Runs) -> None:
    (runs.folder / "pip.conf").write_text("[install]\npre = true\n")


def add_word(runs: Runs) -> None:
    runs.words += " --pre"


def set_variable(runs: Runs) -> None:
    runs.variables["PIP_PREFER_BINARY"] = "1"


def install_something(runs: Runs) -> None:
    library = next((runs.folder / "env").rglob("site-packages"))
    (library / "other-1.0.dist-info").mkdir()


def change_interpreter(runs: Runs) -> None:
    with (runs.folder / "env" / "pyvenv.cfg").open("a") as file:
        file.write("\n")


def interrupt_transaction(runs: Runs) -> None:
    library = next((runs.folder / "env").rglob("site-packages"))
    (library / ".pipfast-transaction").mkdir()


def remove_page(runs: Runs) -> None:
    for page in (runs.folder / "cache" / "pipfast" / "v1" / "pages").rglob("*"):
        if page.is_file():
            page.unlink()


def replace_page(runs: Runs) -> None:
    for page in (runs.folder / "cache" / "pipfast" / "v1" / "pages").rglob("*"):
        if page.is_file():
            other = page.with_name("other")
            other.write_bytes(page.read_bytes())
            other.replace(page)


def let_page_expire(runs: Runs) -> None:
    for page in (runs.folder / "cache" / "pipfast" / "v1" / "pages").rglob("*"):
        if page.is_file():
            os.utime(page, (time.time() - 700, time.time() - 700))


def set_clock_back(runs: Runs) -> None:
    for page in (runs.folder / "cache" / "pipfast" / "v1" / "pages").rglob("*"):
        if page.is_file():
            os.utime(page, (time.time() + 700, time.time() + 700))


@pytest.mark.parametrize(
    "change",
    [
        edit_requirements, edit_configuration, add_word, set_variable, install_something,
        change_interpreter, interrupt_transaction, remove_page, replace_page, let_page_expire,
        set_clock_back,
    ],
)  # fmt: skip
def test_a_change_of_anything_it_depends_on_drops_it(
    runs: Runs, change: Callable[[Runs], None]
) -> None:
    learn(runs)
    change(runs)
    assert runs.dry() == ("Would install demo-1.0", False)


def test_a_new_release_is_seen_when_the_page_expires(runs: Runs) -> None:
    learn(runs)
    publish(runs.site, "1.0", "2.0")
    assert runs.dry() == ("Would install demo-1.0", True)
    let_page_expire(runs)
    assert runs.dry() == ("Would install demo-2.0", False)


def test_an_installed_project_is_seen(runs: Runs) -> None:
    learn(runs)
    runs.run("install", "-r", "r.txt")
    line, _ = runs.dry()
    assert line.startswith("Requirement already satisfied: demo")


def test_an_output_with_hashes_is_not_known(runs: Runs) -> None:
    digest = sha256(wheel("demo", "1.0").content)
    (runs.folder / "r.txt").write_text(f"demo==1.0 --hash=sha256:{digest}\n")
    for _ in range(5):
        assert runs.dry() == ("Would install demo-1.0", False)
