"""The nodes and edges of a resolution: candidates and dependencies.

They are compared by identity, because resolvelib compares and hashes them several hundred thousand
times in a hard resolution. `candidate_cache` creates each candidate once.
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
"""The name of the interpreter as a node; no project can have it."""


def key_of(project: NormalizedName, extras: frozenset[str]) -> str:
    """Return the key of a node: ``project`` or ``project[a,b]``."""
    return f"{project}[{','.join(sorted(extras))}]" if extras else project


def split_key(key: str) -> tuple[NormalizedName, frozenset[NormalizedName]]:
    """Return the project and the extras of a node's key."""
    name, bracket, rest = key.partition("[")
    extras = rest.rstrip("]").split(",") if bracket else []
    return NormalizedName(name), frozenset(NormalizedName(extra) for extra in extras)


@dataclass(frozen=True, slots=True, eq=False)
class LinkCandidate:
    """A distribution from an index or a direct link, with its metadata."""

    distribution: Distribution
    metadata: Metadata
    install_req: InstallRequirement
    name: NormalizedName
    version: Version

    @property
    def key(self) -> str:
        """The key of the node."""
        return self.name

    def describe(self) -> str:
        """Return the candidate as pip prints it in errors."""
        link = self.distribution.link
        source = str(link.path) if link.is_file else link.described()
        editable = "editable " if self.install_req.editable else ""
        return f"{self.name} {self.version} (from {editable}{source})"


@dataclass(frozen=True, slots=True, eq=False)
class InstalledCandidate:
    """An installed distribution."""

    installed: Installed
    metadata: Metadata
    install_req: InstallRequirement
    name: NormalizedName
    version: Version

    @property
    def key(self) -> str:
        """The key of the node."""
        return self.name

    def describe(self) -> str:
        """Return the candidate as pip prints it in errors."""
        return f"{self.name} {self.version} (Installed)"


@dataclass(frozen=True, slots=True, eq=False)
class ExtrasCandidate:
    """A candidate with extras: a separate node that depends on its base."""

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
        """The version of the base."""
        return self.base.version

    def describe(self) -> str:
        """Return the candidate as pip prints it in errors."""
        return f"{self.base.describe()} [{', '.join(sorted(self.extras))}]"


@dataclass(frozen=True, slots=True, eq=False)
class PythonCandidate:
    """The target interpreter, which Requires-Python refers to."""

    version: Version
    name: NormalizedName = PYTHON
    key: str = PYTHON

    def describe(self) -> str:
        """Return the candidate as pip prints it in errors."""
        return f"Python {self.version}"


Node = LinkCandidate | InstalledCandidate | ExtrasCandidate | PythonCandidate


def _are_same(one: Node, other: Node) -> bool:
    """Return whether two nodes are of the same distribution, possibly with different URLs."""
    match one, other:
        case ExtrasCandidate(), ExtrasCandidate():
            return one.extras == other.extras and _are_same(one.base, other.base)
        case LinkCandidate(), LinkCandidate():
            first, second = one.distribution.link, other.distribution.link
            same_kind = (
                one.install_req.editable == other.install_req.editable
                and one.version == other.version
            )
            return same_kind and first.comparable_location == second.comparable_location
        case _:
            return one is other


@dataclass(frozen=True, slots=True, eq=False)
class SpecifierRequirement:
    """A dependency on any matching version of a project, possibly with extras."""

    install_req: InstallRequirement
    name: NormalizedName
    key: str
    specifier: SpecifierSet
    extras: frozenset[NormalizedName]
    text: str

    def is_satisfied_by(self, node: Node) -> bool:
        """Return whether the version matches; the index has excluded pre-releases before."""
        return self.specifier.contains(node.version, prereleases=True)

    def describe(self) -> str:
        """Return the requirement as pip prints it in errors: ``a<2 and >=1`` for ``a<2,>=1``."""
        *others, last = [part.strip() for part in self.text.split(",")]
        return f"{', '.join(others)} and {last}" if others else last


@dataclass(frozen=True, slots=True, eq=False)
class ExplicitRequirement:
    """A dependency on one candidate."""

    node: LinkCandidate | InstalledCandidate | ExtrasCandidate

    @property
    def name(self) -> NormalizedName:
        """The project's name."""
        return self.node.name

    @property
    def key(self) -> str:
        """The key of the node."""
        return self.node.key

    @property
    def text(self) -> str:
        """The project and version of the candidate."""
        return f"{self.node.key} {self.node.version}"

    def is_satisfied_by(self, node: Node) -> bool:
        """Return whether `node` is the candidate, or one of the same distribution."""
        return node is self.node or _are_same(node, self.node)

    def describe(self) -> str:
        """Return the candidate as pip prints it in errors."""
        return self.node.describe()


@dataclass(frozen=True, slots=True, eq=False)
class RequiresPythonRequirement:
    """A dependency on an interpreter with a matching version."""

    specifier: SpecifierSet
    python: PythonCandidate
    name: NormalizedName = PYTHON
    key: str = PYTHON
    fits: bool = field(init=False)

    def __post_init__(self) -> None:
        """Compare once: there is one interpreter per run."""
        fits = self.specifier.contains(self.python.version, prereleases=True)
        object.__setattr__(self, "fits", fits)

    @property
    def text(self) -> str:
        """The requirement as pip prints it."""
        return f"Python {self.specifier}"

    def is_satisfied_by(self, node: Node) -> bool:  # noqa: ARG002 - there is one interpreter
        """Return whether the interpreter matches."""
        return self.fits

    def describe(self) -> str:
        """Return the requirement as pip prints it in errors."""
        return self.text


@dataclass(frozen=True, slots=True, eq=False)
class UnsatisfiableRequirement:
    """A dependency on a direct link whose metadata are inconsistent; nothing satisfies it."""

    name: NormalizedName

    @property
    def key(self) -> str:
        """The key of the node."""
        return self.name

    @property
    def text(self) -> str:
        """The requirement as pip prints it."""
        return f"{self.name} (unavailable)"

    def is_satisfied_by(self, node: Node) -> bool:  # noqa: ARG002 - nothing can
        """Return False."""
        return False

    def describe(self) -> str:
        """Return the requirement as pip prints it in errors."""
        return self.text


Dependency = (
    SpecifierRequirement
    | ExplicitRequirement
    | RequiresPythonRequirement
    | UnsatisfiableRequirement
)
