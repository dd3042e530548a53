"""Return the stored resolution of an earlier run if it is still valid, else solve and store."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.events import FileAnnounced
from pipfast.index.finder import Finder
from pipfast.index.used_pages import UsedPage
from pipfast.model.distribution import Wheel
from pipfast.model.events import Message
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
from pipfast.trace.resolution_trace import SavedResolution, question_of, recall, remember


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionCache:
    """Stores resolutions with the messages that belong to them.

    `messages` grows while the run resolves. `lax` is whether lax rules are permitted, under which
    a run may succeed that fails without them.
    """

    store: Store
    tags: Sequence[str]
    files: Downloader
    distributions: Distributions
    messages: list[Message]
    lax: bool
    reused: list[tuple[UsedPage, ...] | None]
    """For each resolution the pages that a stored one depends on, None if it was solved."""

    def resolve(
        self,
        collected: CollectedRequirements,
        ports: Ports,
        finder: Finder,
        environment: Environment,
    ) -> Resolution:
        """Return a stored resolution of `collected` and repeat its messages, or solve.

        Raises what the solver raises.
        """
        explains = collected.network.detail.explains
        self.reused.append(None)
        explains = explains or ports.history is not None
        if not _is_cacheable(collected) or self.files.may_lie_ready or ports.debug or explains:
            return solve(collected.wanted, ports, collected.selection)
        key = self._key(collected, ports)
        known = recall(self.store, key, lambda name: environment.get(name) is not None)
        if known is not None and self._is_valid(known, finder):
            for message in known.messages:
                ports.emit(message)
            self._note_wheels(known.answer, collected)
            if not known.built:
                self.reused[-1] = known.pages
            return known.answer
        resolution = solve(collected.wanted, ports, collected.selection)
        self._remember(key, resolution, collected, finder, environment)
        return resolution

    def _is_valid(self, known: SavedResolution, finder: Finder) -> bool:
        """Return whether the wheels of its sdists are still there, and its pages confirmed.

        Pages that have changed are used by the resolution that follows, which needs most of them.
        """
        built = self._built_wheels(known.answer)
        return known.built == built and finder.are_unchanged(known.unconfirmed)

    def _key(self, collected: CollectedRequirements, ports: Ports) -> str:
        network = collected.network
        return question_of(
            [_key_parts(each) for each in collected.wanted],
            collected.selection,
            {
                "index": network.index_urls,
                "indexes": dict(network.project_indexes),
                "strategy": network.strategy.value,
                "errors": network.errors.value,
                "trusted": network.trusted_hosts,
                "tags": self.tags,
                "lax": self.lax,
                "python": str(ports.python),
                "markers": dict(ports.markers),
            },
        )

    def _remember(
        self,
        key: str,
        resolution: Resolution,
        collected: CollectedRequirements,
        finder: Finder,
        environment: Environment,
    ) -> None:
        """Store a resolution that depends on index pages and built wheels alone."""
        messages = tuple(self.messages)
        pages = finder.used_pages()
        if pages is None or any(environment.consulted()):
            return
        built = self._built_wheels(resolution)
        if built is None or self.distributions.were_prepared or self.distributions.has_unverified:
            return  # sources are prepared, and parts of wheels read, again in the next run
        links = [pin.node.distribution.link for pin in resolution.pins]
        if any(map(_has_credentials, links)):
            return
        if are_repeatable(messages, links, collected.network.trusted_hosts):
            remember(
                self.store,
                key,
                SavedResolution(
                    answer=resolution,
                    built=built,
                    messages=messages,
                    names=tuple(dict.fromkeys(page.project for page in pages)),
                    pages=tuple(pages),
                ),
            )

    def _built_wheels(self, resolution: Resolution) -> dict[str, str] | None:
        """Return the SHA-256 of the wheel built from each sdist, None if one is not built yet."""
        built: dict[str, str] = {}
        for pin in resolution.pins:
            distribution = pin.node.distribution
            if not isinstance(distribution, Wheel):
                wheel = self.distributions.sources.kept(distribution, pin.install_req)
                if wheel is None:
                    return None
                built[distribution.link.url] = wheel.sha256
        return built

    def _note_wheels(self, resolution: Resolution, collected: CollectedRequirements) -> None:
        """Note the wheels that the repeated messages name: those without a metadata file."""
        for pin in resolution.pins:
            link = pin.node.distribution.link
            if not isinstance(pin.node.distribution, Wheel):
                continue
            if link.core_metadata is None or collected.selection.require_hashes:
                self.files.spoken_of(link)


def are_repeatable(
    messages: Sequence[Message], links: Sequence[Link], trusted_hosts: tuple[str, ...]
) -> bool:
    """Return whether the next run of pip prints the same: pip downloads cached files only once."""
    if all(not isinstance(each, FileAnnounced) or each.cached for each in messages):
        return True
    return not any(pip_caches(link.url, trusted_hosts) for link in links)


def _has_credentials(link: Link) -> bool:
    """Return whether the address of a file or of its page contains credentials."""
    return any(urlsplit(url or "").username is not None for url in (link.url, link.page))


def _is_cacheable(collected: CollectedRequirements) -> bool:
    """Return whether the resolution depends on pages of indexes alone."""
    network = collected.network
    return (
        bool(network.index_urls)
        and not network.find_links
        and not network.refresh
        and not any(each.link or each.config_settings for each in collected.wanted)
    )


def _key_parts(requirement: UserRequirement) -> list[object]:
    """Return all that a requirement specifies, as plain values."""
    digests = [str(digest) for digest in requirement.digests]
    return [
        str(requirement.requirement),
        str(requirement.origin),
        digests,
        requirement.constraint,
    ]
