"""Bytecode that one machine compiled is used by others, as if they had compiled it."""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path

import pytest

from compat.network.real_servers import free_port
from compat.remote_store.conftest import NewMachine
from compat.remote_store.faulty_server import FAULTS, faulty
from compat.remote_store.machines import KEY, Machine
from compat.remote_store.services import Service
from compat.remote_store.test_attacks import CHANGES as CHANGED_OBJECTS
from compat.remote_store.test_attacks import parts
from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store.objects import sealed
from pipfast.remote_store.secret import Secret
from tests.kit.packs import Pack
from tests.kit.wheels import Wheel

_PACKAGES = ("asyncio", "email", "json", "unittest", "xml")
"""Packages of the standard library: real modules, whose compilation is worth sharing."""

Change = Callable[[bytes, bytes], bytes]
"""Returns what stands in the store, given the object itself and that of another wheel."""


def _wheel(name: str) -> Wheel:
    """Return a wheel of real modules."""
    library = Path(sysconfig.get_path("stdlib"))
    files: dict[str, str | bytes] = {
        f"{name}/{path.relative_to(library)}": path.read_bytes()
        for package in _PACKAGES
        for path in (library / package).rglob("*.py")
    }
    files[f"{name}/__init__.py"] = f"NAME = {name!r}\n"
    files[f"{name}/broken.py"] = "def (\n"
    return Wheel(name=name, files=files)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with links to wheels, and their digests as an index states them."""
    folder = tmp_path_factory.mktemp("wheels")
    links = ""
    all_wheels = [
        *map(_wheel, ("demo", "other")),
        Wheel(name="small"),
        Wheel(name="broken", scripts={"run": "broken"}),
    ]
    for wheel in all_wheels:
        (folder / wheel.filename).write_bytes(wheel.content)
        url = (folder / wheel.filename).as_uri()
        links += f'<a href="{url}#sha256={wheel.sha256}">{wheel.filename}</a>\n'
    page = folder / "links.html"
    page.write_text(links)
    return page


@pytest.fixture
def runner(machine: NewMachine, wheels: Path) -> NewMachine:
    """Makes machines that install these wheels."""

    def make(url: str | None = None, **what: object) -> Machine:
        return replace_index(machine(url, **what), wheels)

    return make


def replace_index(one: Machine, page: Path) -> Machine:
    """Return a machine that installs from the links of a page."""
    return Machine(**{**vars(one), "index": page})


def _compiled(one: Machine, name: str = "demo") -> dict[str, bytes]:
    """Return the bytecode of an installed package, by path."""
    folder = one.site / name
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.pyc"))
    }


def _codes(one: Machine, name: str = "demo") -> dict[str, object]:
    return {path: marshal.loads(data[16:]) for path, data in _compiled(one, name).items()}


def _source(one: Machine, path: str) -> Path:
    found = one.site / "demo" / path
    return found.parents[1] / f"{found.name.partition('.')[0]}.py"


def test_a_second_machine_gets_the_same_bytecode_and_compiles_nothing(
    service: Service, runner: NewMachine
) -> None:
    first, second, alone = (
        runner(url, environ=service.environ) for url in (service.url, service.url, "")
    )
    for one in (first, alone):
        ended = one.install("demo", "small")
        assert (ended.code, ended.errors) == (0, "")
    ended = second.install("-v", "demo", "small", PIPFAST_REMOTE_STORE_MODE="read")
    assert (ended.code, ended.errors.count("WARNING")) == (0, 0)
    assert ended.output.count("Using bytecode of demo-1.0-py3-none-any.whl from the remote") == 1
    there = _compiled(second)
    assert len(there) > 100
    for path, data in there.items():
        facts = _source(second, path).stat()
        head = struct.pack("<III", 0, int(facts.st_mtime), facts.st_size)
        assert data[:16] == MAGIC_NUMBER + head
    bare = [{path: data[16:] for path, data in _compiled(one).items()} for one in (first, second)]
    assert bare[0] == bare[1]
    assert _codes(second) == _codes(alone)
    assert first.tree() == second.tree() == alone.tree()
    assert (first.remote()["uploads"], first.remote()["misses"]) == (1, 2)  # no sizes are stated
    assert (second.remote()["hits"], second.remote()["waiting"]) == (1, 0)
    command = [str(second.environment / "bin" / "python"), "-v", "-c", "import demo.json.decoder"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "decoder.cpython" in ran.stderr
    assert "could not create" not in ran.stderr


def test_the_lines_of_pip_are_the_same(runner: NewMachine) -> None:
    machines = [runner(""), runner(), runner()]
    outputs = [one.install("demo") for one in machines]
    assert machines[2].remote()["hits"] == 1
    assert len({(one.output, one.errors) for one in outputs}) == 1


def test_lookups_are_reported_in_detail(runner: NewMachine, shelf: Path) -> None:
    assert runner().install("demo").code == 0
    output = runner().install("-vv", "demo", "other").output.splitlines()
    own = [line for line in output if "remote store" in line or line.startswith("  Found (")]
    name = "-1.0-py3-none-any.whl"
    assert [line.partition(" file:")[0] for line in own] == [
        f"Looking in the remote store for the bytecode of demo{name}:",
        next(line for line in own if "Found" in line),
        f"Using bytecode of demo{name} from the remote store",
        f"Looking in the remote store for the bytecode of other{name}:",
        next(line for line in own if "Uploaded 1 objects" in line),
    ]
    assert str(shelf) in own[0]


def _marked(content: bytes) -> bytes:
    pack = Pack.of(content)
    pack.replace("demo/__init__.py", marshal.dumps(compile("NAME = 'marked'", "", "exec")))
    return pack.content()


def _signed(whole: bytes, content: bytes) -> bytes:
    """Return an object with other content, signed by somebody who may."""
    _, manifest, _, _ = parts(whole)
    digest = hashlib.sha256(content).hexdigest()
    return sealed(replace(manifest, sha256=digest, size=len(content)), Secret(KEY)) + content


def _object_of(shelf: Path) -> Path:
    found = [path for path in shelf.rglob("*") if path.is_file()]
    assert len(found) == 1
    assert parts(found[0].read_bytes())[1].key.startswith("bytecode ")
    return found[0]


def test_what_is_used_is_the_object_and_not_a_compilation(runner: NewMachine, shelf: Path) -> None:
    assert runner().install("demo").code == 0
    place = _object_of(shelf)
    whole = place.read_bytes()
    place.write_bytes(_signed(whole, _marked(parts(whole)[3])))
    second = runner()
    assert second.install("demo").code == 0
    command = [str(second.environment / "bin" / "python"), "-c", "import demo; print(demo.NAME)"]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"marked\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> tuple[Path, bytes, bytes]:
    """The name of the object of a wheel in its store, the object, and that of another wheel."""
    place = tmp_path_factory.mktemp("filled")
    found = []
    for name in ("demo", "other"):
        shelf = place / f"shelf-{name}"
        shelf.mkdir()
        one = Machine(folder=place, url=shelf.as_uri(), index=wheels)
        assert one.install(name).code == 0
        found.append(_object_of(shelf))
    own, other = found
    return own.relative_to(place / "shelf-demo"), own.read_bytes(), other.read_bytes()


def _repacked(change: Callable[[Pack], bytes]) -> Change:
    return lambda own, _: _signed(own, change(Pack.of(parts(own)[3])))


def _without_a_module(pack: Pack) -> bytes:
    del pack.index["modules"][5], pack.codes[5]
    return pack.content()


_SIGNED: dict[str, Change] = {
    "signed: pack of another wheel": lambda own, other: _signed(own, parts(other)[3]),
    "signed: another magic number": _repacked(lambda pack: pack.content(magic="00000d0a")),
    "signed: a module less": _repacked(_without_a_module),
    "signed: truncated": lambda own, _: _signed(own, parts(own)[3][:-9]),
    "signed: a bit": lambda own, _: _signed(own, b"\0" + parts(own)[3][1:]),
}
_UNSIGNED = ("swapped", "content of another wheel", "signed by another key", "a bit of the content",
             "truncated")  # fmt: skip
"""Some of what `test_attacks` alters; each check is the same for all objects."""
_CHANGES = {**{name: CHANGED_OBJECTS[name] for name in _UNSIGNED}, **_SIGNED}


@pytest.mark.parametrize("change", _CHANGES)
def test_an_altered_object_is_refused_and_replaced(
    change: str, filled: tuple[Path, bytes, bytes], runner: NewMachine, shelf: Path
) -> None:
    name, good, other = filled
    place = shelf / name
    place.parent.mkdir(parents=True)
    place.write_bytes(_CHANGES[change](good, other))
    victim = runner()
    ended = victim.install("demo")
    assert ended.code == 0
    assert ended.errors.count("WARNING") == 1, ended.errors
    told = "What the remote store has for the bytecode of demo-1.0-py3-none-any.whl is not used"
    assert told in ended.errors
    assert victim.remote()["refused"] == 1
    assert Pack.of(parts(place.read_bytes())[3]).index == Pack.of(parts(good)[3]).index
    assert len(_compiled(victim)) > 100


def test_headers_have_hashes_where_pip_writes_them(runner: NewMachine) -> None:
    assert runner().install("demo").code == 0
    second = runner(environ={"SOURCE_DATE_EPOCH": "1600000000"})
    assert second.install("demo").code == 0
    assert second.remote()["hits"] == 1
    for path, data in _compiled(second).items():
        head = struct.pack("<I", 3) + source_hash(_source(second, path).read_bytes())
        assert data[:16] == MAGIC_NUMBER + head


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        ([], {"PYTHONOPTIMIZE": "1"}),
        ([], {"PIPFAST_REMOTE_STORE_KEY": "the secret of another team"}),
    ],
    ids=str,
)
def test_other_bytecode_gives_a_miss(
    words: list[str], variables: dict[str, str], runner: NewMachine
) -> None:
    assert runner().install("demo").code == 0
    second = runner()
    assert second.install(*words, "demo", **variables).code == 0
    assert (second.remote()["hits"], second.remote()["misses"]) == (0, 1)


@pytest.mark.parametrize("words", [["--no-compile"], ["--no-cache-dir"], ["--dry-run"]], ids=str)
def test_where_nothing_is_compiled_or_stored_nothing_is_asked(
    words: list[str], runner: NewMachine, shelf: Path
) -> None:
    one = runner()
    assert one.install(*words, "demo").code == 0
    assert [*shelf.iterdir()] == []
    assert one.remote() == {}


def test_wheels_whose_digest_no_index_states_are_not_shared(
    runner: NewMachine, shelf: Path, wheels: Path
) -> None:
    wheel = wheels.with_name("other-1.0-py3-none-any.whl")
    assert runner().install(str(wheel)).code == 0
    assert [*shelf.iterdir()] == []


def test_a_reader_offers_nothing_and_a_failed_run_neither(runner: NewMachine, shelf: Path) -> None:
    reader, failing = runner(), runner()
    assert reader.install("demo", PIPFAST_REMOTE_STORE_MODE="read").code == 0
    assert failing.install("demo", "broken").code == 1
    assert failing.remote()["misses"] == 2
    assert [*shelf.iterdir()] == []
    assert (reader.remote()["waiting"], failing.remote()["waiting"]) == (0, 0)


def test_what_was_not_uploaded_waits_for_a_push(runner: NewMachine, shelf: Path) -> None:
    one = runner()
    assert one.install("demo", PIPFAST_REMOTE_STORE_WAIT="0").code == 0
    assert [*shelf.iterdir()] == []
    assert json.loads(one.run("cache", "push", "--json").output)["count"] == 1
    assert _object_of(shelf).stat().st_size > 100_000


def test_nothing_is_left_of_downloads(runner: NewMachine) -> None:
    assert runner().install("demo").code == 0
    second = runner()
    assert second.install("demo").code == 0
    assert os.listdir(second.folder / "cache" / "pipfast" / "v1" / "tmp") == []  # noqa: PTH208
    assert sys.executable == second.python


_SLOW = ("slow", "drips")
"""Faults of which nothing is said: the line may be busy with the wheels."""
_DELAY = 3.0
"""Seconds by which two runs may differ on a busy machine; unit tests measure the delay alone."""


@pytest.mark.parametrize("fault", ["500", "slow", "drips", "breaks", "down"])
def test_a_storage_that_fails_leaves_the_compilation_to_this_machine(
    fault: str, runner: NewMachine
) -> None:
    alone = runner("")
    usual = alone.install("demo", "other")
    down = nullcontext(f"http://127.0.0.1:{free_port()}/team")
    with faulty(fault) if fault in FAULTS else down as url:
        one = runner(url)
        ended = one.install("demo", "other", PIPFAST_REMOTE_STORE_MODE="read")
    assert ended.code == 0
    assert ended.errors.count("WARNING") == (fault not in _SLOW), ended.errors
    assert ended.seconds < usual.seconds + _DELAY
    assert _codes(one) == _codes(alone)
