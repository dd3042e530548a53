"""Normalise and order versions; common ones without `packaging.version`.

Its import takes 20 ms, and a page may list thousands of versions.
"""

from __future__ import annotations

from pipfast.model.lazy_pattern import lazy_pattern

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from packaging.version import Version

_NUMBER = r"(?:0|[1-9][0-9]*)"
_NORMAL = lazy_pattern(
    rf"{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?"
    rf"(?:\+(?:{_NUMBER}|[a-z][a-z0-9]*)(?:\.(?:{_NUMBER}|[a-z][a-z0-9]*))*)?"
)
"""Matches versions that are already in PEP 440's normal form, which most are."""

_ORDERED = lazy_pattern(
    rf"({_NUMBER}(?:\.{_NUMBER})*)(?:(a|b|rc)({_NUMBER}))?(?:\.post({_NUMBER}))?(?:\.dev({_NUMBER}))?"
)
_FINAL = lazy_pattern(rf"{_NUMBER}(?:\.{_NUMBER})*")
_LONGEST = 200  # characters of a version that is ordered here
_NO_DEV = float("inf")
_BEHIND_FINAL = (("z", 0), -1, _NO_DEV, ())
"""The key of a final version behind its release."""

Key = tuple[object, ...]
"""Orders versions as PEP 440 does; equal for equal versions."""


def ordered(text: str) -> tuple[str, Key] | None:
    """Return the version in PEP 440's normal form, and its key; None if it is invalid."""
    if len(text) > _LONGEST:
        return _ordered_by_packaging(text)
    if _FINAL.fullmatch(text) is not None:  # nine of ten versions
        numbers = tuple(map(int, text.split(".")))
        return text, (0, numbers if numbers[-1] else _stripped(numbers), *_BEHIND_FINAL)
    found = _ORDERED.fullmatch(text)
    if found is None:
        return _ordered_by_packaging(text)
    release, letter, number, post, dev = found.groups()
    pre = (letter, int(number)) if letter else ("", 0) if dev and not post else ("z", 0)
    return text, (
        0,
        _stripped(tuple(map(int, release.split(".")))),
        pre,
        int(post) if post else -1,
        int(dev) if dev else _NO_DEV,
        (),
    )


def _ordered_by_packaging(text: str) -> tuple[str, Key] | None:
    from packaging.version import Version

    try:
        version = Version(text)
    except ValueError:  # invalid, or a number with too many digits
        return None
    return str(version), key_of(version)


def key_of(version: Version) -> Key:
    """Return the key of a version."""
    has_dev, has_post = version.dev is not None, version.post is not None
    local = version.local.split(".") if version.local else ()
    return (
        version.epoch,
        _stripped(version.release),
        version.pre or (("", 0) if has_dev and not has_post else ("z", 0)),
        version.post if has_post else -1,
        version.dev if has_dev else _NO_DEV,
        tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in local),
    )


def _stripped(release: tuple[int, ...]) -> tuple[int, ...]:
    """Return a release without the zeros at its end, which do not count."""
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]


def version_text(text: str) -> str | None:
    """Return the version in PEP 440's normal form, None if it is invalid."""
    if _NORMAL.fullmatch(text):
        return text
    from packaging.version import Version

    try:
        return str(Version(text))
    except ValueError:  # invalid, or a number with too many digits
        return None


def pinned(name: str, version: str, raw_version: str | None) -> str:
    """Return the requirement for exactly this version: ``name==1.0``, ``name===old-style``."""
    text = version_text(version)
    return f"{name}==={raw_version}" if text is None else f"{name}=={text}"
