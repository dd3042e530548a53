"""Which file a change goes to, and what it then holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.config.config_files import (
    LoadedConfiguration,
    loaded,
    usual_level,
    with_value,
    without,
)
from pipfast.config.directories import BASENAME, configuration_files
from pipfast.config.layers import SITE, SYSTEM, USER
from pipfast.errors import CommandError

pytestmark = pytest.mark.skipif(BASENAME == "pip.ini", reason="the paths are those of XDG")


class World:
    """A home, and the folder of an environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"HOME": str(folder / "home"), "XDG_CONFIG_DIRS": str(folder / "xdg")}
        self.prefix = str(folder / "env")
        self.legacy = folder / "home/.pip/pip.conf"
        self.new = folder / "home/.config/pip/pip.conf"
        self.site = folder / "env/pip.conf"

    def put(self, path: Path, text: str) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def named(self, text: str | None) -> str:
        """Let PIP_CONFIG_FILE name a file, which holds `text` or is not there."""
        path = self.folder / "named.conf"
        if text is not None:
            path.write_text(text)
        self.environ["PIP_CONFIG_FILE"] = str(path)
        return str(path)

    def loaded(self, only: str | None = None, *, isolated: bool = False) -> LoadedConfiguration:
        return loaded(self.environ, isolated=isolated, prefix=self.prefix, only=only)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_site_file_is_meant_where_there_is_one(world: World) -> None:
    assert usual_level(world.environ, world.prefix) == USER
    world.put(world.site, "")
    assert usual_level(world.environ, world.prefix) == SITE


def test_a_value_is_that_of_the_strongest_level(world: World) -> None:
    world.put(world.legacy, "[a]\nb = legacy\nc = legacy\n")
    world.put(world.new, "[a]\nb = new\n")
    found = world.loaded()
    assert (found.value("a.b"), found.value("A.C")) == ("new", "legacy")


def test_a_file_at_two_levels_keeps_the_rank_of_the_weaker(world: World) -> None:
    path = world.put(world.folder / "xdg/pip/pip.conf", "[a]\nb = system\n")
    world.put(world.site, "[a]\nb = site\n")
    world.environ["PIP_CONFIG_FILE"] = path
    assert world.loaded().value("a.b") == "site"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("a.X_y", "No such key - a.X_y"),
        (
            "X_y",
            "Key does not contain dot separated section and key. "
            "Perhaps you wanted to use 'global.x-y' instead?",
        ),
    ],
)
def test_a_key_that_nobody_sets_is_refused(world: World, key: str, message: str) -> None:
    with pytest.raises(CommandError) as caught:
        world.loaded().value(key)
    assert caught.value.message == message


def test_one_level_alone_is_read_but_for_the_variables(world: World) -> None:
    world.put(world.new, "[a]\nb = new\n")
    world.put(world.site, "[a]\nc = site\n")
    world.environ["PIP_D"] = "1"
    assert list(world.loaded(SITE).keys) == [SITE, ":env:"]
    assert list(world.loaded(USER, isolated=True).keys) == []


def test_a_change_goes_to_the_last_file_of_its_level(world: World) -> None:
    assert world.loaded(USER).place(USER).path == str(world.new)
    assert world.loaded(SITE).place(SITE).path == str(world.site)
    last = configuration_files(world.environ, world.prefix).system[-1]
    assert world.loaded(SYSTEM).place(SYSTEM).path == last


def test_a_key_is_taken_out_of_the_strongest_file_that_has_it(world: World) -> None:
    world.put(world.legacy, "[a]\nb = 1\nc = 1\n")
    world.put(world.new, "[a]\nb = 1\n")
    found = world.loaded(USER)
    assert found.place(USER, "a.b").path == str(world.new)
    assert found.place(USER, "a.c").path == str(world.legacy)
    assert found.place(USER, "a.d").path == str(world.new)


def test_the_named_file_takes_the_change_of_the_users(world: World) -> None:
    path = world.named("[a]\nb = 1\n")
    place = world.loaded(USER).place(USER)
    assert (place.path, place.redirected) == (path, True)
    assert not world.loaded(SITE).place(SITE).redirected


def test_a_named_file_that_is_not_there_takes_no_change(world: World) -> None:
    world.named(None)
    assert world.loaded(USER).place(USER).path == str(world.new)


@pytest.mark.parametrize(
    ("named", "isolated", "message"),
    [
        ("/dev/null", False, "Cannot write to PIP_CONFIG_VALUE when it is set to /dev/null"),
        (None, True, "Fatal Internal error [id=2]. Please report as a bug."),
    ],
)
def test_there_is_no_place_for_a_change(
    world: World, named: str | None, isolated: bool, message: str
) -> None:
    if named is not None:
        world.environ["PIP_CONFIG_FILE"] = named
    with pytest.raises(CommandError) as caught:
        world.loaded(USER, isolated=isolated).place(USER)
    assert caught.value.message == message


def test_a_change_keeps_what_is_there_but_for_comments(world: World) -> None:
    path = world.put(world.new, "# mine\n[global]\nNo_Index: yes\nlist =\n  1\n  2\n")
    assert with_value(path, "global.no-index", "no") == (
        "[global]\nno-index = no\nlist = \n\t1\n\t2\n\n"
    )
    assert with_value(path, "new.key", "v").endswith("\n[new]\nkey = v\n\n")


def test_a_section_goes_with_its_last_key(world: World) -> None:
    path = world.put(world.new, "[a]\nb = 1\n[c]\nd = 1\n")
    found = world.loaded(USER)
    assert without(found, found.place(USER, "a.b"), "A.B") == "[c]\nd = 1\n\n"
    assert Path(path).read_text() == "[a]\nb = 1\n[c]\nd = 1\n"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("[a]\nb = 1\n", "a.C", "No such key - a.C"),
        ("[DEFAULT]\nb = 1\n[a]\nc = 1\n", "a.b", "Fatal Internal error [id=1]"),
        ("[a.b]\nc = 1\n", "a.b.c", "Fatal Internal error [id=1]"),
    ],
)
def test_what_is_not_in_a_file_itself_is_not_taken_out(
    world: World, text: str, key: str, message: str
) -> None:
    world.put(world.new, text)
    found = world.loaded(USER)
    with pytest.raises(CommandError) as caught:
        without(found, found.place(USER, key), key)
    assert caught.value.message.startswith(message)
