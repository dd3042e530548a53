"""Build the wheel of a prepared project in a temporary folder, check it, and move it."""

from __future__ import annotations

import os
from pathlib import Path

from pipfast.builds.backend import HookFailed
from pipfast.builds.errors import WheelNotBuilt
from pipfast.builds.events import (
    BuiltWheelInvalid,
    EditableHookMissing,
    NoWheelReturned,
    WheelBuildFailed,
    WheelCreated,
    WheelDestination,
    WheelStored,
)
from pipfast.builds.missing_module import MissingDependency, lacks
from pipfast.builds.project_build import BuildTask
from pipfast.builds.wheel_check import fault_of


def wheel(task: BuildTask, folder: Path) -> Path:
    """Build the wheel of `task` into `folder`. Raises WheelNotBuilt after reporting everything."""
    from tempfile import TemporaryDirectory

    name = task.name or task.project.called
    kind = "editable" if task.project.builds_editable else "wheel"
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as aside:
        missed: tuple[MissingDependency, ...] = ()
        task.steps.emit(WheelDestination(Path(aside)))
        try:
            built = _built(task, name, Path(aside))
        except HookFailed as failure:
            task.advise(failure)
            built, missed = None, lacks(failure.output)
        if built is None:
            task.steps.emit(WheelBuildFailed(kind, name))
            raise WheelNotBuilt(name, missed)
        path = folder / built.name
        task.steps.emit(_created(name, built))
        fault = fault_of(built, name) if task.policy.verify else None
        if fault is None:
            os.replace(built, path)  # noqa: PTH105 - the same file system, by construction
            return path
        task.steps.emit(WheelStored(folder))
        task.steps.emit(BuiltWheelInvalid(kind, name, fault))
        raise WheelNotBuilt(name)


def _built(task: BuildTask, name: str, aside: Path) -> Path | None:
    from pyproject_hooks import HookMissing

    assert task.state.environment is not None
    places = aside, task.state.info
    calling = task.calling(task.state.environment)
    try:
        found = task.backend.wheel(calling, name, places, editable=task.project.builds_editable)
    except HookMissing as missing:
        task.steps.emit(EditableHookMissing(name, str(missing)))
        return None
    if found is None or not (aside / found).is_file():
        task.steps.emit(NoWheelReturned(found))
        return None
    return aside / found


def _created(name: str, wheel: Path) -> WheelCreated:
    from hashlib import sha256

    content = wheel.read_bytes()
    return WheelCreated(name, wheel.name, len(content), sha256(content).hexdigest())
