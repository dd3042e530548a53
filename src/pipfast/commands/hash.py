"""`pip hash`: print the digests of files as requirements files use them."""

from __future__ import annotations

import hashlib
import os
import sys

from pipfast.commands._errors import FileNotHashed
from pipfast.config.settings import Settings
from pipfast.config.subcommands import COMMANDS
from pipfast.config.usage import usage_text
from pipfast.report.console import Console
from pipfast.report.hash_lines import hash_option
from pipfast.session.startup import print_notices

_CHUNK = 1024 * 1024  # bytes


def command(settings: Settings, console: Console) -> int:
    """Print the digest of each file, up to the first that cannot be read. Raises FileNotHashed."""
    print_notices(settings, console)
    if not settings.words:
        usage = usage_text(COMMANDS["hash"], settings.name, os.environ)
        sys.stderr.write(f"{usage}\n")
        return 1
    algorithm = settings.text("algorithm") or ""
    for path in settings.words:
        console.say(hash_option(path, algorithm, _digest(path, algorithm)))
    return 0


def _digest(path: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    buffer = memoryview(bytearray(_CHUNK))
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - to pathlib "" is a folder
            while count := file.readinto(buffer):
                digest.update(buffer[:count])
    except OSError as error:
        raise FileNotHashed(path, error) from None
    return digest.hexdigest()
