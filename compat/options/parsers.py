"""Print every option of every pip parser as JSON; run with the interpreter that has pip."""

from __future__ import annotations

import json
import optparse
import os
import sys
from typing import Any

from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import commands_dict, create_command
from pip._internal.locations import USER_CACHE_DIR, get_src_prefix
from pip._internal.models.format_control import FormatControl
from pip._internal.models.release_control import ReleaseControl


def plain(value: object) -> object:
    """Return a value as JSON, with placeholders for this machine's paths."""
    if isinstance(value, FormatControl):
        return [sorted(value.no_binary), sorted(value.only_binary)]
    if isinstance(value, ReleaseControl):
        return [sorted(value.all_releases), sorted(value.only_final)]
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, str):
        return {USER_CACHE_DIR: "<cache>", get_src_prefix(): "<src>"}.get(value, value)
    return list(value) if isinstance(value, tuple) else value


def row(option: optparse.Option, parser: optparse.OptionParser) -> dict[str, Any]:
    return {
        "flags": [*vars(option)["_short_opts"], *vars(option)["_long_opts"]],
        "dest": option.dest,
        "action": option.action,
        "type": option.type,
        "nargs": option.nargs,
        "choices": list(option.choices) if option.choices else None,
        "const": option.const,
        "metavar": option.metavar,
        "hidden": option.help == optparse.SUPPRESS_HELP,
        "default": plain(parser.defaults.get(str(option.dest))),
    }


def main() -> int:
    sys.argv = ["pip"]
    os.environ["COLUMNS"] = "200"
    commands: dict[str, Any] = {"global": (create_main_parser(), True, [])}
    for name in commands_dict:
        command = create_command(name)
        actions = list(command.handler_map())
        commands[name] = (command.parser, command.ignore_require_venv, actions)
    tables = {
        name: {
            "outside_virtualenv": outside,
            "actions": actions,
            "options": [row(option, parser) for option in parser.option_list_all],
        }
        for name, (parser, outside, actions) in commands.items()
    }
    json.dump(tables, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
