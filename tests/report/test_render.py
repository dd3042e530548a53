"""Every typed message has a renderer, and depth is indentation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import pipfast
from pipfast.model.events import Level, Message
from pipfast.report.render import Line, has_renderer, messages_module, renders, text_of


class Spoken(Message):
    """A message of this test alone."""


def kinds(base: type[Message] = Message) -> Iterator[type[Message]]:
    for kind in base.__subclasses__():
        yield from kinds(kind)
        module = importlib.import_module(kind.__module__)
        is_base = any(kinds(kind))
        is_current = getattr(module, kind.__name__, None) is kind
        if is_current and not is_base and kind.__module__.startswith("pipfast"):
            yield kind


def test_every_message_has_a_renderer() -> None:
    for module in pkgutil.walk_packages(pipfast.__path__, "pipfast."):
        if not module.name.endswith(("__main__", "keyring_probe", "probe", "fork_server_main")):
            importlib.import_module(module.name)
    missing = []
    for kind in kinds():
        importlib.import_module(messages_module(kind))
        if not has_renderer(kind):
            missing.append(kind)
    assert missing == []


def test_each_step_around_a_message_indents_every_line_by_two_spaces() -> None:
    renders(Spoken)(lambda _: "one\ntwo")
    assert text_of(Spoken(depth=2)) == "    one\n    two"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "see https://me:pw@host/x and git+ssh://a:b@c",
            "see https://me:****@host/x and git+ssh://a:****@c",
        ),
        ("'http://me:p@w@host:80'", "'http://me:****@host:80'"),
        ("https://token@host/ ssh://git@host:x/y@1 http://host:80/a@b", None),
        ("demo @ https://host/x, me:pw@host", None),
    ],
)
def test_no_line_shows_the_password_of_a_url(text: str, shown: str | None) -> None:
    assert Line(Level.INFO, text).text == (shown or text)
