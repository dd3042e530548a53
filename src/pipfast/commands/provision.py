"""Build environments are filled by a smaller run of our own, over the same indexes and store."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipfast.build.faults import FillingFailed
from pipfast.commands.ending import is_ending
from pipfast.commands.resolution import Ground, Resolved, resolution
from pipfast.commands.wheels import Bench, gathered, version_left
from pipfast.commands.world import Environment
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.errors import Interrupted, PipfastError
from pipfast.model.events import Event, Level, Said
from pipfast.plan.diff import Arrival, Surroundings, arrivals, in_install_order
from pipfast.plan.steps import Incoming, Install, Plan
from pipfast.policy.selection import Existing, SelectionPolicy, Upgrade
from pipfast.policy.target import ForeignTarget, LinkMode
from pipfast.report import lines
from pipfast.report.console import prefixed
from pipfast.report.failure import told
from pipfast.requirements.collect import Asked, Collected, Policies, check_constraints, collect
from pipfast.store.archives import Archives
from pipfast.store.workshop import Workshop
from pipfast.transaction.apply import apply
from pipfast.transaction.site import Site


class Provision:
    """Installs build requirements into folders: as pip's own subprocess does, in this process.

    The indexes and the rules for candidates are those of the run; what is installed, hashes and
    the user's constraints do not count, build constraints do (pip behaviour).
    """

    def __init__(self, ground: Ground, around: Collected, link_mode: LinkMode) -> None:
        version = ground.python.version_info
        tags = supported_tags(ground.python, ForeignTarget())
        policy = replace(ground.building.policy, verify=True, reuse=True)
        building = replace(ground.building, policy=policy)
        self._ground = replace(ground, tags=tags, version=version, building=building)
        self._around = around
        self._link_mode = link_mode

    def __call__(self, requirements: Sequence[str], prefix: Path, whose: str) -> Sequence[str]:
        """Install `requirements` into the folder `prefix`; what an install would say of it.

        Raises FillingFailed with that and with the reason.
        """
        del whose  # it stands in the message of whoever asked for this
        heard = _Heard()
        try:
            self._fill(requirements, prefix, heard)
        except PipfastError as error:
            if isinstance(error, Interrupted) or is_ending():
                raise Interrupted from None
            raise FillingFailed([*heard.lines, *told(error)], error.exit_code) from error
        except OSError as error:
            text = f"ERROR: Could not install packages due to an OSError: {error}"
            raise FillingFailed([*heard.lines, text]) from error
        return heard.lines

    def _fill(self, requirements: Sequence[str], prefix: Path, heard: _Heard) -> None:
        ground = self._ground
        collected = self._collected(requirements, heard)
        where = lines.looking_in(collected.network)
        if where:
            heard.say(where)
        check_constraints(collected.constraints, heard)
        with resolution(ground, collected, Environment({}), self, heard) as found:
            coming, said = arrivals(found.resolution, _NOTHING_THERE)
            for event in said:
                heard(event)
            if coming:
                self._install(coming, found, prefix, heard)

    def _collected(self, requirements: Sequence[str], heard: _Heard) -> Collected:
        asked = Asked(
            words=tuple(requirements),
            constraint_files=self._ground.building.policy.constraint_files,
            python=self._ground.version,
        )
        network = replace(self._around.network, refresh=frozenset())
        selection = _for_builds(self._around.selection)
        policies = Policies(network=network, selection=selection)
        return collect(asked, policies, self._ground.client.text, os.environ, heard)

    def _install(
        self, coming: Sequence[Arrival], found: Resolved, prefix: Path, heard: _Heard
    ) -> None:
        python, store = self._ground.python, self._ground.store
        site = _site(python, prefix, self._link_mode)
        workshop = Workshop(python.executable)
        with workshop, found.ending.reaching(workshop.close):
            bench = Bench(Archives(store), workshop, site.bytecode_key)
            archives = gathered([one.chosen for one in coming], found, bench, heard)
            coming = in_install_order(coming)
            heard.say(lines.collected([one.spelling for one in coming]))
            plan = Plan(tuple(Install(_incoming(one)) for one in coming))
            apply(plan, archives, site, workshop, heard)
        heard.say(
            lines.installed(
                (one.spelling, version_left(one.chosen, archives[one.chosen.name]))
                for one in coming
            )
        )


_NOTHING_THERE = Surroundings(installed={}, existing=Existing.IGNORE)


class _Heard:
    """A listener that keeps the lines an install would print."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        """Keep what is said as loud as pip says it by default."""
        if isinstance(event, Said) and event.level.value >= Level.INFO.value:
            self.lines += prefixed(event).split("\n")

    def say(self, text: str) -> None:
        """Keep a line of the run itself."""
        self.lines.append(text)


def _for_builds(selection: SelectionPolicy) -> SelectionPolicy:
    """The rules for what builds need: those of the run, but nothing that is about its result."""
    return replace(
        selection,
        require_hashes=False,
        upgrade=Upgrade.NOTHING,
        existing=Existing.IGNORE,
        dependencies=True,
        only_dependencies=False,
        ignore_requires_python=False,
        locked={},
    )


def _site(python: Interpreter, prefix: Path, link_mode: LinkMode) -> Site:
    return Site(
        scheme=python.prefix_scheme.below(str(prefix)),
        executable=python.executable,
        prefix=python.prefix,
        python=python.version_info[:2],
        cache_tag=python.cache_tag or None,
        bytecode=python.bytecode_key(os.environ),
        warn_script_location=False,
        link_mode=link_mode,
    )


def _incoming(arrival: Arrival) -> Incoming:
    chosen = arrival.chosen
    return Incoming(
        name=chosen.name,
        spelling=arrival.spelling,
        asked=chosen.ask.shown or arrival.spelling,
        version=str(chosen.node.version),
        link=chosen.node.distribution.link,
    )
