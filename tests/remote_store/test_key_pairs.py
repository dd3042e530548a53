"""Ed25519: machines with public keys alone use what a private key signed, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipfast.model.frozen_dataclass import replace
from pipfast.policy.remote_store import RemoteStorePolicy
from pipfast.remote_store import key_pairs, objects
from pipfast.remote_store.engine import LibraryMissing
from pipfast.remote_store.events import Unusable
from pipfast.remote_store.key_pairs import KeyPairs, private_keys, public_keys
from pipfast.remote_store.objects import LONGEST, Fault, Manifest, Receiver, Refused, sealed
from pipfast.remote_store.secret import Secret
from pipfast.session.sharing_keys import signer_of

SECRET = Secret("a secret of at least 16 characters")
CONTENT = b"the content of a wheel" * 100


def pair() -> KeyPairs:
    private = Ed25519PrivateKey.generate()
    return KeyPairs(private.private_bytes_raw(), (private.public_key().public_bytes_raw(),))


CI, ATTACKER = pair(), pair()
LAPTOP = replace(CI, private=None)
MANIFEST = Manifest(
    key="wheel 1",
    sha256=sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    made=time.time(),
    seconds=3.0,
)


def received(whole: bytes, signer: objects.Signer = LAPTOP) -> bytes:
    """Return the content of an object for the key ``wheel 1``. Raises Refused."""
    file = BytesIO()
    receiver = Receiver("wheel 1", signer, file)
    receiver.write(whole)
    receiver.finish()
    return file.getvalue()


GOOD = sealed(MANIFEST, CI) + CONTENT
FORGED = sealed(MANIFEST, ATTACKER) + CONTENT
OLD = sealed(replace(MANIFEST, made=time.time() - LONGEST - 9), CI) + CONTENT
DOWNGRADED = sealed(MANIFEST, SECRET) + CONTENT
FIRST, DOCUMENT, SIGNATURE, _ = GOOD.split(b"\n", 3)
ATTACKS: dict[str, tuple[bytes, Fault]] = {
    "signed by another key": (FORGED, Fault.BAD_SIGNATURE),
    "signed with the secret that names objects": (DOWNGRADED, Fault.OTHER_SCHEME),
    "the secret's signature under the other number": (
        DOWNGRADED.replace(b"object 1", b"object 2", 1),
        Fault.BAD_SIGNATURE,
    ),
    "replayed after its time": (OLD, Fault.TOO_OLD),
    "truncated": (GOOD[:-1], Fault.TRUNCATED),
    "truncated in the signature": (
        b"\n".join([FIRST, DOCUMENT, SIGNATURE[:64], CONTENT]),
        Fault.BAD_SIGNATURE,
    ),
    "no signature": (b"\n".join([FIRST, DOCUMENT, b"", CONTENT]), Fault.BAD_SIGNATURE),
    "no text": (b"\n".join([FIRST, DOCUMENT, b"\xff" * 128, CONTENT]), Fault.BAD_SIGNATURE),
    "changed": (GOOD.replace(b"wheel 1", b"wheel 2", 1), Fault.BAD_SIGNATURE),
    "an unknown kind": (GOOD.replace(b"object 2", b"object 3", 1), Fault.NOT_AN_OBJECT),
    "other content": (GOOD[:-1] + b"x", Fault.OTHER_CONTENT),
}


def test_who_has_the_public_key_uses_what_the_private_one_signed() -> None:
    assert received(GOOD) == CONTENT
    assert received(GOOD, replace(LAPTOP, trusted=(*ATTACKER.trusted, *CI.trusted))) == CONTENT


@pytest.mark.parametrize("attack", ATTACKS)
def test_anything_else_is_refused(attack: str) -> None:
    whole, fault = ATTACKS[attack]
    with pytest.raises(Refused) as refused:
        received(whole)
    assert refused.value.fault is fault


def test_who_requires_the_secret_refuses_key_pairs() -> None:
    with pytest.raises(Refused) as refused:
        received(GOOD, SECRET)
    assert refused.value.fault is Fault.OTHER_SCHEME


_verified = objects._verified


def _by_the_objects_own_number(lines: list[bytes], key: str, signer: objects.Signer) -> Manifest:
    return _verified(lines, key, signer if lines[0].endswith(b"2") else SECRET)


CHECKS: dict[str, tuple[bytes, Callable[[pytest.MonkeyPatch], None]]] = {
    "signature": (FORGED, lambda patch: patch.setattr(KeyPairs, "signs", lambda *_: True)),
    "kind": (
        DOWNGRADED,
        lambda patch: patch.setattr(objects, "_verified", _by_the_objects_own_number),
    ),
    "age": (OLD, lambda patch: patch.setattr(objects, "LONGEST", float("inf"))),
    "size": (GOOD[:-1], lambda patch: patch.setattr(Receiver, "finish", lambda _: None)),
}
"""For each check an attack that only it stops, and how to take it away."""


@pytest.mark.parametrize("check", CHECKS)
def test_without_a_check_its_attack_succeeds(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attack, remove = CHECKS[check]
    remove(monkeypatch)
    assert len(received(attack)) >= len(CONTENT) - 1


def test_a_private_key_is_not_shown() -> None:
    assert CI.private is not None
    assert repr(CI.private)[2:-1] not in repr(CI)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """The files that the commands of docs/remote-store.md make."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    page = (Path(__file__).parents[2] / "docs" / "remote-store.md").read_text(encoding="utf-8")
    lines = [line[2:] for line in page.splitlines() if line.startswith("$ openssl")]
    assert len(lines) == 2
    for line in lines:
        subprocess.run(line.split(), check=True, cwd=tmp_path, capture_output=True)
    return tmp_path / "signing.pem", tmp_path / "public.pem"


def test_keys_of_openssl_are_read_as_pem_and_as_one_line(made: tuple[Path, Path]) -> None:
    private, public = (path.read_text() for path in made)
    (key,), (shared,) = private_keys(private), public_keys(public)
    assert KeyPairs(key, ()).public_key() == shared
    assert private_keys(private.splitlines()[1]) == [key]
    assert private_keys(private.replace("\n", " ")) == [key]
    line = public.splitlines()[1]
    assert public_keys(f"{line} {line}") == public_keys(public * 2) == [shared, shared]


def policy(**keys: str) -> RemoteStorePolicy:
    return RemoteStorePolicy(url="file:///", writes=True, key=SECRET.text, wait=0, **keys)


def test_settings_choose_who_signs_and_who_is_trusted(made: tuple[Path, Path]) -> None:
    signing, public = (f"file:{path}" for path in made)
    assert signer_of(policy(), SECRET) is SECRET
    (trusted,) = public_keys(made[1].read_text())
    (private,) = private_keys(made[0].read_text())
    reader = signer_of(policy(public_keys=public), SECRET)
    assert reader == KeyPairs(None, (trusted,))
    for keys in ({"signing_key": signing}, {"signing_key": signing, "public_keys": public}):
        assert signer_of(policy(**keys), SECRET) == KeyPairs(private, (trusted,))


def test_unusable_keys_are_told_apart(made: tuple[Path, Path], tmp_path: Path) -> None:
    signing, public = (f"file:{path}" for path in made)
    other = tmp_path / "other.pem"
    words = ["openssl", "genpkey", "-algorithm", "x25519", "-out", str(other)]
    subprocess.run(words, check=True)
    mine = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True, text=True
    ).stdout
    nothing, exchange = f"file:{tmp_path / 'nothing'}", f"file:{other}"
    cases: list[tuple[dict[str, str], Unusable]] = [
        ({"signing_key": nothing}, Unusable.UNREADABLE_SIGNING_KEY),
        ({"public_keys": nothing}, Unusable.UNREADABLE_PUBLIC_KEYS),
        ({"signing_key": public}, Unusable.BAD_SIGNING_KEY),
        ({"signing_key": exchange}, Unusable.BAD_SIGNING_KEY),
        ({"signing_key": "no key"}, Unusable.BAD_SIGNING_KEY),
        ({"signing_key": mine * 2}, Unusable.BAD_SIGNING_KEY),
        ({"public_keys": signing}, Unusable.BAD_PUBLIC_KEYS),
        ({"public_keys": "ÿ"}, Unusable.BAD_PUBLIC_KEYS),
        ({"signing_key": mine, "public_keys": public}, Unusable.OTHER_SIGNING_KEY),
    ]
    for keys, why in cases:
        assert signer_of(policy(**keys), SECRET) is why, keys


def test_a_missing_library_is_told(
    made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(key_pairs, "import_module", missing)
    with pytest.raises(LibraryMissing) as raised:
        LAPTOP.prepare()
    assert raised.value.name == "cryptography"
    signing = signer_of(policy(signing_key=f"file:{made[0]}"), SECRET)
    assert signing is Unusable.NO_SIGNATURES
