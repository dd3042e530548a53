"""Render what a user can do about an error as pipfast's hint.

A remedy that names a setting or option ends with it, so that it can be copied.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipfast.errors import Remedy
from pipfast.model.failure_hints import FailureHint
from pipfast.model.remedies import (
    AcceptBuiltVersion,
    AcceptLocalVersion,
    Advice,
    AnswerInAdvance,
    CompareForNewEnvironment,
    EnableFallback,
    FilesInJournal,
    MakeModuleVisible,
    MakeSpace,
    MendRequirement,
    NameBuildVariables,
    OldRelease,
    Opponent,
    PinBuildDependencies,
    PipNotRun,
    PipNotStarted,
    ProvideModule,
    ReadMetadataFromFile,
    ReservedName,
    SearchAllIndexes,
    SetBy,
    SkipFailingIndexes,
    UndeclaredModule,
    UseKeptWheel,
    UseParityMode,
    UseWheelsOnly,
)

_MOST_RELEASES = 3
_SEE_THROUGH = "PIPFAST_BUILD_ISOLATION=see-through"


def joined(remedies: Iterable[Remedy]) -> str:
    """Return the texts of several remedies as one hint."""
    return "; ".join(map(text_of, remedies))


def text_of(remedy: Remedy) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return the text of one remedy.

    Raises TypeError for a type that has none, which a test rules out.
    """
    match remedy:
        case Advice(text):
            return text
        case SetBy(key, origin):
            return f"{key} is set by {origin}"
        case NameBuildVariables():
            return "write NAME=value, separate several with spaces, and quote values with spaces"
        case AcceptBuiltVersion(setting):
            return f"to accept it anyway, set {setting}"
        case AcceptLocalVersion(project, expected, found):
            fact = f"the metadata of {project} {expected} has version {found}"
            return f"{fact}; to accept it anyway, set PIPFAST_LOCAL_VERSIONS=lax"
        case MendRequirement(project, line, meaning):
            fact = f"the metadata of {project} has the invalid requirement {line!r}"
            return f"{fact}; to read it as {meaning!r}, set PIPFAST_PIP_COMPAT=1"
        case UseKeptWheel(project):
            fact = f"an earlier build of {project}, with other modules or settings, is in the cache"
            return f"{fact}; to use it as pip does, set PIPFAST_PIP_COMPAT=1"
        case UseWheelsOnly(projects):
            names = ",".join(projects)
            return f"to use wheels of {names} only, add --only-binary {names}"
        case ReadMetadataFromFile(is_wheel):
            kind = "wheel" if is_wheel else "sdist"
            fact = "the index announces a metadata file and does not serve it"
            return f"{fact}; to read the metadata of the {kind} itself, set PIPFAST_PIP_COMPAT=1"
        case CompareForNewEnvironment():
            fact = "what is installed satisfies all requirements, so there was nothing to compare"
            return f"{fact}; to compare for a new environment, add --ignore-installed"
        case MakeSpace():
            return "free space on that disk, or choose another folder; nothing was changed"
        case SkipFailingIndexes():
            return "to skip an index that fails, as pip does, set PIPFAST_INDEX_ERRORS=skip"
        case SearchAllIndexes():
            return _search_all(remedy)
        case ProvideModule(module):
            fact = f"{undeclared(module)}, and no installed or requested distribution provides it"
            return f"{fact}; install one that does, or add it to the requirements"
        case MakeModuleVisible(module, None):
            what = f"add a distribution that provides it and set {_SEE_THROUGH}"
            return f"{undeclared(module)}; {what}"
        case MakeModuleVisible(module, provider):
            return f"{undeclared(module)}; to let it use {provider}, set {_SEE_THROUGH}"
        case PinBuildDependencies():
            return "pin the versions of the distributions that these are built against"
        case FilesInJournal(folder):
            return f"the files that were moved are in {folder}; the next run restores them"
        case ReservedName(path):
            return f"no wheel needs {path}; do not install it, and tell its index or author"
        case EnableFallback(reason):
            return f"real pip was not run ({reason}); to run it, set PIPFAST_FALLBACK=auto"
        case PipNotStarted(error):
            return f"real pip could not be started: {error}"
        case PipNotRun(failure):
            return f"real pip was not run: {failure}"
        case UseParityMode(reason):
            return f"{reason}; for pip's results, set PIPFAST_PIP_COMPAT=1"
        case AnswerInAdvance():
            return "confirm in advance with -y"
        case FailureHint():
            return _text_of_failure_hint(remedy)
        case OldRelease():
            return f"{remedy.project} {remedy.version} was tried, {older_than(remedy)}"
        case _:
            raise TypeError(f"no text for {remedy!r}")


def _text_of_failure_hint(hint: FailureHint) -> str:
    from pipfast.report.failure_hint_text import text_of as rendered  # only failures need it

    return rendered(hint)


def undeclared(module: UndeclaredModule) -> str:
    """Return the statement that a build did not find a module that it does not declare."""
    kind = "module" if module.is_module else "distribution"
    what = f"the {kind} {module.missing}"
    return f"the build of {module.project} did not find {what}, which it does not declare"


def older_than(release: OldRelease) -> str:
    """Return why a release much older than the newest one was used, and what to change."""
    needs = _listed(release.needs)
    text = f"much older than {release.newest}, which needs {needs}"
    newer = f"'{release.project}>{release.version}'"
    if not release.opponents:
        return f"{text}, and no release satisfies that; for a newer one, require {newer}"
    text += f"; that conflicts with {_listed(release.opponents)}"
    if any(opponent.is_users for opponent in release.opponents):
        return f"{text}; for a newer one, loosen that requirement"
    return f"{text}; for a newer one, if there is any, require {newer}"


def _listed(requirements: Iterable[Opponent]) -> str:
    return " and ".join(map(_opponent, requirements))


def _opponent(one: Opponent) -> str:
    if one.is_constraint:
        return f"{one.requirement} (your constraint)"
    if one.is_users:
        return f"{one.requirement} (your requirement)"
    return f"{one.requirement} (of {one.origin})" if one.origin else one.requirement


def _search_all(remedy: SearchAllIndexes) -> str:
    shown = remedy.releases[:_MOST_RELEASES]
    found = ", ".join(f"{one.project} {one.version} is on {one.page}" for one in shown)
    more = " and others" if len(remedy.releases) > _MOST_RELEASES else ""
    fact = f"{found}{more}, which first-index does not search"
    return f"{fact}; if you trust it, set PIPFAST_INDEX_STRATEGY=best-match"
