"""`pip config`: print and change the configuration files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipfast.commands._errors import ConfigurationNotWritten, unknown_action
from pipfast.config.config_files import (
    ConfigurationFile,
    LoadedConfiguration,
    loaded,
    usual_level,
    with_value,
    without,
)
from pipfast.config.directories import target_prefix
from pipfast.config.layers import SITE, SYSTEM, USER, encoding, key_of, variables
from pipfast.config.settings import Settings
from pipfast.config.subcommands import COMMANDS
from pipfast.errors import CommandError
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import dataclass
from pipfast.report import config_lines
from pipfast.report.console import Console
from pipfast.session.startup import print_notices


def command(settings: Settings, console: Console) -> int:
    """Run the action that the first argument names; return 1 after an error.

    Raises UnreadableFile.
    """
    print_notices(settings, console)
    try:
        _run(settings, console, os.environ)
    except CommandError as error:
        console.say(error.message, Level.ERROR)
        return 1
    return 0


def _run(settings: Settings, console: Console, environ: Mapping[str, str]) -> None:
    action, *arguments = settings.words or ("",)
    actions = COMMANDS["config"].actions
    if action not in actions:
        raise unknown_action(actions)
    prefix = target_prefix(environ, settings.python)[0]
    level = _named_level(settings)
    if level is None and action in ("get", "set", "unset", "edit"):
        level = usual_level(environ, prefix)
    isolated = settings.flag("isolated_mode")
    found = loaded(environ, isolated=isolated, prefix=prefix, only=level)
    _print_files(found, console)
    handler, names = _HANDLERS[action]
    if len(arguments) != len(names):
        example = " ".join([action, *(f"[{name}]" for name in names)])
        raise CommandError(
            f"Got unexpected number of arguments, expected {len(names)}. "
            f'(example: "{settings.name} config {example}")'
        )
    handler(_Action(settings, console, environ, found, level or USER), arguments)


def _named_level(settings: Settings) -> str | None:
    options = ((USER, "user_file"), (SYSTEM, "global_file"), (SITE, "site_file"))
    named = [level for level, dest in options if settings.flag(dest)]
    if len(named) > 1:
        raise CommandError(
            "Need exactly one file to operate upon (--user, --site, --global) to perform."
        )
    return named[0] if named else None


def _print_files(found: LoadedConfiguration, console: Console) -> None:
    for level, path, read in found.looked_at:
        if read:
            console.say(config_lines.loading(level, path), Level.VERBOSE)
        else:
            console.say(config_lines.skipping(level, path), Level.DEBUG)
    if not found.looked_at:
        console.say(config_lines.NO_FILES, Level.DEBUG)


@dataclass(frozen=True, slots=True)
class _Action:
    """The actions; `level` is that of the file that they change."""

    settings: Settings
    console: Console
    environ: Mapping[str, str]
    found: LoadedConfiguration
    level: str

    def list(self, _arguments: Sequence[str]) -> None:
        """Print every key of every file."""
        for _, keys in sorted(self.found.by_file().items()):
            for key, value in sorted(keys.items()):
                self._print(config_lines.key_value(key, value))

    def get(self, arguments: Sequence[str]) -> None:
        """Print a value."""
        self._print(self.found.value(arguments[0]))

    def debug(self, _arguments: Sequence[str]) -> None:
        """Print the environment variables, then the files of each level with their keys."""
        self._print(config_lines.VARIABLES)
        found = ((name[4:].lower(), value) for name, value in variables(self.environ))
        for name, value in sorted(found):
            self._print(config_lines.variable(name, value), 2)
        for level, paths in sorted(self.found.levels.items()):
            self._print(config_lines.level(level))
            for path in paths:
                exists = os.path.exists(path)  # noqa: PTH110 - a path may be empty, or hold a NUL
                self._print(config_lines.file_exists(path, exists=exists), 2)
                keys = self.found.keys.get(level, {}).get(path, {}) if exists else {}
                for key, value in keys.items():
                    self._print(config_lines.file_key(key, value), 4)

    def set(self, arguments: Sequence[str]) -> None:
        """Write a value into the file."""
        key, value = key_of(arguments[0]), arguments[1]
        place = self._place()
        self._write(place.path, with_value(place.path, key, value))

    def unset(self, arguments: Sequence[str]) -> None:
        """Remove a key from the file."""
        place = self._place(key_of(arguments[0]))
        self._write(place.path, without(self.found, place, arguments[0]))

    def edit(self, _arguments: Sequence[str]) -> None:
        """Open the file in an editor.

        Raises CommandError if the editor fails.
        """
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
        # pip runs the editor through the shell too: it may have options and pipes.
        ended = subprocess.run(command_line, shell=True, check=False)  # noqa: S602
        if ended.returncode:
            raise CommandError(f"Editor Subprocess exited with exit code {ended.returncode}")

    def _editor(self) -> str:
        named = self.settings.text("editor")
        for editor in (named, self.environ.get("VISUAL"), self.environ.get("EDITOR")):
            if editor is not None:
                return editor
        raise CommandError("Could not determine editor to use.")

    def _place(self, key: str | None = None) -> ConfigurationFile:
        self.console.say(config_lines.working_with(self.level), Level.DEBUG)
        place = self.found.place(self.level, key)
        self._warn_of(place)
        return place

    def _warn_of(self, place: ConfigurationFile) -> None:
        if place.redirected:
            self.console.say(config_lines.redirected(place.path, self.level), Level.WARNING)

    def _write(self, path: str, text: str) -> None:
        self.console.say(config_lines.working_with(self.level), Level.DEBUG)
        self.console.say(config_lines.writing(path))
        folder = os.path.dirname(path)  # noqa: PTH120 - no folder is not the folder "."
        try:
            text.encode(encoding())  # fails before the file is changed
            if not os.path.isdir(folder):  # noqa: PTH112
                os.makedirs(folder)  # noqa: PTH103
            Path(path).write_text(text, encoding=encoding())
        except (OSError, UnicodeError) as error:
            raise ConfigurationNotWritten(path, error) from None

    def _print(self, text: str, indent: int = 0) -> None:
        self.console.say(config_lines.as_rich_prints(text, indent))


_HANDLERS: dict[str, tuple[Callable[[_Action, Sequence[str]], None], tuple[str, ...]]] = {
    "list": (_Action.list, ()),
    "edit": (_Action.edit, ()),
    "get": (_Action.get, ("name",)),
    "set": (_Action.set, ("name", "value")),
    "unset": (_Action.unset, ("name",)),
    "debug": (_Action.debug, ()),
}
"""The method of each action, and the names of its arguments."""
