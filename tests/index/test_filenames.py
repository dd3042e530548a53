import pytest
from packaging.utils import NormalizedName

from pipfast.index.filenames import filename_of, grouped, splitext
from pipfast.model.file_row import FileRow

DEMO = NormalizedName("demo-x")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h/a/b-1.0.tar.gz", "b-1.0.tar.gz"),
        ("https://h/a/b-1.0.tar.gz/", "b-1.0.tar.gz"),
        ("https://h/a/b-1.0%2Bcpu.whl?x=/y#sha256=z/", "b-1.0+cpu.whl"),
    ],
)
def test_a_file_is_named_by_the_last_part_of_the_path(url: str, name: str) -> None:
    assert filename_of(url) == name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a-1.0.tar.gz", ("a-1.0", ".tar.gz")),
        ("a-1.0.TAR.gz", ("a-1.0", ".TAR.gz")),
        ("a-1.0.zip", ("a-1.0", ".zip")),
        ("a", ("a", "")),
        (".hidden", (".hidden", "")),
    ],
)
def test_an_archive_loses_its_whole_extension(name: str, parts: tuple[str, str]) -> None:
    assert splitext(name) == parts


@pytest.mark.parametrize(
    ("file", "version"),
    [
        ("demo_x-1.0-py3-none-any.whl", "1.0"),
        ("demo_x-1.0-7-py3-none-any.whl", "1.0"),
        ("Demo.X-1.0.tar.gz", "1.0"),
        ("demo-x-1.0-py3.9.tar.gz", "1.0"),
        ("demo-x-1.0+cpu.zip", "1.0+cpu"),
        ("git#egg=demo-x-1.0", "1.0"),
        ("demo-x-1.0-py3.11.tar.gz", None),
        ("demo-1.0.tar.gz", None),
        ("demo-x-y-1.0.tar.gz", None),
        ("demo-x-.tar.gz", None),
        ("demo-x-1.0.exe", None),
        ("demo-x-nonsense.tar.gz", None),
        ("demo_x-1.0-none-any.whl", None),
        ("demo_y-1.0-py3-none-any.whl", None),
    ],
)
def test_a_file_belongs_to_the_version_in_its_name(file: str, version: str | None) -> None:
    found = [text for text, _ in grouped([FileRow(f"https://h/{file}", [])], DEMO)]
    assert found == ([version] if version else [])


def test_versions_descend_and_files_keep_the_order_of_the_page() -> None:
    names = ["1.0.tar.gz", "1.10.tar.gz", "1.9.tar.gz", "1.0.0.zip", "2.0rc1.zip", "1.0.tar.gz"]
    rows = [FileRow(f"https://h/demo-x-{name}", []) for name in names]
    assert [(v, [row.url[17:] for row in files]) for v, files in grouped(rows, DEMO)] == [
        ("2.0rc1", ["2.0rc1.zip"]),
        ("1.10", ["1.10.tar.gz"]),
        ("1.9", ["1.9.tar.gz"]),
        ("1.0", ["1.0.tar.gz", "1.0.0.zip"]),
    ]


def test_egg_links_come_last() -> None:
    rows = [FileRow("https://h/z.zip#egg=demo-x-1.0", []), FileRow("https://h/demo-x-1.0.zip", [])]
    ((_, files),) = grouped(rows, DEMO)
    assert files == [rows[1], rows[0]]
