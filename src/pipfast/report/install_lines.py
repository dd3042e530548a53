"""pip's lines of an installation that scripts read (PARITY 10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from pipfast.model.events import Level, Listener, Said
from pipfast.model.link import redact
from pipfast.plan.consistency import DependencyProblem
from pipfast.policy.network import DEFAULT_INDEX, NetworkPolicy

UNCHECKED = (
    "pip's dependency resolver does not currently take into account all the packages that are "
    "installed. This behaviour is the source of the following dependency conflicts."
)
AS_ROOT = (
    "Running pip as the 'root' user can result in broken permissions and conflicting behaviour "
    "with the system package manager, possibly rendering your system unusable. It is recommended "
    "to use a virtual environment instead: https://pip.pypa.io/warnings/venv. Use the "
    "--root-user-action option if you know what you are doing and want to suppress this warning."
)


def tell_where(network: NetworkPolicy, emit: Listener) -> None:
    """Say where distributions are looked for, if that is not the default index alone."""
    for text in _seemingly_invalid(network):
        emit(Said(Level.WARNING, text))
    where = _looking_in(network)
    if where:
        emit(Said(Level.INFO, where))


def _looking_in(network: NetworkPolicy) -> str:
    lines = []
    if network.index_urls and network.index_urls != (DEFAULT_INDEX,):
        lines.append(f"Looking in indexes: {', '.join(map(redact, network.index_urls))}")
    if network.find_links:
        lines.append(f"Looking in links: {', '.join(map(redact, network.find_links))}")
    return "\n".join(lines)


def _seemingly_invalid(network: NetworkPolicy) -> Iterator[str]:
    """What is said of indexes whose address lacks its beginning."""
    if network.index_urls == (DEFAULT_INDEX,):
        return
    for url in map(redact, network.index_urls):
        scheme, netloc, *_ = urlsplit(url)
        if not (scheme or netloc):
            yield f'The index url "{url}" seems invalid, please provide a scheme.'


def would_install(distributions: Iterable[tuple[str, str]]) -> str:
    """The answer of a dry run, empty where nothing would be done."""
    items = " ".join(f"{name}-{version}" for name, version in sorted(distributions))
    return f"Would install {items}" if items else ""


def collected(names: Sequence[str]) -> str:
    """What is about to be installed, in order."""
    return f"Installing collected packages: {', '.join(names)}"


def installed(distributions: Iterable[tuple[str, str]]) -> str:
    """What was installed: names as they were asked for, sorted, with versions."""
    items = " ".join(f"{name}-{version}" for name, version in sorted(distributions))
    return f"Successfully installed {items}" if items else ""


def disagreements(problems: Sequence[DependencyProblem]) -> str:
    """The environment's distributions that no longer fit one another, empty where all do."""
    return "\n".join([UNCHECKED, *map(str, problems)]) if problems else ""
