"""Inputs that fuzzing found: each ended with an undeclared error, or pip read it differently."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from compat.fuzz.targets import TARGETS
from tests.kit.raw_zip import End, Entry, raw_wheel, raw_zip

DEEP = b"[" * 100_000


def a_zip_with_a_name_that_is_not_utf8() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("demo-1.0/grüße", "x")
    return buffer.getvalue().replace("ü".encode(), b"\xff\xff")


def a_wheel_on_another_disk() -> bytes:
    whole = raw_wheel(end=End(zip64=True))
    at = whole.index(b"PK\6\7") + 4
    return whole[:at] + struct.pack("<L", 1) + whole[at + 4 :]


def a_wheel_with_a_member_beyond_all_files() -> bytes:
    far = struct.pack("<HHQ", 1, 8, (1 << 64) - 1)
    name = b"demo-1.0.dist-info/WHEEL"
    entry = Entry(name=name, central={"offset": 0xFFFFFFFF}, central_extra=far)
    return raw_zip([entry, Entry(name=b"demo-1.0.dist-info/METADATA")])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page-html", b"<base href='x:y'><a href=h>"),
        ("page-html", b"<base href='&lt;!--'><a href=h>"),
        ("page-json", b'{"files": [{"url": "file:a%2Fb@c", "hashes": {}}]}'),
        ("page-json", b'{"files": [{"url": "file:///C:/a", "hashes": {}}]}'),
        ("page-json", b'{"files": [{"url": "file://////a@///b", "hashes": {}}]}'),
        ("headers", b"cache-control: max-age=" + b"9" * 400),
        ("metadata", b"Requires-Dist: a; " + b"(" * 5000 + b"os_name == 'x'" + b")" * 5000 + b"\n"),
        ("requirement", b"a; " + b"(" * 5000 + b"os_name == 'x'" + b")" * 5000),
        ("requirement", b"a @ https://h.test/" + b"(" * 200),
        ("requirements-file", b"-c \0"),
        ("requirements-file", b"-r file:a\0b"),
        ("requirements-file", b"-r //[x"),
        ("pylock", b"a = " + DEEP),
        ("pylock", b"a = " + b"9" * 5000),
        ("pyproject", b"a = " + DEEP),
        ("pyproject", b"a = '\xff'"),
        ("script", b"# /// script\n# a = " + DEEP + b"\n# ///\n"),
        ("script", b"# /// script\n# requires-python =['a']\n# ///\n"),
        ("script", b"# /// script\n# dependencies = [1]\n# ///\n"),
        ("zip-wheel", a_wheel_on_another_disk()),
        ("zip-wheel", a_wheel_with_a_member_beyond_all_files()),
        ("zip-sdist", a_zip_with_a_name_that_is_not_utf8()),
        ("direct-url", b'{"url": ' + DEEP),
        ("direct-url", b"0"),
        ("direct-url", b'{"url": "https://[x/a.zip", "archive_info": {}}'),
        ("direct-url", b'{"url": "file://]", "dir_info": {"editable": true}}'),
        ("netrc", b"\xff\n"),
        ("journal", b"{"),
        ("journal", b"\xff"),
        ("journal", DEEP),
        ("trace-satisfied", b'{"a": ' + DEEP),
        ("trace-resolution", b'{"a": ' + DEEP),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_input_that_was_found_is_handled(name: str, data: bytes) -> None:
    TARGETS[name].check(data)
