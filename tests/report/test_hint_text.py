"""Every remedy has a text, and the ones that name a setting end with it."""

from __future__ import annotations

import inspect
import re

import pytest

from pipfast.errors import Remedy
from pipfast.model import remedies
from pipfast.model.frozen_dataclass import names_of
from pipfast.model.remedies import Elsewhere, Opponent, UndeclaredModule
from pipfast.report.hint_text import text_of

VALUES: dict[str, object] = {
    "projects": ("demo",),
    "releases": (Elsewhere("demo", "1", "https://index.example/demo/"),),
    "module": UndeclaredModule("demo", "torch"),
    "needs": (Opponent("num<2"),),
    "opponents": (Opponent("num>2", is_users=True),),
    "is_wheel": True,
    "setting": "PIPFAST_LOCAL_VERSIONS=lax",
}
KINDS = [
    kind
    for _, kind in inspect.getmembers(remedies, inspect.isclass)
    if issubclass(kind, Remedy) and kind is not Remedy
]
COPIED = re.compile(r"(PIPFAST_\w+=[\w-]+|--only-binary [\w,]+)$")


@pytest.mark.parametrize("kind", KINDS)
def test_every_remedy_has_a_text(kind: type[Remedy]) -> None:
    remedy = kind(*(VALUES.get(name, name) for name in names_of(kind)))
    text = text_of(remedy)
    assert text
    assert bool(COPIED.search(text)) is remedy.is_setting
