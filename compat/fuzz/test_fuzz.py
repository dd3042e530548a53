"""A bounded form: the corpus and some mutations of it, the same ones in each run."""

from __future__ import annotations

import random

import pytest

from compat.fuzz.mutations import mutated
from compat.fuzz.target import CORPUS, Disagreement, Findings, Target
from compat.fuzz.targets import TARGETS

MUTATIONS = 60
CORPORA = 500_000  # bytes


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_ends_with_an_answer_or_a_declared_error(name: str) -> None:
    target, findings, chosen = TARGETS[name], Findings(), random.Random(name)
    corpus = target.corpus()
    for data in corpus:
        findings.run(target, data)
    for _ in range(MUTATIONS):
        findings.run(target, mutated(chosen.choice(corpus), chosen, target.words, corpus))
    assert findings.found == {}


def test_undeclared_errors_disagreements_and_slowness_are_found() -> None:
    def check(data: bytes) -> None:
        if data == b"wrong":
            raise Disagreement
        if data == b"slow":
            while True:
                pass
        data.decode("ascii")

    target, findings = Target("demo", check, [b""]), Findings()
    monkey = pytest.MonkeyPatch()
    monkey.setattr("compat.fuzz.target.SLOWEST", 0.05)
    whys = [findings.run(target, data) for data in (b"x", b"wrong", b"slow", b"\xff\xff", b"\xff")]
    monkey.undo()
    assert [why and why.split()[0] for why in whys] == [
        *(None, "Disagreement", "slow", "UnicodeDecodeError", "UnicodeDecodeError")
    ]
    assert b"\xff" in [data for data, _ in findings.found.values()]


def test_mutations_change_inputs_and_stay_bounded() -> None:
    chosen, data = random.Random(1), b"<a href=x>"
    made = {mutated(data, chosen, [b"</a>"], [data, b"y" * 100]) for _ in range(500)}
    assert len(made) > 300
    assert max(map(len, made)) <= 1 << 16


def test_the_corpora_are_small_and_belong_to_targets() -> None:
    files = list(CORPUS.glob("*"))
    assert {file.stem for file in files} <= set(TARGETS)
    assert sum(file.stat().st_size for file in files) < CORPORA
