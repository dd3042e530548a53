"""The incident report of a run that was handed to real pip."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.version import PIP_VERSION, __version__
from pipfast.report.redaction import redacted, secrets_in

FORMAT = 1
_LIBRARIES = ("packaging", "resolvelib", "httpcore", "rich", "truststore", "certifi")
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
    secrets = secrets_in(environ, configured)

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


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
