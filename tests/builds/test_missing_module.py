from __future__ import annotations

import pytest

from pipfast.builds.missing_module import MissingDependency, lacks


@pytest.mark.parametrize(
    ("line", "lack"),
    [
        ("ModuleNotFoundError: No module named 'torch'", MissingDependency("torch")),
        (
            "      ModuleNotFoundError: No module named 'torch.utils.cpp'",
            MissingDependency("torch.utils.cpp"),
        ),
        ("ImportError: No module named torch", MissingDependency("torch")),
        (
            "importlib.metadata.PackageNotFoundError: No package metadata was found for torch-lib",
            MissingDependency("torch-lib", is_module=False),
        ),
        (
            "pkg_resources.DistributionNotFound: The 'torch>=2' distribution was not found",
            MissingDependency("torch", is_module=False),
        ),
    ],
)
def test_the_words_of_python_tell_what_is_lacking(line: str, lack: MissingDependency) -> None:
    assert lacks(["Traceback (most recent call last):", line]) == (lack,)


@pytest.mark.parametrize(
    "line",
    [
        "ModuleNotFoundError: No module named 'json.torch'; 'json' is not a package",
        "ImportError: cannot import name 'torch' from 'demo'",
        "RuntimeError: torch is not there",
    ],
)
def test_other_failures_lack_nothing(line: str) -> None:
    assert lacks([line]) == ()


def test_the_last_thing_missed_comes_first_and_each_once() -> None:
    log = [f"ModuleNotFoundError: No module named '{name}'" for name in ("one", "two", "one")]
    assert [one.name for one in lacks(log)] == ["one", "two"]


@pytest.mark.parametrize(
    ("lack", "project"),
    [
        (MissingDependency("torch_like.utils"), "torch-like"),
        (MissingDependency("Torch.Like", is_module=False), "torch-like"),
    ],
)
def test_a_project_is_looked_for_by_the_name_of_what_is_lacking(
    lack: MissingDependency, project: str
) -> None:
    assert lack.project == project
