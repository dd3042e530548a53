"""Texts of `pipfast why` for a resolution: newer releases, why not those, and what to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from pipfast.model import passed_over as because
from pipfast.model.passed_over import Fails, Limit, PassedOver, Reason, Resolves, VersionChoice

_MOST_TAGS = 6
_MOST_CAUSES = 3


def headline(choice: VersionChoice, *, is_required: bool) -> str:
    """Return the line about the chosen version; what requires it follows."""
    text = f"{choice.project} {choice.version} is chosen"
    text += f" ({choice.file})" if choice.file else ""
    return f"{text}; it is required by" if is_required else text


def not_chosen(project: str) -> str:
    """Return the line about a project that is not part of the resolution."""
    return f"{project} is not part of the resolution"


def repeated(command: str, time: str, folder: str) -> str:
    """Return the line that names the resolution of an earlier run which is repeated."""
    return f"Resolving again: {command} ({time}, in {folder})"


NOTHING_NOTED = (
    "there is no last resolution; run install, download, wheel or lock first, or give requirements"
)


def hidden(command: str) -> str:
    """Return the error for a command line that was stored without its credentials."""
    return (
        f"the last resolution was of {command}; its credentials are not stored, so give its "
        "requirements and options to why"
    )


def limits(choice: VersionChoice) -> Iterator[str]:
    """Yield the user's requirements and constraints on the project."""
    for limit in choice.limits:
        kind = "constraint" if limit.is_constraint else "requirement"
        place = f" ({limit.place})" if limit.place else ""
        yield f"  your {kind} {limit.requirement}{place}"


def newer(choice: VersionChoice, *, each: bool) -> Iterator[str]:
    """Yield the newer releases, why they were passed over, and what to change to get them.

    Consecutive releases with the same reason are one range; with `each`, every release has a line.
    """
    if choice.is_direct:
        yield "A direct reference decides; no other release is considered."
        return
    if not choice.newer:
        yield "It is the newest release."
        return
    yield "Newer releases:"
    for reasons, group in groupby(choice.newer, key=lambda one: one.reasons):
        releases = list(group)
        if each:
            yield from (f"  {one.version}: {_all(reasons)}" for one in releases)
        else:
            yield f"  {_range(releases)}: {_all(reasons)}"
        yield f"    to get {releases[0].version}: {advice(choice.project, releases[0])}"


def _range(releases: Sequence[PassedOver]) -> str:
    """Return the versions of releases in descending order: ``2.1 to 2.5 (7 releases)``."""
    if len(releases) == 1:
        return releases[0].version
    return f"{releases[-1].version} to {releases[0].version} ({len(releases)} releases)"


def _all(reasons: Iterable[Reason]) -> str:
    return "; ".join(map(reason_text, reasons))


def reason_text(reason: Reason) -> str:  # noqa: C901, PLR0911, PLR0912 - a table
    """Return why a release was passed over. Raises TypeError for an unknown reason."""
    match reason:
        case because.NeedsPython(needs=needs, python=python):
            return f"needs Python {needs}; this is {python}"
        case because.OtherPlatforms(tags=tags, target=target):
            return f"has wheels for {_listed(tags)} only; this is {target}"
        case because.FormatNotAllowed(binary=True):
            return "has wheels only, which --no-binary excludes"
        case because.FormatNotAllowed():
            return "has an sdist only, which --only-binary excludes"
        case because.UploadedLater(uploaded=uploaded):
            return f"uploaded {uploaded}, which --uploaded-prior-to excludes"
        case because.UnusableFiles(because=text):
            return f"no usable file: {text}"
        case because.Yanked(why=why):
            return f"yanked: {why}" if why else "yanked"
        case because.Prerelease(by_option=True):
            return "pre-release, which --only-final excludes"
        case because.Prerelease():
            return "pre-release"
        case because.ExcludedBy(limits=limits):
            return f"excluded by {_limits(limits)}"
        case because.Conflict(own=own, others=others):
            against = f"; that conflicts with {_limits(others)}" if others else ""
            return f"needs {_needs(own)}{against}"
        case because.OtherHashes():
            return "none of its files has a hash that the requirement gives"
        case because.SourcesOnly():
            return "has no wheel for this platform, and --prefer-binary is given"
        case because.InvalidRelease(error=error):
            return f"invalid metadata: {error}"
        case because.InconsistentRelease(field=field, expected=expected, found=found):
            return f"its file name has the {field} {expected}, its metadata {found}"
        case because.BuildFails():
            return "its source cannot be built"
        case because.OnOtherIndex(page=page, used=used):
            return f"on {page} only, and {used} comes first"
        case because.Locked():
            return "a lock file names another file"
        case because.Abandoned():
            return "abandoned in a conflict of other projects"
        case _:
            raise TypeError(f"no text for {reason!r}")


def advice(project: str, release: PassedOver) -> str:
    """Return what to change to get a release; what was tried and does not help is not advised."""
    trial = release.trial
    if isinstance(trial, Fails):
        return _no_advice(trial)
    instead = dict(trial.instead) if isinstance(trial, Resolves) else {}
    parts = [_advice(project, release.version, one, instead) for one in release.reasons]
    if isinstance(trial, Resolves) and trial.also:
        parts.append(", and ".join(_loosened(limit, instead) for limit in trial.also))
    return "; ".join(dict.fromkeys(parts))


def _no_advice(trial: Fails) -> str:
    if trial.missing:
        return f"not possible: it leads to {trial.missing}, which no release satisfies"
    causes = dict.fromkeys(f"{one.dependent} requires {one.requirement}" for one in trial.causes)
    said = f": {', and '.join(list(causes)[:_MOST_CAUSES])}" if causes else ""
    return f"not possible, even with your other requirements loosened{said}"


def _advice(  # noqa: C901, PLR0911, PLR0912 - a table
    project: str, version: str, reason: Reason, instead: Mapping[str, str]
) -> str:
    match reason:
        case because.NeedsPython(needs=needs):
            return f"use Python {needs}"
        case because.OtherPlatforms():
            return "use one of these platforms, or a release that has a file for this one"
        case because.FormatNotAllowed(binary=binary):
            return f"add {'--only-binary' if binary else '--no-binary'} {project}"
        case because.UploadedLater():
            return "give a later --uploaded-prior-to"
        case because.UnusableFiles():
            return "ask the maintainers of the project for other files"
        case because.Yanked():
            return f"require {project}=={version} if you know why it was yanked"
        case because.Prerelease(by_option=True):
            return f"add --all-releases {project} after --only-final"
        case because.Prerelease():
            return f"require {project}=={version}, or add --all-releases {project}"
        case because.ExcludedBy(limits=limits):
            return ", and ".join(_loosened(limit, instead) for limit in limits)
        case because.Conflict(others=others) if others:
            return ", and ".join(_loosened(limit, instead) for limit in others)
        case because.OtherHashes():
            return "add the hashes of its files to the requirement"
        case because.SourcesOnly():
            return "leave out --prefer-binary"
        case because.InvalidRelease() | because.InconsistentRelease():
            return "ask the maintainers of the project for a correct release"
        case because.BuildFails():
            return f"see the error of 'pipfast wheel --no-deps {project}=={version}'"
        case because.OnOtherIndex(page=page):
            return (
                f"set PIPFAST_INDEX_STRATEGY=best-match, or for {project} the index of {page} "
                "([pipfast] index.NAME)"
            )
        case because.Locked():
            return "write the lock file anew"
        case _:
            return f"require {project}=={version}; the error then names the conflict"


def _limits(limits: Sequence[Limit]) -> str:
    return ", ".join(map(_limit, limits))


def _limit(limit: Limit) -> str:
    if limit.dependent:
        return f"{limit.requirement} of {limit.dependent}"
    kind = "constraint" if limit.is_constraint else "requirement"
    place = f", {limit.place}" if limit.place else ""
    return f"{limit.requirement} (your {kind}{place})"


def _needs(own: Sequence[Limit]) -> str:
    return ", ".join(
        f"{one.requirement} (through {one.dependent})" if one.dependent else one.requirement
        for one in own
    )


def _loosened(limit: Limit, instead: Mapping[str, str]) -> str:
    if limit.dependent in instead:
        other = instead[limit.dependent]
        change = f"use {other} in place of" if other else "do without"
        return f"{change} {limit.dependent}, which requires {limit.requirement}"
    if limit.dependent:
        return f"use a release other than {limit.dependent}, which requires {limit.requirement}"
    kind = "constraint" if limit.is_constraint else "requirement"
    place = f" in {limit.place}" if limit.place else ""
    return f"loosen your {kind} {limit.requirement}{place}"


def _listed(tags: Sequence[str]) -> str:
    more = f" and {len(tags) - _MOST_TAGS} more" if len(tags) > _MOST_TAGS else ""
    return f"{', '.join(tags[:_MOST_TAGS])}{more}"
