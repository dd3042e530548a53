"""pipfast's own settings: the ``[pipfast]`` section of pip's files, and ``PIPFAST_*``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pipfast.config.layers import Sections
from pipfast.config.option_types import truth
from pipfast.errors import UsageError
from pipfast.model.frozen_dataclass import dataclass

SECTION = "pipfast"
BUILD_ENV = "build-env."
BUILD_ENV_VARIABLE = "PIPFAST_BUILD_ENV_"
CALL_LOG = "call-log"
INDEX = "index."
INDEX_VARIABLE = "PIPFAST_INDEX_OF_"
REMOTE_STORE = "remote-store"
REMOTE_KEY = "remote-store-key"
REMOTE_SIGNING_KEY = "remote-store-signing-key"
REMOTE_PUBLIC_KEYS = "remote-store-public-keys"
REMOTE_WAIT = "remote-store-wait"
OWN: dict[str, tuple[str, ...]] = {
    "pip-compat": ("true", "false"),
    "index-strategy": ("first-index", "best-match"),
    "local-versions": ("strict", "lax"),
    "build-isolation": ("strict", "see-through", "none"),
    "index-errors": ("fail", "skip"),
    "fallback": ("never", "auto"),
    "link-mode": ("auto", "clone", "hardlink", "copy"),
    "remote-store-mode": ("read", "read-write"),
}
"""Every setting and its valid values; ``pip-compat`` accepts any of pip's boolean words."""

TEXTS = (REMOTE_STORE, REMOTE_KEY, REMOTE_SIGNING_KEY, REMOTE_PUBLIC_KEYS, REMOTE_WAIT)
"""Settings whose values are not fixed."""

VARIABLES = "PIPFAST_"
NOTED_COMMAND = "PIPFAST_NOTED_COMMAND"
"""The variable with the words that the user typed, a line each, where pipfast runs itself."""

_NO_SETTINGS = frozenset({
    "PIPFAST_TRACE_DELEGATION", "PIPFAST_SHIM_SCRIPT", "PIPFAST_GIT_USER", "PIPFAST_GIT_PASSWORD",
    NOTED_COMMAND,
})  # fmt: skip
"""Variables that pipfast, its shim and its tests set for themselves."""

_OF_TESTS = "PIPFAST_TEST_"
"""What the names of variables of the project's own tests begin with."""


def variable_of(key: str) -> str:
    """Return the environment variable of a setting."""
    return f"{VARIABLES}{key.upper().replace('-', '_')}"


class BadOwnSetting(UsageError):
    """A ``[pipfast]`` or ``PIPFAST_*`` value is invalid; exits like pip does for invalid values."""

    exit_code = 3

    def __init__(self, key: str, value: str, origin: str) -> None:
        choices = ", ".join(map(repr, OWN[key]))
        super().__init__(
            f"invalid value for {key}: {value!r}, set by {origin} (choose from {choices})", usage=""
        )


class BadWait(UsageError):
    """A ``remote-store-wait`` is not a number of seconds; exits like pip does for such values."""

    exit_code = 3

    def __init__(self, text: str, origin: str) -> None:
        super().__init__(
            f"invalid value for {REMOTE_WAIT}: {text!r}, set by {origin} (seconds)", usage=""
        )


class BadBuildVariables(UsageError):
    """A ``build-env`` value does not name variables; exits like pip does for invalid values."""

    exit_code = 3

    def __init__(self, project: str, text: str, origin: str) -> None:
        from pipfast.model.remedies import NameBuildVariables  # only needed for this error

        super().__init__(
            f"invalid value for {BUILD_ENV}{project}: {text!r}, set by {origin}",
            NameBuildVariables(),
            usage="",
        )


@dataclass(frozen=True, slots=True)
class UnknownSetting:
    """A variable that has no effect, or a key of ``[pipfast]`` in the file `path`."""

    name: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class PipfastSettings:
    """The settings that are set, by key with hyphens, each one of its choices in `OWN`.

    `build_variables` are the variables that ``build-env.<project>`` adds to the environment of a
    project's builds, by normalised name. `indexes` are the only indexes of the projects that
    ``index.<project>`` names. `unknown` are names that are no settings. `call_log` is the file to
    which each call adds a line. `texts` are the settings in `TEXTS`.
    """

    values: Mapping[str, str]
    origins: Mapping[str, str]
    build_variables: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    indexes: Mapping[str, str] = MappingProxyType({})
    unknown: tuple[UnknownSetting, ...] = ()
    call_log: str = ""
    texts: Mapping[str, str] = MappingProxyType({})

    def origin(self, key: str) -> str:
        """Return the origin of `key`, ``default`` if it is not set."""
        return self.origins.get(key, "default")


def own_settings(sections: Sections, environ: Mapping[str, str]) -> PipfastSettings:
    """Read the ``[pipfast]`` section and variables; unknown names have no effect.

    ``--isolated`` ignores the user's files here too, but not the variables, which control how
    pipfast runs rather than what it installs. Raises BadOwnSetting, BadBuildVariables, BadWait.
    """
    found = dict(sections.get(SECTION, {}))
    for key in (*OWN, *TEXTS):
        name = variable_of(key)
        if environ.get(name):
            found[key] = environ[name], f"environment variable {name}"
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for key, (text, origin) in found.items():
        if key in OWN and text:
            values[key] = _checked(key, text, origin)
            origins[key] = origin
    texts = {key: found[key][0].strip() for key in TEXTS if key in found and found[key][0]}
    if REMOTE_WAIT in texts and not _is_seconds(texts[REMOTE_WAIT]):
        raise BadWait(*found[REMOTE_WAIT])
    return PipfastSettings(
        MappingProxyType(values),
        origins,
        _build_variables(sections, environ),
        _indexes(sections, environ),
        tuple(_unknown(sections, environ)),
        environ.get(variable_of(CALL_LOG)) or sections.get(SECTION, {}).get(CALL_LOG, ("", ""))[0],
        MappingProxyType(texts),
    )


def _is_seconds(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit()


def _unknown(sections: Sections, environ: Mapping[str, str]) -> Iterator[UnknownSetting]:
    for name in sorted(name for name in environ if name.startswith(VARIABLES)):
        if environ[name] and not _is_known(name):
            yield UnknownSetting(name)
    for key, (text, origin) in sections.get(SECTION, {}).items():
        if text and key not in (*OWN, *TEXTS, CALL_LOG) and not key.startswith((INDEX, BUILD_ENV)):
            yield UnknownSetting(key, origin)


def _is_known(name: str) -> bool:
    if name.startswith((BUILD_ENV_VARIABLE, INDEX_VARIABLE, _OF_TESTS)) or name in _NO_SETTINGS:
        return True
    key = name[len(VARIABLES) :]
    return key.isupper() and key.lower().replace("_", "-") in (*OWN, *TEXTS, CALL_LOG)


def _indexes(sections: Sections, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``index.<project>`` and ``PIPFAST_INDEX_OF_<PROJECT>`` by normalised name."""
    named = _by_project(sections, environ, INDEX, INDEX_VARIABLE)
    return MappingProxyType({_normalised(name): text for name, text, _ in named if text})


def _by_project(
    sections: Sections, environ: Mapping[str, str], prefix: str, variable: str
) -> list[tuple[str, str, str]]:
    """Return project, value and origin of the settings that name a project behind a prefix.

    Environment variables come last.
    """
    found = [
        (key[len(prefix) :], text, origin)
        for key, (text, origin) in sections.get(SECTION, {}).items()
        if key.startswith(prefix)
    ]
    found += [
        (name[len(variable) :], text, f"environment variable {name}")
        for name, text in environ.items()
        if name.startswith(variable)
    ]
    return found


def _build_variables(
    sections: Sections, environ: Mapping[str, str]
) -> Mapping[str, Mapping[str, str]]:
    """Merge ``build-env.<project>`` and ``PIPFAST_BUILD_ENV_<PROJECT>``, variable by variable."""
    named = _by_project(sections, environ, BUILD_ENV, BUILD_ENV_VARIABLE)
    found: dict[str, dict[str, str]] = {}
    for name, text, origin in named:
        project = _normalised(name)
        found.setdefault(project, {}).update(_assignments(project, text, origin))
    return MappingProxyType({name: MappingProxyType(found[name]) for name in found})


def _normalised(name: str) -> str:
    """Return the normalised project name (PEP 503) without importing packaging."""
    import re

    return re.sub(r"[-_.]+", "-", name).lower()


def _assignments(project: str, text: str, origin: str) -> Mapping[str, str]:
    from shlex import split

    try:
        pairs = [word.partition("=") for word in split(text)]
    except ValueError:  # an unterminated quotation
        raise BadBuildVariables(project, text, origin) from None
    if not all(name and equals for name, equals, _ in pairs):
        raise BadBuildVariables(project, text, origin)
    return {name: value for name, _, value in pairs}


def _checked(key: str, text: str, origin: str) -> str:
    word = text.strip().lower()
    if key == "pip-compat":
        try:
            return "true" if truth(word) else "false"
        except ValueError:
            raise BadOwnSetting(key, text, origin) from None
    if word not in OWN[key]:
        raise BadOwnSetting(key, text, origin)
    return word
