"""Parse command lines with pip and pipfast and print both results as JSON.

Run with an interpreter that has both. Each command line is parsed in a forked process, because
pip's parsers, logging and mutable defaults keep state.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pip._internal.cli import base_command, cmdoptions, main
from pip._internal.commands import commands_dict, create_command
from pip._internal.models.format_control import FormatControl
from pip._internal.models.release_control import ReleaseControl
from pip._internal.utils import appdirs

from pipfast.config.settings import settings
from pipfast.errors import NotNative, PipfastError, UsageError
from pipfast.policy.option_conflicts import notices


def plain(value: Any) -> Any:
    """Return a value of either program as JSON; pip uses 0 and 1 as booleans."""
    if isinstance(value, FormatControl):
        return [sorted(value.no_binary), sorted(value.only_binary)]
    if isinstance(value, ReleaseControl):
        return [sorted(value.all_releases), sorted(value.only_final)]
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return value.isoformat()[:10] if value.microsecond else value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return int(value) if isinstance(value, bool) else value


def run_pip(argv: list[str], result: dict[str, Any]) -> int:
    """Run real pip up to the point where a command would start its work."""

    def parse_args(command: base_command.Command, args: list[str]) -> Any:
        options, rest = command.parser.parse_args(args)
        values = {key: plain(value) for key, value in vars(options).items()}
        result.update(command=command.name, words=rest, values=values)
        return options, rest

    def run(*_: object) -> int:
        return 0

    for name, stand_in in (("parse_args", parse_args), ("_run_wrapper", run)):
        setattr(base_command.Command, name, stand_in)
    # pip reads its cache directory at import time, when HOME was another one
    default: Any = cmdoptions.cache_dir
    default.keywords["default"] = appdirs.user_cache_dir("pip")
    sys.argv = ["pip", *argv]
    return main.main(argv)


def run_pipfast(argv: list[str], result: dict[str, Any]) -> int:
    """Run our parser; errors are written as `report` writes them."""
    try:
        parsed = settings(argv, os.environ, "pip")
    except NotNative:
        result["command"] = "help"
        return 0
    except UsageError as error:
        usage = f"{error.usage}\n" if error.usage else ""
        sys.stderr.write(f"{usage}{error.message}\n")
        return error.exit_code
    except PipfastError as error:
        sys.stderr.write(f"ERROR: {error.message}\n")
        return error.exit_code
    sys.stderr.writelines(f"WARNING: {notice}\n" for notice in notices(parsed))
    values = {key: plain(value) for key, value in parsed.values.items()}
    result.update(command=parsed.command, words=list(parsed.words), values=values)
    return 0


def apart(
    run: Callable[[list[str], dict[str, Any]], int], case: dict[str, Any], root: Path
) -> dict[str, Any]:
    """Parse in a forked process with the case's variables and files."""
    out, err, answer = root / "out", root / "err", root / "answer"
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        result: dict[str, Any] = json.loads(answer.read_text()) if answer.exists() else {}
        answer.unlink(missing_ok=True)
        seen = {"stdout": out.read_text(), "stderr": err.read_text()}
        return {"code": os.waitstatus_to_exitcode(status), **seen, **result}
    result = {}
    code: object = 70  # skip exit handlers of both programs
    try:
        for stream, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), stream)
        os.chdir(root)
        os.environ.clear()
        os.environ.update(case["env"])
        try:
            code = run(case["argv"], result)
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        answer.write_text(json.dumps(result))
    except Exception:  # noqa: BLE001 - Python ends with 1 and a traceback, which goes to the file
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        code = 1
    finally:
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def main_() -> int:
    for name in commands_dict:
        create_command(name)  # import the command's module once for all child processes
    cases = json.load(sys.stdin)
    answers = []
    for case in cases:
        root = Path(case["root"])
        answers.append([apart(run_pip, case, root), apart(run_pipfast, case, root)])
    json.dump(answers, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main_())
