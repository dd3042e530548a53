import pytest
from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.version import InvalidVersion

from pipfast.index.filenames import version_of
from pipfast.model import wheel_name
from pipfast.model.fast_requirements import admits
from pipfast.model.fast_versions import version_text
from pipfast.model.requirement import parsed_requirement, parsed_specifier, parsed_version

LONG = "1" * 5000


def test_a_number_with_too_many_digits_is_invalid() -> None:
    with pytest.raises(InvalidRequirement):
        parsed_requirement(f"demo=={LONG}")
    with pytest.raises(InvalidSpecifier):
        parsed_specifier(f">={LONG}")
    with pytest.raises(InvalidVersion):
        parsed_version(LONG)
    for build in ("1.0", f"1.0-{LONG}"):
        with pytest.raises(wheel_name.InvalidWheelName):
            wheel_name.parse(f"demo-{build}{LONG}-py3-none-any.whl")
    assert version_of(LONG) is None
    assert version_text(f"{LONG}.0.RC1") is None
    assert admits((), LONG) is None


def test_other_texts_are_parsed() -> None:
    assert str(parsed_requirement("demo>=1")) == "demo>=1"
    assert "2" in parsed_specifier(">=1")
    assert str(parsed_version("1.0")) == "1.0"
