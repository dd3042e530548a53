"""What holds an address with a secret, and the text that it shows; no text may have the secret.

Commands reach some of these places only through unlikely servers, and others are behind a further
place that hides the secret, so here each is called for itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from pipfast.commands._doctor.index_check import _answer
from pipfast.errors import PipfastError
from pipfast.fetch.downloads.descriptions import whole
from pipfast.fetch.downloads.files import DownloadRequest
from pipfast.fetch.events import FileAnnounced
from pipfast.fetch.vcs.runner import HiddenArgument
from pipfast.fetch.vcs.svn import Subversion
from pipfast.index.finder import IndexFailed
from pipfast.index.forbidden_pages import ForbiddenPages
from pipfast.model.direct_url import ArchiveOrigin, direct_url_json
from pipfast.model.events import Event, Level, Message
from pipfast.model.link import Link, redact, without_secrets
from pipfast.model.user_requirement import FileLine, LockFile
from pipfast.net import errors
from pipfast.net.client import Client
from pipfast.plan.dependency_graph import DependencyGraph, Fit, RequirementEdge
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.remote_store import RemoteStorePolicy
from pipfast.report.incident_report import Incident, document
from pipfast.report.parity_comparison import selected
from pipfast.report.pylock_writer import Pin, lock_text
from pipfast.report.render import Line, text_of
from pipfast.report.tree_lines import edge_json, without_marker
from pipfast.requirements.errors import InvalidEggFragment
from pipfast.resolve.constraint import Constraint
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.session.network_hints import about_network
from pipfast.session.port_adapters import WrongProject
from pipfast.session.sharing import remote_store
from pipfast.sources.build_tracker import AlreadyBeingBuilt
from pipfast.sources.source_reader import guessed_requirement

Show = Callable[[str], str]
"""Returns what is shown of an address."""


def _of_error(error: PipfastError) -> str:
    attributes = (getattr(error, name, "") for name in ("url", "headline", "why", "cause"))
    return " ".join([str(error), *map(str, attributes), *map(repr, error.remedies)])


def _hinted(proxy: str) -> str:
    error = errors.ProxyConnectionError("http://127.0.0.1:9/", proxy, "why")
    with Client(NetworkPolicy(proxy=proxy)) as client:
        return " ".join(map(repr, about_network(error, client, ForbiddenPages(client))))


def _examined(url: str) -> str:
    with Client(NetworkPolicy(retries=0)) as client:
        return repr(_answer(client, url))


def _shared(url: str) -> str:
    policy = RemoteStorePolicy(url=url, writes=False, key="", wait=1.0)
    messages: list[Event] = []
    remote_store(policy, cast("Any", None), cast("Any", None), messages.append)
    return " ".join(text_of(cast("Message", each)) for each in messages)


def _locked(url: str) -> str:
    pin = Pin(
        name=NormalizedName("demo"), version=Version("1"), origin=ArchiveOrigin(url=url),
        direct=True, is_wheel=True,
    )  # fmt: skip
    try:
        return lock_text([pin], Path())
    except PipfastError as error:
        return str(error)


def _requirement(url: str, *, named: bool) -> InstallRequirement:
    requirement = Requirement(f"demo @ {url}") if named else None
    return InstallRequirement(requirement, link=Link(url=url))


def _compared(url: str) -> str:
    item = {"metadata": {"name": "demo", "version": "1"}, "download_info": {"url": url}}
    return selected({"install": [item]})["demo"].origin


def _edge(url: str) -> str:
    requirement = Requirement(f"demo @ {url}")
    top, demo = NormalizedName("top"), NormalizedName("demo")
    edge = RequirementEdge(
        dependent=top, required=demo, requirement=requirement, extra=NormalizedName(""),
        fit=Fit.MISSING,
    )  # fmt: skip
    return json.dumps(edge_json(edge, DependencyGraph([], {})))


def _child_of(url: str) -> str:
    return InstallRequirement(Requirement("dep"), _requirement(url, named=True)).chain()


def _reported(**fields: str) -> str:
    """Return the incident report of a run whose every other word is harmless."""
    texts = {"word": "install", "why": "why", "traceback": "traceback", "mode": "why", **fields}
    incident = Incident(
        when="now", program="pip", words=[texts["word"]], why=texts["why"], code=1,
        traceback=texts["traceback"], mode={"pip-compat": ("true", texts["mode"])},
    )  # fmt: skip
    return json.dumps(document(incident, {}, []))


def _of_linked(url: str) -> str:
    return Link(url="http://127.0.0.1:9/demo.zip", page=url).described()


SHOWN: Mapping[str, Show] = {
    "link": lambda url: Link(url=url).redacted,
    "link-described": lambda url: Link(url=url).described(),
    "page-of-a-link": _of_linked,
    "link-with-its-page": lambda url: whole(Link(url=url, page=url)),
    "link-without-page": lambda url: whole(Link(url=url)),
    "page": lambda url: whole(Link(url="http://127.0.0.1:9/demo.zip", page=url)),
    "place": without_secrets,
    "line-of-a-file": lambda url: str(FileLine(flag="-r", path=url, line=1)),
    "lock-file": lambda url: str(LockFile(path=url)),
    "requirement": lambda url: _requirement(url, named=True).redacted,
    "requirement-described": lambda url: _requirement(url, named=True).described(),
    "link-of-a-requirement": lambda url: _requirement(url, named=False).described(),
    "chain": lambda url: _requirement(url, named=True).chain(),
    "chain-of-a-dependency": _child_of,
    "guessed-requirement": lambda url: guessed_requirement(Link(url=url)),
    "guessed-link": lambda url: guessed_requirement(Link(url=f"{url.rpartition('/')[0]}/demo")),
    "file-without-path": lambda url: text_of(
        FileAnnounced(url=url.rpartition("/")[0], size=1, cached=False)
    ),
    "requirement-in-a-tree": lambda url: without_marker(Requirement(f"demo @ {url}")),
    "requirement-in-a-document": _edge,
    "constraint": lambda url: Constraint(links=(Link(url=url),)).describe(),
    "file-without-hash": lambda url: (
        DownloadRequest(Link(url=url), f"demo @ {url}", is_direct=True).name_without_hash
    ),
    "word-of-a-command": lambda url: str(HiddenArgument.url(url)),
    "direct-url": lambda url: direct_url_json(ArchiveOrigin(url=url)),
    "remote-store": _shared,
    "lock-without-hash": _locked,
    "compared-report": _compared,
    "index-failed": lambda url: IndexFailed(url, "why").index,
    "wrong-project": lambda url: str(WrongProject(Link(url=url), "demo", "other")),
    "egg": lambda url: _of_error(InvalidEggFragment(Link(url=url), "a b")),
    "being-built": lambda url: str(AlreadyBeingBuilt(Link(url=url), "demo")),
    "connection-failed": lambda url: _of_error(errors.ConnectionFailedError(url, "host", "why")),
    "timeout": lambda url: _of_error(
        errors.ConnectionTimeoutError(url, "host", 1, connecting=False)
    ),
    "tls": lambda url: _of_error(errors.SSLVerificationError(url, "host", "why")),
    "behind-a-proxy": lambda url: _of_error(
        errors.ProxyConnectionError(url, "http://127.0.0.1:9", "why")
    ),
    "proxy": lambda url: _of_error(errors.ProxyConnectionError("http://host/", url, "why")),
    "hint-on-a-proxy": _hinted,
    "index-that-doctor-asks": _examined,
    "status": lambda url: _of_error(errors.HTTPStatusError(url, 404, "Not Found")),
    "ranges": lambda url: _of_error(errors.RangesUnsupportedError(url)),
    "incomplete": lambda url: _of_error(errors.IncompleteDownloadError(url, "1/2", 1, 2)),
    "too-many": lambda url: errors.TooManyErrorResponses(
        url, "pool", "/", status=503, reason_phrase="no"
    ).response,
    "reported-word": lambda url: _reported(word=f"-i{url}"),
    "reported-reason": lambda url: _reported(why=url),
    "reported-traceback": lambda url: _reported(traceback=f"  File\n{url}"),
    "reported-mode": lambda url: _reported(mode=url),
}


def _of_subversion(secret: str) -> str:
    """Return how the password for Subversion, which takes it as an argument, is shown."""
    address = Subversion(None, 0).address(f"svn+http://me:{secret}@host/one")  # type: ignore[arg-type]
    return " ".join(map(str, (address.url, *address.options)))


def _named_secret(secret: str) -> str:
    incident = Incident(
        when="now", program="pip", words=["install"], why=f"it said {secret}", code=1,
        traceback="", mode={},
    )  # fmt: skip
    return document(incident, {"UPLOAD_TOKEN": secret}, [])


PASSWORD_SHOWN: Mapping[str, Show] = {
    "invalid-url": lambda secret: redact(f"http://me:{secret}@[::bad/demo"),
    "printed-line": lambda secret: Line(Level.INFO, f"cannot read http://me:{secret}@host/").text,
    "argument-of-subversion": _of_subversion,
    "value-of-a-variable": _named_secret,
}
"""The same for a password alone."""
