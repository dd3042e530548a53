"""A resolution from its trace where that holds, else from the solver and kept for the next run."""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.fetch.downloads.downloader import Files
from pipfast.index.finder import Finder
from pipfast.model.distribution import Wheel
from pipfast.model.events import Message, Said
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.link import Link
from pipfast.model.user_requirement import UserRequirement
from pipfast.net.secure_origins import pip_caches
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.metadata_port import Distributions
from pipfast.session.port_adapters import Environment
from pipfast.store.filesystem.root import Store
from pipfast.trace.resolution_trace import Known, PageStamp, asked, recall, remember


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a resolution is kept, for which tags; `heard` grows by what is said on the way.

    `lax` is whether rules were in force under which a run may succeed that fails without them.
    """

    store: Store
    tags: Sequence[str]
    files: Files
    distributions: Distributions
    heard: list[Message | Said]
    lax: bool

    def built_of(self, answer: Resolution) -> dict[str, str] | None:
        """The digest of the wheel that was built of each sdist, None where one has none yet."""
        built: dict[str, str] = {}
        for one in answer.pins:
            distribution = one.node.distribution
            if not isinstance(distribution, Wheel):
                kept = self.distributions.sources.kept(distribution, one.install_req)
                if kept is None:
                    return None
                built[distribution.link.url] = kept.sha256
        return built


def solved(
    collected: CollectedRequirements,
    ports: Ports,
    finder: Finder,
    environment: Environment,
    keeping: Keeping,
) -> Resolution:
    """The resolution of what was collected.

    Raises what the solver raises.
    """
    store = keeping.store
    if not _is_traceable(collected) or keeping.files.may_lie_ready or ports.debugging:
        return solve(collected.wanted, ports, collected.selection)
    text = asked(
        [_words(one) for one in collected.wanted],
        collected.selection,
        {
            "index": collected.network.index_urls,
            "trusted": collected.network.trusted_hosts,
            "tags": keeping.tags,
            "lax": keeping.lax,
            "python": str(ports.python),
            "markers": dict(ports.markers),
        },
    )
    known = recall(store, text, lambda name: environment.get(name) is not None)
    if known is not None and known.built == keeping.built_of(known.answer):
        for said in known.said:
            ports.emit(said)
        _note_wheels(known.answer, collected, keeping.files)
        return known.answer
    answer = solve(collected.wanted, ports, collected.selection)
    heard = tuple(keeping.heard)
    pages = finder.rests_on()
    if pages is None or any(environment.consulted()):
        return answer
    built = keeping.built_of(answer)
    if built is None or keeping.distributions.were_prepared:
        return answer  # a source tells of itself anew, and may be built
    links = [one.node.distribution.link for one in answer.pins]
    if will_be_said_again(heard, links, collected.network.trusted_hosts):
        stamps = tuple(PageStamp(path=p, number=n, lifetime=life) for _, p, n, life in pages)
        names = tuple(name for name, *_ in pages)
        known = Known(answer=answer, built=built, said=heard, names=names, pages=stamps)
        remember(store, text, known)
    return answer


def _note_wheels(answer: Resolution, collected: CollectedRequirements, files: Files) -> None:
    """Take note of the wheels that were spoken of already: those that had to tell of themselves."""
    for one in answer.pins:
        link = one.node.distribution.link
        if not isinstance(one.node.distribution, Wheel):
            continue
        if link.core_metadata is None or collected.selection.require_hashes:
            files.spoken_of(link)


def will_be_said_again(
    heard: Sequence[Message | Said], links: Sequence[Link], trusted_hosts: tuple[str, ...]
) -> bool:
    """Whether the next run says what was `heard`: what pip keeps it downloads only once."""
    lines = [event.text for event in heard if isinstance(event, Said)]
    if not any(line.lstrip().startswith("Downloading ") for line in lines):
        return True
    return not any(pip_caches(link.url, trusted_hosts) for link in links)


def _is_traceable(collected: CollectedRequirements) -> bool:
    """Whether the answer rests on the pages of one index alone."""
    network = collected.network
    return (
        len(network.index_urls) == 1
        and "@" not in network.index_urls[0]  # a trace holds addresses, and is no place for secrets
        and not network.find_links
        and not network.refresh
        and not any(one.link or one.config_settings for one in collected.wanted)
    )


def _words(one: UserRequirement) -> list[object]:
    """All that a requirement says, in plain words."""
    digests = [str(digest) for digest in one.digests]
    return [str(one.requirement), str(one.origin), digests, one.constraint]
