from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipfast.builds.build_result import Built, Failed, MissingModule, attempt
from pipfast.builds.errors import PreparationFailed, WheelNotBuilt
from pipfast.builds.missing_module import MissingDependency
from pipfast.builds.module_owner import ModuleOwner
from pipfast.builds.pyproject import VisiblePaths
from pipfast.model.event_log import EventLog
from pipfast.model.events import Event, Level, Listener
from pipfast.model.link import Link
from pipfast.policy.mode import BuildIsolation
from pipfast.report.hint_text import joined
from pipfast.sources.retry_with_modules import (
    CannotBePrepared,
    FailedSource,
    IncompleteBuild,
    UndeclaredModules,
    Visible,
)
from tests.kit.messages import message
from tests.kit.texts import texts

SETTING = "PIPFAST_BUILD_ISOLATION=see-through"
TORCH, SIGHT = MissingDependency("torch"), MissingDependency("sight")
FLASH = FailedSource(link=Link(url="https://example.org/flash.tar.gz"), name=None, spelling="flash",
                stated=None)  # fmt: skip
ERROR = message("no torch", Level.ERROR, of_program=True)
STEP = message("a step")


class There:
    """Provides some things."""

    def __init__(self, *there: MissingDependency, is_inside: bool = False) -> None:
        self._there = there
        self.is_inside = is_inside
        self.asked: list[Sequence[MissingDependency]] = []

    def known(self, failing: FailedSource, lack: MissingDependency) -> str | None:
        return f"{lack.name} 1.0" if lack in self._there else None

    def find(self, failing: FailedSource, wanted: Sequence[MissingDependency]) -> Visible | None:
        self.asked.append(wanted)
        if not set(wanted) <= set(self._there):
            return None
        found = {lack: ModuleOwner(lack.name, "1.0") for lack in wanted}
        return Visible(sight=VisiblePaths(("seen",)), providers=found, pins=(), coming={})


class Run:
    """A remedy and what was emitted."""

    def __init__(self, there: There, isolation: BuildIsolation) -> None:
        self.events: list[Event] = []
        self.there = there
        self.isolated = isolation is not BuildIsolation.NONE
        self.remedy = UndeclaredModules(there, isolation, EventLog(self.events.append))

    @property
    def emitted(self) -> str:
        return "\n".join(texts(self.events))

    def build(
        self, *lacks: MissingDependency, sees: Sequence[MissingDependency] = ()
    ) -> str | MissingModule | Failed:
        """A build that ends at the first of `lacks` that it does not see."""

        def work(listen: Listener) -> str:
            listen(STEP)
            missed = [lack for lack in lacks if lack not in sees]
            if missed:
                listen(ERROR)
                raise PreparationFailed("flash", "Getting", missed[:1])
            return "built"

        result = attempt(work, self.events.append, isolated=self.isolated)
        return result.value if isinstance(result, Built) else result

    def overcome(self, *lacks: MissingDependency) -> str:
        result = self.build(*lacks)
        if isinstance(result, str):
            return result
        if isinstance(result, Failed):
            raise result.failure
        found = self.remedy.overcome(
            IncompleteBuild(result),
            FLASH,
            self.there.find,
            lambda visible: self.build(*lacks, sees=[*visible.providers]),
        )
        if isinstance(found, IncompleteBuild):
            self.remedy.give_up(found, FLASH)
        return found


def test_a_build_that_lacks_nothing_is_left_alone() -> None:
    run = Run(There(TORCH), BuildIsolation.SEE_THROUGH)
    assert run.overcome() == "built"
    assert run.events == [STEP]
    assert run.there.asked == []


def test_what_is_lacking_is_shown_and_announced_without_the_failure() -> None:
    run = Run(There(TORCH), BuildIsolation.SEE_THROUGH)
    assert run.overcome(TORCH) == "built"
    assert ERROR not in run.events
    assert run.emitted.count("pip would have failed here") == 1
    assert "(torch 1.0)" in run.emitted


def test_each_thing_that_is_lacking_is_shown_with_those_before_it() -> None:
    run = Run(There(TORCH, SIGHT), BuildIsolation.SEE_THROUGH)
    assert run.overcome(TORCH, SIGHT) == "built"
    assert run.there.asked == [[TORCH], [TORCH, SIGHT]]
    assert run.emitted.count("pip would have failed here") == 2


@pytest.mark.parametrize(
    ("isolation", "there", "hint"),
    [
        (BuildIsolation.SEE_THROUGH, There(), "no installed or requested distribution provides it"),
        (BuildIsolation.STRICT, There(TORCH), f"to let it use torch 1.0, set {SETTING}"),
        (BuildIsolation.STRICT, There(), f"add a distribution that provides it and set {SETTING}"),
    ],
)  # fmt: skip
def test_a_failure_is_told_in_the_end_with_a_way_out(
    isolation: BuildIsolation, there: There, hint: str
) -> None:
    run = Run(there, isolation)
    with pytest.raises(PreparationFailed) as failure:
        run.overcome(TORCH)
    assert run.events == [STEP, ERROR]
    assert hint in joined(failure.value.remedies)
    assert run.remedy.remedies == failure.value.remedies


def test_without_isolation_nothing_is_kept_back_nor_hinted_at() -> None:
    run = Run(There(TORCH), BuildIsolation.NONE)
    with pytest.raises(PreparationFailed) as failure:
        run.overcome(TORCH)
    assert run.events == [STEP, ERROR]
    assert failure.value.remedies == ()


def test_nothing_is_told_of_a_build_that_nobody_has_asked_for_yet() -> None:
    run = Run(There(is_inside=True), BuildIsolation.SEE_THROUGH)
    with pytest.raises(CannotBePrepared):
        run.overcome(TORCH)
    assert run.events == [STEP]


def test_a_failure_for_other_reasons_is_told_at_once() -> None:
    run = Run(There(TORCH), BuildIsolation.SEE_THROUGH)

    failure = WheelNotBuilt("flash")

    def build(listen: Listener) -> None:
        listen(ERROR)
        raise failure

    assert attempt(build, run.events.append, isolated=True) == Failed(failure)
    assert run.events == [ERROR]
