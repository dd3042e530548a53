from __future__ import annotations

import io
import tarfile
import zipfile

from packaging.metadata import Metadata

from tests.kit.wheels import Sdist, Wheel, altered, wheel


def test_the_same_description_gives_the_same_bytes() -> None:
    one, other = (wheel("demo", "1.0", "dep>=1", scripts={"demo": "demo:main"}) for _ in range(2))
    assert one.content == other.content
    assert Sdist(name="demo").content == Sdist(name="demo").content


def test_record_names_every_file_of_the_wheel() -> None:
    built = wheel("demo", files={"demo/__init__.py": "", "demo/a,b.txt": "x"})
    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        rows = archive.read("demo-1.0.dist-info/RECORD").decode().splitlines()
        assert len(rows) == len(archive.namelist())


def test_a_part_of_the_info_folder_can_be_left_out() -> None:
    built = Wheel(name="demo", info={"RECORD": None, "WHEEL": None})
    with zipfile.ZipFile(io.BytesIO(built.content)) as archive:
        assert archive.namelist() == ["demo/__init__.py", "demo-1.0.dist-info/METADATA"]


def test_metadata_are_valid_core_metadata() -> None:
    built = wheel("Some.Name", "1.0+x", "dep; extra == 'e'", extras=("e",), python=">=3.8")
    parsed = Metadata.from_email(built.metadata)
    assert (parsed.name, str(parsed.version), parsed.provides_extra) == (
        "Some.Name",
        "1.0+x",
        ["e"],
    )


def test_an_altered_wheel_keeps_its_name_and_metadata() -> None:
    built = wheel("demo")
    broken = altered(built, built.content[:10])
    assert (broken.filename, broken.metadata) == (built.filename, built.metadata)
    assert broken.sha256 != built.sha256


def test_an_sdist_unpacks_into_a_folder_of_its_name() -> None:
    with tarfile.open(fileobj=io.BytesIO(Sdist(name="a-b", version="2").content)) as archive:
        assert {name.split("/")[0] for name in archive.getnames()} == {"a_b-2"}
