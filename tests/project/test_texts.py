"""Only `report` contains text of our own; other packages may hold pip's messages as data.

Text is what an error is raised with, what an error class passes to its base class, and what a
message for the user consists of. Everything of that kind outside `report` has to occur in the
sources of pip or of the libraries whose messages pip shows. `OWN` lists what still has to move to
`report`; it only ever gets shorter.
"""

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
SAYING = {"Said", "say", "_say", "explain"}
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
    ("fetch/vcs/git.py", "has no remote"),
    ("fetch/vcs/others.py", "has no remote"),
    ("fetch/wheel_metadata/wheel_file.py", "in METADATA file"),
    ("net/errors.py", "Failed to read a part of"),
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
    ("store/wheels/unpacked.py", "the store does not keep what is written to it"),
    ("store/wheels/unpacked.py", "the store's folder is held by others"),
    ("store/workers/pool.py", "A worker process failed"),
    ("store/workers/pool.py", "it answered nonsense"),
    ("store/workers/pool.py", "the workers were sent home"),
}
"""Reasons that no user reads: internal errors are caught, or shown as a bug with its traceback."""

OWN = {
    ("builds/errors.py", "The build backend of"),
    ("builds/errors.py", "The pyproject.toml of"),
    ("builds/errors.py", "build requirements could not be installed"),
    ("builds/errors.py", "returned invalid metadata"),
    ("builds/isolation.py", "is needed to build itself"),
    ("builds/project_build.py", "METADATA has no Name"),
    ("builds/project_build.py", "it names no folder"),
    ("builds/project_build.py", "there is no METADATA in"),
    ("builds/pyproject.py", "backend-path is not a list of strings"),
    ("builds/pyproject.py", "build-backend is not a string"),
    ("builds/pyproject.py", "build-system is not a table"),
    ("builds/virtual_env.py", "it exited with code"),
    ("cli/fallback.py", "Running pip instead"),
    ("cli/fallback.py", "The incident report is in"),
    ("cli/fallback.py", "pipfast handed this command to pip, which exited with"),
    ("commands/_errors.py", "Could not hash"),
    ("commands/_errors.py", "Could not write the lock file"),
    ("commands/download.py", "exists, and the answer was to abort"),
    ("config/pipfast_settings.py", "write NAME=value, separate several with spaces, and quote va"),
    ("environment/dependencies.py", "The metadata of"),
    ("environment/interpreter.py", "is older than"),
    ("fetch/exists_action.py", "No one can answer the question"),
    ("fetch/unpack.py", "GiB and more than"),
    ("fetch/unpack.py", "Refused to unpack"),
    ("fetch/unpack.py", "is or points outside the destination"),
    ("fetch/unpack.py", "it unpacks to more than"),
    ("fetch/unpack.py", "times its own size"),
    ("fetch/unpack.py", "would be extracted outside the destination"),
    ("fetch/vcs/base.py", "which no requirement can name"),
    ("fetch/vcs/others.py", "has no URL"),
    ("fetch/vcs/others.py", "holds no project"),
    ("index/finder.py", "could not be read"),
    ("index/page_reader.py", "the page cannot be read"),
    ("index/simple_api.py", "the page is no JSON object"),
    ("sources/fixpoint.py", "The requirements of these projects change whenever they are "),
    ("sources/wheel_builds.py", "The wheel built for"),
    ("store/workers/zip_reader.py", "File is truncated"),
    ("transaction/errors.py", "The environment could not be restored"),
    ("transaction/staging.py", "is in no folder of the scheme"),
}
"""Texts that still have to move to `report`."""


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
            if name in SAYING or is_base:
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
    assert own() == COMPOSED | INTERNAL | OWN
