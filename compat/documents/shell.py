"""One shell that runs the commands of a page in order, as a reader does."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

TIMEOUT = 300
_END = "end-of-the-command"


class Shell:
    """A bash: its folder, variables and aliases last from one command to the next."""

    def __init__(self, root: Path, folder: Path, environ: Mapping[str, str]) -> None:
        self._script = root / "command"
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.run("shopt -s expand_aliases")

    def __enter__(self) -> Shell:  # noqa: PYI034 - typing.Self came with 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, text: str) -> tuple[int, str]:
        """Run a command and return its exit code and what it printed.

        Raises EOFError with the output if it ends the shell or takes longer than `TIMEOUT` seconds.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        self._script.write_text(f"{text}\n", encoding="utf-8")
        stdin.write(f". '{self._script}' < /dev/null; printf '\\n{_END} %d\\n' $?\n")
        stdin.flush()
        watch = threading.Timer(TIMEOUT, self._process.kill)
        watch.start()
        lines: list[str] = []
        try:
            while not (line := stdout.readline()).startswith(_END):
                if not line:
                    raise EOFError("".join(lines))
                lines.append(line)
        finally:
            watch.cancel()
        return int(line.split()[1]), "".join(lines)
