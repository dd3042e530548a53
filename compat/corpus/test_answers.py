"""The comparison finds every kind of difference, and answers survive saving and loading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compat.corpus.answers import FIELDS, differences, here, load, save
from compat.corpus.runs import Answer

SIX = dict(zip(FIELDS, ("six", "1", "/files/six.whl", "ab", [], ["requested"], "m"), strict=True))
PIP = {**SIX, "name": "pip"}
BOTH = Answer(distributions=(SIX, PIP))
FAILED = Answer(error="conflict", lines=("ERROR: no",))


@pytest.mark.parametrize("answer", [BOTH, FAILED], ids=["success", "failure"])
def test_an_answer_is_the_same_after_it_was_kept(answer: Answer, tmp_path: Path) -> None:
    save(tmp_path / "answers.json", {"one": answer})
    assert load(tmp_path / "answers.json") == (here(), {"one": answer})
    assert not list(differences(answer, replace(answer, seconds=9.0)))


@pytest.mark.parametrize(
    ("right", "answer", "expected"),
    [
        (BOTH, Answer(distributions=(SIX,)), ["- pip 1"]),
        (Answer(distributions=(SIX,)), BOTH, ["+ pip 1"]),
        (BOTH, Answer(distributions=(PIP, SIX)), ["! order: six pip -> pip six"]),
        (
            Answer(distributions=(SIX,)),
            Answer(distributions=({**SIX, "file": "/old/six.whl"},)),
            ["! six: file /files/six.whl -> /old/six.whl"],
        ),
        (BOTH, FAILED, ["pip: success, this: conflict", "+ ERROR: no"]),
        (FAILED, Answer(error="build"), ["pip: conflict, this: build", "- ERROR: no"]),
    ],
)
def test_every_difference_is_told(right: Answer, answer: Answer, expected: list[str]) -> None:
    assert list(differences(right, answer)) == expected
