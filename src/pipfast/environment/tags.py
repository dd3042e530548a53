"""The wheel tags that a target supports, best first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging import tags
from packaging.tags import Tag

from pipfast.environment.interpreter import Interpreter
from pipfast.environment.probe import supported
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.policy.target import ForeignTarget

_APPLE = lazy_pattern(r"(.+)_(\d+)_(\d+)_(.+)")
_ANDROID = lazy_pattern(r"android_(\d+)_(.+)")
_SHORT_NAMES = {"cpython": "cp", "pypy": "pp", "ironpython": "ip", "jython": "jy"}


def supported_tags(interpreter: Interpreter, foreign: ForeignTarget) -> tuple[Tag, ...]:
    """Return the tags of installable wheels in pip's order, after ``--platform`` and others.

    Values that `foreign` does not specify are the interpreter's. Source: PEP 425, and pip's
    expansion of platforms (PEP 513, 571, 599 for the older manylinux names).
    """
    if not foreign:
        return tuple(Tag(*text.split("-", 2)) for text in interpreter.tags)
    implementation = foreign.implementation or _short_name(interpreter)
    platforms = _expanded(foreign.platforms) or list(interpreter.platforms)
    version = _two_numbers(foreign.python_version) or interpreter.version_info[:2]
    if foreign.abis:
        abis = list(foreign.abis)
    elif implementation == "cp":
        abis = _abis_for(version, interpreter)
    else:
        abis = _own_abis(interpreter)[:1]
    return tuple(supported(tags, version, platforms, implementation, abis))


def _short_name(interpreter: Interpreter) -> str:
    return _SHORT_NAMES.get(interpreter.implementation, interpreter.implementation)


def _own_abis(interpreter: Interpreter) -> list[str]:
    """Return the interpreter's own ABIs: those of its tags before the stable ABI and none."""
    own = interpreter.tags[0].partition("-")[0] + "-"
    abis = dict.fromkeys(tag.split("-", 2)[1] for tag in interpreter.tags if tag.startswith(own))
    return [abi for abi in abis if abi not in ("abi3", "abi3t", "none")]


def _abis_for(version: Sequence[int], interpreter: Interpreter) -> list[str]:
    """Return the ABIs of another CPython with the same build options: debug, free-threaded."""
    if len(version) < 2:
        return []
    own = interpreter.version.replace(".", "")
    flags = [abi.partition(own)[2] for abi in _own_abis(interpreter)]
    debug = "d" if any("d" in flag for flag in flags) else ""
    threaded = "t" if tuple(version) >= (3, 13) and any("t" in flag for flag in flags) else ""
    name = f"cp{version[0]}{version[1]}{threaded}"
    if tuple(version) < (3, 8):
        wide = "u" if tuple(version) < (3, 3) else ""  # every current Python is a wide build
        return [f"{name}{debug}m{wide}"]
    return [f"{name}{debug}", name] if debug else [name]


def _two_numbers(version: Sequence[int]) -> tuple[int, ...]:
    """Return the version that pip reads from digits without dots: ``3.11.2`` is (3, 11)."""
    digits = "".join(map(str, version[:2]))
    return (int(digits[0]), int(digits[1:])) if len(digits) > 1 else tuple(map(int, digits))


def _expanded(platforms: Sequence[str]) -> list[str]:
    """Return `platforms` with those that their systems also support, each once."""
    found: dict[str, None] = {}
    for platform in platforms:
        if platform not in found:
            found.update(dict.fromkeys(_compatible(platform)))
    return list(found)


def _compatible(platform: str) -> Iterator[str]:
    prefix, _, rest = platform.partition("_")
    apple = _APPLE.match(platform) if platform.startswith(("macosx", "ios")) else None
    if apple:
        version = (int(apple[2]), int(apple[3]))
        family = "macosx" if platform.startswith("macosx") else "ios"
        found = (
            tags.mac_platforms(version, apple[4])
            if family == "macosx"
            else tags.ios_platforms(version, apple[4])
        )
        # the name before the version is the user's, whatever follows "macosx"
        yield from (f"{apple[1]}_{name[len(family) + 1 :]}" for name in found)
        return
    android = _ANDROID.fullmatch(platform)
    if android:
        yield from tags.android_platforms(int(android[1]), android[2])
        return
    yield platform
    if prefix == "manylinux2014" and rest in ("i686", "x86_64"):
        yield f"manylinux2010_{rest}"
    if prefix == "manylinux2010" or (prefix == "manylinux2014" and rest in ("i686", "x86_64")):
        yield f"manylinux1_{rest}"
