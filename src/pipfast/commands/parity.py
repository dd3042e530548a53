"""`pipfast parity`: what pip and pipfast would take, side by side, with nothing installed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipfast.cli.delegate import command_of
from pipfast.config.parity_argv import spelled
from pipfast.config.settings import Settings
from pipfast.errors import CommandError, Interrupted, PipfastError
from pipfast.model.remedies import UseParityMode
from pipfast.model.version import PIP_VERSION, __version__
from pipfast.policy.mode import Mode, mode
from pipfast.report.console import Console
from pipfast.report.failure import tell
from pipfast.report.parity_comparison import Result, counted, differences, taken
from pipfast.report.remedies import text_of

USAGE = """Usage:
  pipfast parity [install|download|wheel|lock] [options] <requirement specifier> ...

Resolve a command line (by default of install) with real pip and with pipfast, and compare
distributions, versions, origins and hashes. Nothing is installed. The exit code is 0 if the results
are the same, otherwise 1."""

_QUESTIONS = ("install", "download", "wheel", "lock")
_NOT_ASKED = frozenset({
    "python", "dry_run", "json_report_file", "download_dir", "wheel_dir", "output_file",
    "no_verify", "verbose", "quiet", "log", "progress_bar", "no_input", "disable_pip_version_check",
})  # fmt: skip
"""Options that say what to do with the answer, not what is asked."""


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Compare the two answers to `words`; settings are None where help is wanted."""
    if asked is None:
        sys.stdout.write(f"{USAGE}\n")
        return 0
    console = Console(color=not asked.flag("no_color"))
    try:
        return _compare(asked, words, environ, console)
    except PipfastError as error:
        return tell(error, console)
    except KeyboardInterrupt:
        return tell(Interrupted(), console)


def _compare(
    asked: Settings, words: Sequence[str], environ: Mapping[str, str], console: Console
) -> int:
    if asked.command not in _QUESTIONS:
        raise CommandError(f"parity compares {', '.join(_QUESTIONS)}, not {asked.command!r}")
    alone = {**environ, "PIPFAST_FALLBACK": "never"}  # or it might be pip's answer twice
    with tempfile.TemporaryDirectory(prefix="pipfast-parity-") as folder:
        place = Path(folder, "report.json")
        question = _question(asked, words, place)
        ours = _asked([sys.executable, "-m", "pipfast", *question], alone, place)
        pips = _asked(command_of(asked, question, environ), environ, place)
    return _told(differences(pips, ours), (pips, ours), mode(asked), console)


def _question(asked: Settings, words: Sequence[str], place: Path) -> list[str]:
    """The command line of the dry run whose report tells what `words` would take."""
    options, others = spelled(asked.command, words, _NOT_ASKED)
    python = asked.text("python")
    return [
        *(["--python", python] if python else []),
        "install",
        "--dry-run",
        *([] if asked.command == "install" else ["--ignore-installed"]),
        *options,
        *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--report", str(place), "--", *others),
    ]


def _asked(command: Sequence[str], environ: Mapping[str, str], place: Path) -> Result:
    """What a program answers, by the report that it leaves at `place`."""
    place.unlink(missing_ok=True)
    done = subprocess.run(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode or not place.exists():
        return Result(code=done.returncode or 1, error=_last_error(done.stderr))
    return Result(code=0, taken=taken(json.loads(place.read_text(encoding="utf-8"))))


def _last_error(text: str) -> str:
    """The line by which a failure is known: the last error, else the last line at all."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("hint: ")]
    errors = [line for line in lines if line.lower().startswith("error: ")]
    return (errors or lines or [""])[-1]


def _told(
    found: Sequence[str], results: tuple[Result, Result], decided: Mode, console: Console
) -> int:
    pips, ours = results
    name = "pip-parity" if decided.pip_compat else "guarded"
    both = f"pip {PIP_VERSION} and pipfast {__version__} (mode: {name})"
    if not found:
        if pips.code:
            console.print(f"{both} fail with the same error: {pips.error}")
        else:
            console.print(f"{both} give the same result: {counted(ours)}")
        return 0
    console.print("\n".join([f"{both} give different results:", *(f"  {line}" for line in found)]))
    if not decided.pip_compat:
        sys.stderr.write(f"hint: {text_of(UseParityMode(decided.why['pip-compat']))}\n")
    return 1
