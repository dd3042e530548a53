"""Texts of `pipfast shim`."""

from __future__ import annotations

import os

USAGE = """Usage:
  pipfast shim <environment> ...
  pipfast shim --remove <environment> ...
  pipfast shim --status <environment> ...
  pipfast shim --seed <folder>

Make pipfast the pip of environments, for `python -m pip` and `import pip` too. An environment is a
folder or an interpreter.

Options:
  --remove         Put back the pip that was there before, or none.
  --status         Show which pip the environments have. The exit code is 0 if each has a shim that
                   works, else 1.
  --seed <folder>  Write the shim as a wheel, from which virtualenv can make environments."""


def unknown_option(word: str) -> str:
    """Return the error for an option that ``shim`` does not have."""
    return f"no such option of shim: {word}"


def no_environment() -> str:
    """Return the error for a command line that names no environment."""
    return "shim needs a folder of an environment, or an interpreter"


def exclusive() -> str:
    """Return the error for options that exclude each other."""
    return "shim takes one of --remove, --status and --seed"


def no_seed_folder() -> str:
    """Return the error for ``--seed`` without a folder, or with other arguments."""
    return "shim --seed takes one folder and no environment"


def own_environment(prefix: str) -> str:
    """Return the error for an environment that contains pipfast."""
    return f"{prefix} contains pipfast, which needs the real pip there"


def no_real_pip(prefix: str) -> str:
    """Return the error for a pipfast whose own pip is a shim."""
    return f"The pip of this pipfast in {prefix} is a shim itself; install the real pip there"


def too_old(prefix: str, version: str, needed: str) -> str:
    """Return the error for a Python that the pip of the shim does not support."""
    return f"{prefix} has Python {version}; pip there needs Python {needed}"


def not_saved(prefix: str, info: str) -> str:
    """Return the error for a pip that could not be put back later."""
    return f"The pip in {prefix} cannot be put back later, so it is kept: {info} is incomplete"


def not_changed(prefix: str, lines: str) -> str:
    """Return the error for an environment that pipfast could not change."""
    return f"{prefix} is unchanged: {lines}"


def made(prefix: str, version: str, replaced: str | None) -> str:
    """Return the line about a shim that was put into an environment."""
    before = f"; it replaces pip {replaced}" if replaced else ""
    return f"{prefix}: pip {version} is pipfast now{before}"


def replaced_by(version: str, prefix: str) -> str:
    """Return the warning about a real pip that was installed over a shim."""
    return f"pip {version} has replaced the shim of pipfast; 'pipfast shim {prefix}' makes it anew"


def removed(prefix: str, version: str | None) -> str:
    """Return the line about a shim that was removed; `version` is the pip that is back."""
    return f"{prefix}: {f'pip {version} is back' if version else 'the shim is removed'}"


def nothing_to_remove(prefix: str) -> str:
    """Return the line about an environment without a shim."""
    return f"{prefix}: there is no shim"


def status(prefix: str, version: str | None, python: str | None, *, works: bool) -> str:
    """Return the line about the pip of an environment; `python` is that of a shim's pipfast."""
    if version is None:
        return f"{prefix}: no pip"
    if python is None:
        return f"{prefix}: pip {version}, no shim"
    return (
        f"{prefix}: pip {version} is pipfast {'of' if works else 'which is no longer at'} {python}"
    )


def seeded(path: str, version: str) -> str:
    """Return the lines about a wheel for virtualenv."""
    folder = os.path.dirname(path)  # noqa: PTH120
    return (
        f"Saved {path}\nvirtualenv makes environments with it if "
        f"VIRTUALENV_EXTRA_SEARCH_DIR={folder} is set. Add VIRTUALENV_PIP={version} to use it even "
        "when virtualenv has a newer pip."
    )
