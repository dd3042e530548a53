"""`pipfast doctor` in damaged environments: each problem is found, and mended where it says so."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipfast.commands._doctor.checks import NAMES
from pipfast.transaction.environment_lock import locked
from tests.kit.house import House
from tests.kit.site import Question, Reply, serving, tls_context
from tests.kit.wheels import wheel

FILES = {"demo/__init__.py": "V = 1\n", "demo/run.py": "main = print\n", "demo/data.txt": "data\n"}
DEMO = wheel("demo", "1.0", files=FILES, scripts={"demo-run": "demo.run:main"})
NEWER = wheel("demo", "2.0", files={**FILES, "demo/__init__.py": "V = 2\n"})
DEP, NEEDY = wheel("dep"), wheel("needy", "1.0", "dep")


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.offer(DEMO, NEWER, DEP, NEEDY)
    made.run("install", "demo<2")
    return made


def problems(house: House, *words: str, **variables: str) -> list[dict[str, Any]]:
    """Return the problems that are left; the exit code must agree."""
    document = house.json("doctor", "--json", *words, code=None, **variables)
    left = [each for each in document["findings"] if each["problem"] and not each["mended"]]
    assert document["healthy"] is (not left)
    house.run("doctor", *words, code=int(bool(left)), **variables)
    return left


def found(house: House, *words: str, **variables: str) -> dict[str, Any]:
    """Return the only problem; it has a text and a remedy."""
    [problem] = problems(house, *words, **variables)
    assert problem["text"]
    assert problem["remedy"]
    assert f"- {problem['text']}" in house.run("doctor", *words, code=1, **variables)
    return problem


def fixed(house: House, kind: str) -> str:
    """Mend an environment with a problem of that kind; return the output."""
    assert found(house)["kind"] == kind
    output = house.run("doctor", "--fix")
    assert "mended: " in output
    assert problems(house) == []
    return output


@pytest.mark.parametrize("parity", ["0", "1"])
def test_a_healthy_environment_has_no_problem(house: House, parity: str) -> None:
    house.variables["PIPFAST_PIP_COMPAT"] = parity
    house.run("install", "needy")
    before = house.content()
    output = house.run("doctor")
    assert output.startswith(f"{house.env} (Python ")
    assert output.endswith("\nNo problems found.\n")
    assert re.findall(r"^  ([\w-]+) +ok$", output, re.MULTILINE) == [*NAMES]
    assert re.search(r"/v1: 3 unpacked wheels, [\d.]+ kB in all, [\d.]+ \w+ free", output)
    document = house.json("doctor", "--json")
    assert document["healthy"] is True
    assert document["checks"] == [*NAMES]
    assert house.run("doctor", "--fix").endswith("\nNo problems found.\n")
    assert house.content() == before


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--only", "x"), "there is no check 'x'; the checks are interrupted-runs, "),
        (("--skip",), "--skip option requires 1 argument"),
        (("demo",), "unexpected arguments: demo"),
        (("--repair",), "no such option: --repair"),
    ],
)
def test_bad_arguments_end_with_usage(house: House, words: tuple[str, ...], line: str) -> None:
    output = house.run("doctor", *words, code=2)
    assert output.startswith("Usage:\n  pipfast doctor")
    assert line in output


def test_checks_can_be_chosen(house: House) -> None:
    (house.library / "demo/data.txt").unlink()
    assert problems(house, "--skip", "files") == []
    assert problems(house, "--only", "metadata", "--only", "path") == []
    assert house.json("doctor", "--json", "--only", "files", code=1)["checks"] == ["files"]


# What killed runs have left


def test_an_interrupted_run_is_found_and_undone(house: House) -> None:
    before = house.content()
    house.killed(3, "install", "-U", "demo")
    half = house.content()
    kinds = {each["kind"] for each in problems(house)}
    assert "interrupted-run" in kinds
    assert house.content() == half, "without --fix nothing is changed"
    house.run("doctor", "--fix")
    assert house.content() == before
    assert problems(house) == []


def test_a_run_that_changes_the_environment_now_is_not_interrupted(house: House) -> None:
    house.killed(3, "install", "-U", "demo")
    with locked(str(house.library)):
        assert problems(house, "--only", "interrupted-runs") == []
    assert problems(house, "--only", "interrupted-runs") != []


def test_temporary_files_of_killed_runs_are_found_and_removed(house: House) -> None:
    program = "from pipfast.store.filesystem.owned_names import *; print(unused_name('pipfast'))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    names = house.folder / done.stdout.strip(), house.library / done.stdout.strip()
    names[0].mkdir()
    names[1].write_text("")
    assert {each["kind"] for each in problems(house)} == {"abandoned-file"}
    assert {each["data"]["path"] for each in problems(house)} == {str(each) for each in names}
    house.run("doctor", "--fix")
    assert not any(each.exists() for each in names)


@pytest.mark.parametrize("name", ["~emo", "~emo-0.9.dist-info"])
def test_what_a_killed_pip_left_is_removed_if_it_is_spare(house: House, name: str) -> None:
    (house.library / name).mkdir()
    (house.library / name / "METADATA").write_text("Name: demo\n")
    fixed(house, "pip-leftover")
    assert not (house.library / name).exists()


def test_what_a_killed_pip_left_stays_if_it_may_be_needed(house: House) -> None:
    (house.library / "~ther-1.0.dist-info").mkdir()
    problem = found(house)
    assert problem["remedy"].startswith("remove it if nothing is missing: rm -r ")
    house.run("doctor", "--fix", code=1)
    assert (house.library / "~ther-1.0.dist-info").is_dir()


def test_a_package_that_may_be_of_another_project_stays(house: House) -> None:
    (house.library / "~emo").mkdir()
    info = house.library / "~emo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: memo\nVersion: 1.0\n")
    house.run("doctor", "--fix", code=1)
    assert (house.library / "~emo").is_dir()
    assert info.is_dir()


# Metadata


def test_an_empty_metadata_folder_is_found_and_removed(house: House) -> None:
    folder = house.library / "other-1.0.dist-info"
    folder.mkdir()
    fixed(house, "metadata-incomplete")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["METADATA", "RECORD"])
def test_a_half_installed_distribution_is_found(house: House, name: str) -> None:
    (house.library / "demo-1.0.dist-info" / name).unlink()
    kinds = {each["kind"]: each for each in problems(house, "--skip", "files")}
    problem = kinds["metadata-incomplete"]
    assert problem["data"]["missing"] == [name]
    assert problem["remedy"] == "pipfast install --force-reinstall --no-deps demo"


def test_stale_metadata_of_a_project_are_found_and_removed(house: House) -> None:
    shutil.copytree(house.library / "demo-1.0.dist-info", house.folder / "old")
    house.run("install", "-U", "demo")
    shutil.move(house.folder / "old", house.library / "demo-1.0.dist-info")
    [twice] = problems(house, "--only", "metadata")
    assert twice["kind"] == "installed-twice"
    house.run("doctor", "--fix", "--only", "metadata")
    assert problems(house) == []
    assert house.installed() == {"demo": "2.0"}


def test_two_sound_distributions_of_a_project_are_found_and_stay(house: House) -> None:
    other = house.library / "demo-0.9.dist-info"
    shutil.copytree(house.library / "demo-1.0.dist-info", other)
    record = (other / "RECORD").read_text().replace("demo-1.0.dist-info", other.name)
    (other / "RECORD").write_text(record)
    problem = found(house, "--only", "metadata")
    assert "is installed 2 times" in problem["text"]
    house.run("doctor", "--fix", "--only", "metadata", code=1)
    assert other.is_dir()


def test_broken_requirements_are_found(house: House) -> None:
    house.run("install", "needy")
    house.run("uninstall", "-y", "dep")
    problem = found(house)
    assert problem["text"] == "needy 1.0 requires dep, which is not installed."
    house.run("undo")
    assert problems(house) == []


@pytest.mark.parametrize(
    "content", [b"", b"\xff\0\n", b'"', b"a,sha256=x,y\n", b"../" * 99 + b"x,,"]
)
def test_a_damaged_record_ends_no_other_check(house: House, content: bytes) -> None:
    (house.library / "demo-1.0.dist-info/RECORD").write_bytes(content)
    assert problems(house)
    assert "store             ok" in house.run("doctor", code=1)
    house.run("doctor", "--fix", code=None)


def test_odd_files_end_no_check(house: House) -> None:
    (house.library / "file-1.0.dist-info").write_text("")
    (house.library / "link-1.0.dist-info").symlink_to("nowhere")
    (house.library / "old-1.0.egg-info").write_text("Name: old\nVersion: 1.0\n")
    (house.library / "deep-1.0.dist-info/METADATA").mkdir(parents=True)
    (house.library / os.fsdecode(b"\xff-1.0.dist-info")).mkdir()
    output = house.run("doctor", "--fix", code=1)
    assert "could not be completed" not in output


# Files


def test_missing_files_are_found_and_come_from_the_store(house: House) -> None:
    before = house.content()
    (house.library / "demo/data.txt").unlink()
    (house.env / "bin/demo-run").unlink()
    house.withdraw()
    output = fixed(house, "files-missing")
    assert "mended: demo 1.0: 2 files are missing: " in output
    assert house.content() == before
    assert "doctor --fix" in house.run("history")


def test_missing_files_that_the_store_lacks_come_with_the_remedy(house: House) -> None:
    (house.library / "demo/data.txt").unlink()
    shutil.rmtree(house.cache / "pipfast/v1/archives")
    problem = found(house)
    assert problem["data"]["in_store"] is False
    house.run("doctor", "--fix", code=1)
    assert problem["remedy"].endswith("pipfast install --force-reinstall --no-deps demo==1.0")
    house.run("install", "--force-reinstall", "--no-deps", "demo==1.0")
    assert problems(house) == []


def edit(path: Path, text: str) -> None:
    """Change a file that has no other name."""
    content = path.read_text() + text
    path.unlink()
    path.write_text(content)


def test_changed_files_are_found_and_stay(house: House) -> None:
    edit(house.library / "demo/data.txt", "more\n")
    problem = found(house)
    assert problem["kind"] == "files-changed"
    assert problem["data"]["paths"] == [str(house.library / "demo/data.txt")]
    house.run("doctor", "--fix", code=1)
    assert (house.library / "demo/data.txt").read_text() == "data\nmore\n"
    house.run(*problem["remedy"].partition("pipfast ")[2].split())
    assert problems(house) == []


def test_an_edit_of_the_same_size_is_found(house: House) -> None:
    path = house.library / "demo/data.txt"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.unlink()
    path.write_text("DATA\n")
    os.utime(path, ns=times)
    assert found(house)["kind"] == "files-changed"


def test_files_missing_beside_edited_ones_are_not_put_back(house: House) -> None:
    edit(house.library / "demo/data.txt", "more\n")
    (house.library / "demo/run.py").unlink()
    assert {each["kind"] for each in problems(house)} == {"files-changed", "files-missing"}
    house.run("doctor", "--fix", code=1)
    assert not (house.library / "demo/run.py").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs hard links")
def test_changed_files_of_several_environments_are_found(tmp_path: Path) -> None:
    first = House(tmp_path, {"PIPFAST_LINK_MODE": "hardlink"})
    first.offer(DEMO)
    first.run("install", "demo")
    (tmp_path / "second").mkdir()
    second = House(tmp_path / "second", first.variables)
    second.run("install", "demo")
    path = second.library / "demo/data.txt"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    with path.open("r+") as file:  # as an editor does that writes in place
        file.write("DATA")
    os.utime(path, ns=times)
    for house in (first, second):
        problem = found(house)
        assert problem["kind"] == "shared-files-changed"
        assert len(problem["data"]["archives"]) == 1
    output = second.run("doctor", "--fix", code=1)
    assert "0 unpacked wheels" in second.run("doctor", code=1)
    assert "PIPFAST_LINK_MODE=copy pipfast install --force-reinstall" in output
    for house in (first, second):
        words = "install", "--force-reinstall", "--no-deps", "demo==1.0"
        house.run(*words, PIPFAST_LINK_MODE="copy")
        assert problems(house) == []


def test_files_that_no_distribution_lists_are_found(house: House) -> None:
    (house.library / "demo/added.py").write_text("")
    (house.library / "single.py").write_text("")
    subprocess.run([house.python, "-c", "import demo, single"], check=True)  # writes bytecode
    problem = found(house)
    assert problem["kind"] == "files-added"
    assert problem["data"]["paths"] == [str(house.library / "demo/added.py")]


def test_bytecode_may_be_missing(house: House) -> None:
    for folder in house.library.rglob("__pycache__"):
        shutil.rmtree(folder)
    assert problems(house) == []


# Scripts


@pytest.mark.parametrize("name", ["moved", "moved to a place with blanks"])
def test_scripts_of_a_moved_environment_are_found_and_mended(house: House, name: str) -> None:
    former = house.env
    house.env = house.env.rename(house.folder / name)
    kinds = {each["kind"]: each for each in problems(house)}
    assert kinds.keys() == {"scripts-of-other-python", "activation-elsewhere"}
    assert kinds["scripts-of-other-python"]["data"]["is_gone"] is True
    output = house.run("doctor", "--fix")
    assert f"mended: 1 script of {former}/bin/python" in output
    assert problems(house) == []
    assert subprocess.run([house.env / "bin/demo-run"], check=False).returncode == 0
    command = f". '{house.env}/bin/activate'; command -v python"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(house.env / "bin/python")
    house.run("uninstall", "-y", "demo")
    assert not (house.env / "bin/demo-run").exists()


def test_a_copied_environment_has_scripts_of_another(house: House) -> None:
    copied = house.folder / "copied"
    shutil.copytree(house.env, copied, symlinks=True)
    house.env = copied
    kinds = {each["kind"]: each for each in problems(house)}
    assert kinds["scripts-of-other-python"]["data"]["is_gone"] is False


def test_an_edited_script_is_no_script_to_mend(house: House) -> None:
    script = house.env / "bin/demo-run"
    edit(script, "# mine\n")
    house.env = house.env.rename(house.folder / "moved")
    house.run("doctor", "--fix", code=1)
    assert (house.env / "bin/demo-run").read_text().endswith("# mine\n")
    assert {each["kind"] for each in problems(house)} == {"files-changed"}


@pytest.mark.parametrize("line", ["#!/usr/bin/env python3", "#!/usr/bin/python3", "#!/bin/sh"])
def test_a_script_may_name_an_interpreter_of_the_system(house: House, line: str) -> None:
    house.offer(wheel("tool", files={}, data={"scripts/tool": f"{line}\n"}))
    house.run("install", "tool")
    assert problems(house) == []


def test_an_environment_without_its_python_is_found(house: House) -> None:
    (house.env / "bin/python").unlink()
    (house.env / "bin/python").write_text("#!/bin/sh\nexit 3\n")
    (house.env / "bin/python").chmod(0o755)
    assert found(house)["kind"] == "python-unusable"


# Search paths


def test_what_the_environment_hides_of_the_user_site_is_found(tmp_path: Path) -> None:
    house = House(tmp_path, {"PYTHONUSERBASE": str(tmp_path / "user")}, with_system_site=True)
    house.offer(DEMO, NEWER)
    house.run("install", "--user", "demo<2")
    assert problems(house, "--only", "user-site") == []
    house.run("install", "--no-user", "--ignore-installed", "demo")
    problem = found(house, "--only", "user-site")
    assert problem["data"]["project"] == "demo"
    assert problem["data"]["seen"] == ["2.0", str(house.library)]
    assert problem["data"]["hidden"][0] == "1.0"


def test_hidden_programs_are_found(house: House) -> None:
    other = house.folder / "bin"
    other.mkdir()
    for name in ("demo-run", "unrelated"):
        (other / name).write_text("#!/bin/sh\n")
        (other / name).chmod(0o755)
    own = f"{house.env}/bin"
    assert problems(house, PATH=f"{own}:{other}:{os.defpath}") == []
    problem = found(house, PATH=f"{other}:{own}:{os.defpath}")
    assert problem["data"] == {"names": ["demo-run"], "folder": own, "by": str(other)}
    assert found(house, VIRTUAL_ENV=str(house.env))["kind"] == "scripts-not-found"


# The store


def test_damaged_wheels_of_the_store_are_found_and_removed(house: House) -> None:
    [archive] = house.cache.glob("pipfast/v1/archives/*")
    (archive / "files/0").unlink()
    output = fixed(house, "archive-damaged")
    assert DEMO.filename in output
    assert not archive.exists()


def test_a_damaged_manifest_is_found(house: House) -> None:
    [archive] = house.cache.glob("pipfast/v1/archives/*")
    (archive / "manifest").write_bytes(b"damaged")
    fixed(house, "archive-damaged")


@pytest.mark.parametrize("words", [(), ("--no-cache-dir",)])
def test_a_store_that_cannot_be_used_is_found(house: House, words: tuple[str, ...]) -> None:
    cache = {} if words else {"PIP_CACHE_DIR": "/proc/no/cache"}
    document = house.json(*words, "doctor", "--json", "--only", "store", code=1, **cache)
    [problem] = [each for each in document["findings"] if each["problem"]]
    assert problem["kind"] == "store-unusable"
    assert problem["remedy"]


# Settings


def test_settings_without_effect_are_found(house: House) -> None:
    (house.folder / "pip.conf").write_text(
        "[global]\ntimeuot = 3\ntimeout = 3\n"
        "[install]\nuser-agent = x\n"
        "[pipfast]\nlinkmode = copy\n[instal]\ntimeout = 3\n"
    )
    variables = {
        "PIPFAST_PIPCOMPAT": "1", "PIP_INDEXURL": "x", "PIP_TIMEOUT": "3",
        "PIP_TOOLS_CACHE_DIR": "x",
        "PIP_CONFIG_FILE": str(house.folder / "pip.conf"),
    }  # fmt: skip
    left = {each["data"]["name"]: each["data"] for each in problems(house, **variables)}
    assert {name: data["nearest"] for name, data in left.items()} == {
        "PIPFAST_PIPCOMPAT": "PIPFAST_PIP_COMPAT",
        "PIP_INDEXURL": "PIP_INDEX_URL",
        "global.timeuot": "global.timeout",
        "install.user-agent": "",
        "[instal]": "[install]",
        "linkmode": "link-mode",
    }
    assert left["global.timeuot"]["path"] == variables["PIP_CONFIG_FILE"]


# Indexes


def guarded(question: Question) -> Reply:
    if question.account != "me:hushSecret":
        return Reply(b"", 401, {"www-authenticate": 'Basic realm="here"'})
    return Reply(b"")


def facts(house: House, index: str) -> tuple[dict[str, Any], str]:
    """Return the only finding on an index, and the output."""
    online = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": index}
    [entry] = house.json("doctor", "--json", "--only", "index", code=None, **online)["findings"]
    return entry, house.run("doctor", "--only", "index", code=None, **online)


def test_the_answer_and_the_credentials_of_an_index_are_told(house: House) -> None:
    with serving() as site:
        site.pages["/open/pip/"] = Reply(b"")
        site.pages["/guarded/pip/"] = guarded
        entry, _ = facts(house, f"{site.base}/open")
        assert (entry["kind"], entry["data"]["status"]) == ("index-reached", 200)
        assert entry["data"]["credentials"] == "none"
        entry, _ = facts(house, f"{site.base}/empty")
        assert (entry["kind"], entry["data"]["status"]) == ("index-reached", 404)
        entry, _ = facts(house, f"{site.base}/guarded")
        assert entry["kind"] == "index-failed"
        assert entry["remedy"]
        known = f"{site.base}/guarded".replace("//", "//me:hushSecret@")
        entry, output = facts(house, known)
        assert entry["kind"] == "index-reached"
        assert "credentials found in the " in output
        assert "hush" not in output + str(entry)
        (house.folder / ".netrc").write_text("machine 127.0.0.1 login me password hushSecret\n")
        entry, output = facts(house, f"{site.base}/guarded")
        assert entry["data"]["credentials"] == "netrc"
        assert "hush" not in output + str(entry)
        assert len(site.questions) < 20


def test_an_index_that_does_not_answer_is_found(house: House) -> None:
    entry, output = facts(house, "http://127.0.0.1:1/simple")
    assert entry["kind"] == "index-failed"
    assert "refused" in output
    with serving() as site:
        site.pages["/simple/pip/"] = Reply(b"", 404)
        site.pages["/broken/pip/"] = Reply(b"", 500)
        assert facts(house, f"{site.base}/broken")[0]["kind"] == "index-failed"
        site.pages["/no/pip/"] = Reply(b"", 403)
        assert facts(house, f"{site.base}/no")[0]["kind"] == "index-failed"


def test_a_certificate_that_is_not_trusted_is_found(house: House, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    context, certificate = tls_context(tmp_path / "tls")
    with serving(context) as site:
        site.pages["/simple/pip/"] = Reply(b"")
        index = f"{site.base}/simple".replace("http:", "https:")
        entry, output = facts(house, index)
        assert entry["kind"] == "index-failed"
        assert "certificate" in output
        house.variables["PIP_CERT"] = certificate
        entry, output = facts(house, index)
        assert entry["kind"] == "index-reached"
        assert "TLS certificate trusted" in output


def test_a_folder_of_links_that_is_gone_is_found(house: House) -> None:
    problem = found(house, PIP_FIND_LINKS=f"{house.wheels} {house.folder}/gone")
    assert problem["text"] == f"{house.folder}/gone does not exist"


def test_no_secret_reaches_the_report(house: House) -> None:
    pair = base64.b64encode(b"me:hushSecret").decode()
    index = "http://me:hushSecret@127.0.0.1:1/simple"
    output = house.run("doctor", code=1, PIP_NO_INDEX="0", PIP_INDEX_URL=index)
    output += house.run("doctor", "--json", code=1, PIP_NO_INDEX="0", PIP_INDEX_URL=index)
    assert "hush" not in output
    assert pair not in output
