"""`pipfast parity`: compare what pip and pipfast would install, without installing it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipfast.cli.delegate import command_of
from pipfast.cli.own_program import own_command
from pipfast.commands._own_run import own_run
from pipfast.config.completion_candidates import PARITY_COMMANDS
from pipfast.config.parity_argv import spelled
from pipfast.config.settings import Settings
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import interpreter
from pipfast.errors import CommandError
from pipfast.model.remedies import CompareForNewEnvironment, UseParityMode
from pipfast.model.version import PIP_VERSION, __version__
from pipfast.policy.mode import Mode, mode
from pipfast.report import parity_lines
from pipfast.report.console import Console
from pipfast.report.failure import print_hint
from pipfast.report.parity_comparison import (
    Comparison,
    Outcome,
    Result,
    obstacle_in,
    selected,
)
from pipfast.report.parity_lines import Heading
from pipfast.store.filesystem.entries import entries
from pipfast.store.filesystem.owned_names import temporary

_IGNORED_OPTIONS = frozenset({
    "python", "dry_run", "json_report_file", "download_dir", "wheel_dir", "output_file",
    "no_verify", "verbose", "quiet", "log", "progress_bar", "no_input", "disable_pip_version_check",
    "each", "json",
})  # fmt: skip
"""Options that do not affect the resolution."""

_TARGET_OPTIONS = {"platforms": "--platform", "python_version": "--python-version",
                   "implementation": "--implementation", "abis": "--abi"}  # fmt: skip

_EXIT_CODES = {Outcome.SAME: 0, Outcome.DIFFERENT: 1, Outcome.NOT_COMPARED: 2}


def do(settings: Settings | None, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Compare the resolutions of pip and pipfast for `argv`; print the usage without settings.

    Return 0 if they are the same, 1 if they differ, 2 if they could not be compared.
    """
    return own_run(
        settings,
        parity_lines.USAGE,
        lambda settings, console: _compare(settings, console, argv, environ),
    )


def _compare(
    settings: Settings, console: Console, argv: Sequence[str], environ: Mapping[str, str]
) -> int:
    if settings.command not in PARITY_COMMANDS:
        raise CommandError(parity_lines.not_comparable(PARITY_COMMANDS, settings.command))
    options, words = spelled(settings.command, argv, _IGNORED_OPTIONS)
    if settings.flag("each") and not words:
        raise CommandError(parity_lines.NO_FILES)
    each = settings.flag("each")
    lines = {word: [*options, "-r", word] for word in words} if each else {}
    decided = mode(settings)
    heading = _heading(settings, decided, environ)
    comparisons = _comparisons(lines or {"": [*options, "--", *words]}, settings, environ)
    done = _print(comparisons, heading, settings, console)
    outcomes = [one.outcome for one in done]
    if any(one.has_nothing_to_compare for one in done):
        print_hint([CompareForNewEnvironment()])
    if Outcome.DIFFERENT in outcomes and not decided.pip_compat:
        print_hint([UseParityMode(decided.why["pip-compat"])])
    return next((_EXIT_CODES[one] for one in (Outcome.DIFFERENT, Outcome.NOT_COMPARED)
                 if one in outcomes), 0)  # fmt: skip


def _print(
    comparisons: Iterator[Comparison], heading: Heading, settings: Settings, console: Console
) -> list[Comparison]:
    """Print comparisons, each as soon as it is known if there are many, and return them."""
    done: list[Comparison] = []
    if not settings.flag("json"):
        console.begin()
    if settings.flag("json"):
        done += comparisons
        console.print_json(parity_lines.document(heading, done))
    elif settings.flag("each"):
        console.print(parity_lines.first(heading))
        for one in comparisons:
            done.append(one)
            console.print("\n".join(parity_lines.one_of_many(one)))
        console.print(parity_lines.last(done))
    else:
        done += comparisons
        console.quieten()
        console.print("\n".join(parity_lines.single(heading, done[0])))
    return done


def _heading(settings: Settings, decided: Mode, environ: Mapping[str, str]) -> Heading:
    """Return what is compared. Raises PipfastError."""
    target = find(settings.python, environ)
    python = interpreter(target, entries(settings.text("cache_dir")), environ)
    chosen = []
    for dest, flag in _TARGET_OPTIONS.items():
        value = settings.values.get(dest)
        if dest == "python_version" and isinstance(value, tuple):
            value = ".".join(map(str, value)) or None
        values = value if isinstance(value, tuple) else (value,) if value else ()
        chosen += [f"{flag} {one}" for one in values]
    return Heading(
        pip=PIP_VERSION,
        pipfast=__version__,
        mode="pip-parity" if decided.pip_compat else "guarded",
        python=".".join(map(str, python.version_info)),
        place=python.prefix,
        platform=python.platform,
        options=tuple(chosen),
    )


def _comparisons(
    lines: Mapping[str, Sequence[str]], settings: Settings, environ: Mapping[str, str]
) -> Iterator[Comparison]:
    """Run both programs for each command line, one after the other; pipfast begins."""
    no_fallback = {**environ, "PIPFAST_FALLBACK": "never"}  # else both results may be pip's
    with temporary("pipfast-parity") as folder:
        report = Path(folder, "report.json")
        for name, words in lines.items():
            dry_run = _dry_run(settings, words, report)
            ours = _run([*own_command(), *dry_run], no_fallback, report)
            pips = _run(command_of(settings, dry_run, environ), environ, report)
            yield Comparison(name=name, pip=pips, ours=ours)


def _dry_run(settings: Settings, words: Sequence[str], report: Path) -> list[str]:
    """Return the arguments of a dry run that resolves `words` and writes `report`."""
    python = settings.text("python")
    return [
        *(["--python", python] if python else []),
        "install",
        "--dry-run",
        *([] if settings.command == "install" else ["--ignore-installed"]),
        *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
        *("--report", str(report), *words),
    ]


def _run(command: Sequence[str], environ: Mapping[str, str], report: Path) -> Result:
    """Run a program and return its result, read from the `report` that it writes."""
    report.unlink(missing_ok=True)
    began = time.monotonic()
    done = subprocess.run(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode or not report.exists():
        return Result(
            code=done.returncode or 1,
            error=_last_error(done.stderr),
            seconds=seconds,
            obstacle=obstacle_in(done.stderr),
        )
    document = json.loads(report.read_text(encoding="utf-8"))
    return Result(code=0, selected=selected(document), seconds=seconds)


def _last_error(output: str) -> str:
    """Return the last line of a program's output that is an error, else its last line."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("hint: ")]
    errors = [line for line in lines if line.lower().startswith("error: ")]
    return (errors or lines or [""])[-1]
