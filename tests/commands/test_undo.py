"""`pipfast undo` in real environments."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.house import House
from tests.kit.projects import project
from tests.kit.site import Reply, ranged, serving
from tests.kit.wheels import sha256, wheel

FILES = {"other/__init__.py": "V = 1\n", "other/run.py": "main = print\n"}
DEMO, NEWER, DEP = wheel("demo", "1.0"), wheel("demo", "2.0", "dep"), wheel("dep")
OTHER = wheel("other", files=FILES, scripts={"other-run": "other.run:main"})
UPGRADE = ("install", "-U", "demo", "other")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An environment with an old release of demo."""
    made = House(tmp_path)
    made.offer(DEMO, NEWER, DEP, OTHER)
    made.run("install", "demo<2")
    return made


@pytest.mark.parametrize("parity", ["0", "1"])
def test_the_former_versions_come_back_from_the_store(tmp_path: Path, parity: str) -> None:
    house = House(tmp_path, {"PIPFAST_PIP_COMPAT": parity})
    house.offer(DEMO, NEWER, DEP, OTHER)
    house.run("install", "demo<2")
    before = house.content()
    house.run(*UPGRADE)
    after = house.content()
    house.withdraw()
    output = house.run("undo")
    assert output.splitlines() == [
        f"Undid change 2 (--python {house.env} install -U demo other):",
        "  - other 1.0",
        "  - dep 1.0",
        "  > demo 2.0 -> 1.0",
        "This is change 3; 'pipfast undo 3' reverses it.",
    ]
    assert house.content() == before
    house.run("undo", "3")
    assert house.content() == after


def test_repeated_undoing_goes_back_step_by_step(house: House) -> None:
    house.run("install", "dep")
    house.run(*UPGRADE)
    house.run("uninstall", "-y", "other")
    house.run("undo")
    assert house.installed() == {"demo": "2.0", "dep": "1.0", "other": "1.0"}
    house.run("undo")
    assert house.installed() == {"demo": "1.0", "dep": "1.0"}
    house.run("undo")
    assert house.installed() == {"demo": "1.0"}
    house.run("undo")
    assert house.installed() == {}
    assert house.run("undo") == "There is no change to undo.\n"
    document = house.json("undo", "--json")
    assert (document["undone"], document["distributions"]) == (None, [])


def test_an_earlier_change_is_undone_alone(house: House) -> None:
    house.run("install", "other")
    house.run("install", "dep")
    house.run("undo", "2")
    assert house.installed() == {"demo": "1.0", "dep": "1.0"}
    assert "(undone by 4)" in house.run("history")


def test_what_was_changed_since_is_not_undone(house: House) -> None:
    house.run(*UPGRADE)
    before = house.content()
    output = house.run("undo", "1", code=1)
    assert "demo: 1.0 was installed, 2.0 is installed now" in output
    assert house.content() == before
    house.run("uninstall", "-y", "demo")
    assert "demo: 2.0 was installed, is not installed now" in house.run("undo", "2", code=1)
    assert house.installed() == {"dep": "1.0", "other": "1.0"}
    house.run("undo", "2", "--keep", "Demo")
    assert house.installed() == {}


def test_a_change_that_others_undid_needs_nothing(house: House) -> None:
    house.run("install", "other")
    command = [sys.executable, "-m", "pip", "--python", str(house.env), "uninstall", "-qy", "other"]
    subprocess.run(command, check=True, env=house.variables)
    assert "Everything is as before change 2" in house.run("undo")


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("9",), 1, "There is no change 9"),
        (("x",), 1, "'x' is not the number of a change"),
        (("1", "2"), 1, "undo takes the number of one change"),
        (("--keep", "nowhere"), 1, "The change does not concern nowhere"),
        (("--keep",), 2, "--keep option requires 1 argument"),
        (("--force",), 2, "no such option: --force"),
    ],
)
def test_bad_arguments_change_nothing(
    house: House, words: tuple[str, ...], code: int, line: str
) -> None:
    assert line in house.run("undo", *words, code=code)
    assert house.installed() == {"demo": "1.0"}


def test_a_dry_run_changes_nothing(house: House) -> None:
    house.run(*UPGRADE)
    before = house.content()
    output = house.run("undo", "--dry-run")
    assert output.startswith("Would undo change 2")
    assert house.content() == before
    assert len(house.json("history", "--json")["changes"]) == 2


def test_json_says_what_was_done(house: House) -> None:
    house.run(*UPGRADE)
    assert house.json("undo", "--json") == {
        "version": "1",
        "undone": 2,
        "change": 3,
        "distributions": [
            {"name": "other", "before": "1.0", "after": None},
            {"name": "dep", "before": "1.0", "after": None},
            {"name": "demo", "before": "2.0", "after": "1.0"},
        ],
        "broken_requirements": [],
    }


def test_what_the_store_lost_comes_from_the_index(house: House) -> None:
    house.run(*UPGRADE)
    shutil.rmtree(house.cache / "pipfast/v1/archives")
    house.run("undo")
    assert house.installed() == {"demo": "1.0"}


def test_nothing_is_changed_if_a_file_is_nowhere(house: House) -> None:
    house.run(*UPGRADE)
    before = house.content()
    shutil.rmtree(house.cache / "pipfast/v1/archives")
    house.withdraw()
    assert "No matching distribution found for demo==1.0" in house.run("undo", code=1)
    assert house.content() == before


def test_an_archive_that_was_changed_is_not_used(house: House) -> None:
    house.run(*UPGRADE)
    for path in house.cache.glob("pipfast/v1/archives/*/files/0"):
        path.write_text("changed")
    house.run("undo")
    assert (house.library / "demo/__init__.py").read_text() != "changed"
    assert house.installed() == {"demo": "1.0"}


def test_distributions_of_other_installers_come_from_the_index(house: House) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(house.env), "install", "-q", "other"]
    subprocess.run(command, check=True, env=house.variables)
    house.run("uninstall", "-y", "other")
    house.run("undo")
    assert house.installed() == {"demo": "1.0", "other": "1.0"}


def test_whether_the_user_requested_it_comes_back(house: House) -> None:
    house.run("install", "demo==2.0")
    house.run("uninstall", "-y", "demo", "dep")
    house.run("undo")
    requested = {path.parent.name for path in house.library.glob("*.dist-info/REQUESTED")}
    assert requested == {"demo-2.0.dist-info"}


@pytest.mark.parametrize("kept", [True, False], ids=["in the store", "purged"])
def test_direct_urls_and_editables_come_back(house: House, *, kept: bool) -> None:
    folder, edited = house.project(project("built")), house.project(project("edited"))
    archive = house.wheels / OTHER.filename
    house.run("install", str(folder), "-e", str(edited), archive.as_uri())
    before = house.content()
    house.run("uninstall", "-y", "built", "edited", "other")
    assert house.installed() == {"demo": "1.0"}
    if not kept:
        shutil.rmtree(house.cache / "pipfast/v1/archives")
    house.run("undo")
    found = house.content()
    assert found.keys() == before.keys()
    for path in before:
        if path.endswith("direct_url.json"):
            assert json.loads(found[path]) == json.loads(before[path])


def test_a_reinstall_of_a_folder_is_undone(house: House) -> None:
    folder = house.project(project("built"))
    house.run("install", str(folder))
    (folder / "built/__init__.py").write_text("V = 'edited'\n")
    house.run("install", str(folder))
    assert (house.library / "built/__init__.py").read_text() == "V = 'edited'\n"
    house.run("undo")
    assert "VERSION" in (house.library / "built/__init__.py").read_text()


def test_what_cannot_come_back_is_said(house: House) -> None:
    edited = house.project(project("edited"))
    house.run("install", "-e", str(edited))
    house.run("uninstall", "-y", "edited", "demo")
    shutil.rmtree(edited)
    output = house.run("undo", code=1)
    assert f"edited 1.0 was installed from {edited}, which is gone" in output
    assert "--keep edited" in output
    assert house.installed() == {}
    house.run("undo", "--keep", "edited")
    assert house.installed() == {"demo": "1.0"}


def test_requirements_that_break_are_reported(house: House) -> None:
    house.run("install", "dep")
    house.run("install", "-U", "demo")
    line = "demo 2.0 requires dep, which is not installed."
    assert f"WARNING: {line}" in house.run("undo", "2")
    house.run("undo", "4")
    assert house.json("undo", "2", "--json")["broken_requirements"] == [line]


def test_options_of_an_install_do_not_apply(house: House) -> None:
    house.run(*UPGRADE)
    (house.folder / "r.txt").write_text("nowhere\n")
    house.run("undo", PIP_REQUIREMENT="r.txt", PIP_TARGET="elsewhere", PIP_DRY_RUN="1")
    assert house.installed() == {"demo": "1.0"}


@pytest.mark.parametrize("move", [1, 3, 5])
def test_an_undoing_that_is_killed_is_recovered(house: House, move: int) -> None:
    house.run(*UPGRADE)
    before = house.content()
    house.killed(move, "undo")
    house.run("list")
    assert house.content() == before
    assert len(house.json("history", "--json")["changes"]) == 2
    house.run("undo")
    assert house.installed() == {"demo": "1.0"}


def test_the_user_site_has_its_own_changes(tmp_path: Path) -> None:
    own = {"PYTHONUSERBASE": str(tmp_path / "user"), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    house = House(tmp_path, own, target=getattr(sys, "_base_executable", sys.executable))
    house.offer(DEMO, NEWER, DEP)
    house.run("install", "--user", "demo<2")
    house.run("install", "--user", "-U", "demo")
    assert "user site-packages" in house.run("history")
    house.run("undo")
    [info] = (tmp_path / "user").rglob("demo-*.dist-info")
    assert info.name == "demo-1.0.dist-info"
    house.run("uninstall", "-y", "demo")
    house.run("undo")
    assert len([*(tmp_path / "user").rglob("demo-1.0.dist-info")]) == 1


def test_what_the_base_environment_has_is_left_alone(tmp_path: Path) -> None:
    house = House(tmp_path, with_system_site=True)
    base = wheel("pytest-stub-of-base", "1.0")
    house.offer(base, wheel("pytest-stub-of-base", "2.0"))
    outside = tmp_path / "outside"
    house.run("install", "--target", str(outside), "pytest-stub-of-base<2")
    house.variables["PYTHONPATH"] = str(outside)
    house.run("install", "-U", "pytest-stub-of-base")
    house.run("undo")
    assert not [*house.library.glob("pytest*")]
    assert [*outside.glob("*-1.0.dist-info")]


def test_under_the_name_of_pip_changes_are_noted_and_the_commands_are_missing(
    house: House,
) -> None:
    link = house.folder / "pip"
    link.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pipfast.main import run\n"
        f"sys.path[:0] = {site.getsitepackages()!r}\nsys.argv[0] = {str(link)!r}\nrun()\n"
    )
    link.chmod(0o755)
    environ = {**house.variables, "PATH": os.defpath}

    def pip(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(link), "--python", str(house.env), *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    assert pip("install", "other").returncode == 0
    assert "+ other 1.0" in house.run("history")
    for word in ("undo", "history"):
        assert f'ERROR: unknown command "{word}"' in pip(word).stderr
    assert house.installed() == {"demo": "1.0", "other": "1.0"}


def test_a_former_version_comes_from_an_index(house: House) -> None:
    house.run(*UPGRADE)
    shutil.rmtree(house.cache / "pipfast/v1/archives")
    with serving() as site:
        link = f'<a href="/files/{DEMO.filename}#sha256={sha256(DEMO.content)}">demo</a>'
        site.pages["/simple/demo/"] = Reply(link.encode(), headers={"content-type": "text/html"})
        site.pages[f"/files/{DEMO.filename}"] = ranged(DEMO.content)
        online = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": f"{site.base}/simple"}
        output = house.run("undo", code=0, **online)
    assert "Looking in indexes" in output
    assert house.installed() == {"demo": "1.0"}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("is_editable", [False, True])
def test_a_commit_of_a_repository_comes_back(house: House, *, is_editable: bool) -> None:
    folder = house.project(project("one"))
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@x"]
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *words], check=True, env=house.variables)
    options = ("-e", f"git+{folder.as_uri()}#egg=one") if is_editable else ()
    house.run("install", *(options or (f"one @ git+{folder.as_uri()}",)))
    before = house.content()
    (folder / "one/__init__.py").write_text("V = 'second'\n")
    subprocess.run([*git, "commit", "-qam", "second"], check=True, env=house.variables)
    house.run("uninstall", "-y", "one")
    house.run("cache", "remove", "one", code=None)
    shutil.rmtree(house.cache / "pipfast/v1/archives")
    house.run("undo")
    found = house.content()
    assert found.keys() == before.keys()
    for path in before:
        if "one/" in path:
            assert found[path] == before[path]


def test_what_was_removed_before_an_error_is_noted(house: House) -> None:
    house.run("install", "other")
    (house.library / "other-1.0.dist-info/RECORD").unlink()
    house.run("uninstall", "-y", "demo", "other", code=1)
    assert house.installed() == {"other": "1.0"}
    [*_, change] = house.json("history", "--json")["changes"]
    assert [one["name"] for one in change["distributions"]] == ["demo"]
    house.run("undo")
    assert house.installed() == {"demo": "1.0", "other": "1.0"}


def test_a_distribution_that_cannot_be_removed_leaves_everything(house: House) -> None:
    house.run(*UPGRADE)
    (house.library / "other-1.0.dist-info/RECORD").unlink()
    before = house.content()
    assert "other" in house.run("undo", code=1)
    assert house.content() == before
    house.run("undo", "--keep", "other")
    assert house.installed() == {"demo": "1.0", "other": "1.0"}
