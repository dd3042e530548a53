"""Which files go with a distribution, of every kind that installers have left."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.transaction.apply import outgoing_of, remove
from pipfast.transaction.owned_files import NoRecordError, WrongLinkError, belongings
from pipfast.transaction.removal import without
from pipfast.transaction.target_environment import Site
from tests.transaction.world import site_in, tree

POINTS = "[console_scripts]\ndemo = demo:main\n[gui_scripts]\nwindow = demo:main\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "env" / "lib" / "site-packages"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def site(tmp_path: Path, library: Path) -> Site:
    return site_in(tmp_path, link_folders=(str(library),))


def write(folder: Path, files: dict[str, str]) -> None:
    """Put files into `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(info: Path, name: str = "demo", version: str | None = "1.0") -> Installed:
    """A distribution whose metadata is at `info`."""
    return Installed(
        name=canonicalize_name(name),
        raw_name=name,
        version=version or "",
        raw_version=version,
        location=str(info.parent),
        info=str(info),
    )


def gone(installed: Installed, site: Site, library: Path) -> set[str]:
    """What a removal takes out of the library, and of the folder of scripts."""
    before = tree(library.parents[1])
    remove([outgoing_of(installed, site)], site)
    after = tree(library.parents[1])
    return {name.removeprefix("lib/site-packages/") for name in before.keys() - after.keys()}


def test_what_setuptools_recorded_goes_and_nothing_else(site: Site, library: Path) -> None:
    info = library / "demo-1.0-py3.egg-info"
    write(library, {
        "demo/__init__.py": "", "demo/data.txt": "", "demo/mine.txt": "",
        f"{info.name}/PKG-INFO": "Name: demo\n", f"{info.name}/entry_points.txt": POINTS,
        f"{info.name}/installed-files.txt": "../demo/__init__.py\n../demo/data.txt\nPKG-INFO\n",
        "../../bin/demo": "", "../../bin/window": "", "../../bin/other": "",
    })  # fmt: skip
    assert gone(found(info), site, library) == {
        "demo/__init__.py", "demo/data.txt", "bin/demo", "bin/window",
        *(f"{info.name}/{name}" for name in ("PKG-INFO", "entry_points.txt")),
        f"{info.name}/installed-files.txt",
    }  # fmt: skip


def test_packages_go_whole_where_nothing_was_recorded(site: Site, library: Path) -> None:
    info = library / "demo-1.0-py3.egg-info"
    write(library, {
        "demo/__init__.py": "", "demo/mine.txt": "", "single.py": "", "space/other.py": "",
        f"{info.name}/PKG-INFO": "", f"{info.name}/top_level.txt": "demo\nsingle\nspace\n",
        f"{info.name}/namespace_packages.txt": "space\n",
    })  # fmt: skip
    left = {"space/other.py"}
    assert gone(found(info), site, library).isdisjoint(left)
    assert set(tree(library)) == left


def test_an_egg_goes_with_its_line(site: Site, library: Path) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {
        f"{egg.name}/EGG-INFO/PKG-INFO": "", f"{egg.name}/demo.py": "",
        f"{egg.name}/EGG-INFO/scripts/run": "", "../../bin/run": "",
        "easy-install.pth": f"./a.egg\n./{egg.name}\n./z.egg\n",
    })  # fmt: skip
    (library / "easy-install.pth").chmod(0o640)
    remove([outgoing_of(found(egg / "EGG-INFO"), site)], site)
    assert tree(library.parents[1]) == {"lib/site-packages/easy-install.pth": b"./a.egg\n./z.egg\n"}
    assert (library / "easy-install.pth").stat().st_mode & 0o777 == 0o640


def test_scripts_of_a_zipped_egg_are_found_in_it(site: Site, library: Path) -> None:
    egg = library / "demo-1.0-py3.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        archive.writestr("EGG-INFO/entry_points.txt", POINTS)
    own = belongings(found(egg / "EGG-INFO"), site)
    assert own.paths == (str(egg), f"{site.scripts}/demo", f"{site.scripts}/window")


@pytest.mark.parametrize("link", ["de-mo.egg-link", "de_mo.egg-link"])
def test_a_development_install_loses_its_link_and_its_line(
    site: Site, library: Path, tmp_path: Path, link: str
) -> None:
    source = tmp_path / "source"
    write(source, {"de_mo.py": "", "de_mo.egg-info/PKG-INFO": ""})
    write(library, {link: f"{source}\n.", "easy-install.pth": f"{source}\n"})
    before = tree(source)
    remove([outgoing_of(found(source / "de_mo.egg-info", "de_mo"), site)], site)
    assert tree(library) == {"easy-install.pth": b""}
    assert tree(source) == before


def test_a_link_that_leads_elsewhere_is_refused(site: Site, library: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    write(source, {"demo.egg-info/PKG-INFO": ""})
    write(library, {"demo.egg-link": f"{tmp_path}\n."})
    with pytest.raises(WrongLinkError, match="does not match installed location of demo"):
        belongings(found(source / "demo.egg-info"), site)


def test_metadata_of_nobodys_install_takes_nothing_along(site: Site, library: Path) -> None:
    info = library / "demo.egg-info"
    write(library, {f"{info.name}/PKG-INFO": "", "demo.py": ""})
    leaving = outgoing_of(found(info), site)
    assert not leaving.present
    assert [said.text for said in leaving.said] == [
        "Can't uninstall 'demo'. No files were found to uninstall."
    ]


def test_without_a_version_pip_says_none(site: Site, library: Path) -> None:
    info = library / "demo-1.0.dist-info"
    info.mkdir()
    with pytest.raises(NoRecordError, match="Cannot uninstall demo None"):
        belongings(found(info, version=None), site)


def test_bytecode_goes_only_with_its_module(site: Site, library: Path) -> None:
    info = library / "demo-1.0.dist-info"
    caches = [f"__pycache__/{name}.{site.cache_tag}.pyc" for name in ("one", "two")]
    write(library, {
        f"{info.name}/RECORD": "one.py,,\ntwo.py,,\n", "one.py": "", **dict.fromkeys(caches, ""),
    })  # fmt: skip
    assert gone(found(info), site, library) == {"one.py", caches[0]}


def test_a_missing_file_of_paths_is_told_of(site: Site, library: Path) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": ""})
    leaving = outgoing_of(found(egg / "EGG-INFO"), site)
    remove([leaving], site)
    assert [said.text for said in leaving.said] == [
        "Uninstalling demo-1.0:",
        f"  Cannot remove entries from nonexistent file {library / 'easy-install.pth'}",
        "  Successfully uninstalled demo-1.0",
    ]
    assert tree(library) == {}


def test_a_line_outside_the_prefix_stays(site: Site, library: Path, tmp_path: Path) -> None:
    egg = library / "demo-1.0-py3.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": ""})
    outside = tmp_path / "outside.pth"
    outside.write_text(f"./{egg.name}\n", encoding="utf-8")
    (library / "easy-install.pth").symlink_to(outside)
    leaving = outgoing_of(found(egg / "EGG-INFO"), site)
    assert leaving.refused == {str(outside)}
    assert leaving.entries == {}


def test_several_lines_go_out_of_one_file(site: Site, library: Path) -> None:
    eggs = [library / f"{name}-1.0.egg" for name in ("one", "two")]
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": "" for egg in eggs})
    write(library, {"easy-install.pth": "./one-1.0.egg\n./mine\n./two-1.0.egg"})
    leaving = [outgoing_of(found(egg / "EGG-INFO", egg.name[:3]), site) for egg in eggs]
    remove(leaving, site)
    assert tree(library) == {"easy-install.pth": b"./mine\n"}


def test_a_removal_that_fails_leaves_all_as_it_was(
    site: Site, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    egg = library / "demo-1.0.egg"
    write(library, {f"{egg.name}/EGG-INFO/PKG-INFO": "", "easy-install.pth": "./demo-1.0.egg\n"})
    before = tree(library)
    leaving = outgoing_of(found(egg / "EGG-INFO"), site)
    rename = os.rename

    def failing(source: str, target: str) -> None:
        if target.endswith("easy-install.pth") and library.joinpath(egg.name).exists() is False:
            monkeypatch.setattr(os, "rename", rename)
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="No space left"):
        remove([leaving], site)
    assert tree(library) == before


def test_a_removal_in_a_folder_that_is_not_there_makes_none(site: Site, tmp_path: Path) -> None:
    elsewhere = tmp_path / "user"
    write(elsewhere, {"demo-1.0.dist-info/RECORD": "demo-1.0.dist-info/RECORD,,\n"})
    info = elsewhere / "demo-1.0.dist-info"
    leaving = outgoing_of(found(info), replace(site, is_virtual=False))
    remove([leaving], site)
    assert not info.exists()


@pytest.mark.parametrize(
    ("content", "left"),
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
def test_one_line_goes_and_the_last_gets_an_end(content: bytes, left: bytes) -> None:
    assert without(content, ["./a"]) == left
