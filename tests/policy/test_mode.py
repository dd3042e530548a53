"""Guarded mode, parity mode, and the origin of each setting."""

from __future__ import annotations

import pytest

from pipfast.policy.mode import BuildIsolation, Fallback, LocalVersions, mode, provenance
from pipfast.policy.mode_table import GUARDED, PARITY
from pipfast.policy.network import IndexErrors, IndexStrategy
from tests.policy.settings_of import settings_of


@pytest.mark.parametrize(
    ("called", "compat", "parity"),
    [
        ("pipfast", None, False),
        ("/usr/bin/pip", None, True),
        ("pip3", None, True),
        ("pip3.11", None, True),
        ("pip.exe", None, True),
        ("pipx", None, False),
        ("", None, False),
        ("pipfast", "1", True),
        ("pipfast", "0", False),
        ("pip", "0", False),
    ],
)
def test_parity_is_asked_for_by_a_setting_or_by_the_programs_name(
    called: str, compat: str | None, parity: bool
) -> None:
    environ = {} if compat is None else {"PIPFAST_PIP_COMPAT": compat}
    found = mode(settings_of("install demo", called, **environ))
    assert found.pip_compat is parity
    assert found.installer == ("pip" if parity else "pipfast")


def test_guarded_and_parity_answer_every_question_the_other_way() -> None:
    guarded, parity = mode(settings_of("list")), mode(settings_of("list", "pip"))
    assert (guarded.index_strategy, parity.index_strategy) == (
        IndexStrategy.FIRST_INDEX,
        IndexStrategy.BEST_MATCH,
    )
    assert (guarded.local_versions, parity.local_versions) == (
        LocalVersions.STRICT,
        LocalVersions.LAX,
    )
    assert (guarded.build_isolation, parity.build_isolation) == (
        BuildIsolation.STRICT,
        BuildIsolation.SEE_THROUGH,
    )
    assert (guarded.index_errors, parity.index_errors) == (IndexErrors.FAIL, IndexErrors.SKIP)
    assert (guarded.fallback, parity.fallback) == (Fallback.NEVER, Fallback.AUTO)


@pytest.mark.parametrize("called", ["pip", "pipfast"])
@pytest.mark.parametrize("question", GUARDED)
def test_a_setting_of_its_own_outranks_the_mode(question: str, called: str) -> None:
    other = (GUARDED if called == "pip" else PARITY)[question]
    variable = f"PIPFAST_{question.upper().replace('-', '_')}"
    found = mode(settings_of("list", called, **{variable: other}))
    assert getattr(found, question.replace("-", "_")).value == other
    assert found.why[question] == f"{question} is {other}: environment variable {variable}"
    others = {row: why for row, why in found.why.items() if row != question}
    assert not any(variable in why for why in others.values())


def test_the_reason_names_what_decided() -> None:
    assert mode(settings_of("list", "pip3")).why["fallback"] == "the program was called pip3"
    assert mode(settings_of("list")).why["fallback"] == "guarded is the default"
    assert mode(settings_of("list", PIPFAST_PIP_COMPAT="yes")).why["fallback"] == (
        "pip-compat is true: environment variable PIPFAST_PIP_COMPAT"
    )


def test_provenance_tells_the_mode_and_the_rows_that_are_not_its_own() -> None:
    found = mode(settings_of("list", PIPFAST_LOCAL_VERSIONS="lax", PIPFAST_INDEX_ERRORS="fail"))
    assert provenance(found) == (
        "pipfast's mode is guarded: guarded is the default",
        "  local-versions is lax: environment variable PIPFAST_LOCAL_VERSIONS "
        "(default in this mode: strict)",
    )
    assert provenance(mode(settings_of("list", "pip"))) == (
        "pipfast's mode is pip-parity: the program was called pip",
    )
