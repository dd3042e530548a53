"""resolvelib's resolution, which remembers whether pins satisfy their criteria."""

from __future__ import annotations

from resolvelib.providers import AbstractProvider
from resolvelib.reporters import BaseReporter
from resolvelib.resolvers import Criterion, Resolution

from pipfast.resolve.graph import Dependency, Node


class RememberingResolution(Resolution[Dependency, Node, str]):
    """A resolution that asks the provider about a pin only when pin or criterion are new.

    In each round resolvelib asks whether each pin satisfies each dependency on it, which is
    quadratic. Criteria do not change, and a provider's answers do not either.
    """

    def __init__(
        self,
        provider: AbstractProvider[Dependency, Node, str],
        reporter: BaseReporter[Dependency, Node, str],
    ) -> None:
        super().__init__(provider, reporter)
        self._answers: dict[str, tuple[Criterion[Dependency, Node], Node, bool]] = {}

    def _is_current_pin_satisfying(self, name: str, criterion: Criterion[Dependency, Node]) -> bool:
        pin = self.state.mapping.get(name)
        if pin is None:
            return False
        known = self._answers.get(name)
        if known is not None and known[0] is criterion and known[1] is pin:
            return known[2]
        answer = super()._is_current_pin_satisfying(name, criterion)
        self._answers[name] = criterion, pin, answer
        return answer
