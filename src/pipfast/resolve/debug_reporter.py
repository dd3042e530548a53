"""Report every step of a resolution like pip with ``PIP_RESOLVER_DEBUG``."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from resolvelib import BaseReporter
from resolvelib.resolvers import Criterion
from resolvelib.structs import RequirementInformation, State

from pipfast.model.events import Level, Listener
from pipfast.model.frozen_dataclass import dataclass
from pipfast.resolve.events import ReporterCalled
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
class _Verbatim:
    """A value whose ``repr`` is `text`."""

    text: str

    def __repr__(self) -> str:
        return self.text


class DebugReporter(BaseReporter[Dependency, Node, str]):
    """Emits a message for each call; arguments are printed with the names of pip's classes."""

    def __init__(self, emit: Listener) -> None:
        self._emit = emit

    def starting(self) -> None:
        """Report the start of the resolution."""
        self._report("starting")

    def starting_round(self, index: int) -> None:
        """Report the start of a round."""
        self._report("starting_round", repr(index))

    def ending_round(self, index: int, state: State[Dependency, Node, str]) -> None:
        """Report the end of a round."""
        self._report("ending_round", repr(index), "state")
        self._report("ending_round", repr(index), _state(state), level=Level.DEBUG)

    def ending(self, state: State[Dependency, Node, str]) -> None:
        """Report the end of the resolution."""
        self._report("ending", _state(state))

    def adding_requirement(self, requirement: Dependency, parent: Node | None) -> None:
        """Report a new dependency."""
        self._report("adding_requirement", _dependency(requirement), _node(parent))

    def rejecting_candidate(self, criterion: Criterion[Dependency, Node], candidate: Node) -> None:
        """Report a rejected candidate."""
        self._report("rejecting_candidate", _criterion(criterion), _node(candidate))

    def pinning(self, candidate: Node) -> None:
        """Report a pin."""
        self._report("pinning", _node(candidate))

    def _report(self, method: str, *arguments: str, level: Level = Level.INFO) -> None:
        self._emit(ReporterCalled(method, arguments, level=level))


def _node(node: Node | None) -> str:
    match node:
        case None:
            return "None"
        case LinkCandidate(distribution=distribution, install_req=install_req):
            kind = "EditableCandidate" if install_req.editable else "LinkCandidate"
            return f"{kind}({distribution.link.described()!r})"
        case InstalledCandidate(installed=installed):
            text = f"{installed.raw_name} {installed.version} ({installed.location})"
            return f"AlreadyInstalledCandidate({text})"
        case ExtrasCandidate(base=base, extras=extras):
            return f"ExtrasCandidate(base={_node(base)}, extras={extras!r})"
        case PythonCandidate(version=version):
            return f"RequiresPythonCandidate({version!r})"


def _dependency(dependency: Dependency) -> str:
    match dependency:
        case SpecifierRequirement(text=text):
            return f"{_class_name(dependency)}({text!r})"
        case ExplicitRequirement(node=node):
            return f"ExplicitRequirement({_node(node)})"
        case RequiresPythonRequirement(specifier=specifier):
            return f"RequiresPythonRequirement({str(specifier)!r})"
        case UnsatisfiableRequirement(name=name):
            return f"UnsatisfiableRequirement({str(name)!r})"


def _class_name(dependency: SpecifierRequirement) -> str:
    """Return the name of pip's class; a requirement without the extras has its own."""
    parent, own = dependency.install_req.comes_from, dependency.install_req.requirement
    origin = parent.requirement if isinstance(parent, InstallRequirement) else None
    if own is not None and origin is not None and origin.extras and not dependency.extras:
        is_same = (own.name, own.specifier) == (origin.name, origin.specifier)
        return "SpecifierWithoutExtrasRequirement" if is_same else "SpecifierRequirement"
    return "SpecifierRequirement"


def _criterion(criterion: Criterion[Dependency, Node]) -> str:
    information = (
        f"({_dependency(dependency)}, via={_node(parent)})"
        for dependency, parent in criterion.information
    )
    return f"Criterion({', '.join(information)})"


def _state(state: State[Dependency, Node, str]) -> str:
    mapping = OrderedDict((key, _Verbatim(_node(node))) for key, node in state.mapping.items())
    criteria = {key: _Verbatim(_criterion(one)) for key, one in state.criteria.items()}
    return f"State(mapping={mapping!r}, criteria={criteria!r}, backtrack_causes={_causes(state)!r})"


def _causes(state: State[Dependency, Node, str]) -> Iterable[object]:
    return [
        RequirementInformation(_Verbatim(_dependency(dependency)), _Verbatim(_node(parent)))
        for dependency, parent in state.backtrack_causes
    ]
