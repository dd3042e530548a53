"""Remove each place that hides a secret, one after the other; CI's test of secrets has to fail.

    python -m compat.network redactions [--only WORD]

A place is a call of a function of `HIDING`, or a use of a property that hides. The source of
pipfast is copied, the place is replaced by what it was given, and `test_secrets.py` runs on the
copy as in CI. First it runs the rules that usually notice (`NOTICED_BY`).
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pipfast

SOURCE = Path(pipfast.__file__).parent
TEST = Path(__file__).with_name("test_secrets.py")
HIDING = (
    "redact",
    "redacted",
    "without_secrets",
    "without_passwords",
    "without_credentials",
    "safe",
)
"""Functions whose result is their first argument without its secrets."""

FURTHER = (
    ("model/link.py", 'return f"****@{url.rpartition(\'@\')[2]}"', "return url"),
    ("model/link.py", 'f"{user}:****" if colon else "****"', "userinfo"),
    ("report/render.py", "{user}:****@{host}", "{account}@{host}"),
    ("report/redaction.py", "text = text.replace(secret, HIDDEN)", "pass"),
    ("report/redaction.py", 'text = ACCOUNT.sub(f"{HIDDEN}@", text)', "pass"),
    ("cli/call_log.py", 'ACCOUNT.sub("****@", word)', "word"),
    ("model/direct_url.py", "generate_legacy_hash=True", "strip_user_password=False"),
    ("trace/satisfied_install.py", 'sha256(text.encode("utf-8", "surrogateescape")).hexdigest()',
     "text"),
    ("fetch/vcs/runner.py", "[found.bare if one == found.url else one for one in argv]", "argv"),
    ("fetch/vcs/runner.py", 'return cls(value, "****")', "return cls(value, value)"),
    ("store/filesystem/private_files.py", "os.mkdir(path, 0o700)", "os.mkdir(path, 0o755)"),
    ("store/filesystem/private_files.py", "flags, 0o600", "flags, 0o644"),
    ("cli/call_log.py", "0o600", "0o644"),
)  # fmt: skip
"""Further places: the module, a part of its text, and what replaces it."""

_OF_RESPONSE = "the address of a page is that of its response, which has no account"
_OF_PAGE = "only a page has links to files with a metadata file, and its address has no account"
_COMPARED = "it is compared with others, and not shown"
NO_SECRET = {
    ("net/auth.py", "wanted = "): _COMPARED,
    ("net/auth.py", "bare = "): _COMPARED,
    ("net/auth.py", "services = "): "the keyring is asked only for URLs without a password",
    ("net/client.py", "bare = "): "it decides which credentials are tried, and is not shown",
    ("fetch/wheel_metadata/pep658.py", "redact"): _OF_PAGE,
    ("fetch/wheel_metadata/source.py", "redact"): _OF_PAGE,
    ("sources/shared_builds.py", "origin.url"): "it is a part of a digest",
    ("session/network_hints.py", "fault.url"): "the error has hidden the password",
    ("session/newer_releases.py", "redact"): _OF_RESPONSE,
    ("session/version_choice.py", "link.page"): _OF_RESPONSE,
    ("commands/_doctor/index_check.py", "error.why"): "the error has hidden the password",
    ("session/other_indexes.py", "redact"): _OF_RESPONSE,
    ("index/project_pages.py", "redact"): _OF_RESPONSE,
    ("index/evaluate.py", "redact"): _OF_RESPONSE,
    ("resolve/metadata_lookup.py", "CachedWheelChosen"): "a wheel of the cache is a file",
}
"""Places that are given no secret, by module and a part of their text, with the reason."""

NOTICED_BY: Mapping[str, str] = {
    "cli/call_log.py": "unlikely-lists",
    "cli/fallback.py": "bug",
    "fetch/vcs/runner.py": "shown or repository",
    "index/finder.py": "shown or unlikely-pages",
    "index/link_report.py": "index-url or find-links",
    "index/page_reader.py": "unlikely-pages",
    "net/auth.py": "index-url",
    "net/client.py": "wrong-password or unlikely-pages",
    "report/install_lines.py": "index-url or find-links",
    "requirements/parse.py": "unlikely-lists",
    "requirements/pylock_reader.py": "unlikely-lists",
    "resolve/metadata_lookup.py": "unlikely-files",
    "session/requirements_stage.py": "unlikely-pages",
    "session/version_choice.py": "unlikely-files",
    "sources/preparation.py": "unlikely-repositories",
    "sources/prepared_source.py": "unlikely-files",
    "store/filesystem/private_files.py": "index-url",
    "trace/satisfied_install.py": "again",
}
"""What usually notices a place of a module, as pytest's -k; all tests run if it does not.

Other places are noticed by what is shown of values that hold an address.
"""

_FAILED = re.compile(r"^FAILED \S+::(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A place that hides a secret, and the text that replaces it."""

    module: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def name(self) -> str:
        """What the place is called in reports."""
        return f"{self.module}:{self.line} {' '.join(self.before.split())}"

    def out_of(self, text: str) -> str:
        """Return the text of the module without the place."""
        data = text.encode()
        return (data[: self.start] + self.after.encode() + data[self.end :]).decode()


def every_place() -> Iterator[Place]:
    """Yield all places."""
    yield from places()
    for module, before, after in FURTHER:
        text = (SOURCE / module).read_text(encoding="utf-8")
        start = len(text.partition(before)[0].encode())
        if start == len(text.encode()):
            raise LookupError(f"{module} has no {before!r}")
        line = text.partition(before)[0].count("\n") + 1
        yield Place(module, line, start, start + len(before.encode()), before, after)


def reason_of(place: Place) -> str:
    """Return why nothing can notice that a place is taken out, empty if something has to."""
    source = (SOURCE / place.module).read_text(encoding="utf-8").splitlines()[place.line - 1]
    reasons = (why for (module, part), why in NO_SECRET.items()
               if module == place.module and part in source)  # fmt: skip
    return next(reasons, "")


def places() -> Iterator[Place]:
    """Yield the calls and uses, in the order of the modules."""
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        module = path.relative_to(SOURCE).as_posix()
        lines = [0]
        for line in text.encode().splitlines(keepends=True):
            lines.append(lines[-1] + len(line))
        for node in ast.walk(ast.parse(text)):
            after = _bare(node, text)
            if after is not None and isinstance(node, ast.expr):
                assert node.end_lineno is not None
                assert node.end_col_offset is not None
                start = lines[node.lineno - 1] + node.col_offset
                end = lines[node.end_lineno - 1] + node.end_col_offset
                before = text.encode()[start:end].decode()
                yield Place(module, node.lineno, start, end, before, after)


def _bare(node: ast.AST, text: str) -> str | None:
    """Return what a place is given, None if the node is no place."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in HIDING:
            return ast.get_source_segment(text, first)
        case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id=name), first]) if name in HIDING:
            return ast.get_source_segment(text, first)
        case ast.Attribute(value=value, attr="redacted"):
            of = ast.get_source_segment(text, value)
            return f"(getattr({of}, 'text', '') or {of}.url)"
        case _:
            return None


class Copy:
    """A copy of pipfast's source, and a Python that imports it in place of the original."""

    def __init__(self, folder: Path) -> None:
        self._source = folder / "src" / "pipfast"
        shutil.copytree(SOURCE, self._source, ignore=shutil.ignore_patterns("__pycache__"))
        environment = folder / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        self.python = environment / "bin" / "python"
        site = next((environment / "lib").glob("python*/site-packages"))
        others = [path for path in sys.path if path.endswith("site-packages")]
        lines = [str(folder / "src"), *(f"import site; site.addsitedir({one!r})" for one in others)]
        (site / "copy.pth").write_text("\n".join(lines))
        self.compile()

    def compile(self) -> None:
        """Write the bytecode: without it each start compiles."""
        words = [str(self.python), "-m", "compileall", "-q", str(self._source)]
        subprocess.run(words, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""})

    def replace(self, module: str, text: str) -> None:
        """Replace the source of a module."""
        (self._source / module).write_text(text, encoding="utf-8")

    def test(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the test of secrets on the copy."""
        command = [
            str(self.python),
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            str(TEST),
        ]
        return subprocess.run(
            [*command, *words], check=False, capture_output=True, text=True, cwd=TEST.parents[2]
        )


def _test(copy: Copy, place: Place) -> str:
    """Take a place out of the copy; return the first test that fails, empty if none does."""
    original = (SOURCE / place.module).read_text(encoding="utf-8")
    copy.replace(place.module, place.out_of(original))
    try:
        usual = ["-k", NOTICED_BY.get(place.module, "shown")]
        for words in (usual, []):
            if failed := _FAILED.search(copy.test(*words).stdout):
                return failed[1]
        return ""
    finally:
        copy.replace(place.module, original)


def run(only: str) -> int:
    """Take out the places whose names contain `only`; return 1 if a test does not notice one."""
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        done = copy.test()
        if done.returncode:
            print(done.stdout, "The test fails without a change.", sep="\n")
            return 2
        for place in every_place():
            if only not in place.name:
                continue
            if reason := reason_of(place):
                print(f"-   {place.name}: {reason}", flush=True)
                continue
            test = _test(copy, place)
            unnoticed += not test
            print(f"{'ok ' if test else 'NOT'} {place.name}: {test or 'nothing fails'}", flush=True)
    print(f"{unnoticed} places are not noticed")
    return int(unnoticed > 0)
