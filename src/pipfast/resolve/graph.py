"""The nodes and edges of a resolution: candidates, and requirements with who asks for them.

Every value here is made once by `pool.Pool` and compared by identity: resolvelib asks for equality
and hashes hundreds of thousands of times in a hard resolution.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from types import MappingProxyType

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution
from pipfast.model.frozen_dataclass import dataclass, field, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.link import Link, redact
from pipfast.model.metadata import Metadata

NO_SETTINGS: Mapping[str, str | list[str]] = MappingProxyType({})

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


def without_extras(requirement: Requirement) -> Requirement:
    """The same requirement of the project alone."""
    bare = copy(requirement)
    bare.extras = set()
    return bare


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """A requirement, who asked for it, and what was said along with it.

    `asked_by` is a place in a file, another ask whose distribution depends on this, or None for
    the command line. `link` is set for a direct requirement, `editable` for one of ``-e``.
    `requirement` is None only for a direct link that does not name its project; `extras` and
    `marker` stand in for it then. `settings` are for the backend that builds it.
    """

    requirement: Requirement | None
    asked_by: str | Ask | None = None
    link: Link | None = None
    digests: tuple[Digest, ...] = ()
    requested: bool = False
    editable: bool = False
    settings: Mapping[str, str | list[str]] = field(default_factory=lambda: NO_SETTINGS)
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None

    @property
    def shown(self) -> str:
        """The requirement as messages tell it: for a path, pip does not tell the extras."""
        requirement = self.requirement
        if requirement is None:
            return ""
        if self.link is not None and requirement.url is None and requirement.extras:
            return str(without_extras(requirement))
        return str(requirement)

    @property
    def public(self) -> str:
        """The requirement with the secrets of its address hidden."""
        if self.requirement is None or self.requirement.url is None:
            return self.shown
        return self.shown.replace(self.requirement.url, redact(self.requirement.url))

    def without_extras(self) -> Ask:
        """The ask for the project itself that an ask with extras brings with it."""
        if self.requirement is None:
            return replace(self, extras=frozenset())
        return replace(self, requirement=without_extras(self.requirement), asked_by=self)

    def chain(self) -> str:
        """``idna>=2->anyio->-r requirements.txt (line 1)``, from this ask up to the user's."""
        own = self.shown
        above = self.above()
        return f"{own}->{above}" if own and above else own

    def above(self) -> str:
        """The chain above this ask, empty for the command line."""
        match self.asked_by:
            case None:
                return ""
            case str(place):
                return place
            case Ask() as ask:
                return ask.chain()

    def described(self, link: Link | None = None) -> str:
        """The requirement with the link that serves it and its origin, as pip tells it."""
        text = self.public
        link = link or self.link
        if link is not None:
            text = f"{text} from {link.redacted}" if text else link.redacted
        above = self.above()
        return f"{text} (from {above})" if above else text

    def for_node(self) -> Ask:
        """The ask as the distribution that serves it remembers it: without its marker (pip)."""
        if self.requirement is None or self.requirement.marker is None:
            return self if self.marker is None else replace(self, marker=None)
        bare = copy(self.requirement)
        bare.marker = None
        return replace(self, requirement=bare)

    def pinned(self, version: Version) -> Ask:
        """The ask for one version, where the user said which files will do (pip behaviour).

        So a requirement with digests counts as a pin, whoever chose the version.
        """
        if self.requirement is None or not self.digests:
            return self
        return replace(self, requirement=Requirement(f"{self.requirement.name}=={version}"))

    def named(self, metadata: Metadata) -> Ask:
        """The ask once its distribution has said which project it is of, and which release."""
        if self.requirement is not None:
            return self
        return replace(self, requirement=Requirement(f"{metadata.name}=={metadata.version}"))

    def renamed(self, name: NormalizedName) -> Ask:
        """The ask of a source that turned out to be of the project `name` (pip behaviour)."""
        return replace(self, requirement=Requirement(name))

    @property
    def is_pinned(self) -> bool:
        """Whether exactly one version can satisfy it (``==`` or ``===``, alone)."""
        if self.requirement is None:
            return False
        clauses = list(self.requirement.specifier)
        return len(clauses) == 1 and clauses[0].operator in ("==", "===")


@dataclass(frozen=True, slots=True, eq=False)
class Remote:
    """A distribution from an index or a direct link, its metadata read."""

    distribution: Distribution
    metadata: Metadata
    ask: Ask
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
        editable = "editable " if self.ask.editable else ""
        return f"{self.name} {self.version} (from {editable}{where})"


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """A distribution that is installed already."""

    installed: Installed
    metadata: Metadata
    ask: Ask
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
class WithExtras:
    """A candidate together with some of its extras: a node of its own that needs the base."""

    base: Remote | Present
    extras: frozenset[NormalizedName]
    ask: Ask
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
class Python:
    """The interpreter that distributions declare with Requires-Python."""

    version: Version
    name: NormalizedName = PYTHON
    key: str = PYTHON

    def told(self) -> str:
        """The candidate as an error tells it."""
        return f"Python {self.version}"


Node = Remote | Present | WithExtras | Python


def _is_same(one: Node, other: Node) -> bool:
    """Whether two nodes are of one distribution, its address written in two ways."""
    match one, other:
        case WithExtras(), WithExtras():
            return one.extras == other.extras and _is_same(one.base, other.base)
        case Remote(), Remote():
            here, there = one.distribution.link, other.distribution.link
            same_kind = one.ask.editable == other.ask.editable and one.version == other.version
            return same_kind and here.whereabouts == there.whereabouts
        case _:
            return one is other


@dataclass(frozen=True, slots=True, eq=False)
class Specified:
    """A need for some version of a project, perhaps with extras."""

    ask: Ask
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
class Exactly:
    """A need for this very candidate."""

    node: Remote | Present | WithExtras

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
class PythonFits:
    """A need for an interpreter in a range."""

    specifier: SpecifierSet
    python: Python
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
class Impossible:
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


Need = Specified | Exactly | PythonFits | Impossible
