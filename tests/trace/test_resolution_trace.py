from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from pipfast.index.used_pages import UsedPage
from pipfast.model.distribution import Sdist
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.policy.selection import FormatControl, SelectionPolicy
from pipfast.store.filesystem.root import Store
from pipfast.trace.resolution_trace import SavedResolution, question_of, recall, remember
from tests.kit.messages import message
from tests.resolve.world import World

Index = Mapping[str, Mapping[str, Sequence[str]]]
WORLD: Index = {"app": {"1": ["dep[x]<2"]}, "dep": {"1": [], "2": []}}
MESSAGE = message("Collecting app")


def nobody(name: NormalizedName) -> bool:
    """An empty environment."""
    return name == "nothing"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The file of a kept page."""
    path = tmp_path / "page"
    path.write_text("page")
    return path


@pytest.fixture
def known(page: Path) -> SavedResolution:
    """An answer of two distributions that rests on one page, good for an hour."""
    used = UsedPage(
        project=NormalizedName("app"),
        index=0,
        path=str(page),
        number=page.stat().st_ino,
        lifetime=3600,
    )
    answer = World(WORLD, extras={"dep": ["x"]}).resolve("app")
    names = (NormalizedName("app"), NormalizedName("dep"))
    return SavedResolution(answer=answer, built={}, messages=(MESSAGE,), names=names, pages=(used,))


def test_an_answer_comes_back_as_it_was(tmp_path: Path, known: SavedResolution) -> None:
    store = Store(tmp_path / "store")
    remember(store, "question_of", known)
    again = recall(store, "question_of", nobody)
    assert again is not None
    assert again.messages == known.messages
    pairs = zip(again.answer.pins, known.answer.pins, strict=True)
    for one, other in pairs:
        assert one.node.distribution.link == other.node.distribution.link
        assert one.node.metadata == other.node.metadata
        assert one.install_req.described() == other.install_req.described()
        assert (one.name, one.extras, one.weight) == (other.name, other.extras, other.weight)


def _age(page: Path) -> None:
    long_ago = time.time() - 7200
    os.utime(page, (long_ago, long_ago))


def _replace(page: Path) -> None:
    other = page.with_name("other")
    other.write_text("page")
    other.replace(page)


def test_a_page_that_is_not_fresh_has_to_be_confirmed(
    tmp_path: Path, page: Path, known: SavedResolution
) -> None:
    store = Store(tmp_path / "store")
    remember(store, "question_of", known)
    fresh = recall(store, "question_of", nobody)
    assert fresh is not None
    assert fresh.unconfirmed == ()
    _age(page)
    aged = recall(store, "question_of", nobody)
    assert aged is not None
    assert aged.unconfirmed == known.pages


def test_an_index_without_a_project_has_to_confirm_that(
    tmp_path: Path, known: SavedResolution
) -> None:
    store = Store(tmp_path / "store")
    absent = UsedPage(project=NormalizedName("dep"), index=1)
    remember(store, "question_of", replace(known, pages=(*known.pages, absent)))
    again = recall(store, "question_of", nobody)
    assert again is not None
    assert again.unconfirmed == (absent,)


@pytest.mark.parametrize("change", [_replace, Path.unlink])
def test_an_answer_is_dropped_when_a_page_was_replaced(
    tmp_path: Path, page: Path, known: SavedResolution, change: Callable[[Path], None]
) -> None:
    store = Store(tmp_path / "store")
    remember(store, "question_of", known)
    change(page)
    assert recall(store, "question_of", nobody) is None


def test_an_answer_is_dropped_when_a_project_it_looked_at_is_installed(
    tmp_path: Path, known: SavedResolution
) -> None:
    store = Store(tmp_path / "store")
    remember(store, "question_of", known)
    assert recall(store, "question_of", lambda name: name == "dep") is None
    assert recall(store, "another question", nobody) is None


def test_a_direct_requirement_is_never_kept(tmp_path: Path, known: SavedResolution) -> None:
    store = Store(tmp_path / "store")
    first, *rest = known.answer.pins
    install_req = replace(
        first.install_req, link=Link(url="https://files.example/app-1-py3-none-any.whl")
    )
    direct = replace(first, node=replace(first.node, install_req=install_req))
    remember(
        store, "question_of", replace(known, answer=replace(known.answer, pins=(direct, *rest)))
    )
    assert recall(store, "question_of", nobody) is None


def test_every_rule_of_selection_is_part_of_the_question() -> None:
    plain = question_of(["a"], SelectionPolicy(), {})
    assert plain == question_of(["a"], SelectionPolicy(), {})
    others = [
        SelectionPolicy(prefer_binary=True),
        SelectionPolicy(require_hashes=True),
        SelectionPolicy(formats=FormatControl(only_binary=frozenset({"a"}))),
        SelectionPolicy(dependencies=False),
    ]
    assert len({question_of(["a"], other, {}) for other in others} | {plain}) == len(others) + 1


def test_an_sdist_comes_back_with_the_wheel_that_was_built_of_it(
    tmp_path: Path, known: SavedResolution
) -> None:
    store = Store(tmp_path / "store")
    first, *rest = known.answer.pins
    link = Link(url="https://files.example/app-1.tar.gz")
    sdist = Sdist(link=link, name=first.node.name, version=first.node.version)
    source = replace(first, node=replace(first.node, distribution=sdist))
    answer = replace(known.answer, pins=(source, *rest))
    remember(store, "question_of", replace(known, answer=answer, built={link.url: "00"}))
    again = recall(store, "question_of", nobody)
    assert again is not None
    assert again.answer.pins[0].node.distribution == sdist
    assert again.built == {link.url: "00"}
