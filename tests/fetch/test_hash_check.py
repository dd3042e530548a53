import hashlib
from pathlib import Path

import pytest

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.hash_check import (
    HashMismatch,
    HashMissing,
    StreamDigests,
    check,
    digests_of,
)
from pipfast.model.digest import Digest

A, B, C = (Digest("sha256", letter * 64) for letter in "abc")


def test_one_digest_of_those_allowed_is_enough() -> None:
    check("demo", [A, B], [B])
    check("demo", [], [B])


def test_a_wrong_file_is_told_in_the_words_of_pip() -> None:
    with pytest.raises(HashMismatch) as fault:
        check("demo==1.0 from https://h/demo.whl", [B, A], [C])
    assert fault.value.message == (
        "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated "
        "the package versions, please update the hashes. Otherwise, examine the package contents "
        "carefully; someone may have tampered with them.\n"
        "    demo==1.0 from https://h/demo.whl:\n"
        f"        Expected sha256 {A.value}\n"
        f"        Expected     or {B.value}\n"
        f"             Got        {C.value}\n"
    )


def test_a_missing_hash_is_told_with_the_line_to_add() -> None:
    assert HashMissing("demo==1.0", A).message.endswith(f"\n    demo==1.0 --hash=sha256:{A.value}")


def test_every_digest_that_is_expected_is_taken(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"hello")
    taken = digests_of(tmp_path / "f", [Digest("sha512", "x")])
    assert taken == (
        Digest("sha256", hashlib.sha256(b"hello").hexdigest()),
        Digest("sha512", hashlib.sha512(b"hello").hexdigest()),
    )


def test_an_unknown_algorithm_is_an_error() -> None:
    with pytest.raises(InstallationError, match="Unknown hash name: blake9"):
        StreamDigests([Digest("blake9", "x")])
