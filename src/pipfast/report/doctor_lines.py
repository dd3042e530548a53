"""Texts of `pipfast doctor`."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pipfast.errors import Remedy
from pipfast.model.credentials import CredentialSource
from pipfast.model.findings import (
    AbandonedFile,
    ActivationElsewhere,
    ArchiveDamaged,
    CheckFailed,
    FilesAdded,
    FilesChanged,
    FilesMissing,
    Finding,
    FindLinksMissing,
    IndexFailed,
    IndexReached,
    InstalledTwice,
    InterruptedRun,
    MetadataIncomplete,
    PipLeftover,
    ProgramsHidden,
    PythonUnusable,
    RequirementBroken,
    ScriptsNotFound,
    ScriptsOfOtherPython,
    SettingWithoutEffect,
    SharedFilesChanged,
    StoreFacts,
    StoreUnusable,
    UserSiteShadow,
)
from pipfast.model.frozen_dataclass import dataclass, names_of
from pipfast.report.hint_text import joined

USAGE = """Usage:
  pipfast doctor [options]

Check an environment, the store, indexes and settings, and say what to do about each problem. The
exit code is 0 if there is none, else 1.

Options:
  --fix           Mend what can be mended safely, and say what was mended.
  --skip <check>  Leave out a check. This option can be used several times.
  --only <check>  Make only this check. This option can be used several times.
  --json          Print JSON.

Checks:"""

_FIX = "'pipfast doctor --fix' mends it"
_SHOWN = 5
_WIDTH = 18


def usage(checks: Sequence[str]) -> str:
    """Return the usage with the names of all checks."""
    half = (len(checks) + 1) // 2
    rows = [", ".join(checks[:half]) + ",", ", ".join(checks[half:])]
    return "\n".join([USAGE, *(f"  {row}" for row in rows)])


def unknown_check(name: str, checks: Sequence[str]) -> str:
    """Return the error for a check that does not exist."""
    return f"there is no check {name!r}; the checks are {', '.join(checks)}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The findings of a check: problems that were `mended`, problems `left`, and `facts`."""

    name: str
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]
    facts: tuple[Finding, ...]


def report(prefix: str, version: str, results: Sequence[CheckResult]) -> str:
    """Return what was found in the environment `prefix`, check by check."""
    lines = [f"{prefix} (Python {version})" if version else prefix]
    for result in results:
        lines.append(f"  {result.name:<{_WIDTH}}{_summary(result)}")
        lines += [f"      {each}" for each in map(text_of, result.facts)]
        for finding in result.mended:
            lines += [f"      mended: {text_of(finding)}"]
        for finding in result.left:
            lines += [f"    - {text_of(finding)}"]
            remedy = remedy_of(finding)
            lines += [f"      {remedy}"] if remedy else []
    return "\n".join([*lines, _conclusion(results)])


def _summary(result: CheckResult) -> str:
    if result.left:
        return _counted(len(result.left), "problem")
    return "mended" if result.mended else "ok"


def _conclusion(results: Sequence[CheckResult]) -> str:
    left = sum(len(each.left) for each in results)
    mended = sum(len(each.mended) for each in results)
    after = f"; {mended} mended" if mended else ""
    if not left:
        return f"No problems found{after}." if not mended else f"No problems left{after}."
    return f"{_counted(left, 'problem')}{after}."


def report_json(prefix: str, results: Sequence[CheckResult]) -> str:
    """Return what was found as a JSON document."""
    document = {
        "version": "1",
        "environment": prefix,
        "healthy": not any(each.left for each in results),
        "checks": [each.name for each in results],
        "findings": [entry for each in results for entry in _entries(each)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _entries(result: CheckResult) -> Iterator[Mapping[str, object]]:
    for finding in result.facts:
        yield {"check": result.name, **_kind(finding), "text": text_of(finding), **_data(finding)}
    for finding in (*result.mended, *result.left):
        yield {
            "check": result.name,
            **_kind(finding),
            "mended": finding in result.mended,
            "text": text_of(finding),
            "remedy": remedy_of(finding),
            **_data(finding),
        }


def _kind(finding: Finding) -> Mapping[str, object]:
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(finding).__name__).lower()
    return {"kind": kind, "problem": finding.is_problem}


def _data(finding: Finding) -> Mapping[str, object]:
    values = {name: getattr(finding, name) for name in names_of(type(finding))}
    return {"data": {name: _plain(value) for name, value in values.items() if name != "remedies"}}


def _plain(value: object) -> object:
    return value.name.lower() if isinstance(value, CredentialSource) else value


F = TypeVar("F", bound=Finding)

_TEXTS: dict[type[Finding], Callable[[Any], tuple[str, str]]] = {}


def _says(
    kind: type[F],
) -> Callable[[Callable[[F], tuple[str, str]]], Callable[[F], tuple[str, str]]]:
    """Register the decorated function, which returns the text of a finding and its remedy.

    Each is one line. The remedy is empty if there is nothing to do.
    """

    def register(describe: Callable[[F], tuple[str, str]]) -> Callable[[F], tuple[str, str]]:
        _TEXTS[kind] = describe
        return describe

    return register


def text_of(finding: Finding) -> str:
    """Return what was found, in one line."""
    return _TEXTS[type(finding)](finding)[0]


def remedy_of(finding: Finding) -> str:
    """Return what to do about a finding, in one line; empty if there is nothing to do."""
    return _TEXTS[type(finding)](finding)[1]


# Facts


@_says(StoreFacts)
def _store_facts(one: StoreFacts) -> tuple[str, str]:
    count = _counted(one.wheels, "unpacked wheel")
    return f"{one.folder}: {count}, {_bytes(one.size)} in all, {_bytes(one.free)} free", ""


@_says(IndexReached)
def _index_reached(one: IndexReached) -> tuple[str, str]:
    tls = ", TLS certificate trusted" if one.is_encrypted else ""
    answer = f"{one.url} answers with {one.status} in {one.seconds} s"
    return f"{answer}{tls}, {_SOURCES[one.credentials]}", ""


_SOURCES = {
    CredentialSource.NONE: "no credentials found",
    CredentialSource.URL: "credentials found in the URL",
    CredentialSource.INDEX: "credentials found in the index URL",
    CredentialSource.NETRC: "credentials found in netrc",
    CredentialSource.KEYRING: "credentials found in the keyring",
    CredentialSource.PROMPT: "credentials asked for",
}


# Problems of the environment


@_says(CheckFailed)
def _check_failed(one: CheckFailed) -> tuple[str, str]:
    return f"the check could not be completed: {one.why}", ""


@_says(PythonUnusable)
def _python_unusable(one: PythonUnusable) -> tuple[str, str]:
    remedy = "create the environment anew, or repair it: python -m venv --upgrade ENV"
    return f"{one.python} does not run: {one.why}", remedy


@_says(InterruptedRun)
def _interrupted_run(one: InterruptedRun) -> tuple[str, str]:
    return f"pipfast was killed while it changed this environment: {one.folder}", _FIX


@_says(AbandonedFile)
def _abandoned_file(one: AbandonedFile) -> tuple[str, str]:
    return f"temporary file of a killed run: {one.path}", _FIX


@_says(PipLeftover)
def _pip_leftover(one: PipLeftover) -> tuple[str, str]:
    by_hand = f"remove it if nothing is missing: rm -r {shlex.quote(one.path)}"
    return f"left by a pip that was killed: {one.path}", _FIX if one.is_spare else by_hand


@_says(MetadataIncomplete)
def _metadata_incomplete(one: MetadataIncomplete) -> tuple[str, str]:
    if one.is_empty:
        return f"{one.path} is empty", _FIX
    project = os.path.basename(one.path).partition("-")[0]  # noqa: PTH119
    return f"{one.path} has no usable {' and no '.join(one.missing)}", _again(project)


@_says(InstalledTwice)
def _installed_twice(one: InstalledTwice) -> tuple[str, str]:
    by_hand = f"pipfast uninstall {one.project}, until it is not installed"
    text = f"{one.project} is installed {len(one.paths)} times: {_names(one.paths)}"
    return text, _FIX if one.stale else by_hand


@_says(RequirementBroken)
def _requirement_broken(one: RequirementBroken) -> tuple[str, str]:
    return one.line, "'pipfast install' with the requirement, or 'pipfast undo'"


@_says(FilesMissing)
def _files_missing(one: FilesMissing) -> tuple[str, str]:
    again = _again(one.project, one.version)
    text = f"{one.project} {one.version}: {_files(one.paths)} missing: {_names(one.paths)}"
    return text, f"{_FIX}; or: {again}" if one.in_store else again


@_says(FilesChanged)
def _files_changed(one: FilesChanged) -> tuple[str, str]:
    text = f"{one.project} {one.version}: {_files(one.paths)} not as installed"
    remedy = f"to discard the changes: {_again(one.project, one.version)}"
    return f"{text}: {_names(one.paths)}", remedy


@_says(SharedFilesChanged)
def _shared_files_changed(one: SharedFilesChanged) -> tuple[str, str]:
    text = f"{one.project} {one.version}: {_files(one.paths)} not as installed"
    again = _again(one.project, one.version, "PIPFAST_LINK_MODE=copy ")
    first = "'pipfast doctor --fix' takes it out of the store; then, " if one.archives else ""
    return (
        f"{text}, and shared with other environments: {_names(one.paths)}",
        f"{first}in each environment: {again}",
    )


@_says(FilesAdded)
def _files_added(one: FilesAdded) -> tuple[str, str]:
    count = _counted(len(one.paths), "file")
    text = f"{one.project} {one.version}: {count} that no distribution lists: {_names(one.paths)}"
    return text, "remove them, unless a program needs them"


@_says(ScriptsOfOtherPython)
def _scripts_of_other_python(one: ScriptsOfOtherPython) -> tuple[str, str]:
    gone = ", which does not exist" if one.is_gone else ""
    scripts = _counted(len(one.paths), "script")
    text = f"{scripts} of {one.interpreter}{gone}: {_names(one.paths)}"
    return text, f"{_FIX}, for scripts that are as installed"


@_says(ActivationElsewhere)
def _activation_elsewhere(one: ActivationElsewhere) -> tuple[str, str]:
    return f"{one.path} activates {one.prefix}", _FIX


@_says(UserSiteShadow)
def _user_site_shadow(one: UserSiteShadow) -> tuple[str, str]:
    seen, hidden = (f"{one.project} {each[0]} in {each[1]}" for each in (one.seen, one.hidden))
    remedy = "uninstall one of them, or set PYTHONNOUSERSITE=1 to ignore the user site"
    return f"{seen} hides {hidden}", remedy


@_says(ScriptsNotFound)
def _scripts_not_found(one: ScriptsNotFound) -> tuple[str, str]:
    remedy = f"activate it again, or: export PATH={shlex.quote(one.folder)}:$PATH"
    return f"the environment is active, but {one.folder} is not on PATH", remedy


@_says(ProgramsHidden)
def _programs_hidden(one: ProgramsHidden) -> tuple[str, str]:
    names = f"{_names(one.names)} {'is' if len(one.names) == 1 else 'are'}"
    remedy = f"put {one.folder} first on PATH, or activate the environment again"
    return f"{names} hidden by {one.by}, which is earlier on PATH than {one.folder}", remedy


# Problems of the store, indexes and settings


@_says(StoreUnusable)
def _store_unusable(one: StoreUnusable) -> tuple[str, str]:
    if not one.why:
        return "the cache is disabled", "enable it for faster installs, history and undo"
    return f"{one.folder} cannot be used: {one.why}", f"check who owns {one.folder}"


@_says(ArchiveDamaged)
def _archive_damaged(one: ArchiveDamaged) -> tuple[str, str]:
    return f"files of an unpacked wheel were changed: {one.wheel or one.folder}", _FIX


@_says(IndexFailed)
def _index_failed(one: IndexFailed) -> tuple[str, str]:
    return f"{one.url}: {one.why} ({_SOURCES[one.credentials]})", _hints(one.remedies)


@_says(FindLinksMissing)
def _find_links_missing(one: FindLinksMissing) -> tuple[str, str]:
    return f"{one.path} does not exist", "create it, or take it out of --find-links"


@_says(SettingWithoutEffect)
def _setting_without_effect(one: SettingWithoutEffect) -> tuple[str, str]:
    where = f" in {one.path}" if one.path else ""
    remedy = f"did you mean {one.nearest}?" if one.nearest else "remove it"
    return f"{one.name}{where} is no setting and has no effect", remedy


# Parts of texts


def _hints(remedies: Iterable[Remedy]) -> str:
    found = list(remedies)
    return joined(found) if found else "check the index URL"


def _again(project: str, version: str = "", variable: str = "") -> str:
    pin = f"{project}=={version}" if version else project
    return f"{variable}pipfast install --force-reinstall --no-deps {pin}"


def _files(paths: Sequence[str]) -> str:
    return "1 file is" if len(paths) == 1 else f"{len(paths)} files are"


def _names(paths: Sequence[str]) -> str:
    shown = list(paths[:_SHOWN])
    more = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _bytes(size: int) -> str:
    number, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
