"""Every step of a resolution as pip's own debugging tells it (``PIP_RESOLVER_DEBUG``)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from resolvelib import BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation, State

from pipfast.model.events import Level, Listener, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.resolve.graph import (
    Dependency,
    ExplicitRequirement,
    ExtrasCandidate,
    InstalledCandidate,
    LinkCandidate,
    Node,
    PythonCandidate,
    RequiresPythonRequirement,
    SpecifierRequirement,
    UnsatisfiableRequirement,
)
from pipfast.resolve.install_requirement import InstallRequirement


@dataclass(frozen=True, slots=True)
class _Shown:
    """Something that is shown as `text` within what is printed whole."""

    text: str

    def __repr__(self) -> str:
        return self.text


class DebugReporter(BaseReporter[Dependency, Node, str]):
    """Says what happens; the names are those of pip's own classes, the words its own."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit

    def starting(self) -> None:
        """The resolution begins."""
        self._say("starting()")

    def starting_round(self, index: int) -> None:
        """A round begins."""
        self._say(f"starting_round({index!r})")

    def ending_round(self, index: int, state: State[Dependency, Node, str]) -> None:
        """A round is over."""
        self._say(f"ending_round({index!r}, state)")
        self._say(f"ending_round({index!r}, {_state(state)})", Level.DEBUG)

    def ending(self, state: State[Dependency, Node, str]) -> None:
        """The resolution has come to an answer."""
        self._say(f"ending({_state(state)})")

    def adding_requirement(self, requirement: Dependency, parent: Node | None) -> None:
        """A need is taken in."""
        self._say(f"adding_requirement({_need(requirement)}, {_node(parent)})")

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """A candidate does not go with the rest."""
        self._say(f"rejecting_candidate({_criterion(criterion)}, {_node(candidate)})")

    def pinning(self, candidate: Node) -> None:
        """A candidate is taken for now."""
        self._say(f"pinning({_node(candidate)})")

    def _say(self, text: str, level: Level = Level.INFO) -> None:
        self._emit(Said(level, f"Reporter.{text}"))


def _node(node: Node | None) -> str:
    match node:
        case None:
            return "None"
        case LinkCandidate(distribution=distribution, install_req=install_req):
            kind = "EditableCandidate" if install_req.editable else "LinkCandidate"
            return f"{kind}({distribution.link.described()!r})"
        case InstalledCandidate(installed=installed):
            where = f"{installed.raw_name} {installed.version} ({installed.location})"
            return f"AlreadyInstalledCandidate({where})"
        case ExtrasCandidate(base=base, extras=extras):
            return f"ExtrasCandidate(base={_node(base)}, extras={extras!r})"
        case PythonCandidate(version=version):
            return f"RequiresPythonCandidate({version!r})"


def _need(need: Dependency) -> str:
    match need:
        case SpecifierRequirement(text=text):
            return f"{_kind(need)}({text!r})"
        case ExplicitRequirement(node=node):
            return f"ExplicitRequirement({_node(node)})"
        case RequiresPythonRequirement(specifier=specifier):
            return f"RequiresPythonRequirement({str(specifier)!r})"
        case UnsatisfiableRequirement(name=name):
            return f"UnsatisfiableRequirement({str(name)!r})"


def _kind(need: SpecifierRequirement) -> str:
    """Pip's class: it has one for what an ask with extras asks of the project itself."""
    above, own = need.install_req.comes_from, need.install_req.requirement
    whole = above.requirement if isinstance(above, InstallRequirement) else None
    if own is not None and whole is not None and whole.extras and not need.extras:
        same = (own.name, own.specifier) == (whole.name, whole.specifier)
        return "SpecifierWithoutExtrasRequirement" if same else "SpecifierRequirement"
    return "SpecifierRequirement"


def _criterion(criterion: Criterion[Dependency, Node]) -> str:
    said = (f"({_need(need)}, via={_node(parent)})" for need, parent in criterion.information)
    return f"Criterion({', '.join(said)})"


def _state(state: State[Dependency, Node, str]) -> str:
    mapping = OrderedDict((key, _Shown(_node(node))) for key, node in state.mapping.items())
    criteria = {key: _Shown(_criterion(one)) for key, one in state.criteria.items()}
    return f"State(mapping={mapping!r}, criteria={criteria!r}, backtrack_causes={_causes(state)!r})"


def _causes(state: State[Dependency, Node, str]) -> Iterable[object]:
    return [
        RequirementInformation(_Shown(_need(need)), _Shown(_node(parent)))
        for need, parent in state.backtrack_causes
    ]
