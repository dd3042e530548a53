"""Known differences that several scenarios share; docs/differences.md gives the same reasons."""

from __future__ import annotations

from compat.harness.scenario import Allow, Part

_CRASH = (
    "Where pip exits with a traceback and code 2, pipfast prints one clear error and exits with "
    "code 1."
)

PIP_CRASHES = (
    Allow(part=Part.EXIT, pattern="", reason=_CRASH),
    Allow(part=Part.STDERR, pattern="", reason=_CRASH),
)

_WHOLE = (
    "If an install fails partway, pip leaves what it has installed so far; pipfast restores the "
    "environment to its previous state."
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
            "Like pip, pipfast skips an index that answers with an error, but it prints one "
            "warning that names the index."
        ),
    ),
)

WRITTEN_OVER = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^Successfully installed ",
        reason=(
            "If an install leaves two versions of a project side by side, pip's last line names "
            "whichever the folder lists last; pipfast names the version it installed."
        ),
    ),
)

_MODE = tuple(
    Allow(
        part=part,
        pattern=(
            r"^(<time> )?(pipfast's mode is |\S+ is on \d+ indexes: "
            r"| +[\w-]+ is .*\((default in this mode|environment))"
        ),
        reason=(
            "With `-v` pipfast also prints the active mode and, for each project found on several "
            "indexes, the index that it was taken from."
        ),
    )
    for part in (Part.STDOUT, Part.LOG)
)
_FOLDERS = tuple(
    Allow(
        part=part,
        pattern=(
            r"^(<time> )? *(Created temporary directory: "
            r"|(Initialized|Created|Entered|Removed) build track|(Added|Removed) .* build tracker)"
        ),
        reason=(
            "With `-vv` and `--log` pip lists its temporary folders and the entries of its build "
            "tracker. pipfast does not create these folders, and lists none."
        ),
    )
    for part in (Part.STDOUT, Part.STDERR, Part.LOG)
)
_VCS = tuple(
    Allow(
        part=part,
        pattern=r"^(<time> )?Registered VCS backend: ",
        reason=(
            "With `-vv` and `--log` pip's `freeze`, `list` and `show` name the version control "
            "systems that they know, as they load them. pipfast loads none."
        ),
    )
    for part in (Part.STDOUT, Part.LOG)
)

OWN_DETAILS = (*_MODE, *_FOLDERS, *_VCS)
"""Differences of runs that explain themselves (``-v``, ``-vv``, ``--log``)."""

BARS = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^ +━+ \d|^Progress \d+ of \d+$",
        reason=(
            "pipfast draws progress on a terminal only, because it downloads files in parallel. "
            "pip also writes the last line of each bar for files over 512 KiB to plain output, "
            "and the lines of `--progress-bar raw`."
        ),
    ),
)

TWO_AT_ONCE = (
    Allow(
        part=Part.STDERR,
        pattern=r"^  fatal: (git upload-pack|remote error): ",
        reason=(
            "When git and the program it talks to print at the same time, the order of their "
            "lines is random."
        ),
    ),
)

HOOK_FRAMES = (
    Allow(
        part=Part.STDERR,
        pattern=r"^ {8,}|lines of output\]$",
        reason=(
            "The first frames of a build backend's traceback belong to the program that called "
            "the hook, and that program is not pip."
        ),
    ),
)

PIP_ASKED = (
    Allow(
        part=Part.STDERR,
        pattern=(
            r"^WARNING: (pipfast handed this command to pip, which exited with \d+: "
            r"|The incident report is in /)"
        ),
        reason=(
            "If pipfast itself fails and hands the command to real pip, two warnings at the end "
            "say so."
        ),
    ),
)

VERIFIED_TOGETHER = tuple(
    Allow(
        part=part,
        pattern=pattern,
        reason=(
            "Files whose hash the index states are requested and verified together, after the "
            "resolution."
        ),
    )
    for part, pattern in (
        (
            Part.STDOUT,
            r"^(Collecting|Processing|Requirement already|Discarding|INFO: "
            r"|  (Downloading|Using cached|Getting requirements|Preparing metadata|Installing b))",
        ),
        (Part.STDERR, r"^(WARNING: |Requested |Please use pip<24\.1)"),
    )
)

NOTHING_FITS = tuple(
    Allow(
        part=part,
        pattern=pattern,
        reason=(
            "If nothing fits, the run ends without files whose metadata was read in parts: that "
            "one of them is not what the index states is not noticed."
        ),
    )
    for part, pattern in (
        (Part.STDOUT, VERIFIED_TOGETHER[0].pattern),
        (Part.STDERR, r""),
    )
)

CYCLES = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^Installing collected packages: ",
        reason=(
            "Distributions that require each other are installed in an order that does not vary; "
            "pip's order varies from run to run."
        ),
    ),
)

OLD_TOLD = (
    Allow(
        part=Part.STDOUT,
        pattern=r"^\S+ \S+ is chosen, much older than ",
        reason=(
            "If a requested project resolves to a much older release than the newest one tried "
            "(another series, or uploaded more than a year earlier) and three or more newer "
            "releases were rejected because of their dependencies, one line on standard output "
            "names the requirement that caused it."
        ),
    ),
)

BUILT_AGAIN = tuple(
    Allow(
        part=part,
        pattern="",
        reason=(
            "pipfast uses a cached wheel whose local version differs from the release's. pip "
            "builds and installs such a wheel the first time and rejects it the second time."
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
            "pipfast reads static metadata (PEP 643, or a `[project]` table without dynamic "
            "fields) without running the build backend. Its hooks run, and their lines appear, "
            "when the wheel is built."
        ),
    ),
)

REBUILT = tuple(
    Allow(
        part=part,
        pattern=pattern,
        reason=(
            "pipfast uses a cached wheel only if a new build would be identical. pip uses it "
            "whatever `--config-settings`, build constraints or compiler flags are given; pipfast "
            "builds again if they differ."
        ),
    )
    for part, pattern in ((Part.STDOUT, ""), (Part.TREE, r"/(built\.json|RECORD)$"))
)

HINTED = (
    Allow(
        part=Part.STDERR,
        pattern=r"^hint: the build of ",
        reason=(
            "If a build fails because of an undeclared dependency, a hint at the end names what "
            "was missing and what to do."
        ),
    ),
)

IN_STORE = (
    Allow(
        part=Part.STDERR,
        pattern=r"^ERROR: Invalid member in the tar file /",
        reason=(
            "An error about a downloaded archive gives its path in pipfast's store; pip's is in a "
            "temporary folder."
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
            "pipfast fetches and prepares a source with invalid metadata once; pip repeats both "
            "each time the resolver reaches it."
        ),
    ),
)

KEPT_ENVIRONMENT = (
    Allow(
        part=Part.STDERR,
        pattern=r"^  /\S+/site-packages/setuptools/command/\w+\.py:\d+: \w+: ",
        reason=(
            "pipfast reuses build environments, so messages from a backend about its own files "
            "show a path in pipfast's store; pip's show a temporary folder."
        ),
    ),
)

UNWRITTEN = (
    Allow(
        part=Part.STDERR,
        pattern="",
        reason=(
            "If a configuration file cannot be written, pip prints a traceback and asks for a bug "
            "report; pipfast prints one error that gives the cause."
        ),
    ),
)
