"""`pipfast doctor`: find problems of an environment, and mend what can be mended safely."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pipfast.commands._doctor.checks import CHECKS, NAMES
from pipfast.commands._doctor.definition import Check
from pipfast.commands._doctor.subject import Subject
from pipfast.commands._own_run import own_run
from pipfast.commands._own_words import OwnWords, own_words
from pipfast.config.settings import Settings
from pipfast.environment.find_python import find
from pipfast.environment.interpreter import interpreter
from pipfast.errors import PipfastError, UsageError
from pipfast.model.findings import CheckFailed, Finding, PythonUnusable
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.storage import cache_policy
from pipfast.report import doctor_lines, own_usage
from pipfast.report.console import Console
from pipfast.report.doctor_lines import CheckResult
from pipfast.report.failure import message_of
from pipfast.store.filesystem.entries import entries

JSON, FIX, SKIP, ONLY = "--json", "--fix", "--skip", "--only"


def do(settings: Settings | None, _: Sequence[str], environ: Mapping[str, str]) -> int:
    """Check the environment; print the usage without settings. Return 1 if problems are left."""
    return own_run(
        settings,
        doctor_lines.usage(NAMES),
        lambda settings, console: _examine(settings, console, environ),
        "check",
    )


def _examine(settings: Settings, console: Console, environ: Mapping[str, str]) -> int:
    given = _parsed(settings.words)
    settings = replace(settings, line=("doctor", *settings.words), words=())
    executable = find(settings.python, environ)
    try:
        python = interpreter(executable, entries(cache_policy(settings).directory), environ)
    except PipfastError as error:
        fault = CheckResult("python", (), (PythonUnusable(executable, message_of(error)),), ())
        _print(console, given, executable, "", [fault])
        return 1
    subject = Subject(settings, environ, console, python)
    results = [_result(check, subject, mends=FIX in given.flags) for check in _chosen(given)]
    version = ".".join(map(str, python.version_info))
    _print(console, given, python.prefix, version, results)
    return int(any(each.left for each in results))


def _parsed(words: Sequence[str]) -> OwnWords:
    """Return the options. Raises UsageError."""
    usage = doctor_lines.usage(NAMES)
    given = own_words("doctor", words, usage)
    if given.words:
        raise UsageError(own_usage.unexpected(" ".join(given.words)), usage=usage)
    for name in (*given.given(SKIP), *given.given(ONLY)):
        if name not in NAMES:
            raise UsageError(doctor_lines.unknown_check(name, NAMES), usage=usage)
    return given


def _chosen(given: OwnWords) -> Iterable[Check]:
    only: Collection[str] = given.given(ONLY) or NAMES
    skipped = given.given(SKIP)
    return [check for check in CHECKS if check.name in only and check.name not in skipped]


def _result(check: Check, subject: Subject, *, mends: bool) -> CheckResult:
    """Make a check, mend what it has found, and look again."""
    found = _found(check, subject)
    problems = [each for each in found if each.is_problem]
    mended: tuple[Finding, ...] = ()
    if mends and check.mend is not None and problems:
        faults: list[Finding] = []
        try:
            check.mend(subject, problems)
        except Exception as error:  # noqa: BLE001 - likewise
            faults.append(CheckFailed(check.name, _why(error)))
        found = _found(check, subject)
        left = [each for each in found if each.is_problem]
        mended = tuple(each for each in problems if each not in left)
        problems = [*left, *faults]
    facts = tuple(each for each in found if not each.is_problem)
    return CheckResult(check.name, mended, tuple(problems), facts)


def _found(check: Check, subject: Subject) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check.find(subject))
    except Exception as error:  # noqa: BLE001 - a damaged environment must not end other checks
        found.append(CheckFailed(check.name, _why(error)))
    return found


def _why(error: Exception) -> str:
    if isinstance(error, PipfastError):
        return message_of(error)
    return str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"


def _print(
    console: Console,
    given: OwnWords,
    prefix: str,
    version: str,
    results: Sequence[CheckResult],
) -> None:
    if JSON in given.flags:
        console.print_json(doctor_lines.report_json(prefix, results))
    else:
        console.print(doctor_lines.report(prefix, version, results))
