"""Each limit on documents, at the limit and one beyond."""

from __future__ import annotations

import pytest
from packaging.markers import InvalidMarker
from packaging.requirements import InvalidRequirement

from pipfast.model import input_limits
from pipfast.model.input_limits import LimitExceeded, Unit, check_size, is_excessive
from pipfast.model.requirement import NESTING, parsed_marker, parsed_requirement
from pipfast.model.toml_document import TOMLDecodeError, parsed_toml

BEYOND = pytest.mark.parametrize("beyond", [0, 1])


@BEYOND
@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_the_lines_of_fields(end: bytes, beyond: int) -> None:
    fields = (b"a:b" + end) * (input_limits.METADATA_LINES + beyond)
    assert is_excessive(fields + b"c: d\n\n" + b"text\n" * 1000) == bool(beyond)


@BEYOND
def test_the_size_of_metadata(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_limits, "METADATA_SIZE", 200_000)
    assert is_excessive(b"Name: a\n\n".ljust(200_000 + beyond)) == bool(beyond)


@BEYOND
def test_a_size(beyond: int) -> None:
    if not beyond:
        return check_size(1 << 20, 1 << 20, "x")
    with pytest.raises(LimitExceeded) as caught:
        check_size((1 << 20) + 1, 1 << 20, "x")
    assert (caught.value.limit, caught.value.unit) == (1, Unit.MEBIBYTES)
    return None


@BEYOND
def test_the_values_of_toml(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipfast.model.toml_document.TOML_VALUES", 5 - beyond)
    text = "a = [1, 2]\nb = {}"
    if not beyond:
        assert parsed_toml(text, "x") == {"a": [1, 2], "b": {}}
    else:
        with pytest.raises(LimitExceeded):
            parsed_toml(text, "x")


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = " + "9" * 5000, "a = "])
def test_what_the_parser_of_toml_cannot_read_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(TOMLDecodeError):
        parsed_toml(text, "x")


@BEYOND
def test_nested_parentheses(beyond: int) -> None:
    depth = NESTING + beyond
    marker = "(" * depth + "os_name == 'x'" + ")" * depth
    if not beyond:
        assert str(parsed_requirement(f"a; {marker}").marker) == str(parsed_marker(marker))
    else:
        with pytest.raises(InvalidRequirement):
            parsed_requirement(f"a; {marker}")
        with pytest.raises(InvalidMarker):
            parsed_marker(marker)


def test_parentheses_beside_each_other_or_in_an_address_are_no_matter() -> None:
    many = " or ".join(["(os_name == 'x')"] * (NESTING + 50))
    assert parsed_requirement(f"a; {many}").marker
    assert parsed_requirement("a @ https://h.test/" + "(" * (NESTING + 1)).url
