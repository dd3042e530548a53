from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipfast.builds.missing_module import MissingDependency
from pipfast.builds.module_owner import providers
from tests.kit.projects import written

INFO = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"


def site(folder: Path) -> str:
    """A folder with distributions: one called like its module, one not, one that is editable."""
    written(
        folder,
        {
            "torch_like/__init__.py": "raise SystemExit('nobody may import this')\n",
            "torch_like/utils.py": "",
            "torch_like-2.0.dist-info/METADATA": INFO.format("torch-like", "2.0"),
            "torch_like-2.0.dist-info/RECORD": "torch_like/__init__.py,,\ntorch_like/utils.py,,\n",
            "sight.py": "",
            "vision-3.0.dist-info/METADATA": INFO.format("vision", "3.0"),
            "vision-3.0.dist-info/RECORD": "sight.py,,\n",
            "shared/one/__init__.py": "",
            "one-1.0.dist-info/METADATA": INFO.format("one", "1.0"),
            "one-1.0.dist-info/RECORD": "shared/one/__init__.py,,\n",
            "alone.py": "",
            "edited.pth": f"{folder / 'elsewhere'}\n",
            "elsewhere/edited.py": "",
            "edited-4.0.dist-info/METADATA": INFO.format("edited", "4.0"),
            "edited-4.0.dist-info/RECORD": "edited.pth,,\n",
        },
    )
    return str(folder)


@pytest.mark.parametrize(
    ("lack", "provider"),
    [
        (MissingDependency("torch_like"), "torch-like==2.0"),
        (MissingDependency("torch_like.utils"), "torch-like==2.0"),
        (MissingDependency("sight"), "vision==3.0"),
        (MissingDependency("shared.one"), "one==1.0"),
        (MissingDependency("edited"), "edited==4.0"),
        (MissingDependency("Torch_Like", is_module=False), "torch-like==2.0"),
    ],
)
def test_a_distribution_provides_what_it_holds(
    tmp_path: Path, lack: MissingDependency, provider: str
) -> None:
    found = providers(sys.executable, [site(tmp_path)], [lack])
    assert found is not None
    assert found[lack].pin == provider


def test_a_module_of_no_distribution_is_known_by_its_place(tmp_path: Path) -> None:
    found = providers(sys.executable, [site(tmp_path)], [MissingDependency("alone")])
    assert found is not None
    assert found[MissingDependency("alone")].pin == f"alone==from {tmp_path / 'alone.py'}"


@pytest.mark.parametrize(
    "wanted",
    [
        [MissingDependency("nowhere")],
        [MissingDependency("torch_like.nowhere")],
        [MissingDependency("sight.nowhere")],
        [MissingDependency("sight"), MissingDependency("nowhere")],
        [MissingDependency("sight", is_module=False)],
    ],
)
def test_all_that_is_wanted_has_to_be_there(
    tmp_path: Path, wanted: list[MissingDependency]
) -> None:
    assert providers(sys.executable, [site(tmp_path)], wanted) is None


def test_the_target_s_own_distributions_do_not_count(tmp_path: Path) -> None:
    assert providers(sys.executable, [site(tmp_path)], [MissingDependency("pytest")]) is None


def test_of_several_folders_the_first_counts(tmp_path: Path) -> None:
    other = written(
        tmp_path / "other",
        {"sight.py": "", "newer-9.dist-info/METADATA": INFO.format("newer", "9"),
         "newer-9.dist-info/RECORD": "sight.py,,\n"},
    )  # fmt: skip
    found = providers(
        sys.executable, [str(other), site(tmp_path / "site")], [MissingDependency("sight")]
    )
    assert found is not None
    assert found[MissingDependency("sight")].pin == "newer==9"
