"""`pip config`: what the configuration says and where, and how to change it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipfast.config.config_files import Loaded, Place, loaded, usual_level, with_value, without
from pipfast.config.directories import target_prefix
from pipfast.config.layers import SITE, SYSTEM, USER, encoding, key_of, variables
from pipfast.config.settings import Settings
from pipfast.config.subcommands import COMMANDS
from pipfast.errors import CommandError
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.report.console import Console
from pipfast.session.startup import print_notices

_NEVER_SHOWN = dict.fromkeys((7, 8, 11, 12, 13))
"""Bell, backspace, vertical tab, form feed and carriage return, which pip's lines do not hold."""


class NotWritten(CommandError):
    """The changed text could not be put in the place of the old one."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(
            f"An error occurred while writing to the configuration file {path}: {error}"
        )


def command(settings: Settings, console: Console) -> int:
    """Do what the first word says; a line tells what is wrong with it. Raises UnreadableFile."""
    print_notices(settings, console)
    try:
        _do(settings, console, os.environ)
    except CommandError as error:
        console.say(error.message, Level.ERROR)
        return 1
    return 0


def _do(settings: Settings, console: Console, environ: Mapping[str, str]) -> None:
    action, *words = settings.words or ("",)
    actions = COMMANDS["config"].actions
    if action not in actions:
        raise CommandError(f"Need an action ({', '.join(sorted(actions))}) to perform.")
    prefix = target_prefix(environ, settings.python)[0]
    level = _named_level(settings)
    if level is None and action in ("get", "set", "unset", "edit"):
        level = usual_level(environ, prefix)
    isolated = settings.flag("isolated_mode")
    found = loaded(environ, isolated=isolated, prefix=prefix, only=level)
    _tell_files(found, console)
    handler, names = _HANDLERS[action]
    if len(words) != len(names):
        example = " ".join([action, *(f"[{name}]" for name in names)])
        raise CommandError(
            f"Got unexpected number of arguments, expected {len(names)}. "
            f'(example: "{settings.name} config {example}")'
        )
    handler(_Work(settings, console, environ, found, level or USER), words)


def _named_level(settings: Settings) -> str | None:
    options = ((USER, "user_file"), (SYSTEM, "global_file"), (SITE, "site_file"))
    named = [level for level, dest in options if settings.flag(dest)]
    if len(named) > 1:
        raise CommandError(
            "Need exactly one file to operate upon (--user, --site, --global) to perform."
        )
    return named[0] if named else None


def _tell_files(found: Loaded, console: Console) -> None:
    for level, path, read in found.looked_at:
        if read:
            console.say(f"For variant '{level}', will try loading '{path}'", Level.VERBOSE)
        else:
            console.say(f"Skipping file '{path}' (variant: {level})", Level.DEBUG)
    if not found.looked_at:
        text = (
            "Skipping loading configuration files due to environment's PIP_CONFIG_FILE being "
            "os.devnull"
        )
        console.say(text, Level.DEBUG)


@dataclass(frozen=True, slots=True)
class _Work:
    """An action in its surroundings; `level` is the one that is changed."""

    settings: Settings
    console: Console
    environ: Mapping[str, str]
    found: Loaded
    level: str

    def list(self, _words: Sequence[str]) -> None:
        """Every key of every file, file by file."""
        for _, keys in sorted(self.found.by_file().items()):
            for key, value in sorted(keys.items()):
                self._show(f"{key}={value!r}")

    def get(self, words: Sequence[str]) -> None:
        """One value."""
        self._show(self.found.value(words[0]))

    def debug(self, _words: Sequence[str]) -> None:
        """The variables, then each level with its files and what they say."""
        self._show("env_var:")
        said = ((name[4:].lower(), value) for name, value in variables(self.environ))
        for name, value in sorted(said):
            self._show(f"PIP_{name.upper()}={value!r}", 2)
        for level, paths in sorted(self.found.levels.items()):
            self._show(f"{level}:")
            for path in paths:
                there = os.path.exists(path)  # noqa: PTH110 - a path may be empty, or hold a NUL
                self._show(f"{path}, exists: {there}", 2)
                keys = self.found.keys.get(level, {}).get(path, {}) if there else {}
                for key, value in keys.items():
                    self._show(f"{key}: {value}", 4)

    def set(self, words: Sequence[str]) -> None:
        """Write a value."""
        key, value = key_of(words[0]), words[1]
        place = self._place()
        self._write(place.path, with_value(place.path, key, value))

    def unset(self, words: Sequence[str]) -> None:
        """Write the file without a key."""
        place = self._place(key_of(words[0]))
        self._write(place.path, without(self.found, place, words[0]))

    def edit(self, _words: Sequence[str]) -> None:
        """Open the file in an editor."""
        editor = self._editor()
        try:
            place = self.found.place(self.level)
        except CommandError:
            raise CommandError("Could not determine appropriate file.") from None
        self._warn_of(place)
        if '"' in place.path:
            raise CommandError(f'Can not open an editor for a file name containing "\n{place.path}')
        import subprocess

        command_line = f'{editor} "{place.path}"'
        # An editor is a line of the shell with pip too: options and pipes may be in it.
        ended = subprocess.run(command_line, shell=True, check=False)  # noqa: S602
        if ended.returncode:
            raise CommandError(f"Editor Subprocess exited with exit code {ended.returncode}")

    def _editor(self) -> str:
        named = self.settings.text("editor")
        for editor in (named, self.environ.get("VISUAL"), self.environ.get("EDITOR")):
            if editor is not None:
                return editor
        raise CommandError("Could not determine editor to use.")

    def _place(self, key: str | None = None) -> Place:
        self.console.say(f"Will be working with {self.level} variant only", Level.DEBUG)
        place = self.found.place(self.level, key)
        self._warn_of(place)
        return place

    def _warn_of(self, place: Place) -> None:
        if place.redirected:
            text = (
                f"Because PIP_CONFIG_FILE is set, changes will be applied to '{place.path}', not "
                f"to '{self.level}'. To restore normal behavior, unset PIP_CONFIG_FILE."
            )
            self.console.say(text, Level.WARNING)

    def _write(self, path: str, text: str) -> None:
        self.console.say(f"Will be working with {self.level} variant only", Level.DEBUG)
        self.console.say(f"Writing to {path}")
        folder = os.path.dirname(path)  # noqa: PTH120 - no folder is not the folder "."
        try:
            text.encode(encoding())  # fails before the old text is gone
            if not os.path.isdir(folder):  # noqa: PTH112
                os.makedirs(folder)  # noqa: PTH103
            Path(path).write_text(text, encoding=encoding())
        except (OSError, UnicodeError) as error:
            raise NotWritten(path, error) from None

    def _show(self, text: str, indent: int = 0) -> None:
        """Say lines as pip's terminal library writes them."""
        lines = "".join(" " * indent + line for line in text.splitlines(keepends=True))
        self.console.say(lines.translate(_NEVER_SHOWN).expandtabs(8))


_HANDLERS: dict[str, tuple[Callable[[_Work, Sequence[str]], None], tuple[str, ...]]] = {
    "list": (_Work.list, ()),
    "edit": (_Work.edit, ()),
    "get": (_Work.get, ("name",)),
    "set": (_Work.set, ("name", "value")),
    "unset": (_Work.unset, ("name",)),
    "debug": (_Work.debug, ()),
}
"""What each action does, and the words that follow it."""
