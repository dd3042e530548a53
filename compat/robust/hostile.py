"""Install wheels that contradict themselves with pip, uv and pipfast, and compare the results.

`python -m compat.robust.hostile [record] [NAME …]` prints what differs from the recorded results.
With ``record`` it writes them, which is needed for a new version of pip or uv. Without names it
tries all wheels.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.kit.hostile_wheels import WHEELS, Verdict
from tests.kit.site import Reply, serving

RECORDED = Path(__file__).with_name("hostile_wheels.json")
FILE = "demo-1.0-py3-none-any.whl"
TOOLS = ("pip", "uv", "uv-by-http", "pipfast")

_COMMANDS = {
    "pip": ("-m", "pip", "install", "--no-deps", "--no-index", "--no-compile"),
    "uv": ("-m", "uv", "pip", "install", "--no-deps", "--no-index"),
    "uv-by-http": ("-m", "uv", "pip", "install", "--no-deps", "--no-index"),
    "pipfast": ("-m", "pipfast", "install", "--no-deps", "--no-index", "--no-compile"),
}


def results(name: str, tools: Sequence[str] = TOOLS) -> dict[str, str]:
    """Return what each tool does with a wheel: accepts, rejects or crashes."""
    content = WHEELS[name].content
    with tempfile.TemporaryDirectory() as folder, serving() as site:
        path = Path(folder, FILE)
        path.write_bytes(content)
        site.pages[f"/{FILE}"] = Reply(content)
        found = {}
        for tool in tools:
            source = f"demo @ {site.base}/{FILE}" if tool == "uv-by-http" else str(path)
            found[tool] = _verdict(tool, source, Path(folder, tool))
    return found


def _verdict(tool: str, source: str, target: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if name[:3] not in ("PIP", "UV_")}
    environ |= {
        "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CACHE_DIR": str(target.with_name("cache")), "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(target.with_name("uv-cache")), "UV_PYTHON": sys.executable,
    }  # fmt: skip
    command = [sys.executable, *_COMMANDS[tool], "--target", str(target), source]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if run.returncode == 0:
        return "accepts"
    return "crashes" if "Traceback" in run.stderr or run.returncode < 0 else "rejects"


def verdict_of(found: dict[str, str]) -> Verdict:
    """Return the verdict that the kit states for what pip and uv do."""
    by_uv = found["uv"] == found["uv-by-http"] == "accepts"
    if found["pip"] == "accepts":
        return Verdict.ALL_ACCEPT if by_uv else Verdict.UV_REJECTS
    if found["pip"] == "crashes":
        return Verdict.PIP_CRASHES
    return Verdict.PIP_REJECTS if by_uv else Verdict.ALL_REJECT


def recorded() -> dict[str, dict[str, str]]:
    """Return the recorded results by wheel and tool."""
    found: dict[str, dict[str, str]] = json.loads(RECORDED.read_text("utf-8"))
    return found


def _changes(now: dict[str, dict[str, str]]) -> Iterator[str]:
    before = recorded() if RECORDED.exists() else {}
    for name, found in now.items():
        for tool, verdict in found.items():
            known = before.get(name, {}).get(tool, "not known")
            if verdict != known:
                yield f"{name}: {tool} {verdict}, recorded: {known}"


def main() -> int:
    """Try the wheels; the exit code is 1 if a result is not the recorded one."""
    parser = argparse.ArgumentParser(prog="python -m compat.robust.hostile", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="NAME", help="record, or the name of a wheel")
    words = parser.parse_args().words
    writes = words[:1] == ["record"]
    names = words[writes:] or list(WHEELS)
    if unknown := set(names) - WHEELS.keys():
        parser.error(f"no such wheel: {', '.join(sorted(unknown))}")
    now = {name: results(name) for name in names}
    changes = list(_changes(now))
    print("\n".join(changes))
    if writes:
        every = {**(recorded() if RECORDED.exists() else {}), **now}
        RECORDED.write_text(json.dumps(every, indent=0, sort_keys=True) + "\n", "utf-8")
    return int(bool(changes) and not writes)


if __name__ == "__main__":
    sys.exit(main())
