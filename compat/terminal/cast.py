"""Record a command on a pseudo-terminal as an asciinema cast (version 2), and read it."""

from __future__ import annotations

import codecs
import json
import os
import re
import select
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipfast.report.activity import FANCY, PLAIN

ROWS = 24
_BEAT = 0.05
"""Seconds for which the recorder waits at most."""

SPINNERS = tuple(FANCY.spinner + PLAIN.spinner)
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Cast:
    """A recording: `events` are seconds since the start and what was written then.

    `late` is the longest time in seconds by which this machine was late to run the recorder: a
    program that runs beside it may have stood still as long for the same reason.
    """

    width: int
    command: str
    events: tuple[tuple[float, str], ...]
    code: int
    seconds: float
    late: float = 0.0

    def write(self, path: Path) -> None:
        """Write the recording as a file for asciinema."""
        head = {"version": 2, "width": self.width, "height": ROWS, "command": self.command}
        lines = [json.dumps(head), *(json.dumps([at, "o", text]) for at, text in self.events)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def drawings(self) -> list[str]:
        """Return every state of the line that is redrawn."""
        text = "".join(text for _, text in self.events)

        begun = re.split(r"\r\x1b\[K", text)[1:]

        drawn = (_SEQUENCE.sub("", re.split(r"[\r\n]", each)[0]) for each in begun)
        return [each for each in drawn if each[:1] in SPINNERS and each[1:2] == " "]

    def text(self) -> str:
        """Return what stays on the terminal, without what was erased."""
        text = "".join(text for _, text in self.events).replace("\r\n", "\n")
        shown = [line.split("\r\x1b[K")[-1] for line in text.split("\n")]
        return _SEQUENCE.sub("", "\n".join(shown))


def record(command: Sequence[str], environ: Mapping[str, str], width: int, folder: Path) -> Cast:
    """Run `command` on a new pseudo-terminal that is `width` columns wide."""
    import fcntl
    import pty
    import termios

    begin = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, width, 0, 0))
        os.execvpe(command[0], list(command), dict(environ))
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    events = []
    late = 0.0
    while True:
        asked = time.monotonic()
        ready, _, _ = select.select([terminal], [], [], _BEAT)
        late = max(late, time.monotonic() - asked - _BEAT)
        if not ready:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        events.append((round(time.monotonic() - begin, 3), decoder.decode(data)))
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    seconds = time.monotonic() - begin
    shown = " ".join(Path(command[0]).name if not at else word for at, word in enumerate(command))
    code = os.waitstatus_to_exitcode(status)
    return Cast(width, shown, tuple(events), code, seconds, late)
