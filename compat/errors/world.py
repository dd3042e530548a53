"""Run a case with pip, uv and pipfast in environments of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compat.errors.cases import Case
from compat.kit.server import IndexServer
from tests.kit.site import expired_tls_context, tls_context


@dataclass(frozen=True, slots=True)
class Said:
    """What a program printed on standard error, and its exit code."""

    code: int
    errors: str


class World:
    """A folder with an environment, and the indexes of a case on loopback.

    Tokens: ``<home>``, ``<port>``, ``<closed>``, ``<tls>``, ``<tls-by-name>``, ``<certificate>``
    and the URL of each index by its name.
    """

    def __init__(self, root: Path, case: Case, server: IndexServer, certificate: str = "") -> None:
        self.root, self.case, self.server = root, case, server
        self.tokens = {
            "<home>": str(root / "home"),
            "<port>": str(server.port),
            "<closed>": str(server.closed_port),
            "<certificate>": certificate,
            **{f"<{name}>": f"{server.root(name)}/simple/" for name in server.indexes},
        }
        self._made = 0

    def expanded(self, text: str) -> str:
        """Return `text` with its tokens replaced."""
        for token, value in self.tokens.items():
            text = text.replace(token, value)
        return text

    def run(
        self,
        tool: str,
        argv: str,
        environ: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
    ) -> Said:
        """Run ``pip``, ``uv`` or ``pipfast`` with `argv` in a new environment."""
        self._made += 1
        env, work = self.root / f"env{self._made}", self.root / "work"
        for folder in (work, self.root / "home"):
            folder.mkdir(parents=True, exist_ok=True)
        with _disk(env, self.case.disk):
            return self._run(tool, argv, (env, work), environ or {}, files or {})

    def _run(
        self,
        tool: str,
        argv: str,
        places: tuple[Path, Path],
        environ: Mapping[str, str],
        files: Mapping[str, str],
    ) -> Said:
        env, work = places
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
        for path, text in {**self.case.files, **files}.items():
            place = work / self.expanded(path)
            place.write_text(self.expanded(text), encoding="utf-8")
            place.chmod(0o700)
        python = str(env / "bin" / "python")
        words = shlex.split(self.expanded(argv))
        command = {
            "pip": [sys.executable, "-m", "pip", "--python", python, *words],
            "uv": [str(Path(sys.executable).with_name("uv")), "pip", *_for_uv(words, python)],
            "pipfast": [sys.executable, "-m", "pipfast", "--python", python, *words],
        }[tool]
        done = subprocess.run(
            command,
            env=self._environ({**self.case.environ, **environ}),
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Said(done.returncode, self.plain(done.stderr))

    def _environ(self, further: Mapping[str, str]) -> dict[str, str]:
        main = self.expanded("<main>")
        cache = str(self.root / f"cache{self._made}")
        usual = {
            "PATH": os.defpath,
            "HOME": self.expanded("<home>"),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_CACHE_DIR": cache,
            "PIP_INDEX_URL": main,
            "PIP_RETRIES": "0",
            "UV_CACHE_DIR": f"{cache}-uv",
            "UV_DEFAULT_INDEX": main,
            "UV_HTTP_RETRIES": "0",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }
        expanded = {name: self.expanded(value) for name, value in further.items()}
        return {**usual, **expanded}

    def plain(self, text: str) -> str:
        """Return `text` without what differs from run to run."""
        home, work = str(self.root / "home"), str(self.root / "work")
        text = text.replace(home, "/home/user").replace(work, "/work").replace(str(self.root), "")
        text = re.sub(r"(archive-v0/|\.tmp)\w+", r"\1RANDOM", text)  # uv's folders
        text = re.sub(r"/env\d+\b", "/env", text)
        text = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:8080", text)
        text = re.sub(r"port=\d+", "port=8080", text)
        text = re.sub(r"0x[0-9a-f]{6,}", "0x7f0000000000", text)
        version = ".".join(map(str, sys.version_info[:2]))
        text = re.sub(rf"\b{re.escape(version)}\.\d+", "3.X.Y", text)
        text = re.sub(rf"\b(cp|python){version.replace('.', chr(92) + '.?')}\b", r"\g<1>3X", text)
        text = re.sub(r"cp3\d+-cp3\w+-\w+", "cp3X-cp3X-linux_x86_64", text)
        text = re.sub(r"\(_ssl\.c:\d+\)", "(_ssl.c)", text)
        name_error = "[Errno -2] Name or service not known"
        text = re.sub(r"\[Errno -\d\] [A-Z][a-z ]+", name_error, text)
        text = re.sub(r"(address information: )[A-Z][a-z ]+", r"\1Name or service not known", text)
        text = re.sub(r"in \d+(\.\d+)?m?s\b", "in 1ms", text)
        return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def _for_uv(words: list[str], python: str) -> list[str]:
    """Return pip's arguments as uv's: other names of options, and none for what uv lacks."""
    names = {
        "--pre": "--prerelease=allow", "--only-final": "--prerelease=disallow", "--cert": None,
        "--no-input": None, "--index-url": "--default-index", "--extra-index-url": "--index",
    }  # fmt: skip
    if "--only-final" in words:
        words = [*words[:2], *words[3:]]  # uv's applies to all projects
    kept = [names.get(word, word) for word in words]
    rest = [word for word in kept if word is not None]
    return [rest[0], "--python", python, *rest[1:]]


@contextmanager
def world(root: Path, case: Case) -> Iterator[World]:
    """Yield the world of `case` in the new folder `root`."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with IndexServer(case.indexes) as server:
        if "<tls" not in case.argv:
            yield World(root, case, server)
            return
        context, certificate = (expired_tls_context if case.expired else tls_context)(root)
        with _over_tls(case, context) as secure:
            made = World(root, case, server, certificate)
            made.tokens["<tls>"] = f"{secure.root('main')}/simple/"
            made.tokens["<tls-by-name>"] = f"{secure.root('main', 'localhost')}/simple/"
            yield made


@contextmanager
def _disk(folder: Path, size: str) -> Iterator[None]:
    """Mount a disk of a `size` at the new `folder`; none if the size is empty."""
    if not size:
        yield
        return
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    subprocess.run(command, check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


class _SecureServer(IndexServer):
    def root(self, name: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}/{name}"


@contextmanager
def _over_tls(case: Case, context: ssl.SSLContext) -> Iterator[IndexServer]:
    server = _SecureServer(case.indexes)
    inner = server._server  # noqa: SLF001 - the kit has no TLS of its own
    inner.socket = context.wrap_socket(inner.socket, server_side=True)
    with server:
        yield server
