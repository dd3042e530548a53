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
    if name in _config().get("lacks", ()):
        raise AttributeError(name)
    return partial(_hook, name)


def _config() -> dict[str, Any]:
    config: dict[str, Any] = json.loads(Path("kit.json").read_text(encoding="utf-8"))
    return config


def _hook(name: str, *positional: Any, **named: Any) -> Any:
    config = _config()
    if line := config.get("says", {}).get(name):
        print(line, flush=True)  # noqa: T201 - backends do
        print(f"{line} (error output)", file=sys.stderr, flush=True)  # noqa: T201
    if way := config.get("fails", {}).get(name):
        _fail(way)
    for module in config.get("imports", {}).get(name, ()):
        importlib.import_module(module)
    for variable in config.get("wants", {}).get(name, ()):
        if not os.environ.get(variable):
            raise OSError(f"{variable} environment variable is not set.")
    for module in config.get("imports", {}).get(name, ()):
        importlib.import_module(module)
    for program in config.get("runs", {}).get(name, ()):
        subprocess.run([program], check=True)
    settings = named.get("config_settings")
    if name.startswith("get"):
        return config.get("needs", {}).get(name, [])
    folder, *rest = positional
    if name.startswith("prepare"):
        return _prepare(config, Path(folder))
    settings = rest[0] if rest else settings
    info = rest[1] if len(rest) > 1 else named.get("metadata_directory")
    config["prepares"] = "called" if info else "not called"
    return _build(config, Path(folder), settings or {}, editable=name == "build_editable")


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


def _info(config: dict[str, Any], metadata: str) -> dict[str, bytes]:
    tag = config.get("tag", "py3-none-any")
    pure = str(tag.endswith("-any")).lower()
    files = {
        "METADATA": metadata,
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: kit (1)\nRoot-Is-Purelib: {pure}\nTag: {tag}\n",
    }
    if config.get("entry_points"):
        files["entry_points.txt"] = config["entry_points"]
    return {name: text.encode() for name, text in files.items()}


def _stem(config: dict[str, Any]) -> str:
    return f"{config['name'].replace('-', '_')}-{config['version']}"


def _prepare(config: dict[str, Any], folder: Path) -> str:
    metadata = config.get("prepared") or config["metadata"]
    fields = dict(line.split(": ", 1) for line in metadata.splitlines() if ": " in line)
    version = fields.get("Version", config["version"])
    info = folder / f"{fields.get('Name', config['name']).replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    for name, body in _info(config, metadata).items():
        (info / name).write_bytes(body)
    return info.name


def _build(config: dict[str, Any], folder: Path, settings: Any, *, editable: bool) -> str:
    source = Path(config.get("source", ".")).absolute()
    package = source / config["package"]
    members: dict[str, bytes] = {}
    if editable:
        members[f"__editable__.{config['name']}.pth"] = f"{source}\n".encode()
    else:
        for path in sorted(package.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                members[path.relative_to(source).as_posix()] = path.read_bytes()
        members[f"{config['package']}/built.json"] = _read(config, settings).encode()
    info = f"{_stem(config)}.dist-info"
    members |= {f"{info}/{name}": body for name, body in _info(config, config["metadata"]).items()}
    rows = [f"{path},sha256={_digest(body)},{len(body)}\n" for path, body in members.items()]
    members[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"]).encode()
    name = f"{_stem(config)}-{config.get('tag', 'py3-none-any')}.whl"
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path, body in members.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = 0o100644 << 16
            archive.writestr(member, body)
    return name


def _read(config: dict[str, Any], settings: Any) -> str:
    read = {
        "prepare_metadata": config["prepares"],
        "settings": dict(settings),
        "variables": {name: os.environ.get(name) for name in config.get("variables", ())},
        "modules": {name: _version(name) for name in config.get("modules", ())},
    }
    return json.dumps(read, indent=1, sort_keys=True) + "\n"


def _version(module: str) -> str | None:
    try:
        return str(getattr(importlib.import_module(module), "VERSION", "no version"))
    except ImportError:
        return None


def _digest(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
