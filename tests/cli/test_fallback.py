"""When real pip is asked, what is shown of it, and what passes through."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from pipfast.cli import delegate, registry, run
from pipfast.config.settings import Settings, settings
from pipfast.errors import Interrupted, NotNative, PipfastError
from pipfast.fetch.downloads.hash_check import HashMismatch
from pipfast.net.errors import SSLVerificationError
from pipfast.report.console import Console
from pipfast.resolve.errors import NoSolution
from pipfast.store.incidents import FOLDER
from pipfast.store.workers.pool import WorkerFailedError
from pipfast.transaction.errors import RollbackFailed

PARITY = {"PIPFAST_PIP_COMPAT": "1"}
NEVER = {"PIPFAST_FALLBACK": "never"}
BUG = KeyError("lost")
HASH = HashMismatch("demo", (), ())
CERTIFICATE = SSLVerificationError("https://h/simple/", "h", "self-signed")
CONFLICT = NoSolution("ResolutionImpossible")
PIPS_CODE = 7


def led_to(first: BaseException) -> Exception:
    """A bug on the way out that another failure has begun."""
    try:
        try:
            raise first
        except BaseException:  # noqa: BLE001
            raise KeyError("while telling of it")  # noqa: B904 - the context is what counts
    except KeyError as fault:
        return fault


class Runs:
    """Runs of an install that ends in a fault, with a real pip that notes that it was asked."""

    def __init__(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cache = cache
        self.asked: list[Sequence[str]] = []
        self._patch = monkeypatch

    def run(self, fault: BaseException, *words: str, **environ: str) -> int:
        def fail(_asked: Settings, _console: Console) -> int:
            raise fault

        def wait(_asked: object, words: Sequence[str], _environ: Mapping[str, str]) -> int:
            self.asked.append(words)
            return PIPS_CODE

        self._patch.setattr(registry, "command", lambda _asked, _environ: fail)
        self._patch.setattr(delegate, "wait", wait)
        line = ["install", "--cache-dir", str(self.cache), "demo", *words]
        variables = {"PIP_CONFIG_FILE": os.devnull, **environ}
        return run.do(settings(line, variables), line, variables)

    def records(self) -> list[dict[str, object]]:
        """The records that are kept."""
        return [json.loads(path.read_text()) for path in sorted((self.cache / FOLDER).iterdir())]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "fault",
    [BUG, NotNative("it is new"), WorkerFailedError("killed"), OSError(errno.EMFILE, "too many")],
    ids=lambda fault: type(fault).__name__,
)
def test_what_pipfast_itself_cannot_is_for_pip(runs: Runs, fault: Exception) -> None:
    assert runs.run(fault, **PARITY) == PIPS_CODE
    assert len(runs.asked) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (HASH, 1),
        (CERTIFICATE, 1),
        (CONFLICT, 1),
        (PipfastError("pip says so, too"), 1),
        (RollbackFailed("folder", ValueError()), 1),
        (Interrupted(), 1),
        (KeyboardInterrupt(), 1),
        (OSError(errno.ENOENT, "not there", "file"), 1),
        (led_to(KeyboardInterrupt()), 1),
        (led_to(HASH), 2),
        (led_to(CERTIFICATE), 2),
        (led_to(CONFLICT), 2),
        (led_to(RollbackFailed("folder", ValueError())), 2),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseException) else str(one),
)
def test_what_pip_would_refuse_too_is_never_for_pip(
    runs: Runs, fault: BaseException, code: int
) -> None:
    assert runs.run(fault, **PARITY) == code
    assert runs.asked == []


@pytest.mark.parametrize(
    ("number", "place", "asked"),
    [
        (errno.ENOENT, "pipfast/v1/archives/x", True),
        (errno.ENOSPC, "pipfast/v1/archives/x", False),
        (errno.ENOENT, "wheels/x", False),
    ],
)
def test_a_fault_of_our_own_store_is_ours_unless_the_disk_is_full(
    runs: Runs, number: int, place: str, *, asked: bool
) -> None:
    runs.run(OSError(number, os.strerror(number), str(runs.cache / place)), **PARITY)
    assert bool(runs.asked) is asked


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, "guarded is the default"),
        ({"PIPFAST_PIP_COMPAT": "0"}, "pip-compat is false: environment variable"),
        (PARITY | NEVER, "fallback is never: environment variable PIPFAST_FALLBACK"),
    ],
)
@pytest.mark.parametrize(("fault", "code"), [(BUG, 2), (NotNative("it is new"), 1)])
def test_where_pip_is_not_to_be_asked_the_error_says_what_to_set(
    runs: Runs,
    capsys: pytest.CaptureFixture[str],
    fault: Exception,
    code: int,
    environ: dict[str, str],
    why: str,
) -> None:
    assert runs.run(fault, **environ) == code
    assert runs.asked == []
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"hint: real pip was not run ({why}")
    assert last.endswith("to run it, set PIPFAST_FALLBACK=auto")


def test_the_setting_of_the_hint_has_pip_asked(runs: Runs) -> None:
    assert runs.run(BUG, PIPFAST_FALLBACK="auto") == PIPS_CODE


def test_the_last_lines_tell_that_pip_was_asked_and_why_and_where_the_record_is(
    runs: Runs, capsys: pytest.CaptureFixture[str]
) -> None:
    runs.run(BUG, **PARITY)
    that, where = capsys.readouterr().err.splitlines()[-2:]
    assert that.startswith("WARNING: pipfast handed this command to pip, which exited with 7: ")
    assert "KeyError: 'lost', pipfast/cli/run.py line" in that
    place = Path(where.removeprefix("WARNING: The incident report is in "))
    assert place.parent == runs.cache / FOLDER
    assert json.loads(place.read_text())["pip_exit_code"] == PIPS_CODE


def test_a_record_holds_what_a_report_needs_and_no_secret(runs: Runs) -> None:
    secrets = {"HOST_TOKEN": "hunter2hunter2", "PIP_INDEX_URL": "https://me:s3cr3t%21x@h/simple"}
    fault = KeyError("s3cr3t!x of hunter2hunter2")
    runs.run(fault, "-i", "https://you:p4ss@h/s?sig=abc", **PARITY, **secrets)
    (record,) = runs.records()
    assert record["argv"] == [
        *("install", "--cache-dir", str(runs.cache), "demo", "-i", "https://****@h/s?****"),
    ]
    assert record["mode"]["fallback"] == {  # type: ignore[index]
        "value": "auto",
        "why": "pip-compat is true: environment variable PIPFAST_PIP_COMPAT",
    }
    assert record["traceback"][-1] == "KeyError: '**** of ****'"  # type: ignore[index]
    assert record.keys() >= {"versions", "platform", "pip_exit_code", "why", "when"}
    text = json.dumps(record)
    assert not any(secret in text for secret in ("hunter2", "s3cr3t", "p4ss", "abc"))


def test_a_feature_that_is_not_there_has_no_traceback(runs: Runs) -> None:
    runs.run(NotNative("it is new"), **PARITY)
    (record,) = runs.records()
    assert (record["traceback"], record["why"]) == (
        [],
        "pipfast does not implement this yet (it is new)",
    )


def test_pip_s_answer_counts_where_no_record_can_be_kept(
    runs: Runs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Path:
        raise PermissionError("read only")

    monkeypatch.setattr("pipfast.cli.fallback.keep", fail)
    assert runs.run(BUG, **PARITY) == PIPS_CODE
    assert "report is in none (PermissionError: read only)" in capsys.readouterr().err


# A process of its own, in which another pip is found before the real one

BREAKS = """
import sys
sys.argv[0] = "pipfast"
import pipfast.{where} as where
def fail(*_): raise KeyError("lost")
where.{what} = fail
from pipfast.main import run
run()
"""


@pytest.fixture
def broken(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a pipfast with a bug beside a pip that is the given program."""

    def start(
        pip: str, *, where: str = "commands.install", what: str = "run_context", **environ: str
    ) -> subprocess.Popen[str]:
        (tmp_path / "pip.py").write_text(pip)
        variables = {"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
        variables |= {"PIP_CONFIG_FILE": os.devnull, **PARITY, **environ}
        return subprocess.Popen(
            [sys.executable, "-c", BREAKS.format(where=where, what=what), "install", "demo"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # no terminal tells both
        )

    return start


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.mark.parametrize("code", [0, 1, 120, 130])
def test_pip_s_exit_code_is_ours(broken: Start, code: int) -> None:
    started = broken(f"raise SystemExit({code})")
    _, errors = started.communicate(timeout=60)
    assert started.returncode == code
    assert f"which exited with {code}: " in errors


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_signal_that_ends_pip_ends_us(broken: Start) -> None:
    started = broken("import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    _, errors = started.communicate(timeout=60)
    assert started.returncode == -signal.SIGTERM
    assert "The incident report is in" in errors


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_for_us_is_pip_s(broken: Start, name: str) -> None:
    started = broken(
        "import signal, sys, time\n"
        f"signal.signal(signal.{name}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "time.sleep(50)\n"
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    started.send_signal(getattr(signal, name))
    started.communicate(timeout=60)
    assert started.returncode == 42


@pytest.mark.parametrize(
    ("where", "what"), [("cli.dispatch", "settings"), ("cli.registry", "satisfied_output")]
)
def test_a_bug_before_any_command_is_caught_too(broken: Start, where: str, what: str) -> None:
    started = broken("raise SystemExit(5)", where=where, what=what)
    _, errors = started.communicate(timeout=60)
    assert started.returncode == 5
    assert "KeyError: 'lost'" in errors
