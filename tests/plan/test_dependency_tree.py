"""Trees of random dependency graphs end, show each requirement once, and reach everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from pipfast.model.metadata import Metadata
from pipfast.plan.dependency_graph import DependencyGraph, DistributionNode
from pipfast.plan.dependency_paths import chains, dependents
from pipfast.plan.dependency_tree import Direction, edges_in, names_in, roots, trees

NAMES = "abcdefg"
NodeSpec = tuple[list[str], bool]


def graph_of(nodes: dict[str, NodeSpec]) -> DependencyGraph:
    """Return the graph of nodes by name: what each requires, and whether it was requested."""
    return DependencyGraph(
        [
            DistributionNode(
                name=NormalizedName(name),
                spelled=name,
                version="1.0",
                requested=requested,
                metadata=Metadata(name=name, version="1.0", requires_dist=tuple(requires)),
            )
            for name, (requires, requested) in nodes.items()
        ],
        {},
    )


def graphs() -> st.SearchStrategy[DependencyGraph]:
    requires = st.lists(st.sampled_from(NAMES), max_size=4, unique=True)
    nodes = st.dictionaries(st.sampled_from(NAMES), st.tuples(requires, st.booleans()))
    return nodes.map(graph_of)


@given(graphs(), st.sampled_from(Direction))
def test_trees_of_the_roots_show_every_requirement_once(
    graph: DependencyGraph, direction: Direction
) -> None:
    shown = trees(graph, roots(graph, direction), direction)
    edges = [edge for name in graph.nodes for edge in graph.requirements_of(name)]
    assert sorted(map(id, edges_in(shown))) == sorted(map(id, edges))
    assert names_in(shown) >= graph.nodes.keys()


@given(graphs(), st.integers(0, 4))
def test_no_branch_is_deeper_than_the_depth(graph: DependencyGraph, depth: int) -> None:
    level = trees(graph, graph.nodes, Direction.REQUIREMENTS, depth)
    for _ in range(depth):
        level = [child for branch in level for child in branch.branches]
    assert not any(branch.branches for branch in level)


@given(graphs())
def test_chains_lead_to_what_was_requested(graph: DependencyGraph) -> None:
    for name in graph.nodes:
        for chain in chains(dependents(graph, name)):
            assert [edge.required for edge in chain] == [name, *(e.dependent for e in chain[:-1])]
            assert not any(graph.nodes[edge.dependent].requested for edge in chain[:-1])


@given(graphs())
def test_whatever_was_requested_and_leads_to_a_project_explains_it(graph: DependencyGraph) -> None:
    for name in graph.nodes:
        direct = {edge.dependent for edge in graph.dependents_of(name)} - {name}
        requested = {each for each in direct if graph.nodes[each].requested}
        assert requested <= {one.name for one in dependents(graph, name)}
