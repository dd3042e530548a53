"""The lines of `pip freeze`."""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass

TYPE_CHECKING = False  # type checkers know this name; importing typing costs 3 ms
if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.direct_url import DirectUrl


@dataclass(frozen=True, slots=True)
class Frozen:
    """A requirement for a distribution after lines of comments; `name` is that of METADATA."""

    name: str
    requirement: str
    comments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the comments and the requirement."""
        return "\n".join([*self.comments, self.requirement]).rstrip()


def reference(name: str, origin: DirectUrl) -> str:
    """Return the requirement for a distribution from a direct URL (PEP 440, PEP 610)."""
    fragments = []
    url = origin.url
    if origin.vcs_info is not None:
        url = f"{origin.vcs_info.vcs}+{origin.url}@{origin.vcs_info.commit_id}"
    elif origin.archive_info is not None and origin.archive_info.hashes:
        algorithm, value = next(iter(origin.archive_info.hashes.items()))
        fragments.append(f"{algorithm}={value}")
    if origin.subdirectory:
        fragments.append(f"subdirectory={origin.subdirectory}")
    return f"{name} @ {url}" + (f"#{'&'.join(fragments)}" if fragments else "")


# Requirements files (-r)

ADDED = "## The following requirements were added by pip freeze:"
ADD_EGG = "  (add #egg=PackageName to the URL to avoid this warning)"


def included_multiple_times(name: str, files: Iterable[str]) -> str:
    """Return the warning for a project that several lines name."""
    return f"Requirement {name} included multiple times [{', '.join(sorted(set(files)))}]"


def line_skipped(path: str, line: str) -> str:
    """Return the line for a requirement of a file that names no project."""
    return (
        f"Skipping line in requirement file [{path}] because it's not clear what it would "
        f"install: {line}"
    )


def not_installed(path: str, line: str, name: str) -> str:
    """Return the warning for a requirement of a file whose project is not installed."""
    return f"Requirement file [{path}] contains {line}, but package {name!r} is not installed"


# Editable installs

UNKNOWN_LOCATION = "## !! Could not determine repository location"


def no_version_control(pin: str) -> str:
    """Return the comment for a project in a folder of its own; `pin` is ``name==version``."""
    return f"# Editable install with no version control ({pin})"


def no_remote(system: str, pin: str) -> str:
    """Return the comment for a local repository; `system` is Git, Mercurial, ..."""
    return f"# Editable {system} install with no remote ({pin})"


def unusable_remote(system: str, pin: str, url: str) -> tuple[str, str]:
    """Return the comments for a repository whose remote is no valid URL or a deleted folder."""
    text = f"# Editable {system} install ({pin}) with either a deleted local remote or invalid URI:"
    return text, f"# '{url}'"


def program_missing(folder: str, program: str) -> str:
    """Return the warning that the program of the version control system is not installed."""
    return (
        f"cannot determine version of editable source in {folder} ({program} command not found in "
        "path)"
    )


def repository_unreadable(error: Exception) -> str:
    """Return the warning that the repository cannot be read."""
    return f"Error when trying to get requirement for VCS system {error}"


def unknown_location(folder: str) -> str:
    """Return the warning that belongs to UNKNOWN_LOCATION."""
    return f"Could not determine repository location of {folder}"
