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

_WHOLE = (
    "Where an install fails half-way, pip leaves what it had put in by then; pipfast leaves the "
    "environment as it was."
)

WHOLE_OR_NOT = (
    Allow(part=Part.TREE, pattern="", reason=_WHOLE),
    Allow(part=Part.INSPECT, pattern="", reason=_WHOLE),
)

TOLD_SKIPS = (
    Allow(
        part=Part.STDERR,
        pattern=r"^WARNING: Could not fetch URL \S+: .* - skipping$",
        reason=(
            "An index that answers with an error is passed over as by pip, but not in silence: "
            "one warning names it."
        ),
    ),
)

WRITTEN_OVER = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^Successfully installed ",
        reason=(
            "Where two releases of a project stand side by side after an install, pip's last line "
            "names the one that the folder lists last, whichever that is; pipfast names the one "
            "it has installed."
        ),
    ),
)

OWN_LOG = Allow(
    part=Part.TREE,
    pattern=r"log\.txt$",
    reason="The file of `--log` holds times and what each program tells of its own inner working.",
)

BARS = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^ +━+ \d|^Progress \d+ of \d+$",
        reason=(
            "Progress is drawn on a terminal alone, since downloads come side by side: pip leaves "
            "a line of its bar for each that has more than 512 KiB, or lines of "
            "`--progress-bar raw`."
        ),
    ),
)

TWO_AT_ONCE = (
    Allow(
        part=Part.STDERR,
        pattern=r"^  fatal: (git upload-pack|remote error): ",
        reason="The order of what git and the program it talks to say at once is chance.",
    ),
)

HOOK_FRAMES = (
    Allow(
        part=Part.STDERR,
        pattern=r"^ {8,}|lines of output\]$",
        reason=(
            "A traceback of a build backend begins with the frames of the program that called its "
            "hook, which is another one with pipfast."
        ),
    ),
)

PIP_ASKED = (
    Allow(
        part=Part.STDERR,
        pattern=(
            r"^WARNING: (pip was asked in pipfast's place, and ended with \d+: "
            r"|The record of this, for a report: /)"
        ),
        reason=(
            "Where pipfast itself fails and has real pip do the work, two warnings in the end tell "
            "of it."
        ),
    ),
)

OLD_TOLD = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^\S+ \S+ is chosen, much older than ",
        reason=(
            "Where a project that was asked for ends at a release of another time (another series, "
            "or a year older), and three newer ones or more were refused for what they need, one "
            "line on standard output says for whose sake."
        ),
    ),
)

BUILT_AGAIN = tuple(
    Allow(
        part=part,
        pattern="",
        reason=(
            "A cached wheel whose local version differs from the release's is used; pip refuses it "
            "the second time, though it has built and installed it the first time."
        ),
    )
    for part in (Part.EXIT, Part.STDOUT, Part.STDERR)
)

STATIC = (
    Allow(
        part=Part.STDOUT,
        pattern=(
            r"^  (Getting requirements to build (wheel|editable)"
            r"|Preparing (editable )?metadata \(pyproject\.toml\)"
            r"|Installing (build|backend) dependencies"
            r"|Checking if build backend supports build_editable): "
        ),
        reason=(
            "Metadata that stand in a source as they are (PEP 643, a `[project]` table without "
            "dynamic fields) are read without its backend, whose hooks are first called, and told "
            "of, when its wheel is built."
        ),
    ),
)

REBUILT = tuple(
    Allow(
        part=part,
        pattern=pattern,
        reason=(
            "A cached wheel is used where the same build would be done again: pip uses it whatever "
            "`--config-settings`, build constraints or compiler flags there are, pipfast builds "
            "anew where they are others."
        ),
    )
    for part, pattern in ((Part.STDOUT, ""), (Part.TREE, r"/(built\.json|RECORD)$"))
)

HINTED = (
    Allow(
        part=Part.STDERR,
        pattern=r"^hint: the build of ",
        reason=(
            "Where a build lacks what it does not declare, a hint in the end says what it looked "
            "for and what to do."
        ),
    ),
)

IN_STORE = (
    Allow(
        part=Part.STDERR,
        pattern=r"^ERROR: Invalid member in the tar file /",
        reason=(
            "An error about an archive that was downloaded names the place where pipfast keeps it; "
            "pip's is a temporary folder."
        ),
    ),
)

LOOKED_AT_ONCE = (
    Allow(
        part=Part.STDOUT,
        pattern=(
            r"^  (Downloading app-1\.0\.tar\.gz|Getting requirements to build wheel: "
            r"|Preparing metadata \(pyproject\.toml\): )"
        ),
        reason=(
            "A source whose metadata are invalid is fetched and prepared once; pip does both again "
            "each time it comes to it."
        ),
    ),
)

KEPT_ENVIRONMENT = (
    Allow(
        part=Part.STDERR,
        pattern=r"^  /\S+/site-packages/setuptools/command/\w+\.py:\d+: \w+: ",
        reason=(
            "A build environment is kept from run to run, so what a backend says of its own files "
            "names the place where pipfast keeps it; pip's is a temporary folder."
        ),
    ),
)

UNWRITTEN = (
    Allow(
        part=Part.STDERR,
        pattern="",
        reason=(
            "Where a configuration file cannot be written, pip shows a traceback and asks to be "
            "told of a bug; pipfast says in one error what is in the way."
        ),
    ),
)
