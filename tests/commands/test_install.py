"""An installation is planned again if another program changes the environment meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from pipfast.commands import install
from pipfast.errors import InstallationError
from pipfast.transaction.errors import EnvironmentChanged
from pipfast.transaction.events import PlannedAgain


class Run:
    """A run whose environment changes `changes` times before a plan can be carried out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, changes: int) -> None:
        self.events: list[object] = []
        self.targets: list[object] = []
        monkeypatch.setattr(install, "install_target", lambda _: object())

        def plan_and_apply(_: object, target: object) -> None:
            self.targets.append(target)
            if len(self.targets) <= changes:
                raise EnvironmentChanged

        monkeypatch.setattr(install, "_plan_and_apply", plan_and_apply)

    def console(self, event: object) -> None:
        self.events.append(event)


def test_a_plan_that_is_out_of_date_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run: Any = Run(monkeypatch, changes=2)
    target = install._planned_and_applied(run)
    assert run.events == [PlannedAgain(), PlannedAgain()]
    assert len(set(map(id, run.targets))) == 3
    assert target is run.targets[-1]


def test_an_environment_that_never_rests_ends_with_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run: Any = Run(monkeypatch, changes=1000)
    with pytest.raises(InstallationError, match="nothing was installed"):
        install._planned_and_applied(run)
