"""What the tests of builds have in common: projects on disk, a filler, and what was log."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from packaging.requirements import Requirement

from pipfast.builds.build_result import BuildResult, Built, Failed, MissingModule
from pipfast.builds.builder import Builder
from pipfast.builds.errors import BuildRequirementsFailed
from pipfast.builds.isolation import FilledPrefix
from pipfast.builds.pyproject import Project
from pipfast.environment.interpreter import Interpreter, interpreter
from pipfast.model.events import Event, Level, Listener, Message, Status, Work
from pipfast.policy.build import BuildPolicy
from pipfast.policy.mode import BuildIsolation
from pipfast.store.workers.watchdog import WorkingFolder
from tests.kit import projects
from tests.kit.projects import written
from tests.kit.texts import texts
from tests.kit.wheels import Wheel

if TYPE_CHECKING:
    from typing import Self  # type: ignore[attr-defined, unused-ignore]  # 3.11

POLICY = BuildPolicy()
OPEN = BuildPolicy(isolation=BuildIsolation.NONE)


class Forgetful:
    """A cache that keeps nothing."""

    def read(self, area: str, key: str) -> bytes | None:
        return None

    def write(self, area: str, key: str, data: bytes) -> bool:
        return False


class Remembering:
    """A cache that keeps everything."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], bytes] = {}

    def read(self, area: str, key: str) -> bytes | None:
        return self.entries.get((area, key))

    def write(self, area: str, key: str, data: bytes) -> bool:
        self.entries[area, key] = data
        return True


def python() -> Interpreter:
    """The Python that runs the tests."""
    return interpreter(sys.executable, Forgetful())


class Filling:
    """Puts `wheels` into environments by name, and what the tests' own environment has."""

    def __init__(self, target: Interpreter, *wheels: Wheel) -> None:
        self._target = target
        self._wheels = {wheel.project: wheel for wheel in wheels}
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, requirements: Sequence[str], prefix: Path, whose: str) -> FilledPrefix:
        self.asked.append(tuple(requirements))
        folder = Path(self._target.prefix_scheme.below(str(prefix)).purelib)
        folder.mkdir(parents=True, exist_ok=True)
        waiting = list(requirements)
        while waiting:
            requirement = Requirement(waiting.pop())
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting += self._put(requirement.name, folder)
        return FilledPrefix(prefix)

    def _put(self, name: str, folder: Path) -> Sequence[str]:
        if name in self._wheels:
            with zipfile.ZipFile(io.BytesIO(self._wheels[name].content)) as archive:
                archive.extractall(folder)
            return ()
        if name.startswith("no-such"):
            raise BuildRequirementsFailed([f"ERROR: No matching distribution found for {name}"])
        found = distribution(name)
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                path = folder / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read_binary())
        return found.requires or ()


class BuildLog:
    """Listens to a build."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def steps(self) -> list[tuple[str, Status]]:
        """The steps and how they ended."""
        works = [event for event in self.events if isinstance(event, Work)]
        return [
            (work.step, work.status)
            for work in works
            if work.status not in (Status.STARTED, Status.RUNNING)
        ]

    def output(self, least: Level = Level.INFO) -> str:
        """The lines that are at least so loud."""
        messages = [event for event in self.events if isinstance(event, Message)]
        return "\n".join(texts([each for each in messages if each.level.value >= least.value]))


def demo(folder: Path, **what: Any) -> Project:
    """The kit's project ``demo`` in a folder; `what` is as for `tests.kit.projects.project`."""
    return found(written(folder / "demo", projects.project("demo", **what).tree))


def found(folder: Path, **what: Any) -> Project:
    """The project in `folder`, asked for by path."""
    link = folder.as_uri()
    return Project(folder=folder, named=link, described=f"from {link}", given=True, **what)


def builder(
    scratch: Path,
    *wheels: Wheel,
    policy: BuildPolicy = POLICY,
    verbosity: int = 0,
    memory: Remembering | None = None,
) -> RaisingBuilder:
    """A builder for the Python that runs the tests."""
    target = python()
    folder = scratch / "scratch"
    folder.mkdir()
    place = WorkingFolder(folder)
    made = Builder(policy, target, Filling(target, *wheels), place, verbosity, memory)
    return RaisingBuilder(made)


T = TypeVar("T")


class RaisingBuilder:
    """A builder whose failures are raised, with the events that were held."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self.requirements = builder.requirements
        self.close = builder.close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def metadata(self, project: Project, listen: Listener) -> str:
        return _value(self._builder.metadata(project, listen), listen)

    def wheel(self, project: Project, folder: Path, listen: Listener) -> Path:
        return _value(self._builder.wheel(project, folder, listen), listen)


def _value(result: BuildResult[T], listen: Listener) -> T:
    match result:
        case Built(value):
            return value
        case MissingModule(failure, log):
            for event in log:
                listen(event)
            raise failure
        case Failed(failure):
            raise failure
