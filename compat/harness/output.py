"""Output as a person reads it: what can never be the same twice is replaced by a word.

Nothing is dropped: a line that only one of the two prints is a difference, "Using cached" in place
of "Downloading" included. What is replaced:

- names of temporary folders and files, and of a project's folder in them (random), and how many of
  them lie in each other; one in another
  counts as one;
- the folder of a build environment, which pipfast keeps from run to run;
- the folder in which a broken wheel was put until it was read (temporary, too);
- addresses of objects in memory (random), in errors that quote them;
- speed and time of a progress bar (a measurement).
"""

from __future__ import annotations

import re

REPLACED = (
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
    """The lines of `text`, with what is random or measured replaced."""
    for pattern, word in REPLACED:
        text = pattern.sub(word, text)
    return text.replace("\r\n", "\n").split("\n")
