"""Every remedy has a text, and the ones that name a setting end with it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

import pytest

from pipfast.errors import Remedy
from pipfast.model import credentials, failure_hints, remedies
from pipfast.model.failure_hints import FailureHint
from pipfast.model.frozen_dataclass import names_of
from pipfast.model.remedies import Elsewhere, Opponent, UndeclaredModule
from pipfast.report.failure import print_hint
from pipfast.report.hint_text import text_of

VALUES: dict[str, object] = {
    "projects": ("demo",),
    "releases": (Elsewhere("demo", "1", "https://index.example/demo/"),),
    "module": UndeclaredModule("demo", "torch"),
    "needs": (Opponent("num<2"),),
    "opponents": (Opponent("num>2", is_users=True),),
    "is_wheel": True,
    "setting": "PIPFAST_LOCAL_VERSIONS=lax",
}
KINDS = [
    kind
    for _, kind in inspect.getmembers(remedies, inspect.isclass)
    if issubclass(kind, Remedy) and kind is not Remedy
]
COPIED = re.compile(r"(PIPFAST_\w+=[\w-]+|--only-binary [\w,]+)$")


@pytest.mark.parametrize("kind", KINDS)
def test_every_remedy_has_a_text(kind: type[Remedy]) -> None:
    remedy = kind(*(VALUES.get(name, name) for name in names_of(kind)))
    text = text_of(remedy)
    assert text
    assert bool(COPIED.search(text)) is remedy.is_setting


FAILURES: dict[str, object] = {
    "tags": ("win32", "win_amd64"),
    "status": 401,
    "free": 1000,
    "needed": 0,
    "source": credentials.CredentialSource.NONE,
    "keyring": credentials.KeyringUse.MISSING,
}
HINTS = [
    kind
    for _, kind in inspect.getmembers(failure_hints, inspect.isclass)
    if issubclass(kind, FailureHint) and kind is not FailureHint
]


@pytest.mark.parametrize("kind", HINTS)
def test_every_hint_on_a_failure_has_a_text(kind: type[FailureHint]) -> None:
    faults: Iterable[object] = {
        failure_hints.CheckNetwork: failure_hints.Fault,
        failure_hints.CheckCertificate: failure_hints.Certificate,
    }.get(kind, [None])
    texts = set()
    for fault in faults:
        values = {**FAILURES, "fault": fault, "by_module": False, "binary": False}
        texts.add(text_of(kind(**{name: values.get(name, name) for name in names_of(kind)})))
    assert all(texts)
    assert len(texts) == len(list(faults))


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("source", credentials.CredentialSource)
def test_a_hint_on_credentials_says_where_they_come_from(
    source: credentials.CredentialSource, status: int
) -> None:
    hint = failure_hints.CheckCredentials(
        url="https://index.example/simple/", host="index.example", status=status, user="me",
        source=source, keyring=credentials.KeyringUse.ASKED,
    )  # fmt: skip
    text = text_of(hint)
    assert str(status) in text
    assert ("'me'" in text) is (source is not credentials.CredentialSource.NONE)
    assert ("~/.netrc" in text) is (source is credentials.CredentialSource.NONE)


def test_hints_on_a_failure_are_lines_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    network = failure_hints.CheckNetwork(host="a", fault=failure_hints.Fault.NAME)
    print_hint([remedies.SkipFailingIndexes(), network, remedies.AnswerInAdvance()])
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("hint: this machine does not find the address of a")
    assert second.startswith("hint: to skip an index")
    assert second.endswith("; confirm in advance with -y")
