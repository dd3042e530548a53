"""A word of the command line or a line of a file becomes a `UserRequirement`."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from pipfast.errors import Diagnostic, InstallationError
from pipfast.model import wheel_name
from pipfast.model.digest import KNOWN, Digest
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.file_urls import url_of_path
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.link import Link
from pipfast.model.user_requirement import FileLine, UserRequirement

VERSION_CONTROL = (
    "bzr+http", "bzr+https", "bzr+ssh", "bzr+sftp", "bzr+ftp", "bzr+lp", "bzr+file",
    "git+http", "git+https", "git+ssh", "git+git", "git+file",
    "hg+file", "hg+http", "hg+https", "hg+ssh", "hg+static-http",
    "svn+ssh", "svn+http", "svn+https", "svn+svn", "svn+file",
)  # fmt: skip
"""Schemes of addresses under version control."""

_URL_SCHEMES = frozenset(("http", "https", "file", "ftp", *VERSION_CONTROL))
_ARCHIVES = frozenset(
    (".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar",
     ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma")
)  # fmt: skip
_OPERATORS = ("~=", "==", "!=", "<=", ">=", "<", ">", "===")
_HASH = re.compile(rf"[#&]({'|'.join(KNOWN)})=([^&]*)")
_EGG = re.compile(r"[#&]egg=([^&]*)")
_PROJECT_NAME = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])", re.IGNORECASE)
_WITH_EXTRAS = re.compile(r"(.+)(\[[^\]]+\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineContext:
    """What stands around a word or line: where it is from and what was said with it."""

    origin: FileLine | None = None
    digests: tuple[Digest, ...] = ()
    config_settings: Mapping[str, str | list[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    constraint: bool = False

    def wanted(
        self, text: str, requirement: Requirement | None, link: Link | None, *, editable: bool
    ) -> UserRequirement:
        """The requirement in this context."""
        return UserRequirement(
            text=text,
            requirement=requirement,
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
    link, extras = _direct(name, emit)
    if link is None:
        requirement = _requirement(name, context.origin)
        if requirement.url:
            link = link_to(requirement.url)
    else:
        known = _project_of(link)
        if known is None:
            unnamed = context.wanted(text, None, link, editable=False)
            return replace(unnamed, extras=frozenset(extras), marker=marker)
        requirement = _requirement(known, context.origin)
    requirement.marker = marker or requirement.marker
    requirement.extras = set(extras) or requirement.extras
    return context.wanted(text, requirement, link, editable=False)


def parse_pep508(text: str) -> UserRequirement:
    """Read a requirement of a dependency group or script: PEP 508 and nothing else.

    Raises InstallationError.
    """
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise InstallationError(f"Invalid requirement: {text!r}: {error}") from None
    link = link_to(requirement.url) if requirement.url else None
    return NO_LINE_CONTEXT.wanted(text, requirement, link, editable=False)


def parse_editable(text: str, context: LineContext = NO_LINE_CONTEXT) -> UserRequirement:
    """Read the argument of ``-e``: a project's folder, or a repository that names its project.

    Raises InstallationError, as pip does.
    """
    if context.constraint:
        raise InstallationError("Editable requirements are not allowed as constraints")
    name, url, extras = _editable_parts(text)
    link = link_to(url)
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
        return replace(context.wanted(text, None, link, editable=True), extras=frozenset(extras))
    requirement = _named(name)
    if extras:
        requirement.extras = set(extras)
    return context.wanted(text, requirement, link, editable=True)


def is_wheel_link(link: Link) -> bool:
    """Whether the last part of the link's path says that it is a wheel, as pip looks at it."""
    return _extension(link) == ".whl" and link.scheme in ("http", "https", "file")


def link_to(url: str) -> Link:
    """The link that a person wrote, with the digest of its fragment.

    Raises InvalidEggFragment.
    """
    if url.startswith("\\\\"):  # a share on Windows
        url = url_of_path(url)
    address, hash_sign, fragment = url.partition("#")
    found = _HASH.search(url)
    link = Link(
        url=address,
        fragment=fragment if hash_sign else "",
        digests=(Digest(found[1], found[2]),) if found else (),
    )
    egg = _EGG.search(url)
    if egg and not _PROJECT_NAME.fullmatch(egg[1]):
        raise InvalidEggFragment(link, egg[1])
    return link


def strip_extras(text: str) -> tuple[str, frozenset[str]]:
    """``./thing.whl[a,b]`` as ``./thing.whl`` and its extras. Raises Unreadable for bad extras."""
    match = _WITH_EXTRAS.fullmatch(text)
    if match is None:
        return text, frozenset()
    try:
        extras = Requirement("placeholder" + match[2].lower()).extras
    except InvalidRequirement as error:
        raise UnparsableInput(f"Invalid requirement: {text!r}: {error}") from None
    return match[1].rstrip(), frozenset(extras)


class UnparsableInput(InstallationError):
    """What was asked cannot be read at all: pip ends with a traceback here, and code 2."""

    exit_code = 2


class InvalidEggFragment(Diagnostic):
    """The ``#egg=`` of a link is not the name of a project."""

    def __init__(self, link: Link, egg: str) -> None:
        advice = ""
        if any(operator in egg for operator in "<>="):
            advice = "Version specifiers are silently ignored for URL references. Remove them. "
        if "[" in egg and "]" in egg:
            advice += "Try using the Direct URL requirement syntax: 'name[extra] @ URL'"
        super().__init__(
            "invalid-egg-fragment",
            f"The '{egg}' egg fragment is invalid",
            context=f"from '{link.redacted}'",
            advice=advice or "Egg fragments can only be a valid project name.",
        )


def _split_marker(text: str) -> tuple[str, Marker | None]:
    name, _, written = text.partition("; " if is_url(text) else ";")
    name, written = name.strip(), written.strip()
    if not written:
        return name, None
    try:
        return name, Marker(written)
    except InvalidMarker as error:
        raise InstallationError(f"Invalid requirement: {name!r}: {error}") from None


def is_url(text: str) -> bool:
    """Whether `text` starts with a scheme that a requirement may have. Raises Unreadable."""
    if ":" not in text:
        return False
    try:
        return urlsplit(text).scheme in _URL_SCHEMES
    except ValueError as error:  # an address that no URL can have
        raise UnparsableInput(f"Invalid requirement: {text!r}: {error}") from None


def _direct(name: str, emit: Listener) -> tuple[Link | None, AbstractSet[str]]:
    """The link and extras of a URL or path; no link for the name of a project."""
    if is_url(name):
        link = link_to(name)
        if link.scheme == "file" and "../" in name:
            link = link_to(url_of_path(unquote(urlsplit(name).path)))
        return link, frozenset()
    path, extras = strip_extras(os.path.normpath(os.path.abspath(name)))
    url = _url_of_local(path, name, emit)
    return (link_to(url), extras) if url is not None else (None, frozenset())


def _url_of_local(path: str, name: str, emit: Listener) -> str | None:
    """The URL of a project's folder or an archive; None where `name` means neither."""
    if _looks_like_path(name) and os.path.isdir(path):
        if any(os.path.isfile(os.path.join(path, one)) for one in ("pyproject.toml", "setup.py")):
            return url_of_path(path)
        raise InstallationError(
            f"Directory {name!r} is not installable. Neither 'setup.py' nor 'pyproject.toml' found."
        )
    if _split_extension(path).lower() not in _ARCHIVES:
        return None
    if os.path.isfile(path):
        return url_of_path(path)
    project, at, _ = name.partition("@")
    if at and not _looks_like_path(project):
        return None  # ``name @ https://…/name-1.0.tar.gz``
    text = f"Requirement {name!r} looks like a filename, but the file does not exist"
    emit(Said(Level.WARNING, text))
    return url_of_path(path)


def _looks_like_path(name: str) -> bool:
    separators = [os.path.sep, *([os.path.altsep] if os.path.altsep else [])]
    return name.startswith(".") or any(one in name for one in separators)


def _split_extension(path: str) -> str:
    base, extension = posixpath.splitext(path)
    return base[-4:] + extension if base.lower().endswith(".tar") else extension


def _extension(link: Link) -> str:
    return _split_extension(posixpath.basename(unquote(urlsplit(link.url).path).rstrip("/")))


def _project_of(link: Link) -> str | None:
    """The requirement that a direct link is known to fulfil before it is read."""
    if _extension(link) == ".whl":
        try:
            name, version, _, _ = wheel_name.parse(link.filename)
        except wheel_name.InvalidWheelName as error:
            raise InstallationError(str(error)) from None
        return f"{name}=={version}"
    egg = _EGG.search(f"{link.url}#{link.fragment}")
    return egg[1] if egg else None


def _requirement(text: str, origin: FileLine | None) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        message = f"Invalid requirement: {text!r}: {error}"
    if origin is not None:
        message += f" (from line {origin.line} of {origin.path})"
    hint = _hint(text)
    raise InstallationError(f"{message}\nHint: {hint}" if hint else message)


def _hint(text: str) -> str:
    if os.path.sep in text:
        return "It looks like a path." + _about_path(text)
    if "=" in text and not any(operator in text for operator in _OPERATORS):
        return "= is not a valid operator. Did you mean == ?"
    return ""


def _about_path(path: str) -> str:
    if not os.path.exists(path):
        return f" File '{path}' does not exist."
    if not _starts_like_requirements(path):
        return " The path does exist. "
    return (
        f" The path does exist. The argument you provided ({path}) appears to be a"
        " requirements file. If that is the case, use the '-r' flag to install"
        " the packages specified within it."
    )


def _starts_like_requirements(path: str) -> bool:
    """Whether the first line of the file that says anything is a requirement."""
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
        Requirement(first)
    except InvalidRequirement:
        return False
    return True


def _named(name: str) -> Requirement:
    try:
        return Requirement(name)
    except InvalidRequirement as error:
        raise InstallationError(f"Invalid requirement: {name!r}: {error}") from None


def _editable_parts(text: str) -> tuple[str | None, str, AbstractSet[str]]:
    """The name (with marker), URL and extras of an editable requirement."""
    try:
        requirement = Requirement(text)
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
        return _egg_of(path), path, extras
    url = text
    for program in ("bzr", "git", "hg", "svn"):
        if url.lower().startswith(f"{program}:"):
            url = f"{program}+{url}"
            break
    return _egg_of(url), url, frozenset()


def _egg_of(url: str) -> str | None:
    link_to(url)  # raises for a fragment that names no project
    egg = _EGG.search(url)
    return egg[1] if egg else None
