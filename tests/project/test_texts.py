"""Only `report` contains text of our own; other packages may hold pip's messages as data.

Text is what an error is raised with, what an error class passes to its base class, and what a
message for the user consists of. Everything of that kind outside `report` has to occur in the
sources of pip or of the libraries whose messages pip shows."""

from __future__ import annotations

import ast
import optparse
import re
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pip

import pipfast

SOURCE = Path(pipfast.__path__[0])
PIPS = [
    *Path(pip.__path__[0]).rglob("*.py"),
    *(Path(str(module.__file__)) for module in (optparse, tarfile, zipfile)),
]
PRINTING = {"say", "explain"}
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%(?:\(\w+\))?[srdi]|\n")
PREFIX = re.compile(r"^(?:ERROR|WARNING|INFO|DEPRECATION|Usage): |^[-.,:;'\"() ]+|[-.,:;'\"() ]+$")
LEAST = 3
"""Fragments of fewer words prove nothing."""


COMPOSED = {
    ("config/layers.py", "Configuration file contains invalid"),
    ("config/layers.py", "Configuration file could not be loaded"),
    ("environment/placement.py", "Cannot set --home and --prefix together"),
    ("environment/placement.py", "Cannot set --user and --prefix together"),
    ("fetch/unpack.py", "content-type: None); cannot detect archive format"),
    ("fetch/wheel_metadata/wheel_file.py", "in METADATA file"),
    ("net/errors.py", "Failed to read a part of"),
    ("net/response_body.py", "incomplete or truncated stream"),  # the words of zlib
    ("net/socks.py", "All offered SOCKS5 authentication methods were rejected"),  # of PySocks
    ("net/socks.py", "Connection closed unexpectedly"),
    ("net/socks.py", "SOCKS4 does not support IPv6 addresses"),
    ("net/socks.py", "SOCKS5 authentication failed"),
    ("net/socks.py", "SOCKS5 proxy server sent invalid data"),
    ("net/socks.py", "a name, user or password has more than 255 bytes"),
    ("net/tls.py", "Could not install packages due to an OSError: Could not find"),
    ("net/tls.py", "Could not install packages due to an OSError: Could not find"),
    ("requirements/inline_script.py", "File does not contain 'script' metadata"),
    ("requirements/inline_script.py", "Multiple 'script' blocks found in"),
    ("resolve/candidate_cache.py", "Could not install packages due to an OSError: Invalid URL"),
    ("session/plain_files.py", "has an invalid wheel, METADATA is missing"),
    ("session/port_adapters.py", "is a wheel of"),
    ("session/unpacked_wheels.py", "has an invalid wheel, METADATA is missing"),
    ("store/wheels/unpacked.py", "in RECORD file"),
    ("transaction/scripts.py", "in package pip._vendor.distlib"),
    ("transaction/wheel_layout.py", "in entry_points.txt file"),
}
"""pip's own messages, which pip composes from other parts."""

INTERNAL = {
    ("config/argv.py", "help is printed by pip"),
    ("fetch/wheel_metadata/source.py", "has to be built"),
    ("policy/option_conflicts.py", "use-deprecated=legacy-resolver is served by pip"),
    ("resolve/search.py", "candidates are created one by one"),
    ("resolve/search.py", "the number of candidates is unknown until all are created"),
    ("session/other_indexes.py", "it takes too long"),
    ("sources/retry_with_modules.py", "cannot be prepared"),
    ("store/workers/pool.py", "A worker process failed"),
    ("transaction/staging.py", "is in no folder of the scheme"),
}
"""Reasons that no user reads: internal errors are caught, or shown as a bug with its traceback."""


def fragments(text: str) -> Iterator[str]:
    """Yield the parts of a text between placeholders that have enough words."""
    for part in PLACEHOLDER.split(text):
        plain = " ".join(part.split())
        while (shorter := PREFIX.sub("", plain)) != plain:
            plain = shorter
        if len(re.findall(r"[A-Za-z']{2,}", plain)) >= LEAST:
            yield plain


def constants(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the string constants of errors and messages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield from constants(node.exc)
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            is_base = name == "__init__" and isinstance(function, ast.Attribute)
            if name in PRINTING or is_base:
                for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                    yield from constants(argument)


@cache
def pips_text() -> str:
    """Return all string constants of pip, with white space folded."""
    found = []
    for path in PIPS:
        tree = ast.parse(path.read_bytes())
        found += [" ".join(text.split()) for text in constants(tree)]
    return "\n".join(found)


def own() -> set[tuple[str, str]]:
    """Return module and fragment (its first 60 characters) of each text that is not pip's."""
    return {
        (path.relative_to(SOURCE).as_posix(), fragment[:60])
        for path in SOURCE.rglob("*.py")
        if not path.is_relative_to(SOURCE / "report")
        for text in texts(ast.parse(path.read_bytes()))
        for fragment in fragments(text)
        if fragment not in pips_text()
    }


def test_the_rule_finds_text_of_our_own() -> None:
    code = 'raise InstallationError(f"{name} is a sentence of our own")'
    found = [part for text in texts(ast.parse(code)) for part in fragments(text)]
    assert found == ["is a sentence of our own"]
    assert found[0] not in pips_text()
    assert "No matching distribution found for" in pips_text()


def test_no_module_outside_report_has_text_of_its_own() -> None:
    assert own() == COMPOSED | INTERNAL


READING = {"startswith", "endswith", "split", "partition", "rpartition", "splitlines", "find"}
"""Methods that take a meaning out of text."""


def test_no_module_outside_report_reads_the_message_of_an_error_or_event() -> None:
    found = set()
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "report"):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(func=ast.Attribute(value=read, attr=method)) if method in READING:
                    parts = [read]
                case ast.Compare(left=left, comparators=others):
                    parts = [left, *others]
                case _:
                    continue
            if any(isinstance(part, ast.Attribute) and part.attr == "message" for part in parts):
                found.add(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert found == set()
