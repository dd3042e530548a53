from __future__ import annotations

from pipfast.model import findings
from pipfast.model.findings import Fact, Finding
from pipfast.report.doctor_lines import _TEXTS


def test_each_kind_of_finding_has_a_text() -> None:
    kinds = {
        one
        for one in vars(findings).values()
        if isinstance(one, type) and issubclass(one, Finding) and one not in (Finding, Fact)
    }
    assert kinds == {*_TEXTS}
