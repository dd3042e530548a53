"""Find the distribution that provides a module, with the target's own Python."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pipfast.builds.missing_module import MissingDependency
from pipfast.model.frozen_dataclass import dataclass

_SCRIPT = r"""
import importlib.metadata, json, site, sys

folders, modules, projects = json.loads(sys.argv[1])
for folder in folders:
    site.addsitedir(folder)
there = list(importlib.metadata.distributions())


def spec_of(name):
    parts, path = name.split("."), None
    for end in range(1, len(parts) + 1):
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(".".join(parts[:end]), path, None) if find else None
            if spec is not None:
                break
        else:
            return None
        path = spec.submodule_search_locations
        if path is None and end < len(parts):
            return None
    return spec


def answer_of(one):
    return [one.metadata["Name"], one.version]


def holds(one, name):
    head = name.replace(".", "/")
    files = (str(file).replace("\\", "/") for file in one.files or ())
    if any(file.startswith((head + "/", head + ".")) for file in files):
        return True
    return name.partition(".")[0] in (one.read_text("top_level.txt") or "").split()


def plain(name):
    return (name or "").lower().replace("_", "-").replace(".", "-")


def same(one, name):
    return plain(one.metadata["Name"]) == plain(name)


answer = {}
for name in modules:
    spec = spec_of(name)
    if spec is not None:
        found = next((one for one in there if holds(one, name)), None)
        found = found or next((one for one in there if same(one, name.partition(".")[0])), None)
        answer["module " + name] = answer_of(found) if found else [name, "from " + str(spec.origin)]
for name in projects:
    found = next((one for one in there if same(one, name)), None)
    if found is not None:
        answer["project " + name] = answer_of(found)
print()
print(json.dumps(answer))
"""


@dataclass(frozen=True, slots=True)
class ModuleOwner:
    """A distribution that provides a module, or the location of a module without one."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def pin(self) -> str:
        """Return the part of a cache key for a build that sees it."""
        return f"{self.name}=={self.version}"


def providers(
    python: str, folders: Sequence[str], wanted: Sequence[MissingDependency]
) -> Mapping[MissingDependency, ModuleOwner] | None:
    """Return the distribution in `folders` for each of `wanted`; None if any is missing.

    The first folder that has a name counts. Nothing is imported, but ``.pth`` files have their
    usual effect when `python` starts.
    """
    from subprocess import DEVNULL, run

    modules = [one.name for one in wanted if one.is_module]
    projects = [one.name for one in wanted if not one.is_module]
    query = json.dumps([list(folders), modules, projects])
    words = [python, "-I", "-S", "-c", _SCRIPT, query]
    done = run(words, stdin=DEVNULL, capture_output=True, check=False)
    try:
        answer_of = json.loads(done.stdout.decode("utf-8", "replace").rstrip().rpartition("\n")[2])
    except ValueError:
        return None
    found: dict[MissingDependency, ModuleOwner] = {}
    for one in wanted:
        kind = "module" if one.is_module else "project"
        if f"{kind} {one.name}" in answer_of:
            found[one] = ModuleOwner(*answer_of[f"{kind} {one.name}"])
    return found if len(found) == len(wanted) else None
