"""A small environment without a Python in it, and steps that change it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.environment.scheme import Scheme
from pipfast.model.events import Event, Said
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.plan.steps import Install, Plan, Remove, Replace, Step, WheelToInstall
from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives
from pipfast.store.workers.pool import Workshop
from pipfast.transaction.apply import Outcome, apply
from pipfast.transaction.target_environment import Site
from tests.kit.wheels import Wheel

TAG = str(sys.implementation.cache_tag)


def site_in(folder: Path, **changes: Any) -> Site:
    """A site below `folder`, laid out as a virtual environment is."""
    prefix = str(folder / "env")
    library = str(folder / "env" / "lib" / "site-packages")
    scripts = str(folder / "env" / "bin")
    scheme = Scheme(
        purelib=library,
        platlib=library,
        headers=str(folder / "env" / "include"),
        scripts=scripts,
        data=prefix,
    )
    site = Site(
        scheme=scheme,
        executable=f"{scripts}/python",
        prefix=prefix,
        python=(sys.version_info[0], sys.version_info[1]),
        cache_tag=TAG,
        scripts=scripts,
    )
    return replace(site, **changes)


def tree(folder: str | Path) -> dict[str, bytes | None]:
    """Every file below `folder` with its bytes, and every empty folder with None."""
    found: dict[str, bytes | None] = {}
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or path.is_file():
            found[name] = path.read_bytes() if path.exists() else b"a link to nowhere"
        elif not any(path.iterdir()):
            found[name] = None
    return found


@dataclass
class World:
    """An environment, a store, and what has been said."""

    folder: Path
    workshop: Workshop
    site: Site
    said: list[str] = field(default_factory=list)

    @property
    def archives(self) -> Archives:
        """The store's unpacked wheels."""
        return Archives(Store(self.folder / "store"))

    @property
    def library(self) -> Path:
        """The site-packages folder."""
        return Path(self.site.scheme.purelib)

    def tree(self) -> dict[str, bytes | None]:
        """What is in the environment."""
        return tree(self.folder / "env")

    def listen(self, event: Event) -> None:
        """Keep the lines."""
        if isinstance(event, Said):
            self.said.append(f"{event.level.name}: {event.text}")

    def unpacked(self, wheels: Sequence[Wheel]) -> dict[Any, Archive]:
        """Archives of `wheels`, with bytecode, by project."""
        files = []
        for wheel in wheels:
            path = self.folder / "wheels" / wheel.filename
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(wheel.content)
            if self.archives.get(wheel.sha256) is None:
                files.append((path, wheel.sha256))
        list(self.archives.unpack(files, self.workshop, TAG))
        found = {canonicalize_name(wheel.name): self.archives.get(wheel.sha256) for wheel in wheels}
        return {name: archive for name, archive in found.items() if archive is not None}

    def plan(self, *changes: Wheel | str, **facts: Any) -> Plan:
        """Wheels to put in, replacing what is there, and names to take out."""
        there = {one.name: one for one in self.installed()}
        steps: list[Step] = []
        for change in changes:
            if isinstance(change, str):
                steps.append(Remove(there[canonicalize_name(change)]))
                continue
            coming = incoming(change, **facts)
            old = there.get(coming.name)
            steps.append(Install(coming) if old is None else Replace(coming, old))
        return Plan(tuple(steps))

    def apply(self, *changes: Wheel | str, site: Site | None = None, **facts: Any) -> Outcome:
        """Carry out a plan made of `changes`."""
        archives = self.unpacked([change for change in changes if isinstance(change, Wheel)])
        plan = self.plan(*changes, **facts)
        return apply(plan, archives, site or self.site, self.workshop, self.listen)

    def installed(self) -> Iterator[Installed]:
        """The distributions in the environment, found by their folders' names."""
        for info in sorted(self.library.glob("*.dist-info")):
            yield installed_at(info)


def installed_at(info: Path) -> Installed:
    """The distribution whose metadata is at `info`, as its name tells."""
    name, _, version = info.stem.partition("-")
    return Installed(
        name=canonicalize_name(name),
        raw_name=name,
        version=version,
        raw_version=version,
        location=str(info.parent),
        info=str(info),
    )


def incoming(wheel: Wheel, **facts: Any) -> WheelToInstall:
    """`wheel` as a plan has it."""
    values: Mapping[str, Any] = {
        "name": canonicalize_name(wheel.name),
        "spelling": wheel.name,
        "version": wheel.version,
        "asked": f"{wheel.name}=={wheel.version}",
        "link": Link(url=f"https://files.example/{wheel.filename}"),
    }
    return WheelToInstall(**{**values, **facts})
