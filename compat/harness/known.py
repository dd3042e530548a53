"""Known differences that several scenarios show; docs/differences.md gives the same reasons."""

from __future__ import annotations

from compat.harness.scenario import Allow, Part

_CRASH = (
    "Where pip ends with a traceback of its own and exit code 2, pipfast ends with one clear error "
    "and exit code 1."
)

PIP_CRASHES = (
    Allow(part=Part.EXIT, pattern="", reason=_CRASH),
    Allow(part=Part.STDERR, pattern="", reason=_CRASH),
)

OWN_LOG = Allow(
    part=Part.TREE,
    pattern=r"log\.txt$",
    reason="The file of `--log` holds times and what each program tells of its own inner working.",
)
