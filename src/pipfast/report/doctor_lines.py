"""Texts of `pipfast doctor`."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    """What a check has found: problems that were `mended`, those that are `left`, and `facts`."""

    name: str
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]
    facts: tuple[Finding, ...]


def report(prefix: str, version: str, results: Sequence[CheckResult]) -> str:
    """Return what was found in the environment `prefix`, check by check."""
    lines = [f"{prefix} (Python {version})" if version else prefix]
    for result in results:
        lines.append(f"  {result.name:<{_WIDTH}}{_summary(result)}")
        lines += [f"      {each}" for each in map(_fact, result.facts)]
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
        yield {"check": result.name, **_kind(finding), "text": _fact(finding), **_data(finding)}
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


# What was found


def _fact(finding: Finding) -> str:
    match finding:
        case StoreFacts(folder, wheels, size, free):
            count = _counted(wheels, "unpacked wheel")
            return f"{folder}: {count}, {_bytes(size)} in all, {_bytes(free)} free"
        case IndexReached(url, status, seconds, credentials, is_encrypted):
            tls = ", TLS certificate trusted" if is_encrypted else ""
            return f"{url} answers with {status} in {seconds} s{tls}, {_source(credentials)}"
        case _:
            raise AssertionError(finding)


_SOURCES = {
    CredentialSource.NONE: "no credentials found",
    CredentialSource.URL: "credentials found in the URL",
    CredentialSource.INDEX: "credentials found in the index URL",
    CredentialSource.NETRC: "credentials found in netrc",
    CredentialSource.KEYRING: "credentials found in the keyring",
    CredentialSource.PROMPT: "credentials asked for",
}


def _source(credentials: CredentialSource) -> str:
    return _SOURCES[credentials]


def text_of(finding: Finding) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return what was found, in one line."""
    match finding:
        case CheckFailed(why=why):
            return f"the check could not be completed: {why}"
        case PythonUnusable(python, why):
            return f"{python} does not run: {why}"
        case InterruptedRun(folder):
            return f"pipfast was killed while it changed this environment: {folder}"
        case AbandonedFile(path):
            return f"temporary file of a killed run: {path}"
        case PipLeftover(path):
            return f"left by a pip that was killed: {path}"
        case MetadataIncomplete(path, missing, is_empty):
            what = "is empty" if is_empty else f"has no {' and no '.join(missing)}"
            return f"{path} {what}"
        case InstalledTwice(project, paths):
            return f"{project} is installed {len(paths)} times: {_names(paths)}"
        case RequirementBroken(line):
            return line
        case FilesMissing(project, version, paths):
            return f"{project} {version}: {_files(paths)} missing: {_names(paths)}"
        case FilesChanged(project, version, paths):
            return f"{project} {version}: {_files(paths)} not as installed: {_names(paths)}"
        case SharedFilesChanged(project, version, paths):
            return (
                f"{project} {version}: {_files(paths)} not as installed, and shared with other "
                f"environments: {_names(paths)}"
            )
        case FilesAdded(project, version, paths):
            count = _counted(len(paths), "file")
            return f"{project} {version}: {count} that no distribution lists: {_names(paths)}"
        case ScriptsOfOtherPython(paths, interpreter, is_gone):
            gone = ", which does not exist" if is_gone else ""
            return f"{_counted(len(paths), 'script')} of {interpreter}{gone}: {_names(paths)}"
        case ActivationElsewhere(path, prefix):
            return f"{path} activates {prefix}"
        case UserSiteShadow(project, seen, hidden):
            return f"{project} {seen[0]} in {seen[1]} hides {project} {hidden[0]} in {hidden[1]}"
        case ScriptsNotFound(folder):
            return f"the environment is active, but {folder} is not on PATH"
        case ProgramsHidden(names, folder, by):
            return f"{_listed(names)} in {folder} hidden by {by}, which is earlier on PATH"
        case StoreUnusable(folder, why):
            return f"{folder} cannot be used: {why}" if why else "the cache is disabled"
        case ArchiveDamaged(folder, wheel):
            return f"files of an unpacked wheel were changed: {wheel or folder}"
        case IndexFailed(url, why, credentials):
            return f"{url}: {why} ({_source(credentials)})"
        case FindLinksMissing(path):
            return f"{path} does not exist"
        case SettingWithoutEffect(name, path):
            where = f" in {path}" if path else ""
            return f"{name}{where} is no setting and has no effect"
        case _:
            raise AssertionError(finding)


def remedy_of(finding: Finding) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return what to do about a finding, in one line; empty if that is unknown."""
    match finding:
        case PythonUnusable():
            return "create the environment anew, or repair it: python -m venv --upgrade ENV"
        case InterruptedRun() | AbandonedFile() | ActivationElsewhere() | ArchiveDamaged():
            return _FIX
        case PipLeftover(path, is_spare):
            return _FIX if is_spare else f"remove it if nothing is missing: rm -r {_quoted(path)}"
        case MetadataIncomplete(path, _, is_empty):
            project = os.path.basename(path).partition("-")[0]  # noqa: PTH119
            return _FIX if is_empty else _again(project)
        case InstalledTwice(project, _, stale):
            return _FIX if stale else f"pipfast uninstall {project}, until it is not installed"
        case RequirementBroken():
            return "'pipfast install' with the requirement, or 'pipfast undo'"
        case FilesMissing(project, version, in_store=in_store):
            return f"{_FIX}{'' if in_store else ' not'}; {_again(project, version)}"
        case FilesChanged(project, version):
            return f"to discard the changes: {_again(project, version)}"
        case SharedFilesChanged(project, version, archives=archives):
            again = _again(project, version, "PIPFAST_LINK_MODE=copy ")
            first = "'pipfast doctor --fix' takes it out of the store; then, " if archives else ""
            return f"{first}in each environment: {again}"
        case FilesAdded():
            return "remove them, unless a program needs them"
        case ScriptsOfOtherPython():
            return f"{_FIX}, for scripts that are as installed"
        case UserSiteShadow(seen=(_, folder)):
            return f"uninstall one of them, or set PYTHONNOUSERSITE=1 to ignore {folder}"
        case ScriptsNotFound(folder):
            return f"activate it again, or: export PATH={_quoted(folder)}:$PATH"
        case ProgramsHidden(_, folder):
            return f"put {folder} first on PATH, or activate the environment again"
        case StoreUnusable(folder, why):
            return f"check who owns {folder}" if why else "enable it for faster installs"
        case IndexFailed(remedies=remedies):
            return _hints(remedies)
        case FindLinksMissing():
            return "create it, or take it out of --find-links"
        case SettingWithoutEffect(nearest=nearest):
            return f"did you mean {nearest}?" if nearest else "remove it"
        case _:
            return ""


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


def _listed(names: Sequence[str]) -> str:
    return f"{_names(names)} {'is' if len(names) == 1 else 'are'}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _quoted(path: str) -> str:
    return shlex.quote(path)


def _bytes(size: int) -> str:
    number, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
