"""The contract of imports inside functions: which modules may be imported late, and why.

Every other import stands at the top of its module. Late imports are over before an environment
changes, because an import after that could run code that was just installed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pipfast

SOURCE = Path(pipfast.__path__[0])

LIBRARIES = {
    **dict.fromkeys(
        [
            "configparser", "csv", "datetime", "difflib", "email.utils", "getpass", "glob",
            "hashlib", "importlib", "importlib.metadata", "importlib.util", "io", "ipaddress",
            "locale", "marshal", "netrc", "pathlib", "platform", "re", "shlex",
            "shutil", "signal", "socket", "subprocess", "sys", "sysconfig", "tempfile", "textwrap",
            "time", "urllib.parse", "urllib.request", "warnings", "zipfile", "zlib",
        ],
        "its import is a measurable part of a run that does not need it",
    ),
    **dict.fromkeys(["fcntl", "msvcrt"], "exists on one platform only"),
    **dict.fromkeys(["httpcore", "ssl", "certifi", "truststore"], "the first request needs it"),
    **dict.fromkeys(["rich.console"], "needed when something is drawn"),
    **dict.fromkeys(["pyproject_hooks"], "needed when something is built"),
    **dict.fromkeys(
        ["packaging", "packaging.direct_url", "packaging.requirements", "packaging.version"],
        "takes 20 ms; commands that only read an environment do without it",
    ),
}  # fmt: skip
"""Modules of others that may be imported inside functions."""

OWN = {
    "main": {"cli.completion", "cli.dispatch", "cli.registry"},
    "cli.completion": {"cli.completion_names", "cli.own_commands", "config.own_completions"},
    "cli.help": {"policy.settings_table", "report.settings_text"},
    "cli.run": {"concurrency.interrupts", "config.nearest_setting", "report.settings_text"},
    "cli.version_flag": {"environment.interpreter", "store.filesystem.root"},
    "builds.builder": {"builds.build_inputs"},
    "builds.pyproject": {"model.toml_document"},
    "commands._cache_kinds": {"commands._cache_remote"},
    "commands._environment": {"session.interrupted_runs"},
    "commands.check": {"commands._check_full"},
    "commands.freeze": {"commands._editable_requirement", "commands._freeze_requirements"},
    "commands._installation": {"report.error_text", "session.shared_bytecode"},
    "commands.install": {
        "commands._installation", "report.json_report", "session.plain_files",
    },
    "commands.list": {"commands._available_versions", "environment.dependencies"},
    "commands.why": {"commands._why_version"},
    "config.completion_candidates": {
        "config.cache_argv", "config.tree_argv", "config.why_argv",
    },
    "commands.uninstall": {"net.client", "policy.network"},
    "config.defaults": {"model.remedies"},
    "config.pipfast_settings": {"model.remedies"},
    "environment.direct_url_file": {"model.file_urls"},
    "environment.discovery": {"environment.direct_url_file", "environment.eggs"},
    "environment.interpreter": {"", "environment.probe"},
    "environment.metadata_files": {"environment.eggs", "model.input_limits"},
    "fetch.downloads.downloader": {"fetch.downloads.file_fetcher"},
    "fetch.source_trees": {"fetch.unpack"},
    "fetch.wheel_metadata.source": {"fetch.wheel_metadata.wheel_file"},
    "index.finder": {"index.link_report"},
    "index.page_reader": {"index.forbidden_pages", "index.page_columns"},
    "index.simple_api": {"index.html"},
    "net.auth": {"net.netrc"},
    "net.proxies": {"net.socks"},
    "net.transport": {"net.connection_pool", "net.tls", "net.user_agent"},
    "store.filesystem.entries": {"store.filesystem.owned_names"},
    "store.filesystem.owned_names": {"store.filesystem.rmtree"},
    "requirements.collect": {
        "requirements.dependency_groups", "requirements.inline_script",
        "requirements.pylock_reader",
    },
    "report.failure": {"report.error_text"},
    "report.hint_text": {"report.failure_hint_text"},
    "requirements.requirements_file": {"requirements.line_options"},
    "session.pipeline": {"session.build_env_installer"},
    "session.resolution": {
        "session.explain_failure", "session.source_tools", "sources.build_visibility",
    },
    "report.console": {"report.progress"},
    "session.run_context": {"session.sharing"},
    "session.sharing": {"remote_store.cloud_engine"},
    "session.source_tools": {"session.machine", "sources.shared_builds"},
    "session.targets": {"transaction.recovery"},
}  # fmt: skip
"""Modules of pipfast that import others inside functions: what most of their runs do not need.

`cli.registry` and `report.render` also import by name: subcommands, and the texts of messages.
"""


def deferred() -> Iterator[tuple[str, str]]:
    """Yield the importing and the imported module of each import inside a function."""
    for path in SOURCE.rglob("*.py"):
        importer = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Import):
                        yield from ((importer, alias.name) for alias in node.names)
                    elif isinstance(node, ast.ImportFrom):
                        yield importer, node.module or ""


def test_only_listed_modules_are_imported_inside_functions() -> None:
    others, own = set(), dict[str, set[str]]()
    for importer, imported in deferred():
        if imported.partition(".")[0] == "pipfast":
            own.setdefault(importer, set()).add(imported.partition(".")[2])
        else:
            others.add(imported)
    assert others == LIBRARIES.keys()
    assert own == OWN
