"""What installers could understand differently is rejected; honest archives are read."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.fetch.wheel_metadata.wheel_file import read_document
from pipfast.store.wheels.unpacked import AmbiguousWheel, rejected
from pipfast.store.workers import wheel_limits, zip_directory, zip_faults, zip_reader
from pipfast.store.workers.protocol import UnpackedPart, UnpackWheel, WheelUnreadable
from pipfast.store.workers.worker import answer
from pipfast.store.workers.zip_directory import BadWheelError
from tests.kit.hostile_wheels import BEYOND_THE_ARCHIVE, WHEELS, Verdict
from tests.kit.raw_zip import Entry, raw_wheel, raw_zip, wheel_entries

REJECTED = [
    name
    for name, case in WHEELS.items()
    if case.verdict is not Verdict.ALL_ACCEPT and name not in BEYOND_THE_ARCHIVE
]
ACCEPTED = [name for name, case in WHEELS.items() if case.verdict is Verdict.ALL_ACCEPT]


def read(data: bytes, *, large: bool = False) -> dict[str, bytes]:
    """Return all files of an archive as a worker reads them."""
    zip_reader.check_folders(data)
    return {
        each.name: b"".join(zip_reader.pieces(each, data))
        if large
        else zip_reader.content(each, data)
        for each in zip_reader.members(data)
    }


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("name", REJECTED)
def test_what_any_installer_rejects_is_rejected(name: str, large: bool) -> None:
    with pytest.raises(BadWheelError):
        read(WHEELS[name].content, large=large)


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("name", ACCEPTED)
def test_what_all_installers_accept_is_read(name: str, large: bool) -> None:
    assert read(WHEELS[name].content, large=large)["demo/__init__.py"] == b"VERSION = '1.0'\n"


@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("overlap-inside", zip_faults.OVERLAP),
        ("overlap-quoted", zip_faults.OVERLAP),
        ("size-smaller", zip_faults.LARGER),
        ("size-larger", zip_faults.CONTENT),
        ("packed-longer", zip_faults.SURPLUS),
        ("packed-without-end", zip_faults.CONTENT),
        ("encrypted", zip_faults.ENCRYPTED),
        ("duplicate", zip_faults.TWICE),
        ("unicode-path", zip_faults.NAME),
    ],
)
def test_the_fault_is_named(name: str, fault: str, large: bool) -> None:
    with pytest.raises(BadWheelError) as caught:
        read(WHEELS[name].content, large=large)
    assert caught.value.fault == fault


def test_nothing_beyond_the_declared_size_is_yielded() -> None:
    data = WHEELS["size-smaller"].content
    [member] = [each for each in zip_reader.members(data) if each.name == "demo/x.txt"]
    received: list[bytes] = []
    with pytest.raises(BadWheelError):
        received.extend(zip_reader.pieces(member, data))
    assert sum(map(len, received)) <= member.size == 10


@pytest.mark.parametrize("name", ["honest-zip64-repeated", "honest-descriptor-of-stored"])
def test_what_writers_do_in_practice_is_read(name: str) -> None:
    assert "demo/__init__.py" in read(WHEELS[name].content)


@pytest.mark.parametrize("name", ACCEPTED)
def test_metadata_come_from_the_same_reader(name: str) -> None:
    document = read_document(io.BytesIO(WHEELS[name].content), NormalizedName("demo"), "x.whl")
    assert document.startswith(b"Metadata-Version")


@pytest.mark.parametrize("name", ["count-less", "duplicate-metadata", "bytes-after", "two-zips"])
def test_metadata_of_an_ambiguous_wheel_are_not_read(name: str) -> None:
    with pytest.raises(InstallationError):
        read_document(io.BytesIO(WHEELS[name].content), NormalizedName("demo"), "x.whl")


def test_equal_crcs_do_not_make_members_equal() -> None:
    first = b"VERSION = '1.0'\n"
    patch = _with_crc(b"evil" + bytes(8), zlib.crc32(first))
    assert (zlib.crc32(patch), len(patch)) == (zlib.crc32(first), 16)
    stored = {"method": 0}
    with pytest.raises(BadWheelError, match="twice"):
        read(raw_wheel(Entry(name=b"demo/__init__.py", body=patch, method=0), first=stored))


def _with_crc(head: bytes, wanted: int) -> bytes:
    """Return `head` and four bytes that give the CRC `wanted`: the CRC is affine in them."""
    base = zlib.crc32(head + bytes(4))
    basis: dict[int, tuple[int, int]] = {}  # by highest bit: a difference, and the bits for it

    def reduced(value: int, bits: int) -> tuple[int, int]:
        while value and value.bit_length() in basis:
            other, other_bits = basis[value.bit_length()]
            value, bits = value ^ other, bits ^ other_bits
        return value, bits

    for bit in range(32):
        tail = (1 << bit).to_bytes(4, "little")
        value, bits = reduced(zlib.crc32(head + tail) ^ base, 1 << bit)
        basis[value.bit_length()] = value, bits
    return head + reduced(wanted ^ base, 0)[1].to_bytes(4, "little")


@pytest.mark.parametrize(("count", "fits"), [(7, True), (6, False)])
def test_the_number_of_members_is_limited(
    count: int, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [Entry(name=b"demo/x%d" % number) for number in range(3)]
    monkeypatch.setattr(zip_directory, "MEMBERS", count)
    data = raw_wheel(*more)
    if fits:
        assert len(read(data)) == 7
    else:
        with pytest.raises(BadWheelError, match="too many members"):
            read(data)


@pytest.mark.parametrize("surplus", [0, 1])
def test_the_size_of_the_directory_is_limited(
    surplus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = raw_wheel()
    length = int.from_bytes(data[-10:-6], "little")
    monkeypatch.setattr(zip_directory, "DIRECTORY_SIZE", length - surplus)
    if not surplus:
        assert len(read(data)) == 4
    else:
        with pytest.raises(BadWheelError, match="too many members"):
            read(data)


X, INFO, HUGE = b"demo/x.bin", b"demo-1.0.dist-info/", 320 << 20
BOMB = """
import sys
sys.path.insert(0, sys.argv[1])
from pipfast.store.workers.protocol import UnpackWheel
from pipfast.store.workers.worker import answer
print(type(answer(UnpackWheel(sys.argv[2], sys.argv[3], "key", 0, 0, 1))).__name__)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def zeros(size: int) -> bytes:
    """Return `size` zeros, deflated; built from repeated blocks, which is fast."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 24)
    parts = [packer.compress(block) for _ in range(size >> 24)]
    return b"".join(parts) + packer.flush()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("entry", "result"),
    [
        (lambda: Entry(name=X, body=bytes(10), packed=zeros(HUGE)), "WheelUnreadable"),
        (lambda: Entry(name=X, body=bytes(HUGE)), "UnpackedPart"),
        (lambda: Entry(name=X, body=bytes(HUGE), method=0), "UnpackedPart"),
        (lambda: Entry(name=INFO + b"WHEEL", body=bytes(HUGE)), "WheelUnreadable"),
    ],
    ids=["lying", "deflated", "stored", "metadata"],
)
def test_a_worker_needs_little_memory(
    tmp_path: Path, entry: Callable[[], Entry], result: str
) -> None:
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(raw_wheel(entry()))
    for folder in ("files", "pyc/key"):
        (tmp_path / folder).mkdir(parents=True)
    source = str(Path(zip_reader.__file__).parents[3])
    command = [sys.executable, "-c", BOMB, source, os.fspath(wheel), os.fspath(tmp_path)]
    kind, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert kind == result
    assert int(peak) < 300


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("RECORD", wheel_limits.RECORD_SIZE),
        ("WHEEL", wheel_limits.SMALL_SIZE),
        ("entry_points.txt", wheel_limits.SMALL_SIZE),
    ],
)
def test_the_size_of_metadata_is_limited(
    tmp_path: Path, name: str, limit: int, surplus: int
) -> None:
    name = f"demo-1.0.dist-info/{name}"
    entries = [each for each in wheel_entries() if each.name != name.encode()]
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(raw_zip([*entries, Entry(name=name.encode(), body=bytes(limit + surplus))]))
    (tmp_path / "files").mkdir()
    result = answer(UnpackWheel(os.fspath(wheel), os.fspath(tmp_path), "", 0, 0, 1))
    if surplus:
        assert result == WheelUnreadable(zip_faults.TOO_LARGE, repr(name))
    else:
        assert isinstance(result, UnpackedPart)
        assert len(result.texts[name]) == limit


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize("what", ["size", "fields"])
def test_the_metadata_of_a_wheel_are_limited(
    what: str, surplus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"Name: demo\n\n".ljust(200_000 + surplus)
    if what == "fields":
        body = b"Name: demo\n" * (100_000 + surplus) + b"x\n\n"
    else:
        monkeypatch.setattr("pipfast.fetch.wheel_metadata.wheel_file.METADATA_SIZE", 200_000)
    name = b"demo-1.0.dist-info/METADATA"
    entries = [each for each in wheel_entries() if each.name != name]
    file = io.BytesIO(raw_zip([*entries, Entry(name=name, body=body)]))
    if not surplus:
        assert read_document(file, NormalizedName("demo"), "x.whl") == body
        return
    with pytest.raises(AmbiguousWheel) as caught:
        read_document(file, NormalizedName("demo"), "x.whl")
    assert caught.value.fault == zip_faults.TOO_LARGE


def test_a_directory_that_zipfile_would_read_whole_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.store.wheels.bounded_reads.DIRECTORY_SIZE", 10)
    wheel = tmp_path / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(WHEELS["count-less"].content)
    error = rejected(str(wheel), zip_faults.DIRECTORY, "")
    assert isinstance(error, AmbiguousWheel)
    with pytest.raises(AmbiguousWheel), wheel.open("rb") as file:
        read_document(file, NormalizedName("demo"), "x.whl")
