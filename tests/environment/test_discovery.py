from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.environment.discovery import installed, report_leftovers
from pipfast.environment.events import LeftoverIgnored
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.metadata_files import document_of
from pipfast.model.events import Event
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import metadata_in
from tests.kit.texts import texts

Make = Callable[..., Interpreter]


def add(folder: Path, info: str, metadata: str | None = None, **files: str) -> Path:
    """A metadata folder below `folder`; a `metadata` of None is no METADATA at all."""
    path = folder / info
    path.mkdir(parents=True)
    if metadata is not None:
        (path / "METADATA").write_text(metadata)
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text)
    return path


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: body\n"


@pytest.fixture
def see(plain: Make, tmp_path: Path) -> Callable[..., list[Installed]]:
    """Everything that is installed in folders below `tmp_path`."""

    def look(*folders: str, emitted: list[str] | None = None) -> list[Installed]:
        def listen(event: Event) -> None:
            if emitted is not None:
                emitted.extend(texts([event]))

        paths = [str(tmp_path / folder) for folder in folders or (".",)]
        return list(installed(paths, plain(), listen))

    return look


See = Callable[..., list[Installed]]


def test_a_distribution_is_named_by_its_folder_and_shown_as_its_metadata(
    see: See, tmp_path: Path
) -> None:
    add(tmp_path, "Foo_Bar-1.0.dist-info", metadata("Foo.Bar", "1.0.0"),
        INSTALLER="\n pip \n", REQUESTED="")  # fmt: skip
    (found,) = see()
    assert (found.name, found.version) == ("foo-bar", "1.0")
    assert (found.raw_name, found.raw_version) == ("Foo.Bar", "1.0.0")
    assert (found.installer, found.requested, found.editable) == ("pip", True, None)


@pytest.mark.parametrize(
    ("info", "text", "seen"),
    [
        ("nometa-1.0.dist-info", None, ("nometa", "nometa", "1.0", None)),
        ("empty-1.0.dist-info", "", ("empty", "empty", "1.0", None)),
        ("nodash.dist-info", metadata("NoDash", "3"), ("nodash", "NoDash", "3", "3")),
        ("-1.0.dist-info", metadata("dash", "1"), ("dash", "dash", "1.0", "1")),
        ("UPPER-1.DIST-INFO", metadata("upper", "2"), ("upper", "upper", "2", "2")),
        ("late-1.dist-info", f"S: {'x' * 9000}\nName: late_\n\n", ("late", "late_", "1", None)),
        ("fold-1.dist-info", "Summary: a\n Name: b\nNAME : fold\r\n", ("fold", "fold", "1", None)),
    ],
)  # fmt: skip
def test_what_metadata_lacks_comes_from_the_folder(
    see: See, tmp_path: Path, info: str, text: str | None, seen: tuple[str | None, ...]
) -> None:
    add(tmp_path, info, text)
    (found,) = see()
    assert (found.name, found.raw_name, found.version, found.raw_version) == seen


def test_the_first_on_the_path_hides_the_others(see: See, tmp_path: Path) -> None:
    add(tmp_path / "a", "foo-1.dist-info", metadata("foo", "1"))
    add(tmp_path / "b", "Foo-2.dist-info", metadata("foo", "2"))
    add(tmp_path / "b", "bar-3.dist-info", metadata("bar", "3"))
    found = see("a", "missing", "b")
    assert [(one.name, one.version) for one in found] == [("foo", "1"), ("bar", "3")]


@pytest.mark.parametrize(
    ("info", "warning"),
    [
        (
            "~oo-1.0.dist-info",
            "Ignoring incompletely removed distribution ~oo-1.0.dist-info ({0}); '~'-prefixed "
            "leftover directories are the result of a previous incomplete installation, and can "
            "be deleted",
        ),
        ("we!rd-1.dist-info", "Ignoring invalid distribution we!rd ({0})"),
        ("x.dist-info", "Skipping {0}/x.dist-info due to invalid metadata entry 'name'"),
    ],
)
def test_what_is_no_distribution_is_told_and_passed_over(
    see: See, tmp_path: Path, info: str, warning: str
) -> None:
    add(tmp_path, info)
    emitted: list[str] = []
    assert see(emitted=emitted) == []
    assert emitted == [warning.format(tmp_path)]


def test_another_look_tells_of_leftovers_again_up_to_a_project(plain: Make, tmp_path: Path) -> None:
    add(tmp_path / "a", "~oo-1.0.dist-info")
    add(tmp_path / "a", "x.dist-info")
    add(tmp_path / "b", "foo-1.dist-info", metadata("foo", "1"))
    add(tmp_path / "c", "~ar-1.0.dist-info")
    emitted: list[str] = []

    def listen(event: Event) -> None:
        assert isinstance(event, LeftoverIgnored)
        emitted.append(event.name)

    paths = [str(tmp_path / name) for name in "abc"]
    report_leftovers(paths, plain(), listen)
    assert emitted == ["~oo-1.0.dist-info", "~ar-1.0.dist-info"]
    report_leftovers(paths, plain(), listen, until="foo")
    assert emitted[2:] == ["~oo-1.0.dist-info"]


def test_an_egg_info_has_its_version_from_its_metadata(see: See, tmp_path: Path) -> None:
    info = add(tmp_path, "one-1.0-py3.11.egg-info")
    (info / "PKG-INFO").write_text(metadata("One", "1.5"))
    (tmp_path / "two-2.0.egg-info").write_text(metadata("Two", "2.0"))
    found = {one.name: (one.raw_name, one.version) for one in see()}
    assert found == {"one": ("One", "1.5"), "two": ("Two", "2.0")}


def test_requires_txt_stands_in_for_requires_dist(see: See, tmp_path: Path) -> None:
    info = add(tmp_path, "one.egg-info", requires__txt=(
        'a>1\n# no\n[X_y]\nb\n[:python_version<"3"]\nc\n[z:os_name=="nt"]\nd\n'))  # fmt: skip
    (info / "PKG-INFO").write_text(metadata("one", "1"))
    shown = metadata_in(document_of(see()[0].info))
    assert shown.requires_dist == (
        "a>1",
        'b ; extra == "x-y"',
        'c ; python_version<"3"',
        'd ; (os_name=="nt") and extra == "z"',
    )
    assert shown.provides_extra == ("x-y", "z")


def test_an_egg_link_leads_to_the_project(see: See, tmp_path: Path) -> None:
    info = add(tmp_path / "project", "linked.egg-info")
    (info / "PKG-INFO").write_text(metadata("linked", "0.2"))
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "linked.egg-link").write_text(f"\n{tmp_path / 'project'}\n.\n")
    (found,) = see("site")
    assert found.editable == found.location == str(tmp_path / "project")


def test_a_zipped_egg_is_read_and_a_wheel_is_not(see: See, tmp_path: Path) -> None:
    files = {
        "z-1-py3.egg": "EGG-INFO/PKG-INFO",
        "w-1-py3-none-any.whl": "w-1.dist-info/METADATA",
    }
    for name, info in files.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(info, metadata(name[0], "1"))
    found = see("z-1-py3.egg", "w-1-py3-none-any.whl")
    assert [(one.name, one.version) for one in found] == [("z", "1")]
    assert document_of(found[0].info).first("name") == "z"


@pytest.mark.parametrize(
    ("direct_url", "editable"),
    [
        ({"url": "file:///src/e%20d", "dir_info": {"editable": True}}, "/src/e d"),
        ({"url": "file:///src/ed", "dir_info": {}}, None),
        ({"url": "https://h/x", "archive_info": {}}, None),
        (["?"], None),
    ],
)
def test_direct_url_tells_of_an_editable_install(
    see: See, tmp_path: Path, direct_url: object, editable: str | None
) -> None:
    add(tmp_path, "e-1.dist-info", metadata("e", "1"), direct_url__json=json.dumps(direct_url))
    assert see()[0].editable == editable


def test_only_what_is_below_its_prefix_is_an_environments_own(
    own: Interpreter, tmp_path: Path
) -> None:
    add(tmp_path, "foo-1.dist-info", metadata("foo", "1"))
    (found,) = installed([str(tmp_path)], own)
    assert found.local is (not own.is_virtual)


def test_what_is_in_the_user_site_is_marked(plain: Make, tmp_path: Path) -> None:
    add(tmp_path / "user", "foo-1.dist-info", metadata("foo", "1"))
    add(tmp_path / "site", "bar-1.dist-info", metadata("bar", "1"))
    python = plain(user_site=str(tmp_path / "user"))
    found = installed([str(tmp_path / "user"), str(tmp_path / "site")], python)
    assert [one.in_user_site for one in found] == [True, False]
