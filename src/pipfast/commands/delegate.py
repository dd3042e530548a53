"""Real pip, for what pipfast does not do itself: the same words against the same target."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence


def delegate(words: Sequence[str], target: str | None, environ: Mapping[str, str]) -> int:
    """Run pip 26.3 with `words` and return its exit code.

    `target` is the interpreter whose environment is meant; None where the words say it themselves
    or where it is our own. A line is added to the file named by `PIPFAST_TRACE_DELEGATION`, so that
    a test can see that this happened.
    """
    trace = environ.get("PIPFAST_TRACE_DELEGATION")
    if trace:
        with open(trace, "a", encoding="utf-8") as file:  # noqa: PTH123 - no pathlib at start-up
            file.write(" ".join(words) + "\n")
    aimed = ["--python", target] if target and target != sys.executable else []
    command = [sys.executable, "-m", "pip", *aimed, *words]
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, command, dict(environ))  # noqa: S606 - pip takes our place
    return subprocess.run(command, env=dict(environ), check=False).returncode
