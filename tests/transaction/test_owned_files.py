"""The files that uninstalling removes, for every format of installed distributions."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from pipfast.model.events import Event
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.apply import remove
from pipfast.transaction.errors import EggLinkMismatchError, NoRecordError
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.owned_files import owned_files
from pipfast.transaction.path_files import without_lines
from pipfast.transaction.uninstall_paths import UninstallPaths, uninstall_paths
from tests.kit.texts import texts
from tests.transaction.world import environment_in, tree

POINTS = "[console_scripts]\ndemo = demo:main\n[gui_scripts]\nwindow = demo:main\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "env" / "lib" / "site-packages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def environment(tmp_path: Path, library: Path) -> InstallEnvironment:
    return environment_in(tmp_path, egg_link_folders=(str(library),))


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files into `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def installed_at(info: Path, name: str = "demo", version: str | None = "1.0") -> Installed:
    """Return a distribution with the metadata at `info`."""
    return Installed(
        name=canonicalize_name(name),
        raw_name=name,
        version=version or "",
        raw_version=version,
        location=str(info.parent),
        info=str(info),
    )


def lines(uninstall: UninstallPaths) -> list[str]:
    """Return the text of the messages about an uninstall."""
    events: list[Event] = []
    uninstall.emit_before(events.append)
    uninstall.emit_after(events.append)
    return texts(events)


def removed(installed: Installed, environment: InstallEnvironment, library: Path) -> set[str]:
    """Return the files that a removal removes from site-packages and the scripts folder."""
    before = tree(library.parents[1])
    remove([uninstall_paths(installed, environment)], environment)
    after = tree(library.parents[1])
    return {name.removeprefix("lib/site-packages/") for name in before.keys() - after.keys()}


def test_the_files_that_setuptools_recorded_are_removed(
    environment: InstallEnvironment, library: Path
) -> None:
    info = library / "demo-1.0-py3.egg-info"
    write(library, {
        "demo/__init__.py": "", "demo/data.txt": "", "demo/mine.txt": "",
        f"{info.name}/PKG-INFO": "Name: demo\n", f"{info.name}/entry_points.txt": POINTS,
        f"{info.name}/installed-files.txt": "../demo/__init__.py\n../demo/data.txt\nPKG-INFO\n",
        "../../bin/demo": "", "../../bin/window": "", "../../bin/other": "",
    })  # fmt: skip
    assert removed(installed_at(info), environment, library) == {
        "demo/__init__.py", "demo/data.txt", "bin/demo", "bin/window",
        *(f"{info.name}/{name}" for name in ("PKG-INFO", "entry_points.txt")),
        f"{info.name}/installed-files.txt",
    }  # fmt: skip


def test_without_a_record_top_level_packages_are_removed(
    environment: InstallEnvironment, library: Path
) -> None:
    info = library / "demo-1.0-py3.egg-info"
    write(library, {
        "demo/__init__.py": "", "demo/mine.txt": "", "single.py": "", "space/other.py": "",
        f"{info.name}/PKG-INFO": "", f"{info.name}/top_level.txt": "demo\nsingle\nspace\n",
        f"{info.name}/namespace_packages.txt": "space\n",
    })  # fmt: skip
    left = {"space/other.py"}
    assert removed(installed_at(info), environment, library).isdisjoint(left)
    assert set(tree(library)) == left


def test_an_egg_is_removed_with_its_path_entry(
    environment: InstallEnvironment, library: Path
) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {
        f"{egg.name}/EGG-INFO/PKG-INFO": "", f"{egg.name}/demo.py": "",
        f"{egg.name}/EGG-INFO/scripts/run": "", "../../bin/run": "",
        "easy-install.pth": f"./a.egg\n./{egg.name}\n./z.egg\n",
    })  # fmt: skip
    (library / "easy-install.pth").chmod(0o640)
    remove([uninstall_paths(installed_at(egg / "EGG-INFO"), environment)], environment)
    assert tree(library.parents[1]) == {"lib/site-packages/easy-install.pth": b"./a.egg\n./z.egg\n"}
    assert (library / "easy-install.pth").stat().st_mode & 0o777 == 0o640


def test_scripts_of_a_zipped_egg_are_found_in_it(
    environment: InstallEnvironment, library: Path
) -> None:
    egg = library / "demo-1.0-py3.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        archive.writestr("EGG-INFO/entry_points.txt", POINTS)
    owned = owned_files(installed_at(egg / "EGG-INFO"), environment)
    assert owned.paths == (str(egg), f"{environment.scripts}/demo", f"{environment.scripts}/window")


@pytest.mark.parametrize("link", ["de-mo.egg-link", "de_mo.egg-link"])
def test_a_development_install_loses_its_link_and_its_path_entry(
    environment: InstallEnvironment, library: Path, tmp_path: Path, link: str
) -> None:
    source = tmp_path / "source"
    write(source, {"de_mo.py": "", "de_mo.egg-info/PKG-INFO": ""})
    write(library, {link: f"{source}\n.", "easy-install.pth": f"{source}\n"})
    before = tree(source)
    remove(
        [uninstall_paths(installed_at(source / "de_mo.egg-info", "de_mo"), environment)],
        environment,
    )
    assert tree(library) == {"easy-install.pth": b""}
    assert tree(source) == before


def test_a_link_to_another_folder_is_refused(
    environment: InstallEnvironment, library: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    write(source, {"demo.egg-info/PKG-INFO": ""})
    write(library, {"demo.egg-link": f"{tmp_path}\n."})
    with pytest.raises(EggLinkMismatchError, match="does not match installed location of demo"):
        owned_files(installed_at(source / "demo.egg-info"), environment)


def test_metadata_without_a_link_removes_nothing(
    environment: InstallEnvironment, library: Path
) -> None:
    info = library / "demo.egg-info"
    write(library, {f"{info.name}/PKG-INFO": "", "demo.py": ""})
    uninstall = uninstall_paths(installed_at(info), environment)
    assert not uninstall.present
    assert lines(uninstall) == ["Can't uninstall 'demo'. No files were found to uninstall."]


def test_a_missing_version_is_shown_as_none(environment: InstallEnvironment, library: Path) -> None:
    info = library / "demo-1.0.dist-info"
    info.mkdir()
    with pytest.raises(NoRecordError, match="Cannot uninstall demo None"):
        owned_files(installed_at(info, version=None), environment)


def test_bytecode_is_removed_only_with_its_module(
    environment: InstallEnvironment, library: Path
) -> None:
    info = library / "demo-1.0.dist-info"
    caches = [f"__pycache__/{name}.{environment.cache_tag}.pyc" for name in ("one", "two")]
    write(library, {
        f"{info.name}/RECORD": "one.py,,\ntwo.py,,\n", "one.py": "", **dict.fromkeys(caches, ""),
    })  # fmt: skip
    assert removed(installed_at(info), environment, library) == {"one.py", caches[0]}


def test_a_missing_path_file_is_reported(environment: InstallEnvironment, library: Path) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": ""})
    uninstall = uninstall_paths(installed_at(egg / "EGG-INFO"), environment)
    remove([uninstall], environment)
    assert lines(uninstall) == [
        "Uninstalling demo-1.0:",
        f"  Cannot remove entries from nonexistent file {library / 'easy-install.pth'}",
        "  Successfully uninstalled demo-1.0",
    ]
    assert tree(library) == {}


def test_a_path_entry_outside_the_prefix_stays(
    environment: InstallEnvironment, library: Path, tmp_path: Path
) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": ""})
    outside = tmp_path / "outside.pth"
    outside.write_text(f"./{egg.name}\n", encoding="utf-8")
    (library / "easy-install.pth").symlink_to(outside)
    uninstall = uninstall_paths(installed_at(egg / "EGG-INFO"), environment)
    assert uninstall.refused == {str(outside)}
    assert uninstall.path_entries == {}


def test_several_entries_of_a_path_file_are_removed(
    environment: InstallEnvironment, library: Path
) -> None:
    eggs = [library / f"{name}-1.0.egg" for name in ("one", "two")]
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": "" for egg in eggs})
    write(library, {"easy-install.pth": "./one-1.0.egg\n./mine\n./two-1.0.egg"})
    uninstalls = [
        uninstall_paths(installed_at(egg / "EGG-INFO", egg.name[:3]), environment) for egg in eggs
    ]
    remove(uninstalls, environment)
    assert tree(library) == {"easy-install.pth": b"./mine\n"}


def test_a_removal_that_fails_changes_nothing(
    environment: InstallEnvironment, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    egg = library / "demo-1.0.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": "", "easy-install.pth": "./demo-1.0.egg\n"})
    before = tree(library)
    uninstall = uninstall_paths(installed_at(egg / "EGG-INFO"), environment)
    rename = os.rename

    def failing(source: str, target: str) -> None:
        if target.endswith("easy-install.pth") and library.joinpath(egg.name).exists() is False:
            monkeypatch.setattr(os, "rename", rename)
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="No space left"):
        remove([uninstall], environment)
    assert tree(library) == before


def test_a_removal_from_another_folder_works_without_the_library(
    environment: InstallEnvironment, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "user"
    write(elsewhere, {"demo-1.0.dist-info/RECORD": "demo-1.0.dist-info/RECORD,,\n"})
    info = elsewhere / "demo-1.0.dist-info"
    uninstall = uninstall_paths(installed_at(info), replace(environment, is_virtual=False))
    remove([uninstall], environment)
    assert not info.exists()


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (b"./a\n./b\n", b"./b\n"),
        (b"./b\n./a", b"./b\n"),
        (b"./a\r\n./b\r\n", b"./b\r\n"),
        (b"./a\n./b\r\n", b"./a\n./b\r\n"),
        (b"./a\n./a\n", b"./a\n"),
        (b"./aa", b"./aa\n"),
        (b"", b""),
    ],
)
def test_the_first_occurrence_of_a_line_is_removed_and_the_last_line_is_ended(
    content: bytes, result: bytes
) -> None:
    assert without_lines(content, ["./a"]) == result
