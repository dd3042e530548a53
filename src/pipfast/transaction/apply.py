"""The door of the room: a plan is carried out whole, or the environment is what it was.

Stage: all new files are made complete in folders of the transaction. Commit: old files are moved
aside and new ones into place, by few renames, each written in the journal before. Clean: the old
files go. No module is imported between the first and the last change: it might be half there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress

from packaging.utils import NormalizedName

from pipfast.errors import Diagnostic
from pipfast.model.events import Level, Listener, Said
from pipfast.model.events import Stage as Progress
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.plan.steps import Install, Plan, Remove, Replace, Step, WheelToInstall
from pipfast.store.wheels.manifest import Archive
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.environment_lock import locked, signals_as_exceptions, undisturbed
from pipfast.transaction.journal import FOLDER, Journal, Move
from pipfast.transaction.removal import Outgoing, outgoing, removal, without
from pipfast.transaction.scripts import not_on_path
from pipfast.transaction.staging import Stage, Tree, stage
from pipfast.transaction.target_environment import Site
from pipfast.transaction.wheel_layout import Layout, lay_out


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the distributions that came and those that went."""

    installed: tuple[WheelToInstall, ...] = ()
    removed: tuple[Installed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Act:
    """A step with all that is needed to take it."""

    step: Step
    layout: Layout | None
    leaving: Outgoing | None


@dataclass(slots=True)
class _Transaction:
    """The folders of a transaction, and names for what is moved aside.

    `order` has the place in the plan of each metadata folder: a file system may list what it holds
    by age, and distributions are listed so.
    """

    site: Site
    journal: Journal
    order: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    devices: dict[int, str] = field(default_factory=dict)

    def folder(self, path: str) -> str:
        """The transaction's folder on the file system of `path`."""
        existing = _existing(path)
        device = os.stat(existing).st_dev
        if not self.devices:
            own = self.journal.folder
            self.devices[os.stat(own).st_dev] = own
        if device not in self.devices:
            folder = os.path.join(existing, FOLDER)
            self.journal.record(stages=[folder])
            os.mkdir(folder)
            self.devices[device] = folder
        return self.devices[device]

    def fresh(self, path: str) -> str:
        """A name in the transaction's folder for something that is or will be at `path`."""
        self.count += 1
        return os.path.join(self.folder(path), str(self.count))


def recover(site: Site) -> bool:
    """Undo what a run left that was killed, or finish it if it had committed; True if one had been.

    One look at the file system when there is nothing to do. Raises NotRestored.
    """
    folder = os.path.join(site.home, FOLDER)
    if not os.path.lexists(folder):
        return False
    with locked(site.home), undisturbed():
        if not os.path.lexists(folder):
            return False
        Journal.read(folder).settle()
    return True


def outgoing_of(installed: Installed, site: Site) -> Outgoing:
    """What removing `installed` would take, for the question that uninstall asks first."""
    return outgoing(installed, site, indent=0)


def remove(leaving: Sequence[Outgoing], site: Site) -> None:
    """Take out what was looked at with `outgoing_of`: all of it, or nothing. Raises OSError."""
    with signals_as_exceptions(), _lasting(site.home) as made:
        recover(site)
        with locked(site.home):
            _within(site, made, lambda transaction: _remove_old(leaving, transaction))


def apply(
    plan: Plan,
    archives: Mapping[NormalizedName, Archive],
    site: Site,
    workshop: Workshop,
    emit: Listener,
) -> Outcome:
    """Take all steps of `plan`, or none.

    `archives` holds an archive for every incoming distribution; with bytecode, if `site` wants it.
    Raises InstallationError for a wheel that cannot be installed, OSError when the disk does not
    take it, StaleArchives when the store's files were changed: each before the environment is.
    """
    with signals_as_exceptions(), _lasting(site.home) as made:
        recover(site)
        with locked(site.home):
            acts = [_prepare(step, archives, site, emit) for step in plan.steps]
            _carry_out(acts, site, workshop, emit, made)
    _tell(acts, site, emit)
    return Outcome(
        tuple(act.step.incoming for act in acts if not isinstance(act.step, Remove)),
        tuple(act.leaving.installed for act in acts if act.leaving and act.leaving.present),
    )


@contextmanager
def _lasting(folder: str) -> Iterator[list[str]]:
    """Make `folder` where there is none, and take it away again if nothing came into it."""
    missing = []
    path = os.path.abspath(folder)
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    try:
        yield missing[::-1]
    except BaseException:
        for path in missing:
            with suppress(OSError):
                os.rmdir(path)
        raise


def _prepare(
    step: Step, archives: Mapping[NormalizedName, Archive], site: Site, emit: Listener
) -> _Act:
    match step:
        case Install(incoming):
            return _Act(step, lay_out(archives[incoming.name], incoming, site, emit), None)
        case Replace(incoming, old):
            layout = lay_out(archives[incoming.name], incoming, site, emit)
            return _Act(step, layout, _leaving(step, old, site, emit))
        case Remove(old):
            return _Act(step, None, _leaving(step, old, site, emit))


def _leaving(step: Replace | Remove, old: Installed, site: Site, emit: Listener) -> Outgoing:
    """What goes with `old`; where that cannot be told, pip's lines before its error."""
    try:
        return outgoing(old, site, indent=4 if isinstance(step, Replace) else 0)
    except Diagnostic:
        _announce(step, old, emit)
        raise


def _announce(step: Step, old: Installed, emit: Listener) -> None:
    margin = ""
    if isinstance(step, Replace):
        emit(Said(Level.INFO, f"  Attempting uninstall: {step.incoming.spelling}"))
        margin = "    "
    title = f"{old.raw_name} {old.raw_version}"
    emit(Said(Level.INFO, f"{margin}Found existing installation: {title}"))


def _carry_out(
    acts: list[_Act], site: Site, workshop: Workshop, emit: Listener, made: list[str]
) -> None:
    infos = [act.layout.info for act in acts if act.layout]

    def steps(transaction: _Transaction) -> None:
        transaction.order = {info: at for at, info in enumerate(infos)}
        ready = _stage(acts, transaction, workshop, emit)
        _remove_old([act.leaving for act in acts if act.leaving], transaction)
        if site.target is None:
            for tree in reversed(ready.trees):
                _merge(tree.staged, tree.root, transaction)
        else:
            _into_target(ready.trees[0].staged, transaction, emit)

    _within(site, made, steps)


def _within(site: Site, made: list[str], steps: Callable[[_Transaction], None]) -> None:
    """Take `steps` in a journal of their own: to their end, or back to where they began."""
    folder = os.path.join(site.home, FOLDER)
    os.mkdir(folder)
    journal = Journal(folder)
    try:
        journal.record(made=made)
        steps(_Transaction(site, journal))
        journal.commit()
        journal.finish()
    except BaseException:
        with undisturbed():
            journal.settle()
        raise


def _stage(
    acts: list[_Act], transaction: _Transaction, workshop: Workshop, emit: Listener
) -> Stage:
    site = transaction.site
    scheme = site.scheme
    roots = [scheme.data]
    if site.target is None:
        roots = [scheme.purelib, scheme.platlib, scheme.scripts, scheme.headers, scheme.data]
    trees = []
    for root in dict.fromkeys(map(os.path.abspath, roots)):
        staged = transaction.fresh(site.target or root)
        os.mkdir(staged)
        trees.append(Tree(root, staged))
    ready = Stage(trees)
    if site.target is not None:
        ready.make(act.layout for act in acts if act.layout)
    layouts = [(act.layout, act.leaving.paths if act.leaving else frozenset()) for act in acts]
    total = sum(len(layout.archive.names) for layout, _ in layouts if layout)
    done = 0
    with closing(stage(layouts, ready, workshop, site.link_mode)) as counts:
        for count in counts:
            done += count
            emit(Progress("install", min(done, total), total))
    return ready


def _remove_old(leaving: Sequence[Outgoing], transaction: _Transaction) -> None:
    present = {path for one in leaving for path in one.present}
    if not present:
        return
    going = removal(present, FOLDER)
    moves = [(path, transaction.fresh(path)) for path in (*going.folders, *going.files)]
    parents = sorted({os.path.dirname(path) for path in going.files} - set(going.hollow))
    transaction.journal.record(moves=moves, emptied=parents, hollow=going.hollow)
    transaction.journal.perform(moves)
    _strike_out(leaving, transaction)


def _strike_out(leaving: Sequence[Outgoing], transaction: _Transaction) -> None:
    """Take the lines of distributions that go out of the files that lengthen Python's path."""
    lines: dict[str, list[str]] = {}
    for one in leaving:
        for file, line in one.entries.items() if one.present else ():
            lines.setdefault(file, []).append(line)
    for file, entries in lines.items():
        if not os.path.isfile(file):
            continue
        written = transaction.fresh(file)
        with open(file, "rb") as old, open(written, "wb") as new:
            new.write(without(old.read(), entries))
        shutil.copymode(file, written)
        moves = [(file, transaction.fresh(file)), (written, file)]
        transaction.journal.record(moves=moves)
        transaction.journal.perform(moves)


def _merge(staged: str, root: str, transaction: _Transaction) -> None:
    """Move all that is in `staged` into `root`: folders whole where there are none yet."""
    made: list[str] = []
    moves = list(_merging(staged, root, transaction, made))
    if not moves:
        return
    transaction.journal.record(made=made, moves=moves)
    for folder in made:
        os.makedirs(folder, exist_ok=True)
    transaction.journal.perform(moves)


def _merging(staged: str, root: str, transaction: _Transaction, made: list[str]) -> Iterator[Move]:
    order = transaction.order
    names = sorted(os.listdir(staged), key=lambda name: (order.get(name, -1), name))
    if not names:
        return
    try:
        there = set(os.listdir(root))
    except FileNotFoundError:
        there = set()
        made += _missing(root)
    for name in names:
        source, target = os.path.join(staged, name), os.path.join(root, name)
        if os.path.normcase(name) not in there and not (there and os.path.lexists(target)):
            yield source, target
        elif os.path.isdir(source):
            if os.path.lexists(target) and not os.path.isdir(target):
                raise FileExistsError(17, os.strerror(17), target)
            yield from _merging(source, target, transaction, made)
        else:
            if os.path.isdir(target) and not os.path.islink(target):
                raise IsADirectoryError(21, os.strerror(21), target)
            yield target, transaction.fresh(target)
            yield source, target


def _missing(folder: str) -> list[str]:
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing[::-1]


def _existing(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _into_target(home: str, transaction: _Transaction, emit: Listener) -> None:
    """Move the top-level items of a staged home folder into the target (pip's --target)."""
    site = transaction.site
    scheme, target = site.scheme, str(site.target)
    libraries = [
        home + library[len(scheme.data.rstrip(os.sep)) :]
        for library in dict.fromkeys((scheme.purelib, scheme.platlib))
    ]
    moves: list[Move] = []
    for folder in (*libraries, home):
        for name in _names(folder):  # in pip's order, which is the file system's
            source, place = os.path.join(folder, name), os.path.join(target, name)
            if folder == home and any(library.startswith(source) for library in libraries):
                continue
            moves += _replacing(source, place, transaction, emit)
    transaction.journal.record(moves=moves)
    transaction.journal.perform(moves)


def _names(folder: str) -> Iterable[str]:
    return os.listdir(folder) if os.path.isdir(folder) else ()


def _replacing(source: str, place: str, transaction: _Transaction, emit: Listener) -> list[Move]:
    if not os.path.lexists(place):
        return [(source, place)]
    if not transaction.site.upgrade:
        text = f"Target directory {place} already exists. Specify --upgrade to force replacement."
    elif os.path.islink(place):
        text = (
            f"Target directory {place} already exists and is a link. pip will not automatically "
            "replace links, please remove if replacement is desired."
        )
    else:
        return [(place, transaction.fresh(place)), (source, place)]
    emit(Said(Level.WARNING, text))
    return []


def _tell(acts: list[_Act], site: Site, emit: Listener) -> None:
    """Pip's lines about what was taken out, and its warnings about scripts, step by step."""
    for act in acts:
        leaving = act.leaving
        if leaving is not None:
            _announce(act.step, leaving.installed, emit)
            for line in leaving.said:
                emit(line)
        if act.layout is not None and site.warn_script_location and site.target is None:
            scripts = act.layout.console_scripts
            warning = not_on_path(scripts, site.executable, site.search_path) if scripts else None
            if warning is not None:
                emit(Said(Level.WARNING, "  " + warning.replace("\n", "\n  ")))
