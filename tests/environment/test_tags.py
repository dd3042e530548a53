from __future__ import annotations

import pytest
from packaging.tags import sys_tags

from pipfast.environment.interpreter import Interpreter
from pipfast.environment.tags import supported_tags
from pipfast.policy.target import ForeignTarget


def platforms(own: Interpreter, *named: str) -> list[str]:
    found = supported_tags(own, ForeignTarget(platforms=named, python_version=(3, 12)))
    return [tag.platform for tag in found if tag.interpreter == "cp312" and tag.abi == "cp312"]


def test_our_own_tags_are_those_of_packaging(own: Interpreter) -> None:
    assert supported_tags(own, ForeignTarget()) == tuple(sys_tags())


@pytest.mark.parametrize(
    ("named", "expanded"),
    [
        ("manylinux2014_x86_64", "manylinux2014_x86_64 manylinux2010_x86_64 manylinux1_x86_64"),
        ("manylinux2014_aarch64", "manylinux2014_aarch64"),
        ("manylinux2010_i686", "manylinux2010_i686 manylinux1_i686"),
        ("win_amd64 win_amd64", "win_amd64"),
        ("x manylinux1_i686 manylinux2010_i686", "x manylinux1_i686 manylinux2010_i686"),
        ("macosx_x", "macosx_x"),
        ("android_21_x86", "android_21_x86 android_20_x86 android_19_x86 android_18_x86 "
                           "android_17_x86 android_16_x86"),
        ("android_x", "android_x"),
    ],
)  # fmt: skip
def test_a_platform_takes_what_its_system_takes(
    own: Interpreter, named: str, expanded: str
) -> None:
    assert " ".join(platforms(own, *named.split())) == expanded


def test_a_mac_takes_older_ones_and_keeps_the_name_it_was_given(own: Interpreter) -> None:
    found = platforms(own, "macosxcustom_11_0_arm64")
    assert found[:2] == ["macosxcustom_11_0_arm64", "macosxcustom_11_0_universal2"]
    assert "macosxcustom_10_16_universal2" in found


@pytest.mark.parametrize(
    ("foreign", "first"),
    [
        (ForeignTarget(python_version=(3, 9), platforms=("p",)), "cp39-cp39-p"),
        (ForeignTarget(python_version=(3, 9, 2), platforms=("p",)), "cp39-cp39-p"),
        (ForeignTarget(python_version=(3, 7), platforms=("p",)), "cp37-cp37m-p"),
        (ForeignTarget(python_version=(2, 7), platforms=("p",)), "cp27-cp27mu-p"),
        (ForeignTarget(python_version=(3,), platforms=("p",)), "cp3-none-p"),
        (ForeignTarget(python_version=(3, 9), platforms=("p",), abis=("x",)), "cp39-x-p"),
        (
            ForeignTarget(python_version=(3, 9), implementation="py", abis=("none",)),
            "py39-none-{own}",
        ),
    ],
)
def test_another_interpreter_takes_its_own(
    own: Interpreter, foreign: ForeignTarget, first: str
) -> None:
    assert str(supported_tags(own, foreign)[0]) == first.format(own=own.platforms[0])
