from __future__ import annotations

import pytest

from pipfast.errors import InstallationError, PipfastError
from pipfast.fetch.vcs.errors import NoRemote, RemoteNotARequirement
from pipfast.report.failure import message_of


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InstallationError("No space left"), "No space left"),
        (NoRemote("src/demo"), "src/demo has no remote"),
        (
            RemoteNotARequirement("src/demo", "C:demo"),
            "src/demo is from C:demo, which no requirement can name",
        ),
    ],
)
def test_an_error_has_its_message_or_a_text_from_its_data(error: PipfastError, text: str) -> None:
    assert message_of(error) == text
