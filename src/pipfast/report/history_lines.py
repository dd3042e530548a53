"""Texts of `pipfast history` and `pipfast undo`."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence

from pipfast.model.changes import Change, DistributionChange, DistributionState
from pipfast.plan.reversal import ChangedSince, Reversal
from pipfast.report.redaction import HIDDEN

HISTORY_USAGE = """Usage:
  pipfast history [options] [<change> ...]

Show how pip and pipfast commands changed the environment, the latest change first. With numbers of
changes, show these with the origins of all files.

Changes that pipfast made are noted in the store, the last 100 of each environment. Changes that
other programs made are not, and neither are those of --target, --prefix and --root.

Options:
  --json  Print JSON."""

UNDO_USAGE = """Usage:
  pipfast undo [options] [<change>]

Undo a change of the environment: remove what came with it, and install what it removed or replaced.
Without a number, undo the latest change that is not undone. 'pipfast history' shows the numbers.

Files come from the store if it has them, which needs no network; else from the indexes, or from
where the distribution came from. Either all of the change is undone, or nothing.

Options:
  --keep <project>  Leave a project as it is. This option can be used several times.
  --dry-run         Show what would be done, and change nothing.
  --json            Print JSON."""

_PLAIN = "_" * len(HIDDEN)
"""Replaces a hidden secret while words are quoted, as its asterisks would need quotes."""

NO_CHANGES = "No changes are noted."
NOTHING_TO_UNDO = "There is no change to undo."


def invalid_number(word: str) -> str:
    """Return the error for a word that is no number of a change."""
    return f"{word!r} is not the number of a change; 'pipfast history' shows the numbers"


def unknown_change(number: int, prefix: str) -> str:
    """Return the error for a change that is not in the history."""
    return f"There is no change {number} of {prefix} in the history"


def more_than_one() -> str:
    """Return the error for several numbers."""
    return "undo takes the number of one change"


def not_installed(names: Sequence[str]) -> str:
    """Return the error for ``--keep`` with projects that the change does not concern."""
    return f"The change does not concern {', '.join(names)}"


def outside() -> str:
    """Return the error for options that name another folder than that of the environment."""
    return "undo changes an environment; --target, --prefix and --root do not apply to it"


# history


def history(prefix: str, changes: Sequence[Change], undone: Mapping[int, int]) -> str:
    """Return the changes, the latest first; `undone` maps undone changes to those undoing."""
    if not changes:
        return NO_CHANGES
    lines = [f"Changes of {prefix}:"]
    for change in reversed(changes):
        lines += [_head(change, undone), *map(_brief, change.distributions)]
    return "\n".join(lines)


def details(prefix: str, changes: Sequence[Change], undone: Mapping[int, int]) -> str:
    """Return some changes with the origins of files."""
    lines = [f"Changes of {prefix}:"]
    for change in changes:
        lines.append(_head(change, undone))
        for one in change.distributions:
            lines += [_brief(one), *_origins(one)]
    return "\n".join(lines)


def _head(change: Change, undone: Mapping[int, int]) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(change.time))
    notes = []
    if change.in_user_site:
        notes.append("user site-packages")
    if change.undoes is not None:
        notes.append(f"undid {change.undoes}")
    if change.number in undone:
        notes.append(f"undone by {undone[change.number]}")
    note = f"  ({', '.join(notes)})" if notes else ""
    return f"{change.number:>4}  {when}  {command_of(change)}{note}"


def command_of(change: Change) -> str:
    """Return the command that made a change."""
    quoted = shlex.join(word.replace(HIDDEN, _PLAIN) for word in change.words)
    return quoted.replace(_PLAIN, HIDDEN)


def _brief(one: DistributionChange) -> str:
    return f"      {_moved(one.before, one.after)}"


def _moved(before: DistributionState | None, after: DistributionState | None) -> str:
    if before is None:
        assert after is not None, "a change has one of them"
        return f"+ {after.name} {after.version}"
    if after is None:
        return f"- {before.name} {before.version}"
    if before.version == after.version:
        return f"= {after.name} {after.version}, installed again"
    return f"> {after.name} {before.version} -> {after.version}"


def _origins(one: DistributionChange) -> Iterator[str]:
    for state in filter(None, (one.before, one.after)):
        where = _origin(state)
        if where:
            yield f"          {state.version}: {where}"


def _origin(state: DistributionState) -> str:
    parts = [state.url or "", f"sha256:{state.digest}" if state.digest else ""]
    if state.editable:
        parts.append(f"editable: {state.editable}")
    return "  ".join(filter(None, parts))


def history_json(prefix: str, changes: Sequence[Change], undone: Mapping[int, int]) -> str:
    """Return the changes as a JSON document, the oldest first."""
    document = {
        "version": "1",
        "environment": prefix,
        "changes": [_document(change, undone) for change in changes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _document(change: Change, undone: Mapping[int, int]) -> Mapping[str, object]:
    return {
        "number": change.number,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(change.time)),
        "command": change.words,
        "user_site": change.in_user_site,
        "undoes": change.undoes,
        "undone_by": undone.get(change.number),
        "distributions": [
            {"name": one.name, "before": _state(one.before), "after": _state(one.after)}
            for one in change.distributions
        ],
    }


def _state(state: DistributionState | None) -> Mapping[str, object] | None:
    if state is None:
        return None
    return {
        "version": state.version,
        "requested": state.requested,
        "sha256": state.digest,
        "url": state.url,
        "direct_url": _direct_url(state.direct_url),
    }


def _direct_url(text: str | None) -> object:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


# undo


def changed_since(change: Change, projects: Sequence[ChangedSince]) -> str:
    """Return the error for a change whose projects were changed again."""
    lines = [
        f"Change {change.number} cannot be undone, because the environment was changed since; "
        "nothing was changed now:"
    ]
    for one in projects:
        expected = f"{one.expected} was installed" if one.expected else "was removed"
        found = f"{one.found} is installed now" if one.found else "is not installed now"
        lines.append(f"  {one.name}: {expected}, {found}")
    keeps = " ".join(f"--keep {one.name}" for one in projects)
    lines.append(f"Undo the later changes first, or leave these projects as they are with {keeps}")
    return "\n".join(lines)


def not_restorable(change: Change, reasons: Sequence[str], names: Sequence[str]) -> str:
    """Return the error for distributions that cannot be put back."""
    keeps = " ".join(f"--keep {name}" for name in names)
    lines = [f"Change {change.number} cannot be undone; nothing was changed:"]
    lines += [f"  {reason}" for reason in reasons]
    lines.append(f"Leave these projects as they are with {keeps}")
    return "\n".join(lines)


def folder_gone(state: DistributionState, folder: str) -> str:
    """Return why a distribution from a folder cannot be put back."""
    return f"{state.name} {state.version} was installed from {folder}, which is gone"


def origin_unknown(state: DistributionState) -> str:
    """Return why a distribution from a direct URL cannot be put back."""
    return f"{state.name} {state.version} was installed from a direct URL, which is not known"


def built_again(state: DistributionState, folder: str) -> str:
    """Return the warning about a distribution whose former files are not known."""
    return f"{state.name} {state.version} is built again from {folder} as it is now"


def undo_report(
    change: Change, steps: Sequence[Reversal], number: int | None, *, is_plan: bool
) -> str:
    """Return what undoing `change` did, or would do; `number` is that of the undoing."""
    verb = "Would undo" if is_plan else "Undid"
    lines = [f"{verb} change {change.number} ({command_of(change)}):"]
    lines += [f"  {_step(each)}" for each in steps]
    if number is not None:
        lines.append(f"This is change {number}; 'pipfast undo {number}' reverses it.")
    return "\n".join(lines)


def _step(step: Reversal) -> str:
    if step.former is None:
        assert step.current is not None, "a step has one of them"
        return f"- {step.current.raw_name} {step.current.version}"
    if step.current is None:
        return f"+ {step.former.name} {step.former.version}"
    if step.current.version == step.former.version:
        return f"= {step.former.name} {step.former.version}, installed again"
    return f"> {step.former.name} {step.current.version} -> {step.former.version}"


def as_before(change: Change) -> str:
    """Return the line for a change whose distributions are in their former state already."""
    return f"Everything is as before change {change.number} ({command_of(change)}) already."


def undo_json(
    change: Change | None, steps: Sequence[Reversal], number: int | None, broken: Sequence[str]
) -> str:
    """Return what was done as a JSON document; `broken` are requirements that are not met now."""
    document = {
        "version": "1",
        "undone": change.number if change else None,
        "change": number,
        "distributions": [
            {
                "name": step.name,
                "before": step.current and step.current.version,
                "after": step.former and step.former.version,
            }
            for step in steps
        ],
        "broken_requirements": broken,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
