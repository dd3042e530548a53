from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.fetch.exists_action import ExistsAction, InputEnded, NoAnswer, backup_of


def answering(*answers: str) -> tuple[ExistsAction, list[str]]:
    left: Iterator[str] = iter(answers)
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return next(left)

    return ExistsAction((), ask), asked


@pytest.mark.parametrize(
    ("answers", "options", "letter"), [("sw", "iwb", "w"), ("ba", "iwba", "b")]
)
def test_the_first_action_that_fits_is_taken_without_asking(
    answers: str, options: str, letter: str
) -> None:
    assert ExistsAction(tuple(answers), None).decided("What? ", options) == letter


def test_a_person_is_asked_until_the_answer_is_one() -> None:
    questions, asked = answering("nonsense", "", " W ")
    assert questions.decided("What? ", "iw") == "w"
    assert len(asked) == 3
    assert asked[0] == "What? "
    assert "'nonsense'" in asked[1]


def test_a_question_that_nobody_may_be_asked_ends_the_run_as_with_pip() -> None:
    with pytest.raises(NoAnswer) as caught:
        ExistsAction(("s",), None).decided("What? ", "iw")
    assert caught.value.exit_code == 2


def test_a_closed_input_is_no_answer() -> None:
    def ask(question: str) -> str:
        raise EOFError

    with pytest.raises(InputEnded, check=lambda error: error.question == "What? "):
        ExistsAction((), ask).decided("What? ", "iw")


def test_a_backup_takes_the_first_free_name(tmp_path: Path) -> None:
    place = str(tmp_path / "x")
    assert backup_of(place) == f"{place}.bak"
    Path(f"{place}.bak").touch()
    assert backup_of(place) == f"{place}.bak2"
