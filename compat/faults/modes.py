"""The command lines in which faults are injected."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compat.faults.sandbox import AREAS, Sandbox
from compat.faults.saved import Tree
from compat.faults.shim import Call, Signal

if TYPE_CHECKING:
    from compat.faults.verdict import Sequel

BOTH_OLD = ("aa==1.0", "bb==1.0")
BOTH_NEW = ("aa==2.0", "bb==2.0")
_TARGET = ("--target", "target")
_EDITABLE = ("install", "--no-build-isolation", "-e", "made")


@dataclass(frozen=True, slots=True)
class Mode:
    """A command line, the command lines before it, and the state of the store.

    - `before`: command lines that make the old environment
    - `warm`: the store has everything that the run needs
    - `probed`: a store that is not warm has the properties of the interpreter
    - `following`: the next ordinary command
    - `killed`: if not None, an upgrade is killed before the run, which has to recover from it;
      the value is the part of its renames that were made, from 0.0 to 1.0
    """

    name: str
    words: Sequence[str]
    before: Sequence[Sequence[str]] = ()
    warm: bool = True
    probed: bool = True
    following: Sequence[str] = ("list",)
    killed: float | None = None


_KEEP = (("install", "keep"),)
_INSTALL = ("install", *BOTH_OLD)
_OLD = (("install", "keep", *BOTH_OLD),)
_UPGRADE = ("install", *BOTH_NEW)

MODES = {
    mode.name: mode
    for mode in (
        Mode(
            "install-cold", ("install", *BOTH_OLD), (("install", "keep"),), warm=False, probed=False
        ),
        Mode("install-warm", ("install", *BOTH_OLD), (("install", "keep"),)),
        Mode("upgrade-cold", _UPGRADE, _OLD, warm=False),
        Mode("upgrade-warm", _UPGRADE, _OLD),
        Mode("uninstall", ("uninstall", "-y", "aa", "bb"), _OLD),
        Mode("editable", _EDITABLE, _OLD),
        Mode("build", ("install", "--no-build-isolation", "./made"), _OLD, warm=False),
        Mode(
            "target",
            ("install", "-U", *_TARGET, *BOTH_NEW),
            (("install", *_TARGET, *BOTH_OLD),),
            following=("list", "--path", "target"),
        ),
        Mode("recovery-early", ("list",), _OLD, killed=0.2),
        Mode("recovery-late", ("list",), _OLD, killed=0.9),
        Mode("recovery-after", ("list",), _OLD, killed=1.0),
        Mode("recovery-upgrade", _UPGRADE, _OLD, killed=0.5),
    )
}


@dataclass(slots=True)
class Prepared:
    """A mode in a sandbox, the valid environments, and the names that may be in the store.

    `half` is the environment before the run, if that is neither old nor new. `sequels` are what
    the commands after a run have found, by `Sandbox.condition` after the run.
    """

    mode: Mode
    old: Tree
    new: Tree
    names: set[str]
    calls: Sequence[Call]
    half: Tree | None = None
    sequels: dict[str, Sequel] = field(default_factory=dict)


def prepared(sandbox: Sandbox, mode: Mode, tool: str = "pipfast") -> Prepared:
    """Save the state before the run as ``<name>``, and run it once without a fault.

    Raises RuntimeError if something fails without a fault.
    """
    if "bare" not in sandbox.saved:
        sandbox.save("bare")
    sandbox.reset("bare")
    for words in mode.before:
        _must(sandbox, words, tool)
    old = sandbox.tree() if tool == "pipfast" else sandbox.packages()
    if mode.warm or mode.killed is not None:
        sandbox.save("old")
        words = mode.words if mode.killed is None else _UPGRADE
        _must(sandbox, words, tool)
        sandbox.reset("old", [area for area in AREAS if area != "cache"])
    else:
        sandbox.empty_store(keep="interpreters" if mode.probed else None)
    half = None
    if mode.killed is not None:
        _kill(sandbox, mode.killed)
        half = sandbox.tree()
    sandbox.save(mode.name)
    sandbox.state.set(None, 0, traced=True)
    _must(sandbox, mode.words, tool, counted=True)
    calls = sandbox.state.calls()
    new = sandbox.tree() if tool == "pipfast" else sandbox.packages()
    names = sandbox.names()
    if mode.killed is not None and mode.words == ("list",):
        committed = mode.killed == 1.0
        old, new = (new, new) if committed else (old, old)
    if tool == "pipfast":
        _must(sandbox, mode.following, tool)
    _must(sandbox, mode.words, tool)
    return Prepared(mode, old, new, names | sandbox.names(), calls, half)


def _must(sandbox: Sandbox, words: Sequence[str], tool: str, *, counted: bool = False) -> None:
    ended = sandbox.run(words, tool, counted=counted)
    if ended.code:
        output = ended.output + ended.errors
        raise RuntimeError(f"{tool} {' '.join(words)} fails without a fault:\n{output}")


def _kill(sandbox: Sandbox, part: float) -> None:
    """Kill an upgrade during its commit, after the given part of its renames."""
    sandbox.save("whole")
    sandbox.state.set(None, 0, traced=True)
    _must(sandbox, _UPGRADE, "pipfast", counted=True)
    calls = sandbox.state.calls()
    renames = [at for at, call in enumerate(calls, 1) if _commits(call)]
    first, last = renames[0], renames[-1]
    at = last + 12 if part == 1.0 else first + int((last - first) * part)
    sandbox.reset("whole")
    sandbox.state.set(Signal(signal.SIGKILL), at)
    sandbox.run(_UPGRADE, counted=True)


def _commits(call: Call) -> bool:
    return call.name.startswith("rename") and "site-packages" in call.path and call.is_main
