"""A build backend (PEP 517, PEP 660) in one file, controlled by the project's `kit.json`.

Tests do not import it: the kit copies its text into source trees and wheels. It uses the standard
library only, writes the same bytes in every run, and reads `kit.json` at each call, so that one
process may serve several projects. Keys of `kit.json`:

- `name`, `version`: of the wheel; `metadata`: its METADATA; `entry_points`: its entry_points.txt
- `prepared`: METADATA that the metadata hook returns, if different
- `package`, `source`: the package and its folder; `tag`: the wheel's tag
- `lacks`: hooks that do not exist; `needs`: per hook, requirements that it returns
- `says`: per hook, a line for each of the two outputs; `fails`: per hook, how it fails
- `imports`: per hook, modules without which it fails; `wants`: likewise, environment variables
- `runs`: per hook, programs that it runs and that must succeed
- `variables`: environment variables, and `modules`: modules, that the build reads

`built.json` in the package records what the build read.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import os
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

HOOKS = (
    "get_requires_for_build_wheel",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "build_wheel",
    "build_editable",
)


def __getattr__(name: str) -> Any:
    if name not in HOOKS:
        raise AttributeError(name)
    if name in _told().get("lacks", ()):
        raise AttributeError(name)
    return partial(_hook, name)


def _told() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Path("kit.json").read_text(encoding="utf-8"))
    return told


def _hook(name: str, *positional: Any, **named: Any) -> Any:
    told = _told()
    if line := told.get("says", {}).get(name):
        print(line, flush=True)  # noqa: T201 - backends do
        print(f"{line} (error output)", file=sys.stderr, flush=True)  # noqa: T201
    if way := told.get("fails", {}).get(name):
        _fail(way)
    for module in told.get("imports", {}).get(name, ()):
        importlib.import_module(module)
    for variable in told.get("wants", {}).get(name, ()):
        if not os.environ.get(variable):
            raise OSError(f"{variable} environment variable is not set.")
    for module in told.get("imports", {}).get(name, ()):
        importlib.import_module(module)
    for program in told.get("runs", {}).get(name, ()):
        subprocess.run([program], check=True)
    settings = named.get("config_settings")
    if name.startswith("get"):
        return told.get("needs", {}).get(name, [])
    folder, *rest = positional
    if name.startswith("prepare"):
        return _prepare(told, Path(folder))
    settings = rest[0] if rest else settings
    info = rest[1] if len(rest) > 1 else named.get("metadata_directory")
    told["prepares"] = "called" if info else "not called"
    return _build(told, Path(folder), settings or {}, editable=name == "build_editable")


def _fail(way: str) -> None:
    match way:
        case "exit":
            sys.exit(3)
        case "die":
            os._exit(5)
        case "sleep":
            Path("sleeping").touch()
            time.sleep(60)
        case "breed":  # like ninja, which starts compilers in separate process groups
            words = [sys.executable, "-c", "import time; time.sleep(60)"]
            child = subprocess.Popen(words, preexec_fn=os.setpgrp)  # noqa: PLW1509 - no threads
            Path("sleeping").touch()
            child.wait()
        case _:
            raise RuntimeError(way)


def _info(told: dict[str, Any], metadata: str) -> dict[str, bytes]:
    tag = told.get("tag", "py3-none-any")
    pure = str(tag.endswith("-any")).lower()
    files = {
        "METADATA": metadata,
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: kit (1)\nRoot-Is-Purelib: {pure}\nTag: {tag}\n",
    }
    if told.get("entry_points"):
        files["entry_points.txt"] = told["entry_points"]
    return {name: text.encode() for name, text in files.items()}


def _stem(told: dict[str, Any]) -> str:
    return f"{told['name'].replace('-', '_')}-{told['version']}"


def _prepare(told: dict[str, Any], folder: Path) -> str:
    metadata = told.get("prepared") or told["metadata"]
    said = dict(line.split(": ", 1) for line in metadata.splitlines() if ": " in line)
    version = said.get("Version", told["version"])
    info = folder / f"{said.get('Name', told['name']).replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    for name, body in _info(told, metadata).items():
        (info / name).write_bytes(body)
    return info.name


def _build(told: dict[str, Any], folder: Path, settings: Any, *, editable: bool) -> str:
    source = Path(told.get("source", ".")).absolute()
    package = source / told["package"]
    members: dict[str, bytes] = {}
    if editable:
        members[f"__editable__.{told['name']}.pth"] = f"{source}\n".encode()
    else:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                members[path.relative_to(source).as_posix()] = path.read_bytes()
        members[f"{told['package']}/built.json"] = _read(told, settings).encode()
    info = f"{_stem(told)}.dist-info"
    members |= {f"{info}/{name}": body for name, body in _info(told, told["metadata"]).items()}
    rows = [f"{path},sha256={_digest(body)},{len(body)}\n" for path, body in members.items()]
    members[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    name = f"{_stem(told)}-{told.get('tag', 'py3-none-any')}.whl"
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path, body in members.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = 0o100644 << 16
            archive.writestr(member, body)
    return name


def _read(told: dict[str, Any], settings: Any) -> str:
    read = {
        "prepare_metadata": told["prepares"],
        "settings": dict(settings),
        "variables": {name: os.environ.get(name) for name in told.get("variables", ())},
        "modules": {name: _version(name) for name in told.get("modules", ())},
    }
    return json.dumps(read, indent=1, sort_keys=True) + "\n"


def _version(module: str) -> str | None:
    try:
        return str(getattr(importlib.import_module(module), "VERSION", "no version"))
    except ImportError:
        return None


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
