"""Make a world smaller while a property of it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from compat.harness.scenario import Scenario
from compat.kit.index import Index, Listed, Sidecar
from tests.kit.wheels import Built, Sdist, Wheel

Holds = Callable[[Scenario], bool]


def shrunk(scenario: Scenario, holds: Holds, attempts: int = 400) -> Scenario:
    """Return a smaller world for which `holds` is true, after at most so many attempts."""
    progress = True
    while progress:
        progress = False
        for smaller in candidates(scenario):
            if not attempts:
                return scenario
            attempts -= 1
            if holds(smaller):
                scenario, progress = smaller, True
                break
    return scenario


def candidates(scenario: Scenario) -> Iterator[Scenario]:
    """Yield worlds that are a little smaller, the largest steps first."""
    for kept in _without_one(scenario.steps):
        if kept:
            yield replace(scenario, steps=kept)
    for kept in _halves(scenario.indexes):
        yield replace(scenario, indexes=kept)
    for number, index in enumerate(scenario.indexes):
        for smaller in _indexes(index):
            yield replace(scenario, indexes=_with(scenario.indexes, number, smaller))
    yield from _commands(scenario)
    yield from _files(scenario)
    yield from _further_files(scenario)


def _further_files(scenario: Scenario) -> Iterator[Scenario]:
    for kept in _halves(scenario.links):
        yield replace(scenario, links=kept)
    for kept in _halves(scenario.before):
        yield replace(scenario, before=kept)
    for number, wheel in enumerate(scenario.before):
        for smaller in _simpler_wheel(wheel):
            yield replace(scenario, before=_with(scenario.before, number, smaller))
    for number, built in enumerate(scenario.links):
        for simpler in _simpler(built):
            yield replace(scenario, links=_with(scenario.links, number, simpler))


def _without_one(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for number in range(len(items)):
        yield items[:number] + items[number + 1 :]


def _halves(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    middle = len(items) // 2
    if middle > 1:
        yield items[:middle]
        yield items[middle:]
    yield from _without_one(items)


def _with(items: tuple[Any, ...], number: int, item: Any) -> tuple[Any, ...]:
    return (*items[:number], item, *items[number + 1 :])


def _indexes(index: Index) -> Iterator[Index]:
    for kept in _halves(index.files):
        yield replace(index, files=kept)
    for number, file in enumerate(index.files):
        if isinstance(file, Listed):
            yield replace(index, files=_with(index.files, number, file.file))
        built = file.file if isinstance(file, Listed) else file
        for simpler in _simpler(built):
            listed = replace(file, file=simpler) if isinstance(file, Listed) else simpler
            yield replace(index, files=_with(index.files, number, listed))
    if index.plain:
        yield replace(index, plain=False)
    if not index.ranges:
        yield replace(index, ranges=True)


def _simpler(built: Built) -> Iterator[Built]:
    if not isinstance(built, Wheel | Sdist):
        return
    for kept in _without_one(built.requires):
        yield replace(built, requires=kept)
    for number, line in enumerate(built.requires):
        for part in (line.partition(";")[0].strip(), line.split(">")[0].split("<")[0]):
            if part != line and ";" not in part:
                yield replace(built, requires=_with(built.requires, number, part))
    if built.python:
        yield replace(built, python=None)
    if isinstance(built, Wheel):
        yield from _simpler_wheel(built)


def _simpler_wheel(wheel: Wheel) -> Iterator[Wheel]:
    if wheel.extras:
        yield replace(wheel, extras=())
    if wheel.scripts:
        yield replace(wheel, scripts={})
    if wheel.build:
        yield replace(wheel, build="")
    if wheel.tag != "py3-none-any":
        yield replace(wheel, tag="py3-none-any")
    if wheel.metadata_version:
        yield replace(wheel, metadata_version=None)
    for kept in _without_one(wheel.requires):
        yield replace(wheel, requires=kept)


def _commands(scenario: Scenario) -> Iterator[Scenario]:
    for number, step in enumerate(scenario.steps):
        for first in range(1, len(step)):
            for width in (2, 1):
                kept = (*step[:first], *step[first + width :])
                if first + width <= len(step):
                    yield replace(scenario, steps=_with(scenario.steps, number, kept))


def _files(scenario: Scenario) -> Iterator[Scenario]:
    for path, content in scenario.files.items():
        assert isinstance(content, str)
        for kept in _without_one(tuple(content.splitlines(keepends=True))):
            yield replace(scenario, files={**scenario.files, path: "".join(kept)})
    used = {word for step in scenario.steps for word in step}
    if unused := scenario.files.keys() - used:
        kept_files = {path: text for path, text in scenario.files.items() if path not in unused}
        yield replace(scenario, files=kept_files)


def source(scenario: Scenario) -> str:
    """Return the world as Python code for `compat/scenarios`."""
    rows = [f"    rule={scenario.rule!r},", f"    steps={scenario.steps!r},"]
    for index in scenario.indexes:
        files = "".join(f"\n            {_value(file)}," for file in index.files)
        manner = ", plain=True" if index.plain else ""
        manner += "" if index.ranges else ", ranges=False"
        rows.append(f"    # index\n    index({files}\n        name={index.name!r}{manner}),")
    for field in ("links", "before"):
        built = "".join(f"{_value(one)}, " for one in getattr(scenario, field))
        rows += [f"    {field}=({built}),"] if built else []
    if scenario.files:
        rows.append(f"    files={dict(scenario.files)!r},")
    return "scenario(\n" + "\n".join(rows) + "\n)"


def _value(value: Any) -> str:
    if isinstance(value, Listed | Wheel | Sdist):
        plain = type(value).__dataclass_fields__
        parts = []
        for name, field in plain.items():
            one = getattr(value, name)
            if name in ("file", "name") or (one != field.default and one not in ({}, ())):
                parts.append(f"{name}={_value(one)}")
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, Sidecar):
        return str(value)
    return repr(value) if not hasattr(value, "items") else repr(dict(value))
