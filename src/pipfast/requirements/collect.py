"""The door: words, files, groups and scripts → what is wanted, and the policies to go on with."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.tags import Tag

from pipfast.errors import CommandError, InstallationError
from pipfast.model.events import Level, Listener, Said, silent
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.selection import SelectionPolicy
from pipfast.requirements.parse import (
    LineContext,
    UnparsableInput,
    is_url,
    parse_editable,
    parse_pep508,
    parse_requirement,
    strip_extras,
)
from pipfast.requirements.requirements_file import OptionLine, Reader, RequirementLine, read_file

if TYPE_CHECKING:
    from pipfast.requirements.pylock_reader import LockRequest

_LOCK_FILE = re.compile(r"pylock\.(?:[^.]+\.)?toml")

_NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSources:
    """What a command was asked to work on.

    `groups` are pairs of a path and a group's name. `python`, `markers` and `tags` are the
    target's; for the last two lock files are read.
    `config_settings` are those of the command line, for its words and editables alone. `program`
    is the name in messages about the options of a file.
    """

    arguments: tuple[str, ...] = ()
    requirement_files: tuple[str, ...] = ()
    constraint_files: tuple[str, ...] = ()
    build_constraint_files: tuple[str, ...] = ()
    editables: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    scripts: tuple[str, ...] = ()
    config_settings: Mapping[str, str | list[str]] = field(default_factory=lambda: _NO_SETTINGS)
    no_require_hashes: bool = False
    python: tuple[int, ...] = ()
    markers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    tags: Sequence[Tag] = ()
    command: str = "install"
    program: str = "pip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The policies that options in files may change."""

    network: NetworkPolicy
    selection: SelectionPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedRequirements:
    """What is wanted, in pip's order, constraints of ``-c`` first; the policies to go on with.

    `features` are the names that ``--use-feature`` lines give.
    """

    wanted: tuple[UserRequirement, ...]
    network: NetworkPolicy
    selection: SelectionPolicy
    features: tuple[str, ...] = ()

    @property
    def constraints(self) -> tuple[UserRequirement, ...]:
        """The constraints alone, those of nested ``-c`` lines among them."""
        return tuple(one for one in self.wanted if one.constraint)


def collect(
    asked: RequirementSources,
    policies: Policies,
    read: Callable[[str], str],
    environ: Mapping[str, str] = os.environ,
    emit: Listener = silent,
) -> CollectedRequirements:
    """Gather every requirement, in pip's order, and apply the options of the files.

    That order is: ``-c`` files, words, groups, ``-e``, ``-r`` files, the script. `read` gets the
    text behind an http URL. Raises CommandError and InstallationError in pip's words.
    """
    reader = Reader(remote=read, environ=environ, emit=emit, program=asked.program)
    gathering = _Gathering(asked, policies, reader)
    wanted = tuple(gathering.all())
    if gathering.require_hashes and gathering.no_require_hashes:
        raise CommandError("--require-hashes and --no-require-hashes are mutually exclusive")
    hashed = not gathering.no_require_hashes and any(one.digests for one in wanted)
    _check_not_empty(gathering.asked, gathering.network)
    return CollectedRequirements(
        wanted=wanted,
        network=gathering.network,
        selection=replace(gathering.selection, require_hashes=gathering.require_hashes or hashed),
        features=tuple(gathering.features),
    )


def check_constraints(constraints: Sequence[UserRequirement], emit: Listener = silent) -> None:
    """Raise InstallationError for the first constraint of a form that pip does not take.

    pip looks at this when it begins to resolve, after it said where it looks.
    """
    for one in constraints:
        problem = _constraint_fault(one)
        if problem:
            emit(Said(Level.WARNING, _CONSTRAINT_FORMS))
            raise InstallationError(problem)


def _constraint_fault(one: UserRequirement) -> str:
    """What is wrong with the form of a constraint, empty if nothing is."""
    if one.requirement is None:
        return "Unnamed requirements are not allowed as constraints"
    return "Constraints cannot have extras" if one.requirement.extras else ""


_CONSTRAINT_FORMS = (
    "DEPRECATION: Constraints are only allowed to take the form of a package "
    "name and a version specifier. Other forms were originally "
    "permitted as an accident of the implementation, but were "
    "undocumented. The new implementation of the resolver no "
    "longer supports these forms. "
    "A possible replacement is replacing the constraint with a requirement. "
    "Discussion can be found at https://github.com/pypa/pip/issues/8210"
)


class _Gathering:
    """The state of one walk through everything that was asked."""

    def __init__(self, asked: RequirementSources, policies: Policies, reader: Reader) -> None:
        self.asked = asked
        self._reader = reader
        self.network = policies.network
        self.selection = policies.selection
        self.require_hashes = policies.selection.require_hashes
        self.no_require_hashes = asked.no_require_hashes
        self.features: dict[str, None] = {}

    def all(self) -> Iterator[UserRequirement]:
        """Everything wanted, in pip's order."""
        asked = self.asked
        building = self._reader.environ.get("_PIP_IN_BUILD_IGNORE_CONSTRAINTS") == "1"
        for path in asked.build_constraint_files if building else asked.constraint_files:
            yield from self._file(path, constraint=True)
        context = LineContext(config_settings=asked.config_settings)
        for word in asked.arguments:
            if word.strip():
                yield parse_requirement(word, context, self._reader.emit)
        sources, groups = self._sources()
        yield from self._groups(groups)
        for text in asked.editables:
            yield parse_editable(text, context)
        for source in sources:
            if isinstance(source, str):
                yield from self._file(source, constraint=False)
            else:
                yield from self._locked(source)
        yield from self._script()

    def _sources(self) -> tuple[Sequence[str | LockRequest], Sequence[tuple[str, str]]]:
        """The sources of requirements in order, lock files among them, and projects' groups."""
        asked = self.asked
        named = (*asked.requirement_files, *(path for path, _ in asked.groups))
        if not any(map(_is_lock_file, named)):
            return asked.requirement_files, asked.groups
        from pipfast.requirements.pylock_reader import requests

        return requests(asked.requirement_files, asked.groups, _is_lock_file)

    def _locked(self, request: LockRequest) -> Iterator[UserRequirement]:
        from pipfast.requirements.pylock_reader import LockTarget, locked_requirements

        target = LockTarget(markers=self.asked.markers, tags=self.asked.tags)
        found = locked_requirements(request, target, self.selection.formats, self._reader)
        for one in found:
            yield one.wanted
            if one.link is not None and one.wanted.name is not None:
                self.selection = self.selection.locking(one.wanted.name, one.link)

    def _groups(self, groups: Sequence[tuple[str, str]]) -> Iterator[UserRequirement]:
        if groups:
            from pipfast.requirements.dependency_groups import group_requirements

            yield from map(parse_pep508, group_requirements(groups))

    def _script(self) -> Iterator[UserRequirement]:
        scripts = self.asked.scripts
        if len(scripts) > 1:
            raise CommandError("--requirements-from-script can only be given once")
        if scripts:
            from pipfast.requirements.inline_script import script_requirements

            ignore = self.selection.ignore_requires_python
            found = script_requirements(
                scripts[0], self.asked.python, ignore_requires_python=ignore
            )
            yield from map(parse_pep508, found)

    def _file(self, path: str, *, constraint: bool) -> Iterator[UserRequirement]:
        for line in read_file(path, self._reader, constraint=constraint):
            if line.options.rules:
                self.selection = self.selection.merged(rules=line.options.rules)
            match line:
                case RequirementLine():
                    yield self._requirement(line)
                case OptionLine():
                    self._apply(line)

    def _requirement(self, line: RequirementLine) -> UserRequirement:
        context = LineContext(
            origin=line.origin,
            digests=() if line.editable else line.options.digests,
            config_settings=line.options.config_settings,
            constraint=line.constraint,
        )
        if line.editable:
            return parse_editable(line.text, context)
        return parse_requirement(line.text, context, self._reader.emit)

    def _apply(self, line: OptionLine) -> None:
        """Let a line of options change the policies."""
        options, origin = line.options, line.origin
        say = self._reader.emit
        if options.digests:
            text = f"{origin.path} line {origin.line} has --hash but no requirement, and will be"
            say(Said(Level.WARNING, f"{text} ignored."))
        self.require_hashes = self.require_hashes or options.require_hashes
        self.no_require_hashes = self.no_require_hashes or options.no_require_hashes
        self.features.update(dict.fromkeys(options.features))
        for host in options.trusted_hosts:
            source = f"line {origin.line} of {origin.path}"
            say(Said(Level.INFO, f"adding trusted host: {host!r} (from {source})"))
            _check_host(host)
        self.network = self.network.merged(
            index_url=options.index_url,
            extra_index_urls=options.extra_index_urls,
            no_index=options.no_index,
            find_links=_beside(options.find_links[:1], origin.path),
            trusted_hosts=options.trusted_hosts,
        )
        self.selection = self.selection.merged(
            prereleases=options.pre, prefer_binary=options.prefer_binary
        )


def _check_host(host: str) -> None:
    try:
        named = urlsplit(f"https://{host}")
        name, _ = named.hostname, named.port  # asking for a wrong port raises
    except ValueError as error:
        raise UnparsableInput(str(error)) from None
    if name is None:
        raise UnparsableInput(f"Trusted host URL must include a host part: {host!r}")


def _beside(find_links: tuple[str, ...], path: str) -> tuple[str, ...]:
    """Find-links relative to the file that names them, where that exists."""
    folder = os.path.dirname(os.path.abspath(path))
    beside = (os.path.join(folder, link) for link in find_links)
    return tuple(
        there if os.path.exists(there) else link
        for there, link in zip(beside, find_links, strict=True)
    )


def _is_lock_file(source: str) -> bool:
    """Whether the name is one that PEP 751 gives to lock files."""
    if "pylock" not in source:
        return False
    path, _ = strip_extras(source)
    name = urlsplit(path).path.rpartition("/")[2] if is_url(path) else os.path.basename(path)
    return _LOCK_FILE.fullmatch(name) is not None


def _check_not_empty(asked: RequirementSources, network: NetworkPolicy) -> None:
    given = (asked.arguments, asked.editables, asked.requirement_files, asked.groups, asked.scripts)
    if any(given):
        return
    command = asked.command
    if network.find_links:
        links = " ".join(network.find_links)
        meant = f'maybe you meant "pip {command} {links}"?'
    else:
        meant = f'see "pip help {command}"'
    raise CommandError(f"You must give at least one requirement to {command} ({meant})")
