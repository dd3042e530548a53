"""`pipfast parity`: compare what pip and pipfast would install, without installing it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipfast.cli.delegate import command_of
from pipfast.cli.own_program import own_command
from pipfast.config.completion_candidates import PARITY_COMMANDS
from pipfast.config.parity_argv import spelled
from pipfast.config.settings import Settings
from pipfast.errors import CommandError, Interrupted, PipfastError
from pipfast.model.remedies import UseParityMode
from pipfast.model.version import PIP_VERSION, __version__
from pipfast.policy.mode import Mode, mode
from pipfast.report import parity_comparison
from pipfast.report.console import Console
from pipfast.report.failure import print_error, print_hint
from pipfast.report.parity_comparison import Result, differences, not_compared, selected
from pipfast.store.filesystem.owned_names import temporary

_IGNORED_OPTIONS = frozenset({
    "python", "dry_run", "json_report_file", "download_dir", "wheel_dir", "output_file",
    "no_verify", "verbose", "quiet", "log", "progress_bar", "no_input", "disable_pip_version_check",
})  # fmt: skip
"""Options that do not affect the resolution."""


def do(settings: Settings | None, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Compare the resolutions of pip and pipfast for `argv`; print the usage without settings.

    Return 0 if they are the same, else 1.
    """
    if settings is None:
        sys.stdout.write(f"{parity_comparison.USAGE}\n")
        return 0
    console = Console(color=not settings.flag("no_color"))
    try:
        return _compare(settings, argv, environ, console)
    except PipfastError as error:
        return print_error(error, console)
    except KeyboardInterrupt:
        return print_error(Interrupted(), console)


def _compare(
    settings: Settings, argv: Sequence[str], environ: Mapping[str, str], console: Console
) -> int:
    if settings.command not in PARITY_COMMANDS:
        raise CommandError(not_compared(PARITY_COMMANDS, settings.command))
    no_fallback = {**environ, "PIPFAST_FALLBACK": "never"}  # else both results may be pip's
    with temporary("pipfast-parity") as folder:
        report = Path(folder, "report.json")
        dry_run = _dry_run(settings, argv, report)
        ours = _run([*own_command(), *dry_run], no_fallback, report)
        pips = _run(command_of(settings, dry_run, environ), environ, report)
    return _print(differences(pips, ours), pips, ours, mode(settings), console)


def _dry_run(settings: Settings, argv: Sequence[str], report: Path) -> list[str]:
    """Return the arguments of a dry run that resolves `argv` and writes `report`."""
    options, others = spelled(settings.command, argv, _IGNORED_OPTIONS)
    python = settings.text("python")
    return [
        *(["--python", python] if python else []),
        "install",
        "--dry-run",
        *([] if settings.command == "install" else ["--ignore-installed"]),
        *options,
        *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--report", str(report), "--", *others),
    ]


def _run(command: Sequence[str], environ: Mapping[str, str], report: Path) -> Result:
    """Run a program and return its result, read from the `report` that it writes."""
    report.unlink(missing_ok=True)
    done = subprocess.run(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode or not report.exists():
        return Result(code=done.returncode or 1, error=_last_error(done.stderr))
    return Result(code=0, selected=selected(json.loads(report.read_text(encoding="utf-8"))))


def _last_error(output: str) -> str:
    """Return the last line of a program's output that is an error, else its last line."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("hint: ")]
    errors = [line for line in lines if line.lower().startswith("error: ")]
    return (errors or lines or [""])[-1]


def _print(
    lines: Sequence[str], pips: Result, ours: Result, decided: Mode, console: Console
) -> int:
    mode_name = "pip-parity" if decided.pip_compat else "guarded"
    programs = f"pip {PIP_VERSION} and pipfast {__version__} (mode: {mode_name})"
    console.print(parity_comparison.summary(programs, lines, pips, ours))
    if not lines:
        return 0
    if not decided.pip_compat:
        print_hint([UseParityMode(decided.why["pip-compat"])])
    return 1
