"""Undo a change of an environment, in one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from packaging.utils import NormalizedName

from pipfast.commands._check_full import broken_requirements
from pipfast.commands._installation import planned_step
from pipfast.concurrency.interrupts import held, interruptible
from pipfast.config.settings import Settings
from pipfast.environment.direct_url_file import document_in
from pipfast.environment.discovery import installed
from pipfast.errors import CommandError, InstallationError
from pipfast.model.changes import Change, DistributionState
from pipfast.model.events import Event, Level, Listener, Message
from pipfast.model.file_urls import path_of_url
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.plan.diff import TargetEnvironment
from pipfast.plan.reversal import Reversal, reversals
from pipfast.plan.steps import Install, Plan, Remove, Replace, Step, WheelToInstall
from pipfast.policy.selection import Existing
from pipfast.report import history_lines, install_lines
from pipfast.report.console import Console
from pipfast.report.freeze_lines import reference
from pipfast.report.render import load_renderers
from pipfast.session.change_notes import note_steps
from pipfast.session.install_stage import InstallStage
from pipfast.session.pipeline import resolved_requirements
from pipfast.session.planned_installs import plan_installs
from pipfast.session.run_context import RunContext
from pipfast.session.targets import InstallTarget, install_target
from pipfast.session.unpacked_wheels import Unpacking
from pipfast.store.wheels.manifest import Archive, StaleArchives
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.apply import apply
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import PlannedAgain

_UNUSED: Mapping[str, object] = MappingProxyType({
    "target_dir": None, "prefix_path": None, "root_path": None, "use_user_site": None,
    "requirements": (), "constraints": (), "editables": (), "dependency_groups": (),
    "requirements_from_scripts": (), "only_dependencies": False, "ignore_installed": False,
    "upgrade": False, "dry_run": False, "json_report_file": None,
    "ignore_dependencies": True, "force_reinstall": True,
})  # fmt: skip
"""Options of ``install`` that say what to install and where, which the change decides."""


_PLANS = 20
"""How often a plan is made while other programs keep changing the environment or the store."""


def attempt(
    make: Callable[[], Restoration], carry_out: Callable[[Restoration], None], emit: Listener
) -> Restoration:
    """Return what `make` returns after `carry_out` has succeeded with it.

    Both are called again if another program changes the environment or the store meanwhile, and
    if files of the store turn out to be damaged. Raises what `carry_out` raises.
    """
    for _ in range(_PLANS):
        restoration = make()
        try:
            carry_out(restoration)
        except EnvironmentChanged:
            emit(PlannedAgain())
        except StaleArchives as stale:
            restoration.discard(stale)
        else:
            return restoration
    raise InstallationError(install_lines.STILL_CHANGING)


def install_settings(settings: Settings) -> Settings:
    """Return settings of an ``install`` of single distributions into the environment."""
    return _with(settings, words=())


def _with(settings: Settings, words: Sequence[str], **values: object) -> Settings:
    merged = {**settings.values, **_UNUSED, **values}
    return replace(settings, words=tuple(words), values=MappingProxyType(merged))


@dataclass(slots=True)
class Restoration:
    """The undoing of `change`, except for the projects `kept`.

    `steps` are what it does, `number` is its number in the history once it is done, and `broken`
    are the requirements that it breaks.
    """

    run: RunContext
    change: Change
    kept: Collection[str]
    steps: tuple[Reversal, ...] = ()
    number: int | None = None
    broken: tuple[str, ...] = ()
    _target: InstallTarget | None = field(default=None)

    def prepare(self) -> None:
        """Find what to do. Raises CommandError if that is impossible, and PipfastError."""
        if self.change.in_user_site:
            user = _with(self.run.settings, (), use_user_site=True)
            self.run = replace(self.run, settings=user)
        target = self.begin()
        if target.placement.user is not self.change.in_user_site:
            raise CommandError(history_lines.outside())
        self.steps, changed = reversals(self.change, self._installed(target), self.kept)
        if changed:
            raise CommandError(history_lines.changed_since(self.change, changed))

    def begin(self) -> InstallTarget:
        """Return the environment to change, after the recovery of an interrupted run there."""
        self._target = install_target(self.run)
        return self._target

    def discard(self, stale: StaleArchives) -> None:
        """Remove from the store what was changed there."""
        archives = Archives(self.run.store)
        for archive in stale.archives:
            archives.discard(archive)
        key = self._target.site.bytecode_key if self._target else None
        for archive in stale.bytecode if key else ():
            archives.discard_bytecode(archive, key or "")

    def apply(self) -> None:
        """Change the environment. Raises EnvironmentChanged, StaleArchives and PipfastError."""
        target = self._target
        assert target is not None, "it was prepared"
        if not self.steps:
            return
        with held(), WorkerPool(target.python.executable) as workers, interruptible():
            workers.start()
            compilation = Compilation(target.site.bytecode_key)
            unpacking = Unpacking(Archives(self.run.store), workers, compilation)
            steps, archives = self._gathered(target, unpacking)
            self._apply(target, Plan(tuple(steps)), archives, workers)

    def _installed(self, target: InstallTarget) -> Mapping[NormalizedName, Installed]:
        """Return what is installed where the change was made."""
        scheme = target.site.scheme
        folders = dict.fromkeys((scheme.purelib, scheme.platlib))
        return {each.name: each for each in installed([*folders], target.python)}

    def _gathered(
        self, target: InstallTarget, unpacking: Unpacking
    ) -> tuple[list[Step], dict[NormalizedName, Archive]]:
        """Return the steps of the transaction, with the archive of each incoming distribution."""
        steps: list[Step] = []
        archives: dict[NormalizedName, Archive] = {}
        missing: list[Reversal] = []
        for each in self.steps:
            if each.former is None:
                assert each.current is not None, "something is undone"
                steps.append(Remove(each.current))
                continue
            digest = each.former.digest
            archive = unpacking.archives.get(digest) if digest else None
            if archive is None or _is_lost(each.former):
                missing.append(each)
                continue
            archives[each.name] = archive
            steps.append(_step(_wheel(each.name, each.former), each.current))
        found = unpacking.archives.ensure_bytecode(
            archives.values(), unpacking.compilation, unpacking.workers
        )
        archives = dict(zip(archives, found, strict=True))
        if missing:
            more, others = self._fetched(target, unpacking, missing)
            steps += more
            archives |= others
        return steps, archives

    def _fetched(
        self, target: InstallTarget, unpacking: Unpacking, missing: Sequence[Reversal]
    ) -> tuple[list[Step], Mapping[NormalizedName, Archive]]:
        """Obtain what the store does not have, from indexes or from its former origin."""
        settings = self._request(missing)
        run = replace(self.run, settings=settings)
        by_name = {each.name: each for each in missing}
        with held(), resolved_requirements(run, target) as resolved, interruptible():
            surroundings = TargetEnvironment(installed={}, existing=Existing.IGNORE)
            planned = plan_installs(resolved, surroundings, run.console)
            stage = InstallStage(resolved=resolved, unpacking=unpacking, emit=run.console)
            wheels = stage.gather(planned)
            steps = [
                _as_before(planned_step(item, resolved, wheels.archives), by_name)
                for item in wheels.planned_installs
            ]
        return steps, wheels.archives

    def _request(self, missing: Sequence[Reversal]) -> Settings:
        """Return the settings of an install of what the store does not have.

        Raises InstallationError for distributions that cannot be obtained again.
        """
        words: list[str] = []
        editables: list[str] = []
        faults: dict[str, str] = {}
        for each in missing:
            assert each.former is not None, "something is put back"
            try:
                requirement, is_editable = _requirement(each.former, self.run.console)
            except _Unknown as unknown:
                faults[each.name] = str(unknown)
            else:
                (editables if is_editable else words).append(requirement)
        if faults:
            text = history_lines.not_restorable(self.change, [*faults.values()], [*faults])
            raise InstallationError(text)
        return _with(
            self.run.settings,
            words,
            editables=tuple(editables),
            use_user_site=self.change.in_user_site or None,
        )

    def _apply(
        self,
        target: InstallTarget,
        plan: Plan,
        archives: Mapping[NormalizedName, Archive],
        workers: WorkerPool,
    ) -> None:
        console, settings = self.run.console, self.run.settings
        load_renderers("transaction", "store")
        before = self._broken(target)
        apply(plan, archives, target.site, workers, _only_warnings(console), look=target.look)
        undoes = self.change.number or None
        self.number = note_steps(settings, target, plan.steps, archives, undoes)
        self.broken = tuple(line for line in self._broken(target) if line not in before)
        for line in self.broken:
            console.say(line, Level.WARNING)

    def _broken(self, target: InstallTarget) -> list[str]:
        """Return a line for each requirement that is not met now."""
        found = installed(target.python.sys_path, target.python)
        return broken_requirements(found, target.python.markers, Console(verbosity=-3))[0]


def _only_warnings(console: Console) -> Listener:
    """Return a listener that leaves out pip's messages on each step."""

    def listen(event: Event) -> None:
        if not isinstance(event, Message) or event.level.value >= Level.WARNING.value:
            console(event)

    return listen


class _Unknown(Exception):
    """A distribution cannot be obtained again; the text says why."""


def _wheel(name: NormalizedName, former: DistributionState) -> WheelToInstall:
    return WheelToInstall(
        name=name,
        spelling=former.name,
        requirement=f"{former.name}=={former.version}",
        version=former.version,
        link=Link(url=former.url or ""),
        requested=former.requested,
        direct_url=former.direct_url,
    )


def _step(incoming: WheelToInstall, outgoing: Installed | None) -> Step:
    return Install(incoming) if outgoing is None else Replace(incoming, outgoing)


def _as_before(step: Step, reversals: Mapping[NormalizedName, Reversal]) -> Step:
    """Return the step with what is known of the distribution before the change."""
    assert not isinstance(step, Remove), "it installs"
    reversal = reversals[step.incoming.name]
    former = reversal.former
    incoming = replace(step.incoming, requested=former is not None and former.requested)
    return _step(incoming, reversal.current)


def _folder(former: DistributionState) -> tuple[str, bool] | None:
    """Return the folder that a distribution was installed from, and whether it is editable."""
    if former.direct_url is None:
        return (former.editable, True) if former.editable else None
    document = document_in(former.direct_url)
    if document is None or not isinstance(document.get("dir_info"), dict):
        return None
    try:
        folder = path_of_url(str(document["url"]))
    except ValueError:
        return None
    information = document["dir_info"]
    assert isinstance(information, dict), "just looked at"
    return folder, bool(information.get("editable"))


def _is_lost(former: DistributionState) -> bool:
    """Return whether an editable distribution's folder is gone, so that its wheel is useless."""
    place = _folder(former)
    return place is not None and place[1] and not os.path.isdir(place[0])  # noqa: PTH112


def _requirement(former: DistributionState, console: Console) -> tuple[str, bool]:
    """Return the requirement for a distribution, and whether it is editable. Raises _Unknown."""
    place = _folder(former)
    if place is not None:
        folder, is_editable = place
        if not os.path.isdir(folder):  # noqa: PTH112
            raise _Unknown(history_lines.folder_gone(former, folder))
        if not is_editable:
            console.say(history_lines.built_again(former, folder), Level.WARNING)
        return folder, is_editable
    if former.direct_url is None:
        return f"{former.name}=={former.version}", False
    from packaging.direct_url import DirectUrl, DirectUrlValidationError

    document = document_in(former.direct_url)
    try:
        if document is None:
            raise ValueError
        return reference(former.name, DirectUrl.from_dict(document)), False
    except (ValueError, AttributeError, DirectUrlValidationError):
        raise _Unknown(history_lines.origin_unknown(former)) from None
