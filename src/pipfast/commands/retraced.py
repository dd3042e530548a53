"""A resolution from its trace where that holds, else from the solver and kept for the next run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipfast.commands.world import Environment
from pipfast.index.finder import Finder
from pipfast.model.events import Event, Said
from pipfast.model.wanted import Wanted
from pipfast.requirements.collect import Collected
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import Answer, solve
from pipfast.store.folder import Store
from pipfast.trace.resolution import Known, PageStamp, asked, recall, remember


def solved(
    collected: Collected,
    ports: Ports,
    finder: Finder,
    environment: Environment,
    keeping: tuple[Store, Sequence[str]],
) -> Answer:
    """The resolution of what was collected; `keeping` is the store and the target's tags.

    Raises what the solver raises.
    """
    store, tags = keeping
    if not _is_traceable(collected):
        return solve(collected.wanted, ports, collected.selection)
    text = asked(
        [_words(one) for one in collected.wanted],
        collected.selection,
        {
            "index": collected.network.index_urls,
            "tags": tags,
            "python": str(ports.python),
            "markers": dict(ports.markers),
        },
    )
    known = recall(store, text, lambda name: environment.get(name) is not None)
    if known is not None:
        for said in known.said:
            ports.emit(said)
        return known.answer
    heard: list[Said] = []

    def listen(event: Event) -> None:
        if isinstance(event, Said):
            heard.append(event)
        ports.emit(event)

    answer = solve(collected.wanted, replace(ports, emit=listen), collected.selection)
    pages = finder.rests_on()
    if pages is not None and not any(environment.consulted()):
        stamps = tuple(PageStamp(path=p, number=n, lifetime=life) for _, p, n, life in pages)
        names = tuple(name for name, *_ in pages)
        remember(store, text, Known(answer=answer, said=tuple(heard), names=names, pages=stamps))
    return answer


def _is_traceable(collected: Collected) -> bool:
    """Whether the answer rests on the pages of one index alone."""
    network = collected.network
    return (
        len(network.index_urls) == 1
        and not network.find_links
        and not network.refresh
        and not any(one.link for one in collected.wanted)
    )


def _words(one: Wanted) -> list[object]:
    """All that a requirement says, in plain words."""
    digests = [str(digest) for digest in one.digests]
    return [str(one.requirement), str(one.origin), digests, one.constraint]
