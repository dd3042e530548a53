"""Requirements and constraints files: what their lines say."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from pipfast.errors import InstallationError
from pipfast.model.digest import STRONG, Digest
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.user_requirement import FileLine
from pipfast.requirements.parse import UnparsableInput
from pipfast.requirements.parsed_line import LineOptions, MalformedOptions

_REMOTE = re.compile(r"(http|https|file):", re.IGNORECASE)
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"(\$\{([A-Z0-9_]+)\})")
_HASHES = re.compile(r"(?:--hash[= ]sha(?:256|384|512):[0-9a-zA-Z]+(?:\s+|$))+")
_HASH = re.compile(rf"({'|'.join(STRONG)}):([0-9a-zA-Z]+)")
_ENCODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
"""The longer marks first: that of UTF-16 is the beginning of that of UTF-32."""


class RequirementsFileError(InstallationError):
    """A requirements file cannot be understood.

    `usage` is what stands on standard error before the message, empty if nothing does.
    """

    def __init__(self, message: str, usage: str = "") -> None:
        super().__init__(message)
        self.usage = usage


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """A line that asks for a distribution: its requirement and the options that belong to it."""

    text: str
    origin: FileLine
    constraint: bool
    editable: bool
    options: LineOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """A line of options for the whole run."""

    origin: FileLine
    options: LineOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The outside of a file: `remote` reads a URL, `environ` fills in ``${VARIABLE}``.

    `program` is the name in messages about options.
    """

    remote: Callable[[str], str]
    environ: Mapping[str, str]
    emit: Listener = silent
    program: str = "pip"


def read_file(
    path: str, reader: Reader, *, constraint: bool = False
) -> Iterator[RequirementLine | OptionLine]:
    """The lines of a file and of those it names with ``-r`` and ``-c``, in pip's order.

    `path` may be a URL. Lines are read one by one: what comes before a fault is yielded. Raises
    FileFault for a line that does not parse or a file that names itself, InstallationError for a
    file that cannot be opened.
    """
    return _lines(path, reader, {os.path.abspath(path): None}, constraint=constraint)


def check_readable(paths: Sequence[str], reader: Reader) -> None:
    """See that files of build constraints can be read, long before a build reads them.

    Raises InstallationError in pip's words.
    """
    for path in paths:
        _content(path, reader, "requirements")


def _lines(
    path: str, reader: Reader, above: Mapping[str, str | None], *, constraint: bool
) -> Iterator[RequirementLine | OptionLine]:
    content = _content(path, reader, "constraint" if constraint else "requirements")
    for number, line in logical_lines(content, reader.environ):
        text, options = _parsed(line, reader.program)
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
            named = (options.requirements or options.constraints)[0]
            nested = _nested(path, named)
            if nested in above:
                first = above[nested]
                again = f" and again in {first}" if first is not None else ""
                raise RequirementsFileError(
                    f"{nested} recursively references itself in {path}{again}"
                )
            known = {**above, nested: path}
            yield from _lines(nested, reader, known, constraint=not options.requirements)
        else:
            yield OptionLine(origin=origin, options=options)


def _nested(path: str, named: str) -> str:
    """The file that `path` means by `named`: relative to itself."""
    if _REMOTE.match(path):
        return urljoin(path, named)
    if _REMOTE.match(named):
        return named
    return os.path.abspath(os.path.join(os.path.dirname(path), named))


def _parsed(line: str, program: str) -> tuple[str, LineOptions]:
    """The requirement at the beginning of a line, and the options behind it."""
    words = line.split(" ")
    first = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    text, written = " ".join(words[:first]), " ".join(words[first:])
    if not written:
        return text, NO_OPTIONS
    if _HASHES.fullmatch(written):  # most lines with options are of this kind
        return text, LineOptions(digests=_digests(written))
    from pipfast.requirements.line_options import parse_options  # optparse costs a start 2 ms

    try:
        return text, parse_options(written, program)
    except MalformedOptions as error:
        raise RequirementsFileError(f"Invalid requirement: {line}\n{error}", error.usage) from None


NO_OPTIONS = LineOptions()


def _digests(written: str) -> tuple[Digest, ...]:
    """The hashes, those of one algorithm side by side."""
    found: dict[str, list[Digest]] = {}
    for algorithm, value in _HASH.findall(written):
        found.setdefault(algorithm, []).append(Digest(algorithm, value.lower()))
    return tuple(digest for digests in found.values() for digest in digests)


def logical_lines(content: str, environ: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """The lines that say something: joined, without comments, variables filled in.

    Each with the number of its first physical line. A variable that is empty or not set stays.
    """
    for number, line in _joined(content):
        bare = _COMMENT.sub("", line).strip()
        if bare:
            yield number, _expanded(bare, environ) if "${" in bare else bare


def _joined(content: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations; a comment ends a continuation and is not continued."""
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
    for written, name in _VARIABLE.findall(line):
        value = environ.get(name)
        if value:
            line = line.replace(written, value)
    return line


def _content(path: str, reader: Reader, kind: str) -> str:
    scheme = urlsplit(path).scheme
    if scheme in ("http", "https"):
        return reader.remote(path)
    if scheme == "file":
        return local_url(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InstallationError(f"Could not open {kind} file: {error}") from None
    try:
        return _decoded(data, path, reader.emit)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnparsableInput(f"Could not read {kind} file: {path}: {error}") from None


def local_url(url: str) -> str:
    """The text behind a ``file:`` URL, which pip reads as a server's answer, in UTF-8."""
    try:
        with open(path_of_url(url), "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        reason = f"404 Client Error: {type(error).__name__} for url: {url}"
        raise InstallationError(reason) from None


def _decoded(data: bytes, path: str, emit: Listener) -> str:
    """The text, by its mark, its coding line (PEP 263), as UTF-8, or as the locale has it."""
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
    emit(
        Said(
            Level.WARNING,
            f"unable to decode data from {path} with default encoding utf-8, "
            f"falling back to encoding from locale: {fallback}. "
            "If this is intentional you should specify the encoding with a "
            f"PEP-263 style comment, e.g. '# -*- coding: {fallback} -*-'",
        )
    )
    return data.decode(fallback)


def _locale_encoding() -> str:
    import locale

    ask = getattr(locale, "getencoding", None)  # Python 3.11
    return str(ask()) if ask else locale.getpreferredencoding(do_setlocale=False)
