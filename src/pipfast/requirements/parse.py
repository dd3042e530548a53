"""Parse a command-line argument or a line of a requirements file into a `UserRequirement`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from pipfast.errors import InstallationError
from pipfast.model import wheel_name
from pipfast.model.digest import Digest
from pipfast.model.events import Listener, silent
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.link import Link, without_secrets
from pipfast.model.requirement import parsed_marker, parsed_requirement
from pipfast.model.user_requirement import FileLine, UserRequirement
from pipfast.requirements.errors import UnparsableInput
from pipfast.requirements.events import ArchiveNotFound
from pipfast.requirements.parse_link import (
    VERSION_CONTROL,
    egg_fragment,
    file_extension,
    is_archive_name,
    is_url,
    parse_link,
)

_OPERATORS = ("~=", "==", "!=", "<=", ">=", "<", ">", "===")
_WITH_EXTRAS = lazy_pattern(r"(.+)(\[[^\]]+\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineContext:
    """The origin of a requirement, and the options that belong to it."""

    origin: FileLine | None = None
    digests: tuple[Digest, ...] = ()
    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    constraint: bool = False

    def requirement(
        self, text: str, parsed: Requirement | None, link: Link | None, *, editable: bool
    ) -> UserRequirement:
        """Return a user requirement with this origin and these options."""
        return UserRequirement(
            text=text,
            requirement=parsed,
            link=link,
            editable=editable,
            origin=self.origin,
            digests=self.digests,
            config_settings=self.config_settings,
            constraint=self.constraint,
        )


NO_LINE_CONTEXT = LineContext()


def parse_requirement(
    text: str, context: LineContext = NO_LINE_CONTEXT, emit: Listener = silent
) -> UserRequirement:
    """Parse a requirement of the command line or of a requirements file.

    `text` is a PEP 508 requirement, a URL, or the path of an archive or project directory. Each
    may have a marker after a semicolon (``"; "`` for URLs), and a path may have extras. The marker
    and extras of a URL or path become part of `UserRequirement.requirement` if the project name is
    known. Checks the file system to distinguish paths from project names.

    Raises InstallationError with pip's message.
    """
    name, marker = _split_marker(text)
    link, extras = _link_and_extras(name, emit)
    if link is None:
        requirement = _parse_with_hint(name, context.origin)
        if requirement.url:
            link = parse_link(requirement.url)
    else:
        known = _requirement_of_link(link)
        if known is None:
            unnamed = context.requirement(text, None, link, editable=False)
            return replace(unnamed, extras=frozenset(extras), marker=marker)
        requirement = _parse_with_hint(known, context.origin)
    requirement.marker = marker or requirement.marker
    requirement.extras = set(extras) or requirement.extras
    return context.requirement(text, requirement, link, editable=False)


def parse_pep508(text: str) -> UserRequirement:
    """Parse a PEP 508 requirement of a dependency group or script.

    Raises InstallationError.
    """
    try:
        requirement = parsed_requirement(text)
    except InvalidRequirement as error:
        raise InstallationError(f"Invalid requirement: {text!r}: {error}") from None
    link = parse_link(requirement.url) if requirement.url else None
    return NO_LINE_CONTEXT.requirement(text, requirement, link, editable=False)


def parse_editable(text: str, context: LineContext = NO_LINE_CONTEXT) -> UserRequirement:
    """Parse the argument of ``-e``: a project directory, or a repository URL with a project name.

    Raises InstallationError with pip's message.
    """
    if context.constraint:
        raise InstallationError("Editable requirements are not allowed as constraints")
    name, url, extras = _editable_parts(text)
    link = parse_link(url)
    if link.scheme not in VERSION_CONTROL and not link.is_file:
        raise InstallationError(
            f"{text} is not a valid editable requirement. "
            "It should either be a path to a local project or a VCS URL "
            f"(beginning with {', '.join(VERSION_CONTROL)})."
        )
    if not name and not link.is_file:
        raise InstallationError(
            f"Could not detect requirement name for '{text}', "
            "please specify one with your_package_name @ URL"
        )
    if name is None:
        return replace(
            context.requirement(text, None, link, editable=True), extras=frozenset(extras)
        )
    requirement = _parse_without_hint(name)
    if extras:
        requirement.extras = set(extras)
    return context.requirement(text, requirement, link, editable=True)


def strip_extras(text: str) -> tuple[str, frozenset[str]]:
    """Split ``./demo.whl[a,b]`` into ``./demo.whl`` and its extras.

    Raises UnparsableInput for invalid extras.
    """
    match = _WITH_EXTRAS.fullmatch(text)
    if match is None:
        return text, frozenset()
    try:
        extras = Requirement("placeholder" + match[2].lower()).extras
    except InvalidRequirement as error:
        raise UnparsableInput(f"Invalid requirement: {text!r}: {error}") from None
    return match[1].rstrip(), frozenset(extras)


def _split_marker(text: str) -> tuple[str, Marker | None]:
    name, _, written = text.partition("; " if is_url(text) else ";")
    name, written = name.strip(), written.strip()
    if not written:
        return name, None
    try:
        return name, parsed_marker(written)
    except InvalidMarker as error:
        raise InstallationError(f"Invalid requirement: {name!r}: {error}") from None


def _link_and_extras(name: str, emit: Listener) -> tuple[Link | None, AbstractSet[str]]:
    """Return the link and extras of a URL or path; no link for a project name."""
    if is_url(name):
        link = parse_link(name)
        if link.scheme == "file" and "../" in name:
            link = parse_link(url_of_path(unquote(urlsplit(name).path)))
        return link, frozenset()
    path, extras = strip_extras(os.path.normpath(os.path.abspath(name)))
    url = _local_url(path, name, emit)
    return (parse_link(url), extras) if url is not None else (None, frozenset())


def _local_url(path: str, name: str, emit: Listener) -> str | None:
    """Return the URL of a project directory or an archive; None if `name` is neither."""
    if _looks_like_path(name) and os.path.isdir(path):
        if any(os.path.isfile(os.path.join(path, one)) for one in ("pyproject.toml", "setup.py")):
            return url_of_path(path)
        raise InstallationError(
            f"Directory {name!r} is not installable. Neither 'setup.py' nor 'pyproject.toml' found."
        )
    if not is_archive_name(path):
        return None
    if os.path.isfile(path):
        return url_of_path(path)
    project, at, _ = name.partition("@")
    if at and not _looks_like_path(project):
        return None  # ``name @ https://…/name-1.0.tar.gz``
    emit(ArchiveNotFound(name))
    return url_of_path(path)


def _looks_like_path(name: str) -> bool:
    separators = [os.path.sep, *([os.path.altsep] if os.path.altsep else [])]
    return name.startswith(".") or any(one in name for one in separators)


def _requirement_of_link(link: Link) -> str | None:
    """Return the requirement that a link states in its file name or fragment, None if none."""
    if file_extension(link) == ".whl":
        try:
            name, version, _, _ = wheel_name.parse(link.filename)
        except wheel_name.InvalidWheelName as error:
            raise InstallationError(str(error)) from None
        return f"{name}=={version}"
    return egg_fragment(f"{link.url}#{link.fragment}")


def _parse_with_hint(text: str, origin: FileLine | None) -> Requirement:
    try:
        return parsed_requirement(text)
    except InvalidRequirement as error:
        message = f"Invalid requirement: {text!r}: {error}"
    if origin is not None:
        message += f" (from line {origin.line} of {without_secrets(origin.path)})"
    hint = _syntax_hint(text)
    raise InstallationError(f"{message}\nHint: {hint}" if hint else message)


def _syntax_hint(text: str) -> str:
    """Return pip's guess of what is wrong with an invalid requirement, empty for none."""
    if os.path.sep in text:
        return "It looks like a path." + _path_hint(text)
    if "=" in text and not any(operator in text for operator in _OPERATORS):
        return "= is not a valid operator. Did you mean == ?"
    return ""


def _path_hint(path: str) -> str:
    if not os.path.exists(path):
        return f" File '{path}' does not exist."
    if not _is_requirements_file(path):
        return " The path does exist. "
    return (
        f" The path does exist. The argument you provided ({path}) appears to be a"
        " requirements file. If that is the case, use the '-r' flag to install"
        " the packages specified within it."
    )


def _is_requirements_file(path: str) -> bool:
    """Return whether the first line that is neither empty nor a comment is a requirement."""
    with open(path, encoding="utf-8", errors="ignore") as file:
        stripped = (line.strip() for line in file)
        lines = (line for line in stripped if line and not line.startswith("#"))
        first = next(lines, None)
        if first is None:
            return True
        first = first.partition(" #")[0]
        if first.endswith("\\"):
            first = first[:-2].strip() + next(lines, "")
    try:
        parsed_requirement(first)
    except InvalidRequirement:
        return False
    return True


def _parse_without_hint(name: str) -> Requirement:
    try:
        return parsed_requirement(name)
    except InvalidRequirement as error:
        raise InstallationError(f"Invalid requirement: {name!r}: {error}") from None


def _editable_parts(text: str) -> tuple[str | None, str, AbstractSet[str]]:
    """Return the name (with marker), URL and extras of an editable requirement."""
    try:
        requirement = parsed_requirement(text)
    except InvalidRequirement:
        pass
    else:
        if requirement.url:
            marker = f" ; {requirement.marker}" if requirement.marker else ""
            return requirement.name + marker, requirement.url, requirement.extras
    path, extras = strip_extras(text)
    if os.path.isdir(path):
        path = url_of_path(path)
    if path.lower().startswith("file:"):
        return _valid_egg(path), path, extras
    url = text
    for program in ("bzr", "git", "hg", "svn"):
        if url.lower().startswith(f"{program}:"):
            url = f"{program}+{url}"
            break
    return _valid_egg(url), url, frozenset()


def _valid_egg(url: str) -> str | None:
    """Return the ``#egg=`` fragment; raise InvalidEggFragment if it is not a project name."""
    parse_link(url)
    return egg_fragment(url)
