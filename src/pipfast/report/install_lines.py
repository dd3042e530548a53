"""pip's lines of an installation, which scripts read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from pipfast.model.events import Level
from pipfast.model.link import redact
from pipfast.plan.consistency import ConflictingDependency, DependencyProblem, MissingDependency
from pipfast.policy.network import DEFAULT_INDEX, NetworkPolicy
from pipfast.report.render import Line

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


def search_locations(network: NetworkPolicy) -> Iterator[Line]:
    """Yield where distributions are searched, unless it is only the default index."""
    for text in _seemingly_invalid(network):
        yield Line(Level.WARNING, text)
    locations = _looking_in(network)
    if locations:
        yield Line(Level.INFO, locations)


def _looking_in(network: NetworkPolicy) -> str:
    lines = []
    if network.index_urls and network.index_urls != (DEFAULT_INDEX,):
        lines.append(f"Looking in indexes: {', '.join(map(redact, network.index_urls))}")
    if network.find_links:
        lines.append(f"Looking in links: {', '.join(map(redact, network.find_links))}")
    return "\n".join(lines)


STILL_CHANGING = (
    "The environment is being changed by other programs again and again; nothing was installed"
)


def _seemingly_invalid(network: NetworkPolicy) -> Iterator[str]:
    """Yield warnings for index URLs without a scheme."""
    if network.index_urls == (DEFAULT_INDEX,):
        return
    for url in network.index_urls:
        try:
            scheme, netloc, *_ = urlsplit(url)
        except ValueError:
            continue  # the location is reported as unusable
        if not (scheme or netloc):
            yield f'The index url "{url}" seems invalid, please provide a scheme.'


def would_install(distributions: Iterable[tuple[str, str]]) -> str:
    """Return the result of a dry run, empty if nothing would be done."""
    items = " ".join(f"{name}-{version}" for name, version in sorted(distributions))
    return f"Would install {items}" if items else ""


def collected(names: Sequence[str]) -> str:
    """Return the line before an installation, with names in order."""
    return f"Installing collected packages: {', '.join(names)}"


def installed(distributions: Iterable[tuple[str, str]]) -> str:
    """Return the line after an installation: names as requested, sorted, with versions."""
    items = " ".join(f"{name}-{version}" for name, version in sorted(distributions))
    return f"Successfully installed {items}" if items else ""


def disagreements(problems: Sequence[DependencyProblem]) -> str:
    """Return the conflicts between installed distributions, empty if there are none."""
    return "\n".join([UNCHECKED, *map(_problem, problems)]) if problems else ""


def _problem(problem: DependencyProblem) -> str:
    match problem:
        case MissingDependency(name, version, requirement):
            return f"{name} {version} requires {requirement}, which is not installed."
        case ConflictingDependency(name, version, requirement, found, found_version):
            return (
                f"{name} {version} requires {requirement}, but you have {found} {found_version} "
                "which is incompatible."
            )
