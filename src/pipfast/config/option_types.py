"""Convert text to option values, like pip's option types and callbacks."""

from __future__ import annotations

import os
from collections.abc import Callable

from pipfast.config.option_table import Option
from pipfast.errors import CommandError, Remedy

Values = dict[str, object]
"""Option values by pip's dest; the values are never changed in place."""


class BadValue(ValueError):
    """A text is not a valid value; the message is pip's, `remedies` name the value's origin."""

    remedies: tuple[Remedy, ...] = ()


def truth(text: str) -> bool:
    """Return the boolean that `text` means in configuration.

    Raises ValueError for any other word (pip's wording).
    """
    word = text.lower()
    if word in ("y", "yes", "t", "true", "on", "1"):
        return True
    if word in ("n", "no", "f", "false", "off", "0"):
        return False
    raise ValueError(f"invalid truth value {word!r}")


def checked(option: Option, flag: str, text: str) -> object:
    """Convert `text` to the type of `option`; `flag` is the option's name in the message.

    Raises BadValue.
    """
    kind = option.type
    if isinstance(kind, tuple):
        if text in kind:
            return text
        choices = ", ".join(map(repr, kind))
        raise BadValue(f"option {flag}: invalid choice: {text!r} (choose from {choices})")
    try:
        if kind == "int":
            return _integer(text)
        if kind == "float":
            return float(text)
    except ValueError:
        name = "integer" if kind == "int" else "floating-point"
        raise BadValue(f"option {flag}: invalid {name} value: {text!r}") from None
    if kind == "path":
        return os.path.expanduser(text)  # noqa: PTH111 - pathlib costs start-up time
    return normalized(text) if kind == "package_name" else text


def normalized(name: str) -> str:
    """Return the normalised project name (PEP 503) without importing packaging."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def _integer(text: str) -> int:
    """Return an integer like optparse: prefixes ``0x`` and ``0b``, octal after a zero."""
    prefix = text[:2].lower()
    if prefix == "0x":
        return int(text, 16)
    if prefix == "0b":
        return int(text[2:] or "0", 2)
    return int(text, 8 if text[:1] == "0" else 10)


def _refused(option: Option, message: str) -> BadValue:
    """Return a callback's message: the option's spellings, wrapped at 70 columns."""
    from textwrap import fill  # the run ends here, so successful runs do not pay for the import

    return BadValue(fill(" ".join(f"{'/'.join(option.flags)} error: {message}".split())))


def _no_cache_dir(option: Option, _flag: str, text: str | None, values: Values) -> None:
    """Disable the cache, whichever boolean the configuration contains (pip behaviour)."""
    if text is not None:
        try:
            truth(text)
        except ValueError as error:
            raise _refused(option, str(error)) from None
    values["cache_dir"] = False


def _merge(text: str, flags: str, target: set[str], other: set[str]) -> None:
    """Add a comma-separated list to `target`; ``:all:`` and ``:none:`` clear earlier values."""
    if text.startswith("-"):
        raise CommandError(f"{flags} option requires 1 argument.")
    names = text.split(",")
    while ":all:" in names:
        other.clear()
        target.clear()
        target.add(":all:")
        del names[: names.index(":all:") + 1]
        if ":none:" not in names:
            return
    for name in names:
        if name == ":none:":
            target.clear()
        else:
            other.discard(normalized(name))
            target.add(normalized(name))


def _control(option: Option, _flag: str, text: str | None, values: Values) -> None:
    """Apply ``--no-binary``, ``--only-binary`` or the release options to a pair of sets."""
    pair = values[option.dest]
    assert isinstance(pair, tuple)  # the table's default
    first, second = set(pair[0]), set(pair[1])
    formats = option.dest == "format_control"
    flags = "--no-binary / --only-binary" if formats else "--all-releases / --only-final"
    if option.flags[0] in ("--no-binary", "--all-releases"):
        _merge(text or "", flags, first, second)
    else:
        _merge(text or "", flags, second, first)
    values[option.dest] = (frozenset(first), frozenset(second))


def _refresh(option: Option, _flag: str, text: str | None, values: Values) -> None:
    names = values[option.dest]
    assert isinstance(names, frozenset)  # the table's default
    target = set(names)
    _merge(text or "", "--refresh-package", target, set())
    values[option.dest] = frozenset(target)


def _source(option: Option, _flag: str, text: str | None, values: Values) -> None:
    values[option.dest] = os.path.abspath(text or "")  # noqa: PTH100 - pathlib costs start-up time


def _config_settings(option: Option, flag: str, text: str | None, values: Values) -> None:
    """Parse ``KEY=VALUE``; repeated keys collect their values in a list."""
    key, separator, value = (text or "").partition("=")
    if not separator:
        raise BadValue(f"Arguments to {flag} must be of the form KEY=VAL")
    known = values[option.dest]
    gathered = dict(known) if isinstance(known, dict) else {}
    before = gathered.get(key)
    if before is None:
        gathered[key] = value
    else:
        gathered[key] = [*before, value] if isinstance(before, list) else [before, value]
    values[option.dest] = gathered


def _group(option: Option, _flag: str, text: str | None, values: Values) -> None:
    """Parse a dependency group ``[path:]name``; the path is a pyproject.toml or pylock file."""
    path, separator, name = (text or "").rpartition(":")
    if not separator:
        path = "pyproject.toml"
    elif _last_part(path) != "pyproject.toml" and (_is_url(path) or lock_file(path) is None):
        raise _refused(option, "group paths use local 'pyproject.toml' or 'pylock.toml' files")
    groups = values[option.dest]
    assert isinstance(groups, tuple)  # the table's default
    values[option.dest] = (*groups, (path, name))


def _last_part(path: str) -> str:
    parts = [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
    return parts[-1] if parts else ""


def lock_file(source: str) -> str | None:
    """Return `source` without extras in brackets if it names a lock file (PEP 751), else None."""
    stripped = source
    opening = source.rfind("[")
    if source.endswith("]") and 0 < opening < len(source) - 2:
        stripped = source[:opening].rstrip()
    path = stripped
    if _is_url(stripped):
        path = stripped.partition("#")[0].partition("?")[0]
    name = _last_part(path)
    middle = name[len("pylock.") : -len(".toml")]
    named = name.startswith("pylock.") and name.endswith(".toml") and "." not in middle
    return stripped if name == "pylock.toml" or (named and middle) else None


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http:", "https:", "file:"))


def _python_version(option: Option, _flag: str, text: str | None, values: Values) -> None:
    """Parse ``3``, ``37``, ``3.7`` or ``3.7.3`` to numbers; an empty value means none."""
    parts = (text or "").split(".")
    if len(parts) == 1 and len(parts[0]) > 1:
        parts = [parts[0][0], parts[0][1:]]
    problem = "at most three version parts are allowed" if len(parts) > 3 else ""
    version: tuple[int, ...] | None = None
    if text and not problem:
        try:
            version = tuple(int(part) for part in parts)
        except ValueError:
            problem = "each version part must be an integer"
    if problem:
        raise _refused(option, f"invalid --python-version value: {text!r}: {problem}")
    values[option.dest] = version


def _uploaded_prior_to(option: Option, _flag: str, text: str | None, values: Values) -> None:
    """Parse a time: ISO 8601, local if it has no time zone, or ``P<n>D`` for n days ago."""
    from datetime import datetime, timedelta, timezone

    text = text or ""
    days = text[1:-1]
    if text[:1] == "P" and text[-1:] == "D" and days.isascii() and days.isdigit():
        try:
            values[option.dest] = datetime.now(timezone.utc) - timedelta(days=int(days))
        except OverflowError as error:
            raise CommandError(f"invalid value for {option.name}: {text!r}: {error}") from None
        return
    try:
        moment = datetime.fromisoformat(_plain_iso(text))
        values[option.dest] = moment if moment.tzinfo else moment.astimezone()
    except ValueError as error:
        raise _refused(
            option,
            f"invalid value: {text!r}: {error}. Expected an ISO 8601 datetime string "
            "(e.g., '2023-01-01' or '2023-01-01T00:00:00Z') or a duration in days (e.g., 'P3D')",
        ) from None


def _plain_iso(text: str) -> str:
    """Return `text` in a form that Python 3.10 parses, which does not know the ``Z`` of UTC."""
    if text.endswith("Z") and ("T" in text or " " in text.strip()):
        return f"{text[:-1]}+00:00"
    return text


Callback = Callable[[Option, str, "str | None", Values], None]
CALLBACKS: dict[str, Callback] = {
    "--no-cache-dir": _no_cache_dir,
    "--refresh-package": _refresh,
    "--uploaded-prior-to": _uploaded_prior_to,
    "--all-releases": _control,
    "--only-final": _control,
    "--no-binary": _control,
    "--only-binary": _control,
    "--python-version": _python_version,
    "--src": _source,
    "--config-settings": _config_settings,
    "--group": _group,
}
"""pip's callbacks by option name."""
