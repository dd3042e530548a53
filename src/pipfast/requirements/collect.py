"""Collect the requirements of arguments, files, dependency groups and scripts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.tags import Tag

from pipfast.errors import CommandError, InstallationError
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.user_requirement import UserRequirement
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.selection import SelectionPolicy
from pipfast.requirements.errors import UnparsableInput
from pipfast.requirements.events import ConstraintFormDeprecated, HashIgnored, TrustedHostAdded
from pipfast.requirements.parse import (
    LineContext,
    parse_editable,
    parse_pep508,
    parse_requirement,
    strip_extras,
)
from pipfast.requirements.parse_link import is_url
from pipfast.requirements.requirements_file import OptionLine, Reader, RequirementLine, read_file

if TYPE_CHECKING:
    from pipfast.requirements.pylock_reader import LockRequest

_LOCK_FILE = lazy_pattern(r"pylock\.(?:[^.]+\.)?toml")

_NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSources:
    """The sources of requirements on a command line.

    `groups` are pairs of a path and a group name. `python`, `markers` and `tags` are those of the
    target; the last two select files of a lock file. `config_settings` apply to arguments and
    editables only. `program` is the program name in errors about the options of a file.
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
    """The policies that options in requirements files change."""

    network: NetworkPolicy
    selection: SelectionPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedRequirements:
    """Requirements in pip's order, constraints of ``-c`` first, and the resulting policies.

    `features` are the values of ``--use-feature`` lines. `files` are the requirements and
    constraints files that were read, also by others, and whether variables were expanded in each.
    """

    wanted: tuple[UserRequirement, ...]
    network: NetworkPolicy
    selection: SelectionPolicy
    features: tuple[str, ...] = ()
    files: Mapping[str, bool] = field(default_factory=dict)

    @property
    def constraints(self) -> tuple[UserRequirement, ...]:
        """The constraints, with those of nested ``-c`` lines."""
        return tuple(one for one in self.wanted if one.constraint)


def collect(
    sources: RequirementSources,
    policies: Policies,
    read: Callable[[str], str],
    environ: Mapping[str, str] = os.environ,
    emit: Listener = silent,
) -> CollectedRequirements:
    """Collect every requirement in pip's order and apply the options of the files.

    That order is: ``-c`` files, arguments, groups, ``-e``, ``-r`` files, the script. `read` returns
    the text of an HTTP URL. Raises CommandError and InstallationError with pip's messages.
    """
    files: dict[str, bool] = {}

    def note(path: str, expanded: bool) -> None:  # noqa: FBT001 - a callback
        files[path] = expanded or files.get(path, False)

    reader = Reader(remote=read, environ=environ, emit=emit, program=sources.program, on_file=note)
    collector = _Collector(sources, policies, reader)
    wanted = tuple(collector.requirements())
    if collector.require_hashes and collector.no_require_hashes:
        raise CommandError("--require-hashes and --no-require-hashes are mutually exclusive")
    hashed = not collector.no_require_hashes and any(each.digests for each in wanted)
    _check_not_empty(sources, collector.network)
    return CollectedRequirements(
        wanted=wanted,
        network=collector.network,
        selection=replace(collector.selection, require_hashes=collector.require_hashes or hashed),
        features=tuple(collector.features),
        files=files,
    )


def check_constraints(constraints: Sequence[UserRequirement], emit: Listener = silent) -> None:
    """Raise InstallationError for the first constraint of a form that pip rejects.

    pip checks this at the start of the resolution, after the lines on indexes and links.
    """
    for constraint in constraints:
        problem = _constraint_problem(constraint)
        if problem:
            emit(ConstraintFormDeprecated())
            raise InstallationError(problem)


def _constraint_problem(constraint: UserRequirement) -> str:
    """Return why the form of a constraint is rejected, empty if it is not."""
    if constraint.requirement is None:
        return "Unnamed requirements are not allowed as constraints"
    return "Constraints cannot have extras" if constraint.requirement.extras else ""


class _Collector:
    """Reads the sources in order; options in files change its policies meanwhile."""

    def __init__(self, sources: RequirementSources, policies: Policies, reader: Reader) -> None:
        self._sources = sources
        self._reader = reader
        self.network = policies.network
        self.selection = policies.selection
        self.require_hashes = policies.selection.require_hashes
        self.no_require_hashes = sources.no_require_hashes
        self.features: dict[str, None] = {}

    def requirements(self) -> Iterator[UserRequirement]:
        """Yield all requirements in pip's order."""
        sources = self._sources
        building = self._reader.environ.get("_PIP_IN_BUILD_IGNORE_CONSTRAINTS") == "1"
        for path in sources.build_constraint_files if building else sources.constraint_files:
            yield from self._from_file(path, constraint=True)
        context = LineContext(config_settings=sources.config_settings)
        for argument in sources.arguments:
            if argument.strip():
                yield parse_requirement(argument, context, self._reader.emit)
        files, groups = self._files_and_groups()
        yield from self._from_groups(groups)
        for text in sources.editables:
            yield parse_editable(text, context)
        for file in files:
            if isinstance(file, str):
                yield from self._from_file(file, constraint=False)
            else:
                yield from self._from_lock_file(file)
        yield from self._from_script()

    def _files_and_groups(self) -> tuple[Sequence[str | LockRequest], Sequence[tuple[str, str]]]:
        """Return requirements and lock files in order, and the groups of ``pyproject.toml``."""
        sources = self._sources
        paths = (*sources.requirement_files, *(path for path, _ in sources.groups))
        if not any(map(_is_lock_file, paths)):
            return sources.requirement_files, sources.groups
        from pipfast.requirements.pylock_reader import split_lock_files

        return split_lock_files(sources.requirement_files, sources.groups, _is_lock_file)

    def _from_lock_file(self, request: LockRequest) -> Iterator[UserRequirement]:
        from pipfast.requirements.pylock_reader import LockTarget, locked_requirements

        target = LockTarget(markers=self._sources.markers, tags=self._sources.tags)
        formats = self.selection.formats
        for locked in locked_requirements(request, target, formats, self._reader):
            yield locked.wanted
            if locked.link is not None and locked.wanted.name is not None:
                self.selection = self.selection.locking(locked.wanted.name, locked.link)

    def _from_groups(self, groups: Sequence[tuple[str, str]]) -> Iterator[UserRequirement]:
        if groups:
            from pipfast.requirements.dependency_groups import group_requirements

            yield from map(parse_pep508, group_requirements(groups))

    def _from_script(self) -> Iterator[UserRequirement]:
        scripts = self._sources.scripts
        if len(scripts) > 1:
            raise CommandError("--requirements-from-script can only be given once")
        if scripts:
            from pipfast.requirements.inline_script import script_requirements

            python, ignore = self._sources.python, self.selection.ignore_requires_python
            texts = script_requirements(scripts[0], python, ignore_requires_python=ignore)
            yield from map(parse_pep508, texts)

    def _from_file(self, path: str, *, constraint: bool) -> Iterator[UserRequirement]:
        for line in read_file(path, self._reader, constraint=constraint):
            if line.options.rules:
                self.selection = self.selection.merged(rules=line.options.rules)
            match line:
                case RequirementLine():
                    yield self._parse(line)
                case OptionLine():
                    self._apply(line)

    def _parse(self, line: RequirementLine) -> UserRequirement:
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
        """Apply a line of options to the policies."""
        options, origin = line.options, line.origin
        emit = self._reader.emit
        if options.digests:
            emit(HashIgnored(origin.path, origin.line))
        self.require_hashes = self.require_hashes or options.require_hashes
        self.no_require_hashes = self.no_require_hashes or options.no_require_hashes
        self.features.update(dict.fromkeys(options.features))
        for host in options.trusted_hosts:
            emit(TrustedHostAdded(host, origin.path, origin.line))
            _check_host(host)
        self.network = self.network.merged(
            index_url=options.index_url,
            extra_index_urls=options.extra_index_urls,
            no_index=options.no_index,
            find_links=_relative_to(origin.path, options.find_links[:1]),
            trusted_hosts=options.trusted_hosts,
        )
        self.selection = self.selection.merged(
            prereleases=options.pre, prefer_binary=options.prefer_binary
        )


def _check_host(host: str) -> None:
    try:
        url = urlsplit(f"https://{host}")
        name, _ = url.hostname, url.port  # reading an invalid port raises ValueError
    except ValueError as error:
        raise UnparsableInput(str(error)) from None
    if name is None:
        raise UnparsableInput(f"Trusted host URL must include a host part: {host!r}")


def _relative_to(file: str, find_links: tuple[str, ...]) -> tuple[str, ...]:
    """Return paths relative to the directory of `file` if they exist there, else unchanged."""
    folder = os.path.dirname(os.path.abspath(file))
    paths = (os.path.join(folder, link) for link in find_links)
    return tuple(
        path if os.path.exists(path) else link for path, link in zip(paths, find_links, strict=True)
    )


def _is_lock_file(source: str) -> bool:
    """Return whether the file name is one of a lock file (PEP 751)."""
    if "pylock" not in source:
        return False
    path, _ = strip_extras(source)
    name = urlsplit(path).path.rpartition("/")[2] if is_url(path) else os.path.basename(path)
    return _LOCK_FILE.fullmatch(name) is not None


def _check_not_empty(sources: RequirementSources, network: NetworkPolicy) -> None:
    """Raise CommandError if there is no source of requirements; a constraints file is none."""
    if (
        sources.arguments
        or sources.editables
        or sources.requirement_files
        or sources.groups
        or sources.scripts
    ):
        return
    command = sources.command
    if network.find_links:
        links = " ".join(network.find_links)
        hint = f'maybe you meant "pip {command} {links}"?'
    else:
        hint = f'see "pip help {command}"'
    raise CommandError(f"You must give at least one requirement to {command} ({hint})")
