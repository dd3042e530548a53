"""An object is used only if it is whole, fresh, signed and made for what it is used for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store import objects
from pipfast.remote_store.objects import (
    LONGEST,
    Canceled,
    Fault,
    Manifest,
    Receiver,
    Refused,
    sealed,
)
from pipfast.remote_store.secret import Secret

SECRET = Secret("a secret of at least 16 characters")
OTHER = Secret("the secret of somebody who attacks")
CONTENT = b"the content of a wheel" * 100


def manifest(**changes: object) -> Manifest:
    usual = Manifest(
        key="wheel 1",
        sha256=sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        made=time.time(),
        seconds=3.0,
        file="demo-1.0-py3-none-any.whl",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def received(whole: bytes, *, step: int = 7) -> bytes:
    """Return the content of an object for the key ``wheel 1``. Raises Refused."""
    file = BytesIO()
    receiver = Receiver("wheel 1", SECRET, file)
    for start in range(0, len(whole), step):
        receiver.write(whole[start : start + step])
    receiver.finish()
    return file.getvalue()


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_good_object_is_received_however_it_is_cut(step: int) -> None:
    assert received(sealed(manifest(), SECRET) + CONTENT, step=step) == CONTENT


def test_an_object_may_be_empty() -> None:
    nothing = manifest(size=0, sha256=sha256(b"").hexdigest())
    assert received(sealed(nothing, SECRET)) == b""


GOOD = sealed(manifest(), SECRET) + CONTENT
ATTACKS: dict[str, tuple[bytes, Fault]] = {
    "other key": (sealed(manifest(key="wheel 2"), SECRET) + CONTENT, Fault.OTHER_KEY),
    "other kind": (sealed(manifest(key="metadata 1"), SECRET) + CONTENT, Fault.OTHER_KEY),
    "old": (sealed(manifest(made=time.time() - LONGEST - 9), SECRET) + CONTENT, Fault.TOO_OLD),
    "future": (sealed(manifest(made=time.time() + 9e5), SECRET) + CONTENT, Fault.FROM_FUTURE),
    "forged": (sealed(manifest(), OTHER) + CONTENT, Fault.BAD_SIGNATURE),
    "changed": (GOOD.replace(b"demo", b"evil", 1), Fault.BAD_SIGNATURE),
    "signature of bytes": (
        b"\n".join([*GOOD.split(b"\n")[:2], b"\xff" * 64, CONTENT]),
        Fault.BAD_SIGNATURE,
    ),
    "flipped": (GOOD[:-1] + b"x", Fault.OTHER_CONTENT),
    "truncated": (GOOD[:-1], Fault.TRUNCATED),
    "truncated in the manifest": (GOOD[:50], Fault.TRUNCATED),
    "nothing": (b"", Fault.TRUNCATED),
    "longer": (GOOD + b"x", Fault.TOO_LONG),
    "something else": (b"<html>" + CONTENT, Fault.NOT_AN_OBJECT),
    "endless line": (GOOD[:17] + b"x" * 100_000, Fault.NOT_AN_OBJECT),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_altered_object_is_refused(attack: str) -> None:
    whole, fault = ATTACKS[attack]
    with pytest.raises(Refused) as refused:
        received(whole)
    assert refused.value.fault is fault


_verified = objects._verified


def _of_any_key(lines: list[bytes], key: str, secret: Secret) -> Manifest:
    return _verified(lines, json.loads(lines[1])["key"] or key, secret)


CHECKS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "signature": ("forged", lambda patch: patch.setattr(Secret, "signs", lambda *_: True)),
    "age": ("old", lambda patch: patch.setattr(objects, "LONGEST", float("inf"))),
    "clock": ("future", lambda patch: patch.setattr(objects, "_AHEAD", float("inf"))),
    "key": ("other key", lambda patch: patch.setattr(objects, "_verified", _of_any_key)),
    "digest": (
        "flipped",
        lambda patch: patch.setattr(Receiver, "finish", lambda self: self.manifest),
    ),
    "size": (
        "truncated",
        lambda patch: patch.setattr(Receiver, "finish", lambda self: self.manifest),
    ),
}
"""For each check an attack that only it stops, and how to take it away."""


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_check_its_attack_succeeds(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attack, remove = CHECKS[check]
    remove(monkeypatch)
    assert len(received(ATTACKS[attack][0])) >= len(CONTENT) - 1


def test_nothing_of_an_unsigned_object_reaches_the_disk() -> None:
    file = BytesIO()
    receiver = Receiver("wheel 1", SECRET, file)
    with pytest.raises(Refused):
        receiver.write(sealed(manifest(), OTHER) + CONTENT)
    assert file.getvalue() == b""


def test_a_canceled_object_stops_its_sender() -> None:
    receiver = Receiver("wheel 1", SECRET, BytesIO())
    receiver.cancel()
    with pytest.raises(Canceled):
        receiver.write(GOOD)


@pytest.mark.parametrize("text", ["[]", "null", "{}", '{"key": 1}', "x", "[" * 5000])
def test_a_signed_manifest_of_another_form_is_refused(text: str) -> None:
    document = b"pipfast-object 1\n" + text.encode() + b"\n"
    with pytest.raises(Refused) as refused:
        received(document + SECRET.signature(document).encode() + b"\n")
    assert refused.value.fault is Fault.NOT_AN_OBJECT


def test_names_depend_on_the_secret_and_on_the_key_alone() -> None:
    assert SECRET.name_of("wheel 1") == Secret(SECRET.text).name_of("wheel 1")
    assert (
        len({SECRET.name_of("wheel 1"), SECRET.name_of("wheel 2"), OTHER.name_of("wheel 1")}) == 3
    )
    assert SECRET.signature(b"wheel 1") not in SECRET.name_of("wheel 1").replace("/", "")


def test_a_secret_is_not_shown() -> None:
    assert SECRET.text not in repr(SECRET)
