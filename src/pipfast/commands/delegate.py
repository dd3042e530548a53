"""Real pip, for what pipfast does not do itself: the same words against the same target."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import find


def do(asked: Settings | None, words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run pip 26.3 with `words` in our place and return its exit code.

    Where the words do not say it, pip is told which interpreter's environment is meant. A line is
    added to the file named by `PIPFAST_TRACE_DELEGATION`, so that a test can see this happen.
    """
    trace = environ.get("PIPFAST_TRACE_DELEGATION")
    if trace:
        with open(trace, "a", encoding="utf-8") as file:  # noqa: PTH123 - no pathlib at start-up
            file.write(" ".join(words) + "\n")
    target = sys.executable if asked and asked.python else find(None, environ)
    aimed = ["--python", target] if target != sys.executable else []
    command = [sys.executable, "-m", "pip", *aimed, *words]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, dict(environ))  # noqa: S606 - no shell is wanted
    import subprocess

    return subprocess.run(command, env=dict(environ), check=False).returncode
