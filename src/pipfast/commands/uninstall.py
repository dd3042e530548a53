"""`pip uninstall`: what was named is looked at, asked for, and taken out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from packaging.utils import NormalizedName

from pipfast.config.settings import Settings
from pipfast.environment.discovery import installed, look_again
from pipfast.environment.externally_managed import ExternallyManaged
from pipfast.environment.interpreter import Interpreter, find, interpreter
from pipfast.errors import InstallationError, PipfastError
from pipfast.model.events import Event, Level, Said
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.wanted import Wanted
from pipfast.policy.option_conflicts import check_virtualenv
from pipfast.report.console import Console
from pipfast.requirements.parse import Context, parse_editable, parse_word
from pipfast.requirements.requirements_file import OptionLine, Reader, RequirementLine, read_file
from pipfast.session.root_warning import warn_if_root
from pipfast.session.startup import print_notices
from pipfast.store.filesystem.entries import entries
from pipfast.transaction.apply import outgoing_of, recover, remove
from pipfast.transaction.removal import Outgoing
from pipfast.transaction.removal_summary import in_full, in_short, moved
from pipfast.transaction.target_environment import Site, site_of

_QUESTION = "Proceed (Y/n)? "


class NoAnswer(PipfastError):
    """The question whether to go on cannot be asked, or nobody answers it."""

    def __init__(self, why: str) -> None:
        super().__init__(why, hint="answer beforehand with -y")


def command(settings: Settings, console: Console) -> int:
    """Take out the distributions that the settings name. Raises PipfastError."""
    cache = print_notices(settings, console)
    python = interpreter(find(settings.python, os.environ), entries(cache))
    check_virtualenv(settings, is_virtual=python.is_virtual)
    removal = _Removal.of(settings, console, python)
    names = _named(settings, console)
    marker = python.externally_managed
    if marker is not None and not settings.flag("override_externally_managed"):
        raise ExternallyManaged.from_marker(marker, python.prefix)
    removal.all(names)
    warn_if_root(settings, console, python)
    return 0


# What is asked for


def _named(settings: Settings, console: Console) -> Mapping[NormalizedName, str]:
    """The projects, each with its name as it was written last."""
    names: dict[NormalizedName, str] = {}
    for word in settings.words:
        wanted = parse_word(word, emit=console)
        if wanted.requirement is None:
            text = (
                f"Invalid requirement: {word!r} ignored - the uninstall command expects named "
                "requirements."
            )
            console.say(text, Level.WARNING)
        _add(names, wanted)
    reader = Reader(
        remote=lambda url: _text_at(url, settings, console), environ=os.environ, emit=console
    )
    for path in settings.texts("requirements"):
        for wanted in _in_file(path, reader, console):
            _add(names, wanted)
    if not names:
        raise InstallationError(
            'You must give at least one requirement to uninstall (see "pip help uninstall")'
        )
    return names


def _add(names: dict[NormalizedName, str], wanted: Wanted) -> None:
    if wanted.name is not None and wanted.requirement is not None:
        names[wanted.name] = wanted.requirement.name


def _in_file(path: str, reader: Reader, console: Console) -> Iterator[Wanted]:
    """The requirements of a file, its constraints among them, as pip takes them here."""
    for line in read_file(path, reader):
        context = Context(
            origin=line.origin,
            constraint=isinstance(line, RequirementLine) and line.constraint,
        )
        match line:
            case RequirementLine(editable=True):
                yield parse_editable(line.text, context)
            case RequirementLine():
                yield parse_word(line.text, context, console)
            case OptionLine():
                if line.options.digests:
                    where = f"{line.origin.path} line {line.origin.line}"
                    text = f"{where} has --hash but no requirement, and will be ignored."
                    console.say(text, Level.WARNING)


def _text_at(url: str, settings: Settings, console: Console) -> str:
    from pipfast.net.client import Client
    from pipfast.policy.network import network_policy

    python = find(settings.python, os.environ)
    client = Client(network_policy(settings, python), console)
    try:
        return client.text(url)
    finally:
        client.close()


# What is done


@dataclass(slots=True)
class _Removal:
    """Distributions are taken out one by one if each is asked for, else all at once.

    `said` and `pending` are what waits for the removal of all at once.
    """

    console: Console
    python: Interpreter
    site: Site
    present: Mapping[NormalizedName, Installed]
    leftovers: bool
    asks: bool
    may_ask: bool
    verbose: bool
    said: list[Event] = field(default_factory=list)
    pending: list[Outgoing] = field(default_factory=list)

    @classmethod
    def of(cls, settings: Settings, console: Console, python: Interpreter) -> _Removal:
        """The removal that the settings ask for, in an environment made whole first."""
        site = site_of(python)
        for one in (site, _home_of(site, python, in_user_site=True)):
            recover(one)
        heard: list[Event] = []
        found = installed(python.sys_path, python, heard.append)
        leftovers = [
            event
            for event in heard
            if isinstance(event, Said) and event.text.startswith("Ignoring")
        ]
        for event in heard:
            if event not in leftovers:
                console(event)
        if leftovers:  # as when pip looks for setuptools, to name it to servers
            look_again(python.sys_path, python, console, "setuptools")
        return cls(
            console=console,
            python=python,
            site=site,
            present={one.name: one for one in found},
            leftovers=bool(leftovers),
            asks=not settings.flag("yes"),
            may_ask=not settings.flag("no_input"),
            verbose=settings.verbosity > 0,
        )

    def all(self, names: Mapping[NormalizedName, str]) -> None:
        """Take out all that are installed of `names`, until one cannot be."""
        try:
            for name, written in names.items():
                self._one(name, written)
        except PipfastError:
            self._flush()
            raise
        self._flush()

    def _one(self, name: NormalizedName, written: str) -> None:
        if self.leftovers:
            look_again(self.python.sys_path, self.python, self._say, name)
        one = self.present.get(name)
        if one is None:
            text = f"Skipping {written} as it is not installed."
            self._say(Said(Level.WARNING, text))
            return
        title = f"{one.raw_name} {one.raw_version}"
        self._say(Said(Level.INFO, f"Found existing installation: {title}"))
        leaving = outgoing_of(one, self.site)
        if not leaving.present:
            self._tell(leaving.said)
        elif self.asks:
            self._ask_for(leaving)
        else:
            self.said += [leaving.said[0], *self._details(leaving), *leaving.said[1:]]
            self.pending.append(leaving)

    def _say(self, event: Event) -> None:
        if self.asks:
            self.console(event)
        else:
            self.said.append(event)

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            self._say(event)

    def _ask_for(self, leaving: Outgoing) -> None:
        first, *rest = leaving.said
        self.console(first)
        _show(leaving, self.console, verbose=self.verbose)
        details = self._details(leaving)
        if _agreed(self.console, may_ask=self.may_ask):
            self._remove([leaving])
            self._tell([*details, *rest])

    def _details(self, leaving: Outgoing) -> list[Said]:
        """What pip says of each move to who wants to know."""
        if not self.verbose:
            return []
        lines = [f"  Removing file or directory {path}" for path in moved(leaving)]
        for file, line in leaving.entries.items():
            lines += [f"  Removing pth entries from {file}:", f"  Removing entry: {line}"]
        return [Said(Level.VERBOSE, line) for line in lines]

    def _flush(self) -> None:
        """Take out what was looked at, and say what pip says."""
        pending, said, self.pending, self.said = self.pending, self.said, [], []
        self._remove(pending)
        for event in said:
            self.console(event)

    def _remove(self, leaving: Sequence[Outgoing]) -> None:
        for in_user_site, together in groupby(leaving, lambda one: one.installed.in_user_site):
            site = _home_of(self.site, self.python, in_user_site=in_user_site)
            try:
                remove(list(together), site)
            except OSError as error:
                text = f"Could not uninstall packages due to an OSError: {error}"
                raise InstallationError(text) from error


def _home_of(site: Site, python: Interpreter, *, in_user_site: bool) -> Site:
    """The site whose folder stands for the transaction: the user may write only to his own."""
    if in_user_site and python.user_scheme is not None:
        return replace(site, scheme=python.user_scheme)
    return site


def _show(leaving: Outgoing, console: Console, *, verbose: bool) -> None:
    listing = in_full(leaving) if verbose else in_short(leaving)
    parts = [
        ("Would remove:", listing.goes),
        ("Would not remove (might be manually added):", listing.stays),
        ("Would not remove (outside of prefix):", listing.refused),
        ("Will actually move:", moved(leaving) if verbose else ()),
    ]
    for title, paths in parts:
        if paths:
            console.say(f"  {title}")
            for path in paths:
                console.say(f"    {path}")


def _agreed(console: Console, *, may_ask: bool) -> bool:
    """The user's answer, asked for until it is one. Raises NoAnswer."""
    while True:
        if not may_ask:
            raise NoAnswer(f"No input was expected ($PIP_NO_INPUT set); question: {_QUESTION}")
        try:
            answer = input(_QUESTION).strip().lower()
        except EOFError as error:
            raise NoAnswer(str(error)) from None
        if answer in ("y", "n", ""):
            return answer != "n"
        console.print(f"Your response ({answer!r}) was not one of the expected responses: y, n, ")
