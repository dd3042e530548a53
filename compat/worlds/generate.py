"""Random worlds: indexes, what is installed, and commands; one world for each seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compat.harness.scenario import Scenario
from compat.kit.index import Index, Listed, Sidecar
from compat.worlds.commands import Known, steps
from compat.worlds.words import Words
from tests.kit.wheels import Built, Sdist, Wheel

NAMES = ("app", "Bar_Baz", "cat.toy", "dog", "egg-x", "fox", "gnu2", "Hen")


@dataclass(slots=True)
class Draft:
    """The parts of a world while it is drawn."""

    words: Words
    names: tuple[str, ...]
    files: dict[str, list[Built | Listed]] = field(default_factory=dict)
    links: list[Built] = field(default_factory=list)

    @property
    def draw(self) -> random.Random:
        """The source of randomness."""
        return self.words.draw


def scenario(seed: str) -> Scenario:
    """Return the world of a seed."""
    draw = random.Random(seed)
    names = tuple(draw.sample(NAMES, draw.randint(2, 8)))
    draft = Draft(Words(draw, names), names)
    _fill(draft)
    before = _installed(draft)
    known = Known(draft.words, _every(draft), tuple(before), tuple(draft.files))
    files: dict[str, str] = {}
    commands = steps(known, files)
    return Scenario(
        rule=seed,
        steps=commands,
        indexes=tuple(_index(draft, name, files) for name, files in draft.files.items()),
        links=tuple(draft.links),
        before=tuple(before),
        files=files,
    )


def _index(draft: Draft, name: str, files: list[Built | Listed]) -> Index:
    plain = draft.draw.random() < 0.2
    return Index(name=name, files=tuple(files), plain=plain, ranges=draft.draw.random() < 0.8)


def _every(draft: Draft) -> tuple[Built, ...]:
    listed = [one for files in draft.files.values() for one in files]
    return tuple(one.file if isinstance(one, Listed) else one for one in listed) + tuple(
        draft.links
    )


def _fill(draft: Draft) -> None:
    draft.files["main"] = []
    if draft.draw.random() < 0.3:
        draft.files["other"] = []
    linked = draft.draw.random() < 0.3
    for name in draft.names:
        for version in draft.words.released[name]:
            for built in _release(draft, name, version):
                place = draft.draw.choice(tuple(draft.files))
                if linked and draft.draw.random() < 0.3:
                    draft.links.append(built)
                else:
                    draft.files[place].append(_listed(draft, built))
                    if draft.draw.random() < 0.1:  # the same file in two places
                        draft.files[draft.draw.choice(tuple(draft.files))].append(built)
    draft.links = list({one.filename: one for one in draft.links}.values())
    for place, files in draft.files.items():
        named = {(one.file if isinstance(one, Listed) else one).filename: one for one in files}
        draft.files[place] = list(named.values())


def _release(draft: Draft, name: str, version: str) -> list[Built]:
    """Return the files of a release, which mostly have the same dependencies."""
    draw, words = draft.draw, draft.words
    extras = tuple(draw.sample(words.EXTRAS, draw.choice((0, 0, 0, 1, 2))))
    common: dict[str, Any] = {"requires": words.requires_dist(name, extras)}
    common["python"] = words.requires_python() if draw.random() < 0.25 else None
    files: list[Built] = []
    if draw.random() < 0.93:
        tags = draw.sample(words.TAGS, draw.choice((1, 1, 1, 2, 3)))
        files += [_wheel(draft, name, version, tag, {**common, "extras": extras}) for tag in tags]
    if not files or draw.random() < 0.1:
        dynamic = draw.random() < 0.5
        sdist = Sdist(name=name, version=_plain(version), dynamic=dynamic, **common)
        files.append(sdist)
    return files


def _plain(version: str) -> str:
    return version.removeprefix("v")


def _wheel(draft: Draft, name: str, version: str, tag: str, common: Mapping[str, Any]) -> Wheel:
    draw = draft.draw
    odd: dict[str, Any] = {}
    if draw.random() < 0.03:
        odd["metadata_version"] = draw.choice((f"{version}+cpu", f"{version}.0", "9.9"))
    if draw.random() < 0.15:
        odd["build"] = draw.choice(("1", "2", "2a", "10"))
    if draw.random() < 0.15:
        module = name.lower().replace("-", "_").replace(".", "_")
        odd["scripts"] = {f"run-{name.lower()}": f"{module}:main"}
    return Wheel(name=name, version=version, tag=tag, **common, **odd)


def _listed(draft: Draft, built: Built) -> Built | Listed:
    draw = draft.draw
    odd: dict[str, Any] = {}
    if draw.random() < 0.1:
        odd["yanked"] = draw.choice(("", "broken", "bad <b>idea</b> & more"))
    if draw.random() < 0.3:
        odd["sidecar"] = Sidecar.ABSENT
    if draw.random() < 0.15:
        odd["uploaded"] = draw.choice(("2023-05-01T00:00:00Z", "2025-06-01T12:00:00Z"))
    if draw.random() < 0.04:
        odd["digest"] = draw.choice(("", "0" * 64))
    if draw.random() < 0.04:
        odd["python"] = draw.choice((">=3.8", "<3", "", "nonsense"))
    return Listed(file=built, **odd) if odd else built


def _installed(draft: Draft) -> list[Wheel]:
    """Return wheels of some projects that are installed before, which may not fit together."""
    draw = draft.draw
    if draw.random() < 0.5:
        return []
    names = draw.sample(draft.names, draw.randint(1, min(4, len(draft.names))))
    every = [one for one in _every(draft) if isinstance(one, Wheel) and one.name in names]
    mine: dict[str, Wheel] = {}
    for one in every:
        if draw.random() < 0.5 and one.metadata_version is None:
            mine[one.name] = _for_any_machine(one)
    for name in names:
        if name not in mine and draw.random() < 0.5:
            requires = draft.words.requires_dist(name, ())
            version = draft.words.version()
            mine[name] = Wheel(name=name, version=version, requires=requires)
    return list(mine.values())


def _for_any_machine(wheel: Wheel) -> Wheel:
    return Wheel(
        name=wheel.name,
        version=wheel.version,
        requires=wheel.requires,
        extras=wheel.extras,
    )
