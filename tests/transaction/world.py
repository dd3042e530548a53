"""A small environment without a Python, and plans that change it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from pipfast.environment.scheme import Scheme
from pipfast.model.events import Event, Message
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link
from pipfast.plan.steps import Install, Plan, Remove, Replace, Step, WheelToInstall
from pipfast.report.render import load_renderers, text_of
from pipfast.store.filesystem.root import Store
from pipfast.store.wheels.manifest import Archive
from pipfast.store.wheels.unpacked import Archives, Compilation
from pipfast.store.workers.pool import WorkerPool
from pipfast.transaction.apply import Outcome, apply
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.journal_keys import JournalKeys
from tests.kit.wheels import Wheel

TAG = str(sys.implementation.cache_tag)

load_renderers("transaction")  # as the commands do before a change


def environment_in(folder: Path, **changes: Any) -> InstallEnvironment:
    """Return an environment below `folder` with the layout of a virtual environment."""
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
    environment = InstallEnvironment(
        scheme=scheme,
        executable=f"{scripts}/python",
        prefix=prefix,
        python=(sys.version_info[0], sys.version_info[1]),
        cache_tag=TAG,
        scripts=scripts,
        keys=JournalKeys(str(folder / "cache")),
    )
    return replace(environment, **changes)


def tree(folder: str | Path) -> dict[str, bytes | None]:
    """Return every file below `folder` with its bytes, and every empty folder with None."""
    found: dict[str, bytes | None] = {}
    for path in sorted(Path(folder).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and path.is_dir():
            found[name] = f"-> {path.readlink()}".encode()
        elif path.is_symlink() or path.is_file():
            found[name] = path.read_bytes() if path.exists() else b"a broken link"
        elif not any(path.iterdir()):
            found[name] = None
    return found


@dataclass
class World:
    """An environment, a store, and the messages of all changes."""

    folder: Path
    workers: WorkerPool
    environment: InstallEnvironment
    lines: list[str] = field(default_factory=list)

    @property
    def archives(self) -> Archives:
        """The unpacked wheels in the store."""
        return Archives(Store(self.folder / "store"))

    @property
    def library(self) -> Path:
        """The site-packages folder."""
        return Path(self.environment.scheme.purelib)

    def tree(self) -> dict[str, bytes | None]:
        """Return the content of the environment."""
        return tree(self.folder / "env")

    def listen(self, event: Event) -> None:
        """Record the text of messages."""
        if isinstance(event, Message):
            self.lines.append(f"{event.level.name}: {text_of(event)}")

    def unpacked(self, wheels: Sequence[Wheel]) -> dict[Any, Archive]:
        """Unpack wheels and return their archives, with bytecode, by project."""
        files = []
        for wheel in wheels:
            path = self.folder / "wheels" / wheel.filename
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(wheel.content)
            if self.archives.get(wheel.sha256) is None:
                files.append((path, wheel.sha256))
        list(self.archives.unpack(files, self.workers, Compilation(TAG)))
        found = {canonicalize_name(wheel.name): self.archives.get(wheel.sha256) for wheel in wheels}
        return {name: archive for name, archive in found.items() if archive is not None}

    def plan(self, *changes: Wheel | str, **facts: Any) -> Plan:
        """Return a plan that installs or replaces wheels and removes projects given by name."""
        installed = {each.name: each for each in self.installed()}
        steps: list[Step] = []
        for change in changes:
            if isinstance(change, str):
                steps.append(Remove(installed[canonicalize_name(change)]))
                continue
            wheel = incoming(change, **facts)
            old = installed.get(wheel.name)
            steps.append(Install(wheel) if old is None else Replace(wheel, old))
        return Plan(tuple(steps))

    def apply(
        self, *changes: Wheel | str, environment: InstallEnvironment | None = None, **facts: Any
    ) -> Outcome:
        """Carry out the plan of `changes`."""
        archives = self.unpacked([change for change in changes if isinstance(change, Wheel)])
        plan = self.plan(*changes, **facts)
        target = environment or self.environment
        return apply(plan, archives, target, self.workers, self.listen)

    def installed(self) -> Iterator[Installed]:
        """Yield the distributions in the environment, by the names of their metadata folders."""
        for info in sorted(self.library.glob("*.dist-info")):
            yield installed_at(info)


def installed_at(info: Path) -> Installed:
    """Return the distribution with the metadata folder `info`, by the folder's name."""
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
    """Return `wheel` as an item of a plan."""
    values: Mapping[str, Any] = {
        "name": canonicalize_name(wheel.name),
        "spelling": wheel.name,
        "version": wheel.version,
        "requirement": f"{wheel.name}=={wheel.version}",
        "link": Link(url=f"https://files.example/{wheel.filename}"),
    }
    return WheelToInstall(**{**values, **facts})
