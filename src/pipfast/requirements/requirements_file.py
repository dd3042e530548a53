"""Read requirements and constraints files."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from pipfast.errors import InstallationError
from pipfast.model.digest import STRONG, Digest
from pipfast.model.events import Listener, silent
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.input_limits import (
    REQUIREMENTS_LINES,
    REQUIREMENTS_SIZE,
    TOML_SIZE,
    LimitExceeded,
    Unit,
    check_size,
)
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.user_requirement import FileLine
from pipfast.requirements.errors import MalformedOptions, RequirementsFileError, UnparsableInput
from pipfast.requirements.events import LocaleEncodingUsed
from pipfast.requirements.parsed_line import LineOptions

_REMOTE = lazy_pattern(r"(http|https|file):", re.IGNORECASE)
_COMMENT = lazy_pattern(r"(^|\s+)#.*$")
_VARIABLE = lazy_pattern(r"(\$\{([A-Z0-9_]+)\})")
_HASHES = lazy_pattern(r"(?:--hash[= ]sha(?:256|384|512):[0-9a-zA-Z]+(?:\s+|$))+")
_HASH = lazy_pattern(rf"({'|'.join(STRONG)}):([0-9a-zA-Z]+)")
_ENCODING = lazy_pattern(rb"coding[:=]\s*([-\w.]+)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
"""UTF-32 before UTF-16, whose mark is a prefix of the one of UTF-32."""


NO_OPTIONS = LineOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """A line with a requirement and the options that belong to it."""

    text: str
    origin: FileLine
    constraint: bool
    editable: bool
    options: LineOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """A line with options that apply to the run."""

    origin: FileLine
    options: LineOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How files are read: `remote` returns the text of a URL, `environ` expands ``${VARIABLE}``.

    `program` is the program name in errors about options. `on_file` is called for each file, with
    its path or URL and whether variables were expanded in it.
    """

    remote: Callable[[str], str]
    environ: Mapping[str, str]
    emit: Listener = silent
    program: str = "pip"
    on_file: Callable[[str, bool], object] = lambda _path, _expanded: None


def read_file(
    path: str, reader: Reader, *, constraint: bool = False
) -> Iterator[RequirementLine | OptionLine]:
    """Yield the lines of a file and of the files that it includes, in pip's order.

    `path` may be a URL. Lines are parsed one by one: those before an invalid line are yielded.
    Raises RequirementsFileError for an invalid line or a file that includes itself, and
    InstallationError for a file that cannot be opened.
    """
    return _lines(path, reader, {os.path.abspath(path): None}, constraint=constraint)


def check_readable(paths: Sequence[str], reader: Reader) -> None:
    """Check that build constraints files can be read, long before a build reads them.

    Raises InstallationError with pip's message.
    """
    for path in paths:
        _read(path, reader, "requirements")


def _lines(
    path: str, reader: Reader, ancestors: Mapping[str, str | None], *, constraint: bool
) -> Iterator[RequirementLine | OptionLine]:
    """Yield the lines of `path`; `ancestors` are the files above it and who includes them."""
    content = _read(path, reader, "constraint" if constraint else "requirements")
    check_size(len(content), REQUIREMENTS_SIZE, path)
    if content.count("\n") > REQUIREMENTS_LINES:
        raise LimitExceeded(path, REQUIREMENTS_LINES, Unit.LINES)
    reader.on_file(path, "${" in content and _VARIABLE.search(content) is not None)
    for number, line in logical_lines(content, reader.environ):
        text, options = _split_line(line, reader.program)
        text = text or (options.editables[0] if options.editables else "")
        origin = FileLine(flag="-c" if constraint else "-r", path=path, line=number)
        if text:
            yield RequirementLine(
                text=text,
                origin=origin,
                constraint=constraint,
                editable=bool(options.editables),
                options=options,
            )
        elif options.requirements or options.constraints:
            nested = _included_path(path, (options.requirements or options.constraints)[0])
            _check_recursion(nested, path, ancestors)
            files = {**ancestors, nested: path}
            yield from _lines(nested, reader, files, constraint=not options.requirements)
        else:
            yield OptionLine(origin=origin, options=options)


def _check_recursion(nested: str, path: str, ancestors: Mapping[str, str | None]) -> None:
    """Raise RequirementsFileError if `path` includes one of its ancestors."""
    if nested in ancestors:
        first = ancestors[nested]
        again = f" and again in {first}" if first is not None else ""
        raise RequirementsFileError(f"{nested} recursively references itself in {path}{again}")


def _included_path(path: str, included: str) -> str:
    """Return the path or URL of a file that `path` includes; it is relative to `path`."""
    if _REMOTE.match(path):
        return urljoin(path, included)
    if _REMOTE.match(included):
        return included
    return os.path.abspath(os.path.join(os.path.dirname(path), included))


def _split_line(line: str, program: str) -> tuple[str, LineOptions]:
    """Return the requirement at the start of a line, and the options after it."""
    words = line.split(" ")
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    text, rest = " ".join(words[:first]), " ".join(words[first:])
    if not rest:
        return text, NO_OPTIONS
    if _HASHES.fullmatch(rest):  # most lines with options are of this kind
        return text, LineOptions(digests=_digests(rest))
    from pipfast.requirements.line_options import parse_options  # importing optparse takes 2 ms

    try:
        return text, parse_options(rest, program)
    except MalformedOptions as error:
        raise RequirementsFileError(f"Invalid requirement: {line}\n{error}", error.usage) from None


def _digests(options: str) -> tuple[Digest, ...]:
    """Return the hashes of ``--hash`` options, grouped by algorithm."""
    found: dict[str, list[Digest]] = {}
    for algorithm, value in _HASH.findall(options):
        found.setdefault(algorithm, []).append(Digest(algorithm, value.lower()))
    return tuple(digest for digests in found.values() for digest in digests)


def logical_lines(content: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield nonempty lines, joined, without comments and with variables expanded.

    Each has the number of its first physical line. A variable that is empty or unset is not
    expanded.
    """
    for number, line in _joined(content):
        bare = _COMMENT.sub("", line).strip()
        if bare:
            yield number, _expanded(bare, environ) if "${" in bare else bare


def _joined(content: str) -> Iterator[tuple[int, str]]:
    """Yield lines joined with their continuations; a comment ends a continuation."""
    pending: list[str] = []
    start = 0
    for number, line in enumerate(content.splitlines(), start=1):
        is_comment = _COMMENT.match(line) is not None
        if line.endswith("\\") and not is_comment:
            start = start if pending else number
            pending.append(line.strip("\\"))
            continue
        text = f" {line}" if is_comment else line
        if pending:
            yield start, "".join([*pending, text])
            pending = []
        else:
            yield number, text
    if pending:
        yield start, "".join(pending)


def _expanded(line: str, environ: Mapping[str, str]) -> str:
    for reference, name in _VARIABLE.findall(line):
        value = environ.get(name)
        if value:
            line = line.replace(reference, value)
    return line


def _read(path: str, reader: Reader, kind: str) -> str:
    """Return the text of a file or URL; `kind` is its kind in errors."""
    try:
        scheme = urlsplit(path).scheme
    except ValueError as error:
        raise UnparsableInput(f"Could not open {kind} file: {path}: {error}") from None
    if scheme in ("http", "https"):
        return reader.remote(path)
    if scheme == "file":
        return read_file_url(path)
    try:
        with open(path, "rb") as file:
            data = file.read(REQUIREMENTS_SIZE + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise InstallationError(f"Could not open {kind} file: {error}") from None
    try:
        return _decoded(data, path, reader.emit)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnparsableInput(f"Could not read {kind} file: {path}: {error}") from None


def read_file_url(url: str) -> str:
    """Return the text of a ``file:`` URL; pip reads it like an HTTP response, in UTF-8."""
    try:
        with open(path_of_url(url), "rb") as file:
            return file.read(TOML_SIZE + 1).decode("utf-8", "replace")
    except (OSError, ValueError) as error:  # ValueError: of the address
        reason = f"404 Client Error: {type(error).__name__} for url: {url}"
        raise InstallationError(reason) from None


def _decoded(data: bytes, path: str, emit: Listener) -> str:
    """Decode by the byte order mark, the coding line (PEP 263), UTF-8, or the locale."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    for line in data.split(b"\n", 2)[:2]:
        named = _ENCODING.search(line) if line[:1] == b"#" else None
        if named is not None:
            return data.decode(named[1].decode("ascii"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        fallback = _locale_encoding()
    emit(LocaleEncodingUsed(path, fallback))
    return data.decode(fallback)


def _locale_encoding() -> str:
    import locale

    getencoding = getattr(locale, "getencoding", None)  # Python 3.11
    return str(getencoding()) if getencoding else locale.getpreferredencoding(do_setlocale=False)
