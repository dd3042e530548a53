"""Hashes that the user requires: every command, source and kind of hash.

Pages state the hash of the project's file, none, or another one; a "liar" repeats the user's wrong
hash. What pip refuses must be refused, and nothing may be planned, locked or reported of a file
that was not verified.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from compat.harness.scenario import Allow, Content, Part, Scenario, scenario
from compat.kit.index import Index, Listed, Sidecar, html_page, index
from tests.kit.wheels import Built, wheel

AA = wheel("aa", "1.0", "dep")
DEP = wheel("dep", "1.0")
WRONG = hashlib.sha256(b"another file").hexdigest()


def _sha512(file: Built) -> str:
    return hashlib.sha512(file.content).hexdigest()


HASHES: Mapping[str, tuple[str, bool]] = {
    "right": (f"--hash=sha256:{AA.sha256}", True),
    "wrong": (f"--hash=sha256:{WRONG}", False),
    "several": (f"--hash=sha256:{WRONG} --hash=sha256:{AA.sha256}", True),
    "other-algorithm": (f"--hash=sha512:{_sha512(AA)}", True),
    "mixed": (f"--hash=sha256:{WRONG} --hash=sha512:{_sha512(AA)}", True),
    "mixed-wrong": (f"--hash=sha256:{WRONG} --hash=sha512:{WRONG}{WRONG}", False),
}
"""The hash options of ``aa``, and whether the file has one of them."""


def _indexes() -> Iterator[tuple[str, Index]]:
    for sidecar, name in ((Sidecar.OFFERED, "sidecar"), (Sidecar.ABSENT, "no-sidecar")):
        yield name, index(Listed(file=AA, sidecar=sidecar), DEP)
        yield f"{name}-unhashed", index(Listed(file=AA, sidecar=sidecar, digest=""), DEP)
        yield f"{name}-liar", index(Listed(file=AA, sidecar=sidecar, digest=WRONG), DEP)
    yield "plain-page", index(Listed(file=AA), DEP, plain=True)
    unhashed = Listed(file=AA, sidecar=Sidecar.ABSENT, digest="")
    yield "plain-page-unhashed", index(unhashed, DEP, plain=True, sidecars=False)
    yield "no-ranges-unhashed", index(unhashed, DEP, ranges=False)


COMMANDS = {
    "install": "install -r r.txt",
    "plan": "install --dry-run -r r.txt",
    "report": "install --dry-run --quiet --report - -r r.txt",
    "lock": "lock -o - -r r.txt",
    "download": "download -d d -r r.txt",
    "wheel": "wheel -w w -r r.txt",
}
"""Commands by name; each reads its requirements from a file."""


def _files(hashes: str, first: str = "aa==1.0") -> dict[str, Content]:
    return {"r.txt": f"{first} {hashes}\ndep==1.0 --hash=sha256:{DEP.sha256}\n"}


CRITICAL = ("sidecar-liar", "no-sidecar-unhashed")
"""Indexes for which all commands are compared."""

LATER = (
    Allow(part=Part.STDOUT, pattern=r"(Collecting|(  )?Downloading) dep.*",
          reason="Files whose hash the index states are requested and verified together, after the "
          "resolution."),
)  # fmt: skip


def _from_indexes() -> Iterator[Scenario]:
    for kind, served in _indexes():
        for name, (hashes, is_right) in HASHES.items():
            is_late = kind == "sidecar-liar" and "wrong" in name
            for command, words in COMMANDS.items():
                if command in ("plan", "lock") or (kind in CRITICAL and name != "mixed-wrong"):
                    yield scenario(f"hashes-{command}-{kind}-{name}", words, served,
                                   files=_files(hashes), exits=(0 if is_right else 1,),
                                   allow=LATER if is_late else ())  # fmt: skip


LINKS = "--no-index --find-links"
PAGE = html_page(
    "links", [(Listed(file=AA, digest=""), AA.filename), (Listed(file=DEP), DEP.filename)]
)
LYING_PAGE = html_page("links", [(Listed(file=AA, digest=WRONG), AA.filename),
                                 (Listed(file=DEP), DEP.filename)])  # fmt: skip


def _elsewhere() -> Iterator[Scenario]:
    """Yield scenarios of find-links folders and pages, and of direct URLs."""
    main = index(AA, DEP)
    folder = {f"links/{file.filename}": file for file in (AA, DEP)}
    for name, (hashes, is_right) in HASHES.items():
        exits = (0 if is_right else 1,)
        for command in ("plan", "lock"):
            words = COMMANDS[command]
            yield scenario(
                f"hashes-{command}-find-links-folder-{name}",
                f"{words} {LINKS} links",
                files={**_files(hashes), **folder},
                exits=exits,
            )
            for page, content in (("page", PAGE), ("lying-page", LYING_PAGE)):
                yield scenario(
                    f"hashes-{command}-find-links-{page}-{name}",
                    f"{words} {LINKS} links/links.html",
                    exits=exits,
                    files={**_files(hashes), **folder, "links/links.html": content},
                )
            url = f"aa @ <main-files>/{AA.filename}"
            yield scenario(f"hashes-{command}-direct-url-{name}", words, main,
                           files=_files(hashes, url), exits=exits)  # fmt: skip


QUERIES = {
    "first": (f"sha256={WRONG}", 0),
    "right": (f"a=b&sha256={AA.sha256}", 0),
    "wrong": (f"a=b&sha256={WRONG}", 1),
}
"""Queries of a link with a hash, which counts behind an ``&`` only, and the exit code."""


def _warnings() -> Iterator[Scenario]:
    odd = wheel("aa", "1.0", python="nonsense")
    for name, words in COMMANDS.items():
        yield scenario(f"hashes-of-a-file-with-an-invalid-python-{name}", words, index(odd),
                       files={"r.txt": f"aa==1.0 --hash=sha256:{odd.sha256}\n"})  # fmt: skip


def _in_queries() -> Iterator[Scenario]:
    for name, (query, code) in QUERIES.items():
        url = f"../../files/{AA.filename}?{query}"
        listed = Listed(file=AA, url=url, digest="", sidecar=Sidecar.ABSENT)
        for kind, plain in (("json", False), ("html", True)):
            yield scenario(f"hashes-in-a-query-{name}-{kind}", "install aa",
                           index(listed, DEP, plain=plain), exits=(code,),
                           allow=LATER if code and plain else ())  # fmt: skip


SCENARIOS = (*_from_indexes(), *_elsewhere(), *_warnings(), *_in_queries())
