"""`pipfast parity`, with both programs at work on a folder of wheels."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.site import Reply, serving
from tests.kit.wheels import wheel

FILES = (wheel("demo", "1.0"), wheel("demo", "2.0", "dep"), wheel("dep", "1.0"))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for file in FILES:
        (tmp_path / file.filename).write_bytes(file.content)
    return tmp_path


def parity(
    here: Path, line: str, *before: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``parity`` in `here`; `before` is Python that both programs run first."""
    (here / "sitecustomize.py").write_text("\n".join(before))
    environ = {"PATH": os.defpath, "HOME": str(here), "PIP_CONFIG_FILE": os.devnull}
    environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(here), "PYTHONPATH": str(here)}
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "pipfast", "parity", *line.split()],
        cwd=here,
        env=environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


TIMES = r"pip \d+\.\d s, pipfast \d+\.\d s"


def result_line(ended: subprocess.CompletedProcess[str]) -> str:
    """The first line of the output; the second is the target with times."""
    line, target = ended.stdout.splitlines()[0], ended.stdout.splitlines()[-1]
    python = ".".join(map(str, sys.version_info[:3]))
    where = rf"for Python {python} in {re.escape(sys.prefix)} on \S+; {TIMES}"
    assert re.fullmatch(where, target), target
    return line


@pytest.mark.parametrize("line", ["demo --ignore-installed", "download -d x demo"])
def test_equal_results_end_with_0_and_leave_nothing(here: Path, line: str) -> None:
    before = {*here.iterdir(), here / "sitecustomize.py"}
    ended = parity(here, line)
    assert ended.returncode == 0, ended.stderr
    assert result_line(ended).endswith("(mode: guarded) give the same result: 2 distributions")
    assert {path for path in here.iterdir() if path.name != ".cache"} == before


HIDES = (
    "import sys",
    "if 'pipfast' in sys.orig_argv and 'install' in sys.orig_argv:",
    "    if 'parity' not in sys.orig_argv: sys.argv += ['demo<2']",
)
"""Makes pipfast resolve something else."""


def test_an_environment_that_has_it_all_is_a_hint_and_the_hint_is_right(here: Path) -> None:
    ended = parity(here, "pip")  # the tests' own environment has it
    assert ended.returncode == 0, ended.stderr
    assert result_line(ended).endswith("give the same result: 0 distributions")
    assert ended.stderr == (
        "hint: what is installed satisfies all requirements, so there was nothing to compare; to "
        "compare for a new environment, add --ignore-installed\n"
    )
    assert parity(here, "demo --ignore-installed").stderr == ""
    (here / "requirements.txt").write_text("pip\n")
    assert parity(here, "--each requirements.txt").stderr == ended.stderr


def test_different_results_end_with_1_and_the_differences(here: Path) -> None:
    ended = parity(here, "install demo --ignore-installed", *HIDES)
    assert ended.returncode == 1
    assert ended.stdout.splitlines()[1:3] == [
        "  demo: pip selects 2.0, pipfast selects 1.0",
        "  dep: pip selects 1.0, pipfast does not select it",
    ]
    assert ended.stderr.endswith("; for pip's results, set PIPFAST_PIP_COMPAT=1\n")


def test_equal_failures_of_the_resolver_end_with_0(here: Path) -> None:
    ended = parity(here, "demo>3")
    assert ended.returncode == 0
    assert result_line(ended).endswith(
        "fail with the same error: ERROR: No matching distribution found for demo>3"
    )


@pytest.mark.parametrize("status", [401, 403, 500])
def test_failures_of_a_server_are_not_compared(here: Path, status: int) -> None:
    with serving() as site:
        site.pages["/demo/"] = Reply(b"no", status)
        ended = parity(
            here, f"demo -i {site.base} --retries 0", PIP_NO_INDEX="0", PIP_FIND_LINKS=""
        )
    assert ended.returncode == 2, ended.stdout
    why = "a server or the network" if status == 500 else "credentials"
    assert f"could not be compared, because of {why}" in result_line(ended)


def test_a_server_that_is_not_there_is_not_compared(here: Path) -> None:
    with serving() as site:
        address = site.base
    ended = parity(here, f"demo -i {address} --retries 0", PIP_NO_INDEX="0", PIP_FIND_LINKS="")
    assert ended.returncode == 2, ended.stdout


def test_a_missing_file_is_not_compared(here: Path) -> None:
    ended = parity(here, "-r missing.txt")
    assert ended.returncode == 2
    assert "could not be compared, because of the input:" in result_line(ended)


def test_another_target_is_named(here: Path) -> None:
    ended = parity(here, "demo --platform any --python-version 3.12 --only-binary :all:")
    assert ended.returncode == 0, ended.stdout
    assert ", with --platform any --python-version 3.12; " in ended.stdout.splitlines()[-1]


def test_each_file_is_compared_by_itself_with_a_summary(here: Path) -> None:
    (here / "a.txt").write_text("demo\n")
    (here / "b.txt").write_text("dep\n")
    ended = parity(here, "--each a.txt b.txt missing.txt --ignore-installed", *HIDES)
    assert ended.returncode == 1
    lines = ended.stdout.splitlines()
    assert re.fullmatch(rf"a.txt: different; {TIMES}", lines[1])
    assert lines[2:4] == [
        "  demo: pip selects 2.0, pipfast selects 1.0",
        "  dep: pip selects 1.0, pipfast does not select it",
    ]
    assert re.fullmatch(rf"b.txt: different; {TIMES}", lines[4])
    assert re.fullmatch(rf"missing.txt: not compared, because of the input; {TIMES}", lines[6])
    assert re.fullmatch(rf"3 files: 0 same, 2 different, 1 not compared; {TIMES}", lines[-1])


def test_a_file_that_is_not_compared_ends_with_2_if_all_others_are_the_same(here: Path) -> None:
    (here / "b.txt").write_text("dep\n")
    ended = parity(here, "--each missing.txt b.txt --ignore-installed")
    assert ended.returncode == 2
    assert parity(here, "--each b.txt --ignore-installed").returncode == 0


def test_the_json_document_has_target_times_and_differences(here: Path) -> None:
    (here / "a.txt").write_text("demo\n")
    ended = parity(here, "--json --each a.txt --ignore-installed", *HIDES)
    assert ended.returncode == 1
    document = json.loads(ended.stdout)
    assert document["target"]["prefix"] == sys.prefix
    [one] = document["comparisons"]
    assert (one["file"], one["outcome"]) == ("a.txt", "different")
    assert one["differences"][0] == {
        "aspect": "version",
        "project": "demo",
        "pip": "2.0",
        "pipfast": "1.0",
        "text": "demo: pip selects 2.0, pipfast selects 1.0",
    }
    assert one["pipfast"]["seconds"] > 0
    assert one["pip"]["distributions"] == 2
    assert document["summary"]["different"] == 1


def test_commands_that_resolve_nothing_are_not_compared(here: Path) -> None:
    ended = parity(here, "uninstall demo")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "does not compare 'uninstall'" in ended.stderr


def test_each_needs_files(here: Path) -> None:
    ended = parity(here, "--each")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "ERROR: parity --each needs requirements files\n"
