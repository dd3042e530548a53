"""CI writes and laptops read: Ed25519 keys, from the settings to what is installed."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compat.remote_store.conftest import NewMachine
from compat.remote_store.machines import KEY, Works
from compat.remote_store.test_attacks import parts
from pipfast.model.frozen_dataclass import replace
from pipfast.remote_store.key_pairs import KeyPairs
from pipfast.remote_store.objects import LONGEST, Signer, sealed
from pipfast.remote_store.secret import Secret

_PRIVATE = Ed25519PrivateKey.generate()
CI = KeyPairs(_PRIVATE.private_bytes_raw(), ())
ATTACKER = KeyPairs(Ed25519PrivateKey.generate().private_bytes_raw(), ())
SIGNING = b64encode(
    _PRIVATE.private_bytes(forms.Encoding.DER, forms.PrivateFormat.PKCS8, forms.NoEncryption())
).decode()
PUBLIC = b64encode(
    _PRIVATE.public_key().public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
).decode()
OF_CI = {"PIPFAST_REMOTE_STORE_SIGNING_KEY": SIGNING}
OF_LAPTOPS = {"PIPFAST_REMOTE_STORE_PUBLIC_KEYS": PUBLIC, "PIPFAST_REMOTE_STORE_MODE": "read"}


def test_ci_writes_and_laptops_read(works: Works, machine: NewMachine) -> None:
    works.add(backend={"variables": [*OF_CI, "HOME"]})
    ci, laptop = machine(environ=OF_CI), machine(environ=OF_LAPTOPS)
    assert ci.install("demo").errors == ""
    assert works.made() == ["metadata", "wheel"]
    told = (ci.site / "demo" / "built.json").read_text()
    assert '"PIPFAST_REMOTE_STORE_SIGNING_KEY": null' in told
    ended = laptop.install("demo")
    assert (ended.code, ended.errors, works.made()) == (0, "", [])
    assert laptop.tree() == ci.tree()


def test_a_laptop_that_should_write_says_that_it_cannot_sign(
    works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    laptop = machine(environ={**OF_LAPTOPS, "PIPFAST_REMOTE_STORE_MODE": "read-write"})
    ended = laptop.install("demo")
    assert ended.code == 0
    assert ended.errors.count("WARNING") == 1
    assert "remote-store-signing-key is not" in ended.errors
    pushed = laptop.run("cache", "push")
    assert pushed.code == 1
    assert "ERROR: This machine cannot sign what it would upload" in pushed.errors
    assert [*shelf.iterdir()] == []


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({**OF_CI, "PIPFAST_REMOTE_STORE_PUBLIC_KEYS": SIGNING}, "are not public Ed25519 keys"),
        ({"PIPFAST_REMOTE_STORE_SIGNING_KEY": PUBLIC}, "is not one private Ed25519 key"),
        ({"PIPFAST_REMOTE_STORE_SIGNING_KEY": "file:/nowhere"}, "cannot be read"),
    ],
    ids=["public", "private", "file"],
)
def test_a_key_that_cannot_be_used_is_no_store_and_one_warning(
    variables: dict[str, str], text: str, works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    ended = machine(environ=variables).install("demo")
    assert (ended.code, ended.errors.count("WARNING")) == (0, 1)
    assert text in ended.errors
    assert SIGNING not in ended.output + ended.errors
    assert [*shelf.iterdir()] == []


def test_without_the_library_the_run_goes_on_without_the_store(
    works: Works, machine: NewMachine, tmp_path: Path
) -> None:
    works.add()
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "cryptography.py").write_text("raise ImportError('it is not installed')\n")
    for variables in (OF_CI, OF_LAPTOPS):
        ended = machine(environ=variables).install("demo", PYTHONPATH=str(hidden))
        assert (ended.code, ended.errors.count("WARNING")) == (0, 1)
        assert "cryptography (pip install 'pipfast[remote]')" in ended.errors


Change = Callable[[bytes], bytes]


def _again(whole: bytes, signer: Signer, **changes: object) -> bytes:
    _, manifest, _, content = parts(whole)
    return sealed(replace(manifest, **changes), signer) + content  # type: ignore[arg-type]


CHANGES: dict[str, Change] = {
    "signed by another key": lambda own: _again(own, ATTACKER),
    "signed with the secret alone": lambda own: _again(own, Secret(KEY)),
    "replayed after its time": lambda own: _again(own, CI, made=time.time() - LONGEST - 60),
    "truncated": lambda own: own[:-10],
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_altered_object_is_refused(
    change: str, works: Works, machine: NewMachine, shelf: Path
) -> None:
    works.add()
    assert machine(environ=OF_CI).install("demo").code == 0
    for path in shelf.rglob("*"):
        if path.is_file() and parts(path.read_bytes())[1].key.startswith("wheel"):
            path.write_bytes(CHANGES[change](path.read_bytes()))
    works.made()
    laptop = machine(environ=OF_LAPTOPS)
    ended = laptop.install("demo")
    assert (ended.code, works.made()) == (0, ["metadata", "wheel"])
    assert "What the remote store has for demo is not used" in ended.errors
    assert laptop.remote()["refused"] == 1
