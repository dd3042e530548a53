"""The nodes and edges of a resolution: candidates, and requirements with who asks for them.

Every value here is made once by `pool.Pool` and compared by identity: resolvelib asks for equality
and hashes hundreds of thousands of times in a hard resolution.
"""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.model.distribution import Distribution
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.installed_distribution import Installed
from pipfast.model.metadata import Metadata
from pipfast.resolve.install_requirement import InstallRequirement

PYTHON = NormalizedName("<Python from Requires-Python>")
"""The name under which the interpreter takes part; no project can have it."""


def key_of(project: NormalizedName, extras: frozenset[str]) -> str:
    """The node's name: ``project`` or ``project[a,b]``."""
    return f"{project}[{','.join(sorted(extras))}]" if extras else project


def split_key(key: str) -> tuple[NormalizedName, frozenset[NormalizedName]]:
    """The project and the extras of a node's name."""
    name, bracket, rest = key.partition("[")
    extras = rest.rstrip("]").split(",") if bracket else []
    return NormalizedName(name), frozenset(NormalizedName(extra) for extra in extras)


@dataclass(frozen=True, slots=True, eq=False)
class LinkCandidate:
    """A distribution from an index or a direct link, its metadata read."""

    distribution: Distribution
    metadata: Metadata
    install_req: InstallRequirement
    name: NormalizedName
    version: Version

    @property
    def key(self) -> str:
        """The node's name."""
        return self.name

    def told(self) -> str:
        """The candidate as an error tells it."""
        link = self.distribution.link
        where = str(link.path) if link.is_file else link.described()
        editable = "editable " if self.install_req.editable else ""
        return f"{self.name} {self.version} (from {editable}{where})"


@dataclass(frozen=True, slots=True, eq=False)
class InstalledCandidate:
    """A distribution that is installed already."""

    installed: Installed
    metadata: Metadata
    install_req: InstallRequirement
    name: NormalizedName
    version: Version

    @property
    def key(self) -> str:
        """The node's name."""
        return self.name

    def told(self) -> str:
        """The candidate as an error tells it."""
        return f"{self.name} {self.version} (Installed)"


@dataclass(frozen=True, slots=True, eq=False)
class ExtrasCandidate:
    """A candidate together with some of its extras: a node of its own that needs the base."""

    base: LinkCandidate | InstalledCandidate
    extras: frozenset[NormalizedName]
    install_req: InstallRequirement
    key: str

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.base.name

    @property
    def version(self) -> Version:
        """The base's version."""
        return self.base.version

    def told(self) -> str:
        """The candidate as an error tells it."""
        return f"{self.base.told()} [{', '.join(sorted(self.extras))}]"


@dataclass(frozen=True, slots=True, eq=False)
class PythonCandidate:
    """The interpreter that distributions declare with Requires-Python."""

    version: Version
    name: NormalizedName = PYTHON
    key: str = PYTHON

    def told(self) -> str:
        """The candidate as an error tells it."""
        return f"Python {self.version}"


Node = LinkCandidate | InstalledCandidate | ExtrasCandidate | PythonCandidate


def _is_same(one: Node, other: Node) -> bool:
    """Whether two nodes are of one distribution, its address written in two ways."""
    match one, other:
        case ExtrasCandidate(), ExtrasCandidate():
            return one.extras == other.extras and _is_same(one.base, other.base)
        case LinkCandidate(), LinkCandidate():
            here, there = one.distribution.link, other.distribution.link
            same_kind = (
                one.install_req.editable == other.install_req.editable
                and one.version == other.version
            )
            return same_kind and here.whereabouts == there.whereabouts
        case _:
            return one is other


@dataclass(frozen=True, slots=True, eq=False)
class SpecifierRequirement:
    """A need for some version of a project, perhaps with extras."""

    install_req: InstallRequirement
    name: NormalizedName
    key: str
    specifier: SpecifierSet
    extras: frozenset[NormalizedName]
    text: str

    def is_satisfied_by(self, node: Node) -> bool:
        """Whether the version fits; pre-releases were judged by the index."""
        return self.specifier.contains(node.version, prereleases=True)

    def told(self) -> str:
        """The requirement in words: ``a<2, >=1`` becomes ``a<2 and >=1``."""
        *others, last = [part.strip() for part in self.text.split(",")]
        return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True, slots=True, eq=False)
class ExplicitRequirement:
    """A need for this very candidate."""

    node: LinkCandidate | InstalledCandidate | ExtrasCandidate

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.node.name

    @property
    def key(self) -> str:
        """The node's name."""
        return self.node.key

    @property
    def text(self) -> str:
        """The candidate's project and version."""
        return f"{self.node.key} {self.node.version}"

    def is_satisfied_by(self, node: Node) -> bool:
        """Whether it is this one, or one that is taken from the same place."""
        return node is self.node or _is_same(node, self.node)

    def told(self) -> str:
        """The candidate as an error tells it."""
        return self.node.told()


@dataclass(frozen=True, slots=True, eq=False)
class RequiresPythonRequirement:
    """A need for an interpreter in a range."""

    specifier: SpecifierSet
    python: PythonCandidate
    name: NormalizedName = PYTHON
    key: str = PYTHON
    fits: bool = field(init=False)

    def __post_init__(self) -> None:
        """Judge once: there is one interpreter a run."""
        fits = self.specifier.contains(self.python.version, prereleases=True)
        object.__setattr__(self, "fits", fits)

    @property
    def text(self) -> str:
        """The need in words."""
        return f"Python {self.specifier}"

    def is_satisfied_by(self, node: Node) -> bool:  # noqa: ARG002 - there is one interpreter
        """Whether the target is in the range."""
        return self.fits

    def told(self) -> str:
        """The need in words."""
        return self.text


@dataclass(frozen=True, slots=True, eq=False)
class UnsatisfiableRequirement:
    """A need for a direct link whose distribution turned out not to be what it says."""

    name: NormalizedName

    @property
    def key(self) -> str:
        """The node's name."""
        return self.name

    @property
    def text(self) -> str:
        """The need in words."""
        return f"{self.name} (unavailable)"

    def is_satisfied_by(self, node: Node) -> bool:  # noqa: ARG002 - nothing can
        """Never."""
        return False

    def told(self) -> str:
        """The need in words."""
        return self.text


Dependency = (
    SpecifierRequirement
    | ExplicitRequirement
    | RequiresPythonRequirement
    | UnsatisfiableRequirement
)
