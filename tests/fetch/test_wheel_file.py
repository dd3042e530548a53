import io
import zipfile

import pytest
from packaging.utils import NormalizedName

from pipfast.fetch.wheel_metadata.wheel_file import InvalidWheel, UnsupportedWheel, read_document

DEMO = NormalizedName("demo")
GOOD = {
    "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
    "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n",
}


def wheel(members: dict[str, str | bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def without(name: str) -> dict[str, str | bytes]:
    return {key: value for key, value in GOOD.items() if not key.endswith(name)}


def test_the_metadata_of_a_wheel_is_read() -> None:
    document = GOOD["demo-1.0.dist-info/METADATA"]
    assert read_document(wheel({**GOOD}), DEMO, "demo.whl") == document.encode()


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "demo has an invalid wheel, .dist-info directory not found"),
        (
            {**GOOD, "b.dist-info/x": ""},
            "demo has an invalid wheel, multiple .dist-info directories found: ",
        ),
        (
            {"other-1.0.dist-info/WHEEL": ""},
            "demo has an invalid wheel, .dist-info directory 'other-1.0.dist-info' does not start "
            "with 'demo'",
        ),
        (
            without("WHEEL"),
            "demo has an invalid wheel, could not read 'demo-1.0.dist-info/WHEEL' file: "
            "KeyError(\"There is no item named 'demo-1.0.dist-info/WHEEL' in the archive\")",
        ),
        (
            {**GOOD, "demo-1.0.dist-info/WHEEL": "Root-Is-Purelib: true\n"},
            "demo has an invalid wheel, WHEEL is missing Wheel-Version",
        ),
        (
            {**GOOD, "demo-1.0.dist-info/WHEEL": "Wheel-Version: one\n"},
            "demo has an invalid wheel, invalid Wheel-Version: 'one'",
        ),
        (
            {**GOOD, "demo-1.0.dist-info/WHEEL": "Wheel-Version: 2.0\n"},
            "demo's Wheel-Version (2.0) is not compatible with this version of pip",
        ),
        (
            {**GOOD, "demo-1.0.dist-info/METADATA": b"Name: \xff\n"},
            "Error decoding metadata for demo.whl: 'utf-8' codec can't decode byte 0xff in "
            "position 6: invalid start byte in METADATA file",
        ),
    ],
)
def test_a_broken_wheel_is_told_in_the_words_of_pip(
    members: dict[str, str | bytes], message: str
) -> None:
    with pytest.raises(UnsupportedWheel) as fault:
        read_document(wheel(members), DEMO, "demo.whl")
    assert fault.value.message.startswith(message)


def test_a_file_that_is_no_archive_is_no_wheel() -> None:
    with pytest.raises(InvalidWheel, match=r"Wheel 'demo' located at /x/demo.whl is invalid\."):
        read_document(io.BytesIO(b"nonsense"), DEMO, "/x/demo.whl")
