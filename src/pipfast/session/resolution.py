"""A resolution with everything that stands behind its ports: indexes, distributions, builds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Protocol

from packaging.tags import Tag
from packaging.version import Version

from pipfast.builds.builder import Builder
from pipfast.builds.isolation import Filler
from pipfast.builds.parallelism import builds_at_once
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.fetch.downloads.destination import Destination
from pipfast.fetch.downloads.downloader import Files
from pipfast.fetch.prefetch import Ahead
from pipfast.fetch.source_trees import Trees
from pipfast.fetch.vcs.checkout import Repositories
from pipfast.fetch.wheel_metadata.source import MetadataSource
from pipfast.index.finder import Finder
from pipfast.model.events import Level, Listener
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.net.client import Client
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import BuildIsolation, Mode
from pipfast.policy.selection import SelectionPolicy
from pipfast.requirements.collect import Collected
from pipfast.resolve.lax import answered
from pipfast.resolve.ports import MetadataSource as MetadataPort
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import Answer, Chosen
from pipfast.session.cached_resolution import Keeping, solved
from pipfast.session.index_hints import Elsewhere, Remembered, tell_who_won
from pipfast.session.metadata_port import Distributions
from pipfast.session.port_adapters import Environment, Index, staying
from pipfast.session.skip_broken_sources import going_on
from pipfast.sources.build_visibility import Providing
from pipfast.sources.event_buffer import Hearing
from pipfast.sources.fixpoint import settled
from pipfast.sources.preparation import Tools
from pipfast.sources.retry_with_modules import Remedy
from pipfast.sources.shutdown import Ending, ending
from pipfast.sources.temp_dirs import Scratch
from pipfast.sources.wheel_builds import Sources
from pipfast.store.build_cache.backend_metadata import ToldShelf
from pipfast.store.build_cache.shelf import BuiltShelf, Question
from pipfast.store.filesystem.root import Store
from pipfast.store.workers.watchdog import Workplace
from pipfast.transaction.environment_lock import undisturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """How a run builds; `cache_dir` is pip's cache directory, `src` where ``-e`` checks out.

    `editables` is whether ``-e`` gives an editable wheel, not an ordinary one.
    """

    policy: BuildPolicy
    cache_dir: str | None
    src: Path
    exists_action: str
    verbosity: int
    editables: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a resolution stands on: where things are kept, who is asked, and for which Python."""

    store: Store
    client: Client
    python: Interpreter
    tags: Sequence[Tag]
    version: tuple[int, int, int]
    building: Building
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A resolution, with the ports it was found through."""

    collected: Collected
    resolution: Answer
    environment: Environment
    distributions: Distributions
    files: Files
    used_index: bool
    ending: Ending


class PrefixInstaller(Filler, Protocol):
    """Installs build requirements, or distributions of a resolution, into folders."""

    def install_chosen(self, chosen: Sequence[Chosen], resolved: Resolved, prefix: Path, /) -> Path:
        """Install `chosen` into the folder `prefix`; return it or another with the same contents.

        Raises what `gather_wheels` raises.
        """
        ...


@contextmanager
def resolution(
    ground: Ground,
    collected: Collected,
    environment: Environment,
    fill: PrefixInstaller,
    emit: Listener,
    destination: Destination | None = None,
) -> Iterator[Resolved]:
    """The resolution of what was collected; files and builds live as long as the with block.

    `fill` fills the environments of builds. What lies in `destination`, the folder that downloads
    are for, is taken as it is. Raises what the solver and its ports raise.
    """
    selection, store, client = collected.selection, ground.store, ground.client
    listen = Hearing(emit)
    finder = Finder(selection, client, store, ground.tags, ground.version, listen)
    files = Files(client, store, listen, destination)
    hashed = selection.require_hashes
    wheels = MetadataSource(client, store, files, listen, require_hashes=hashed)
    with ending() as end:
        scratch = Scratch(store.root)
        providing = Providing(collected, ground.mode, ground.python, scratch)
        around = copy_context()  # whoever meets the first source may be a thread of no context
        make = partial(around.run, _sources, ground, files, fill, scratch, providing, listen)
        distributions = Distributions(wheels, make, listen, lax=ground.mode.pip_compat)
        direct = {one.name for one in collected.wanted if one.link is not None and one.name}
        requested = {one.name for one in collected.wanted if one.name and not one.constraint}
        stays = staying(environment, selection, requested)
        ahead = Ahead(finder, distributions, ground.python.markers, direct, stays)
        debug = listen if ground.building.verbosity > 1 else None
        index = Index(finder, ahead, selection, ground.tags, debug)
        remembered = Remembered(distributions)
        ports = _ports(ground, index, remembered, environment, listen)
        tags = [str(tag) for tag in ground.tags]
        keeping = Keeping(store, tags, files, distributions, listen.heard, ground.mode.pip_compat)

        def solve(policy: SelectionPolicy, hear: Listener) -> Answer:
            asked = replace(collected, selection=policy)
            return solved(asked, replace(ports, emit=hear), finder, environment, keeping)

        def ask(hear: Listener) -> Answer:
            way_out = Elsewhere(collected, ports, finder, remembered.told).way_out
            able = going_on(solve, allowed=ground.mode.pip_compat, hushed=listen.hushed)
            return answered(able, selection, ground.mode.local_versions, hear, way_out)

        found = Resolved(
            collected=collected,
            resolution=_NO_ANSWER,
            environment=environment,
            distributions=distributions,
            files=files,
            used_index=False,
            ending=end,
        )
        providing.ports, providing.put = ports, partial(_put, fill, found)
        with end.reaching(files.stop), end.reaching(distributions.stop):
            try:
                answer = settled(ask, distributions, listen, listen.heard)
                tell_who_won(answer, finder, listen)
                with providing.resting_on(answer):
                    yield replace(found, resolution=answer, used_index=index.was_asked)
            finally:
                with undisturbed():
                    end.begin()
                    for one in (ahead, finder, distributions, files):
                        one.close()
                    scratch.close(clean=ground.building.policy.clean)


_NO_ANSWER = Answer(chosen=(), requested=())


def _ports(
    ground: Ground,
    index: Index,
    distributions: MetadataPort,
    environment: Environment,
    emit: Listener,
) -> Ports:
    return Ports(
        index=index,
        metadata=distributions,
        installed=environment,
        python=Version(".".join(map(str, ground.version))),
        markers=ground.python.markers,
        emit=emit,
        remarks=Level.INFO if ground.mode.pip_compat else Level.WARNING,
        debugging="PIP_RESOLVER_DEBUG" in os.environ,
    )


def _put(
    fill: PrefixInstaller, found: Resolved, answer: Answer, chosen: Sequence[Chosen], prefix: Path
) -> Path:
    return fill.install_chosen(chosen, replace(found, resolution=answer), prefix)


def _sources(
    ground: Ground,
    files: Files,
    fill: Filler,
    scratch: Scratch,
    providing: Providing,
    emit: Hearing,
) -> Sources:
    building, collected = ground.building, providing.collected
    hashed = collected.selection.require_hashes
    place = Workplace(scratch.folder(), scratch.keeper)
    repositories = Repositories(
        ground.store.path("clones", ""),
        emit,
        verbosity=building.verbosity,
        exists_action=building.exists_action,
        ask=input if ground.client.policy.interactive else None,
        watching=scratch.keeper.watching,
    )
    tools = Tools(
        files=files,
        trees=Trees(files, repositories, scratch, building.src, require_hashes=hashed),
        builder=Builder(
            building.policy, ground.python, fill, place, building.verbosity, ground.store
        ),
        shelf=BuiltShelf(
            building.cache_dir, ground.store, emit, trusts_open=ground.mode.pip_compat
        ),
        told=ToldShelf(ground.store),
        tags=ground.tags,
        question=_question(ground),
        scratch=place.folder,
        variables=building.policy.variables_of,
        at_once=builds_at_once(),
        mode=ground.mode,
        remedy=Remedy(providing, building.policy.isolation, emit),
        providing=providing,
        editables=building.editables,
        cautious=hashed or any(one.digests for one in collected.wanted),
        trusts_static=not (building.policy.check_dependencies or building.policy.watched),
        trusts_told=not building.policy.check_dependencies,
        reuses=building.policy.reuse,
    )
    return Sources(tools, emit)


def _question(ground: Ground) -> Question:
    """What every build of this run reads beside its source."""
    python, policy = ground.python, ground.building.policy
    visible: tuple[str, ...] = ()
    if policy.isolation is BuildIsolation.NONE:
        present = installed(python.sys_path, python)
        visible = tuple(sorted(f"{one.name}=={one.version}" for one in present))
    return Question(
        python=python.tags[0].partition("-")[0],
        platform=python.platform,
        ambient=policy.ambient,
        constraints=tuple(map(_text_of, policy.constraint_files)),
        visible=visible,
    )


def _text_of(file: str) -> str:
    """What a constraints file says; its name where that cannot be read here."""
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return file
