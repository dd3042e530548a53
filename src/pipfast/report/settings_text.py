"""What each of pipfast's settings does, in the terminal and as the page ``docs/settings.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.settings_table import SettingRow

PAGE = "https://github.com/pipfast/pipfast/blob/main/docs/settings.md"


@dataclass(frozen=True, slots=True)
class _Text:
    """What a setting decides in one sentence, what its values mean, and a value as example."""

    decides: str
    meaning: str
    example: str


_TEXTS = {
    "pip-compat": _Text(
        "the mode of a run",
        "`true` is parity mode: a run succeeds wherever pip succeeds. `false` is guarded mode. "
        "Any of pip's boolean words is accepted. Without the setting, a program named `pip` is in "
        "parity mode.",
        "true",
    ),
    "index-strategy": _Text(
        "what happens if a project is on several indexes",
        "`first-index` uses the first index that has it. `best-match` merges all candidates, as "
        "pip does.",
        "best-match",
    ),
    "local-versions": _Text(
        "whether metadata may have another local version than the file name",
        "`strict` rejects such a file. `lax` accepts it (`0.7.0` and `0.7.0+cpu`).",
        "lax",
    ),
    "build-isolation": _Text(
        "what a build sees beside its declared requirements",
        "`strict`: nothing. `see-through`: if the build fails, the missing modules of the "
        "environment or of this resolution. `none`: all of the environment.",
        "see-through",
    ),
    "index-errors": _Text(
        "what happens if an index answers with an error",
        "`fail` ends the run and names the index. `skip` continues with the other indexes and one "
        "warning.",
        "skip",
    ),
    "fallback": _Text(
        "what happens after a bug in pipfast, or if it does not implement something",
        "`never` reports it. `auto` runs real pip.",
        "auto",
    ),
    "link-mode": _Text(
        "how files get from the store into an environment",
        "`auto` is the first of clone, hard link and copy that works.",
        "copy",
    ),
    "remote-store-mode": _Text(
        "whether this machine also gives to the remote store",
        "`read` only takes what other machines built. `read-write` also uploads what is built "
        "here.",
        "read-write",
    ),
    "remote-store": _Text(
        "the storage from which machines take what others have built",
        "A URL: `file:`, `http:`, `https:`, `s3:`, `gs:`, `az:`. Nothing is shared without "
        "`remote-store-key` ([page](remote-store.md)).",
        "https://cache.example.com/pipfast",
    ),
    "remote-store-key": _Text(
        "the secret with which shared objects are signed, and named",
        "At least 16 characters, or `file:` and the path of a file with them. With a key of "
        "Ed25519 it only names objects.",
        "file:/run/secrets/pipfast-store",
    ),
    "remote-store-signing-key": _Text(
        "the private Ed25519 key with which this machine signs shared objects",
        "PEM, the line between its marks, or `file:` and the path of a file with it. Without "
        "`remote-store-public-keys`, only objects signed with it are used.",
        "file:/run/secrets/pipfast-signing.pem",
    ),
    "remote-store-public-keys": _Text(
        "the public Ed25519 keys of the machines whose objects are used",
        "PEM, or the lines between its marks, separated by spaces, or `file:` and the path of a "
        "file with them. Objects that are signed in another way are refused.",
        "file:/etc/pipfast/public.pem",
    ),
    "remote-store-wait": _Text(
        "how long a run may upload after its work is done",
        "Seconds. What is left is uploaded by `pipfast cache push`; `0` leaves everything.",
        "120",
    ),
    "index.<project>": _Text(
        "the only index that a project is taken from",
        "A URL. `-` in the name is `_` in the variable.",
        "https://packages.example.com/simple",
    ),
    "build-env.<project>": _Text(
        "variables that are added to the environment of a project's builds",
        "`NAME=value`, separated by spaces; values with spaces are quoted. `-` in the name is `_` "
        "in the variable.",
        "MAX_JOBS=4",
    ),
    "call-log": _Text(
        "the file to which each call adds a line",
        "A path. A line has the time, the program, its arguments without secrets, and the Python.",
        "/var/log/pipfast.jsonl",
    ),
}


def terminal_table(rows: Iterable[SettingRow]) -> str:
    """Return what ``pipfast help settings`` prints: all settings, in at most 80 columns."""
    lines = [
        "Settings of pipfast, as environment variables. In pip.conf, they are in the",
        "section [pipfast]: PIPFAST_LINK_MODE=copy is written link-mode = copy.",
        "Variables override files. More:",
        PAGE,
    ]
    for row in rows:
        text = _TEXTS[row.key]
        lines += ["", f"{row.variable}={'|'.join(row.values) or text.example}"]
        lines.append(f"  {text.decides[0].upper()}{text.decides[1:]}.")
        if row.guarded:
            lines.append(f"  Default: {_default(row)}.")
    return "\n".join(lines)


def _default(row: SettingRow) -> str:
    if row.guarded == row.parity:
        return row.guarded
    return f"{row.guarded} in guarded mode, {row.parity} in parity mode"


def page_table(rows: Iterable[SettingRow]) -> str:
    """Return the settings as sections of a Markdown page."""
    return "\n\n".join("\n".join(_section(row)) for row in rows)


def _section(row: SettingRow) -> Iterator[str]:
    text = _TEXTS[row.key]
    values = ", ".join(f"`{value}`" for value in row.values) or "see below"
    yield f"### {row.key}"
    yield ""
    yield f"Decides {text.decides}. {text.meaning}"
    yield ""
    yield "| variable | `pip.conf` | values | default, guarded mode | default, parity mode |"
    yield "| --- | --- | --- | --- | --- |"
    defaults = " | ".join(f"`{each}`" if each else "none" for each in (row.guarded, row.parity))
    yield f"| `{row.variable}` | `{row.key}` in `[pipfast]` | {values} | {defaults} |"
    yield ""
    variable, key = (
        each.replace("<PROJECT>", "DEMO").replace("<project>", "demo")
        for each in (row.variable, row.key)
    )
    quoted = f"'{text.example}'" if " " in text.example else text.example
    yield f"Example: `{variable}={quoted}`, or `pip config set pipfast.{key} {quoted}`."


def unknown_setting(name: str, path: str, nearest: str) -> str:
    """Return the warning for a variable, or a key in the file `path`, that is no setting."""
    where = f"{name} in the section [pipfast] of {path}" if path else name
    guess = f"; did you mean {nearest}?" if nearest else "; see 'pipfast help settings'"
    return f"{where} is not a setting of pipfast and has no effect{guess}"
