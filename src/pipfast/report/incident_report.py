"""The incident report of a run that was handed to real pip."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import unquote

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.model.version import PIP_VERSION, __version__

FORMAT = 1
HIDDEN = "****"
_SHORTEST = 6
"""The minimum length of secrets that are replaced everywhere; shorter ones may be words."""

_LIBRARIES = ("packaging", "resolvelib", "httpcore", "rich", "truststore", "certifi")
ACCOUNT = lazy_pattern(r"(?<=://)[^/\s'\"]*@")
_QUERY = lazy_pattern(r"(://[^\s'\"?#]*\?)[^\s'\"#]+")
_NAMED = lazy_pattern(
    r"(?i)([\w-]*(?:token|secret|passw(?:or)?d|api[-_]?key|credential)[\w-]*\s*[=:]\s*)[^\s,;]+"
)
_HEADER = lazy_pattern(r"(?i)\b(basic|bearer)\s+[a-z0-9+/=._~-]{8,}")
_SECRET_NAME = lazy_pattern(
    r"(?i)(?:^|_)(?:TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?|CREDENTIAL|AUTH|(?:API_?)?KEY|COOKIE)S?"
    r"(?:$|_)"
)
_SHAPING = ("PIP_", "PIPFAST_", "PYTHON", "VIRTUAL_ENV", "CONDA_", "XDG_", "SSL_", "REQUESTS_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident: `program` was run with `words`, and `why` pipfast could not do it.

    `traceback` is empty for a missing feature. `mode` has value and origin of each rule, `code`
    is pip's exit code, `when` an ISO 8601 time.
    """

    when: str
    program: str
    words: Sequence[str]
    why: str
    traceback: str
    mode: Mapping[str, tuple[str, str]]
    code: int


def document(incident: Incident, environ: Mapping[str, str], configured: Iterable[str]) -> str:
    """Return the report as JSON, with every recognised secret replaced by ``****``.

    Only names of `environ` are included; its values, and those of `configured`, are searched for
    secrets.
    """
    secrets = _secrets(environ, configured)

    def safe(text: str) -> str:
        return redacted(text, secrets)

    record = {
        "format": FORMAT,
        "when": incident.when,
        "program": incident.program,
        "argv": [safe(word) for word in incident.words],
        "why": safe(incident.why),
        "pip_exit_code": incident.code,
        "traceback": safe(incident.traceback).splitlines(),
        "mode": {
            question: {"value": value, "why": safe(why)}
            for question, (value, why) in incident.mode.items()
        },
        "versions": {
            "pipfast": __version__,
            "pip": PIP_VERSION,
            "python": sys.version,
            **{name: _version(name) for name in _LIBRARIES},
        },
        "platform": platform.platform(),
        "variables": sorted(name for name in environ if name.startswith(_SHAPING)),
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without user names and queries of URLs and without secrets.

    The user's home folder becomes ``~``.
    """
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = ACCOUNT.sub(f"{HIDDEN}@", text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _HEADER.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def _secrets(environ: Mapping[str, str], configured: Iterable[str]) -> list[str]:
    """Yield the secrets, longest first, so that none is replaced in part."""
    found = {value for name, value in environ.items() if _SECRET_NAME.search(name)}
    for value in (*environ.values(), *configured):
        for account in ACCOUNT.findall(value):
            user, colon, password = account[:-1].partition(":")
            hidden = password if colon else user
            found |= {hidden, unquote(hidden)}
    return sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
