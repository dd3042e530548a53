import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from pipfast.model.mended_requirements import mended, mended_lines


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("pytz (>dev)", "pytz"),
        ("pytz (>dev,<2)", "pytz (<2)"),
        ("numpy (>=1.19.*)", "numpy (>=1.19)"),
        ("numpy<2.*", "numpy<2"),
        ("numpy (>=1.0<2.0)", "numpy (>=1.0,<2.0)"),
        ("numpy >= 1.0 < 2.0", "numpy >= 1.0,< 2.0"),
        ("x[a,b] (>=7.2.0<8.0.0)", "x[a,b] (>=7.2.0,<8.0.0)"),
        ("x (>=2.7 !=3.0.*)", "x (>=2.7,!=3.0.*)"),
        ("x==1.5*", "x==1.5.*"),
        ("x>='2.0'", "x>=2.0"),
        ("x (>=1.*) ; extra == 'a>=1.*'", "x (>=1) ; extra == 'a>=1.*'"),
    ],
)
def test_an_invalid_requirement_with_a_plain_meaning_is_mended(line: str, meaning: str) -> None:
    assert str(Requirement(str(mended(line)))) == str(Requirement(meaning))


@pytest.mark.parametrize(
    "line", ["x (<=1.*)", "x>1.*", "x ==1.0+cpu.*", "x !=~1.0", "a b c", "x @@ y", "", "(>=1)"]
)
def test_what_has_no_plain_meaning_stays_invalid(line: str) -> None:
    assert mended(line) is None
    assert mended_lines((line,)) == (line,)


OPERATORS = ("==", "!=", ">=", "<=", "<", ">", "~=", "===")
CLAUSES = st.builds("{}{}".format, st.sampled_from(OPERATORS), st.sampled_from(("1.0", "2.3.4")))


@given(st.lists(CLAUSES, max_size=3), st.sampled_from(("", "[a]")))
def test_valid_requirements_stay_as_they_are(clauses: list[str], extras: str) -> None:
    line = f"x{extras} ({','.join(clauses)})" if clauses else f"x{extras}"
    assert mended_lines((line,)) == (line,)
    assert Requirement(str(mended(line))) == Requirement(line)
