"""Every typed message has a renderer, and depth is indentation."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pipfast
from pipfast.model.events import Message
from pipfast.report.render import has_renderer, messages_module, renders, text_of


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
