"""`pip hash`: the digests of files, as a requirements file takes them."""

from __future__ import annotations

import hashlib
import os
import sys

from pipfast.config.settings import Settings
from pipfast.config.subcommands import COMMANDS
from pipfast.config.usage import usage_text
from pipfast.errors import CommandError
from pipfast.report.console import Console
from pipfast.session.startup import print_notices

_CHUNK = 1024 * 1024


class NotHashed(CommandError):
    """A file cannot be read."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"Could not hash {path}: {error.strerror or error}")


def command(settings: Settings, console: Console) -> int:
    """Tell the digest of each file, until one cannot be read. Raises NotHashed."""
    print_notices(settings, console)
    if not settings.words:
        usage = usage_text(COMMANDS["hash"], settings.name, os.environ)
        sys.stderr.write(f"{usage}\n")
        return 1
    algorithm = settings.text("algorithm") or ""
    for path in settings.words:
        console.say(f"{path}:\n--hash={algorithm}:{_digest(path, algorithm)}")
    return 0


def _digest(path: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    buffer = memoryview(bytearray(_CHUNK))
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - to pathlib "" is a folder
            while count := file.readinto(buffer):
                digest.update(buffer[:count])
    except OSError as error:
        raise NotHashed(path, error) from None
    return digest.hexdigest()
