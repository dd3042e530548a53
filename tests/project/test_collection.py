"""The check of collected tests finds a test that pytest passes over."""

from __future__ import annotations

from pathlib import Path

from tests.collection import collected, defined


def test_a_test_in_a_folder_that_pytest_skips_is_found(tmp_path: Path) -> None:
    for folder in ("tests/build", "tests/other"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"test_{folder[6:]}.py").write_text(
            "class TestA:\n    def test_b(self): pass\ndef test_c(): pass\ndef helper(): pass\n"
        )
    both = {
        f"tests/{name}/test_{name}.py::{test}"
        for name in ("build", "other")
        for test in ("TestA::test_b", "test_c")
    }
    assert defined(tmp_path, ("tests",)) == both
    assert collected(tmp_path, ("tests",)) == {name for name in both if "other" in name}
