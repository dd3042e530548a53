"""Judge a run in which a fault happened, and what it leaves. A problem is a kind and a text."""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from compat.faults.forked import Ended
from compat.faults.kinds import FAULTS, Fault
from compat.faults.modes import Prepared
from compat.faults.sandbox import Sandbox
from compat.faults.saved import Tree
from compat.faults.shim import Failure, Signal

BROKEN = "broken environment"
HANG = "hang"
TRACEBACK = "traceback"
LEFTOVER = "leftover"
ORPHAN = "process left"
MISREPORT = "misreport"
STORE = "broken store"
ASIDE = "temporary name in the store"

Problem = tuple[str, str]

DELAYED = "The change was made, but old files in"
"""Printed by a run that has succeeded and leaves the removal of old files to the next one."""

_AS_PIP = (
    "is ignored: it is",
    "Failed to build",
    "failed-wheel-build",
    "subprocess-exited-with-error",
    "Could not locate Python",
    "Failed to run pip under",
    "<frozen getpath>",
)
"""Output that is the same with pip: about paths that do not seem to exist, from the process of a
build, and from an interpreter that cannot start."""

_DENIED_AS_PIP = ("No matching distribution found", "no RECORD file was found")
"""What pip also prints if an index page or a RECORD may not be read."""

_KILLS = (FAULTS["SIGKILL"], FAULTS["SIGKILL-all"])
_KEPT = re.compile(r"cache/pipfast/v1/(history/[^/]+/\d+\.json|traces(/#)?)")
"""What a later command may store: a note on a change, and the answer to a satisfied install."""

_PROBE = re.compile(r"tmp/[a-z0-9_]{8}")
"""A file that Python's own `tempfile` writes and removes to see whether it can."""

_TRACEBACK = "Traceback (most recent call last)"
_SHOWN = 4


def judged_ending(ended: Ended) -> Iterator[Problem]:
    """Judge whether a run ended with all its processes, and without a traceback."""
    output = ended.output + ended.errors
    if ended.hangs:
        yield HANG, "the run hangs"
    if ended.left:
        yield ORPHAN, f"{ended.left} processes are left after a second"
    if _TRACEBACK in output and not any(text in output for text in _AS_PIP):
        yield TRACEBACK, exception_in(output)


def judged_success(ready: Prepared, ended: Ended, state: Tree) -> Iterator[Problem]:
    """Judge exit code 0: only the new environment is a success."""
    if ended.code == 0 and state != ready.new and ready.mode.words != ("list",):
        yield MISREPORT, "exit code 0, but not the new environment: " + nearest(ready, state)


def judged_failure(ready: Prepared, fault: Failure, ended: Ended, state: Tree) -> Iterator[Problem]:
    """Judge a run in which calls failed: one error, its cause, and the old environment."""
    if not ended.code:
        return
    if not fault.lasting and state != ready.old and ready.half is None:
        yield (
            MISREPORT,
            f"an error, but not the old environment: {nearest(ready, state)}; {last_lines(ended)}",
        )
    forgiven = _AS_PIP + (_DENIED_AS_PIP if fault.error == errno.EACCES else ())
    if any(text in ended.errors + ended.output for text in forgiven):
        return
    errors = [line for line in ended.errors.splitlines() if line.startswith("ERROR:")]
    if len(errors) != 1:
        yield MISREPORT, f"{len(errors)} errors: {last_lines(ended)}"
    elif os.strerror(fault.error) not in ended.errors:
        yield MISREPORT, f"the error does not name the cause: {last_lines(ended)}"


def judged_signal(ready: Prepared, fault: Signal, ended: Ended, state: Tree) -> Iterator[Problem]:
    """Judge a run that got a signal: its messages, and the environment right after it.

    The interpreter ends itself by SIGINT if that came while text was compiled, whatever the exit
    code is.
    """
    is_half = ready.half is not None
    if fault.number == signal.SIGKILL:
        if fault.target == 1 and ended.code and state != ready.old and not is_half:
            yield MISREPORT, f"an error, but not the old environment: {last_lines(ended)}"
        return
    if fault.number != signal.SIGINT:
        if ended.code not in (0, -fault.number):
            yield MISREPORT, f"exit code {ended.code}: {last_lines(ended)}"
        elif state not in (ready.old, ready.new, ready.half):
            yield BROKEN, f"right after the signal: {nearest(ready, state)}"
    elif ended.code not in (0, 1, -fault.number) or (
        ended.code and "cancelled" not in ended.errors
    ):
        yield MISREPORT, f"exit code {ended.code} after SIGINT: {last_lines(ended)}"
    elif ended.code and state != ready.old and not is_half:
        yield MISREPORT, f"cancelled, but not the old environment: {nearest(ready, state)}"


@dataclass(frozen=True, slots=True)
class Sequel:
    """What the commands after a run find.

    `following` is the next ordinary command, `after` the environment after it, `again` what is
    wrong with the same command then, `names` are in the store and among temporary files at the end.
    """

    following: Ended | None
    after: Tree
    again: Sequence[Problem]
    names: Collection[str]


def sequel(
    sandbox: Sandbox, ready: Prepared, tool: str = "pipfast", *, again: bool = True
) -> Sequel:
    """Run the next ordinary command and, if wanted, the same command again."""
    following: Ended | None = None
    after: Tree = {}
    if tool == "pipfast":
        following = sandbox.run(ready.mode.following)
        after = sandbox.tree()
    problems = list(judged_again(sandbox, ready, tool, after)) if again else []
    return Sequel(following, after, problems, sandbox.names())


def judged_next(ready: Prepared, later: Sequel, fault: Fault, first: Ended) -> Iterator[Problem]:
    """Judge the next ordinary command, and the environment after it."""
    following, state = later.following, later.after
    assert following is not None
    is_unknown = "could not be restored" in first.errors  # until the next run
    if following.code:
        yield BROKEN, f"the next command fails: {last_lines(following)}"
    if state not in (ready.old, ready.new):
        yield BROKEN, "after the next command: " + nearest(ready, state)
    elif first.code == 0 and state != ready.new:
        yield BROKEN, "the run has succeeded, but the next one finds the old environment"
    elif isinstance(fault, Failure) and first.code and state != ready.old and not is_unknown:
        yield MISREPORT, f"an error, but later the new environment: {last_lines(first)}"


def judged_again(sandbox: Sandbox, ready: Prepared, tool: str, before: Tree) -> Iterator[Problem]:
    """Run the same command again, in the environment `before` and in the old one if that differs.

    The latter shows whether the store is whole.
    """
    ended = sandbox.run(ready.mode.words, tool)
    state = sandbox.tree() if tool == "pipfast" else sandbox.packages()
    if ended.code:
        yield BROKEN, f"again: it fails: {last_lines(ended)}"
    elif state != ready.new:
        yield BROKEN, f"again: {nearest(ready, state)}"
    if tool != "pipfast" or ready.mode.words[0] != "install" or before == ready.old:
        return
    sandbox.reset(ready.mode.name, ("env", "work"))
    ended = sandbox.run(ready.mode.words, tool)
    state = sandbox.tree()
    if ended.code:
        yield STORE, f"with the store as it is: it fails: {last_lines(ended)}"
    elif state != ready.new:
        yield STORE, f"with the store as it is: {nearest(ready, state)}"


def judged_leftovers(ready: Prepared, later: Sequel, fault: Fault) -> Iterator[Problem]:
    """Judge what is in the store and among the temporary files, after all other commands."""
    left = sorted(name for name in set(later.names) - ready.names if not _KEPT.fullmatch(name))
    if isinstance(fault, Failure) and fault.lasting:
        left = [name for name in left if not name.startswith("tmp/")]  # it cannot be removed
    if fault in _KILLS or isinstance(fault, Failure):  # its removal may be what fails
        left = [name for name in left if not _PROBE.fullmatch(name)]
    asides = [name for name in left if "/.aside-" in name or "/v1/tmp/" in name]
    others = [name for name in left if name not in asides]
    if others:
        yield LEFTOVER, "; ".join(others[:_SHOWN])
    if asides:
        yield ASIDE, "; ".join(map(plain, asides[:_SHOWN]))


def without_transactions(state: Tree) -> Tree:
    """Return the environment without the folders of transactions, which a later run removes."""
    return {path: entry for path, entry in state.items() if "/.pipfast-transaction" not in path}


def nearest(ready: Prepared, state: Tree) -> str:
    """Return the differences from the nearer of the old and the new environment."""
    found = []
    for name, valid in (("old", ready.old), ("new", ready.new)):
        lines = [f"-{path}" for path in valid if path not in state]
        lines += [f"+{path}" for path in state if path not in valid]
        lines += [f"~{path}" for path in state if path in valid and state[path] != valid[path]]
        found.append((len(lines), name, lines))
    count, name, lines = min(found)
    return f"{count} from the {name} one: {' '.join(lines[:_SHOWN])}"


def last_lines(ended: Ended) -> str:
    """Return the exit code and the last lines of a run."""
    text = ended.errors.strip() or ended.output.strip()
    return f"[{ended.code}] " + " | ".join(text.splitlines()[-_SHOWN:])


def exception_in(text: str) -> str:
    """Return the last line of the first traceback in a text, and the place that it names last."""
    lines = text.partition(_TRACEBACK)[2].splitlines()[1:]
    place = ""
    for line in lines:
        if line.startswith('  File "'):
            place = line.strip()
        elif line[:1].strip():
            return f"{line} ({place})"
    return place


def plain(text: str) -> str:
    """Return a problem without the names and numbers that differ from trial to trial."""
    text = re.sub(r"\S*/(root|notes)/", "", text)
    text = re.sub(r"\.aside-\d+-\S+?(?=[/'\]\s]|$)", ".aside-*", text)
    return re.sub(r"[0-9a-f]{12,}|\d{3,}", "#", text)
