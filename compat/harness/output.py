"""Normalise output: replace everything that differs from run to run with a placeholder.

No line is dropped. A line that only one program prints is a difference, including "Using cached" in
place of "Downloading". Placeholders replace:

- names of temporary folders and files, which are random, and how many of them are nested: one
  inside another counts as one
- the folder of a build environment, which pipfast reuses
- the temporary folder of a broken wheel
- memory addresses in errors
- speed and time in a progress bar
- times of a log file
- the folder of a file that ``-vv`` names after its download
- where `pyproject_hooks` is, which pip contains
- the traceback at the end of a run that explains itself: each program has its own
"""

from __future__ import annotations

import re

REPLACED = (
    (
        re.compile(
            r"(Exception information:)\n.*?"
            r"(?=^(?:\S+ )? *(?:Removed build tracker|error: subprocess-exited)|\Z)",
            re.DOTALL | re.MULTILINE,
        ),
        r"\1\n",
    ),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3} ", re.MULTILINE), "<time> "),
    (re.compile(r"(?<=Destination directory: ).*"), "<folder>"),
    (re.compile(r"(?<=Using cached wheel link: file://)/\S+/"), "<folder>/"),
    (re.compile(r"(?<=Source in )/\S+(?= has version)"), "<folder>"),
    (re.compile(r"(?<=Downloading link )(\S+.*) to /\S+/"), r"\1 to <folder>/"),
    (re.compile(r"/site-packages/pip/_vendor/(?=pyproject_hooks/)"), "/site-packages/"),
    (re.compile(r"/pip-[a-z0-9-]+-[a-z0-9_]{8}"), "/<temporary>"),
    (re.compile(r"/tmp[a-z0-9_]{8}\b"), "/<temporary>"),
    (re.compile(r"/home/\.cache/pip/pipfast/v1/prefixes/[0-9a-f]{40}"), "/tmp/<temporary>"),
    (re.compile(r"(?:/<temporary>)+"), "/<temporary>"),
    (re.compile(r"(/<temporary>\w*){2,}"), "/<temporary>"),
    (re.compile(r"(?<=/<temporary>/)(\S+_)[0-9a-f]{32}\b"), r"\1<random>"),
    (re.compile(r"(?<= located at )/\S+/(?=[^/\s]+ is invalid)"), "<temporary>/"),
    (re.compile(r"0x[0-9a-f]{6,}"), "<address>"),
    (re.compile(r"(━+ \S+/\S+ \S+) \S+ \S+ +(?:eta )?[\d:-]+"), r"\1 <rate> <time>"),
)


def readable(text: str) -> list[str]:
    """Return the lines of `text` with random and measured parts replaced."""
    for pattern, word in REPLACED:
        text = pattern.sub(word, text)
    return text.replace("\r\n", "\n").split("\n")
