"""What is run while faults happen."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from compat.faults.house import AREAS, House, Tree
from compat.faults.shim import Call, Signal

BOTH_OLD = ("aa==1.0", "bb==1.0")
BOTH_NEW = ("aa==2.0", "bb==2.0")
_TARGET = ("--target", "target")
_EDITABLE = ("install", "--no-build-isolation", "-e", "made")


@dataclass(frozen=True, slots=True)
class Mode:
    """A command line, what is run before it, and what the store knows.

    - `before`: command lines that make the old environment
    - `warm`: the store has everything that the run needs
    - `following`: the next ordinary command
    - `killed`: if not None, the run `before` the last is killed at this place of its calls, from
      0.0 to 1.0 of the way through its renames: a half environment
    """

    name: str
    words: Sequence[str]
    before: Sequence[Sequence[str]] = ()
    warm: bool = True
    following: Sequence[str] = ("list",)
    killed: float | None = None


_OLD = (("install", "keep", *BOTH_OLD),)
_UPGRADE = ("install", *BOTH_NEW)

MODES = {
    mode.name: mode
    for mode in (
        Mode("install-cold", ("install", *BOTH_OLD), (("install", "keep"),), warm=False),
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
    """A mode in a house: its saved state, the valid environments, what may be in the store.

    `halves` is what is there before the run, if that is neither old nor new.
    """

    mode: Mode
    old: Tree
    new: Tree
    names: set[str]
    calls: Sequence[Call]
    half: Tree | None = None


def prepared(house: House, mode: Mode, tool: str = "pipfast") -> Prepared:
    """Save the state before the run as ``<name>``, and run it once without a fault.

    Raises RuntimeError if something fails without a fault.
    """
    if not (house.templates / "bare").exists():
        house.save("bare")
    house.reset("bare")
    for words in mode.before:
        _must(house, words, tool)
    old = house.tree() if tool == "pipfast" else house.packages()
    if mode.warm or mode.killed is not None:
        house.save("old")
        words = mode.words if mode.killed is None else _UPGRADE
        _must(house, words, tool)
        house.reset("old", [area for area in AREAS if area != "cache"])
    else:
        house.reset("bare", ["cache"])
    half = None
    if mode.killed is not None:
        _kill(house, mode.killed)
        half = house.tree()
    house.save(mode.name)
    house.state.set(None, 0, traced=True)
    _must(house, mode.words, tool, counted=True)
    calls = house.state.calls()
    new = house.tree() if tool == "pipfast" else house.packages()
    names = house.names()
    if mode.killed is not None and mode.words == ("list",):
        committed = mode.killed == 1.0
        old, new = (new, new) if committed else (old, old)
    if tool == "pipfast":
        _must(house, mode.following, tool)
    _must(house, mode.words, tool)
    return Prepared(mode, old, new, names | house.names(), calls, half)


def _must(house: House, words: Sequence[str], tool: str, *, counted: bool = False) -> None:
    ended = house.run(words, tool, counted=counted)
    if ended.code:
        said = ended.output + ended.errors
        raise RuntimeError(f"{tool} {' '.join(words)} fails without a fault:\n{said}")


def _kill(house: House, part: float) -> None:
    """Leave a half environment: kill an upgrade at a part of its way through the commit."""
    house.save("whole")
    house.state.set(None, 0, traced=True)
    _must(house, _UPGRADE, "pipfast", counted=True)
    calls = house.state.calls()
    renames = [at for at, call in enumerate(calls, 1) if _commits(call)]
    first, last = renames[0], renames[-1]
    at = last + 12 if part == 1.0 else first + int((last - first) * part)
    house.reset("whole")
    house.state.set(Signal(signal.SIGKILL), at)
    house.run(_UPGRADE, counted=True)


def _commits(call: Call) -> bool:
    return call.name.startswith("rename") and "site-packages" in call.path and call.is_main
