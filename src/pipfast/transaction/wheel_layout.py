"""Decide where each file of an unpacked wheel goes, and the content of its RECORD.

Nothing is written here (PEP 427, PEP 376, PEP 610).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from pipfast.errors import InstallationError
from pipfast.model.events import Listener, indented
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.plan.steps import WheelToInstall
from pipfast.store.wheels.manifest import Archive, Row, row
from pipfast.store.workers.protocol import EXECUTABLE, WRAPPER
from pipfast.transaction import scripts
from pipfast.transaction.errors import InterpreterReplacedError, ReservedNameError
from pipfast.transaction.events import InterpreterReplaced, LongRecordRow
from pipfast.transaction.install_environment import InstallEnvironment
from pipfast.transaction.record_file import hashed_row, path_in_record, record_text
from pipfast.transaction.reserved_names import reserved_path
from pipfast.transaction.wheel_format import check_wheel_format

_UNUSUAL_PATH = lazy_pattern(r"(?:^|/)\.{0,2}(?:/|$)|\\|:")
_ANY_UNUSUAL_PATH = lazy_pattern(r"(?m)(?:^|/)\.{0,2}(?:/|$)|\\|:")
"""Finds an unusual path among lines, or a line that only seems to be one."""
_SCHEME_KEYS = ("data", "headers", "platlib", "purelib", "scripts")

FilesByFolder = dict[str, list[tuple[str, int]]]
"""For each folder its files: the name, and the number of the file in the archive."""


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file written at installation; `bytecode` is the path of its bytecode file, if any.

    `mode` are permissions that it has whatever the umask says; it is executable if there are any.
    """

    path: str
    content: bytes
    mode: int = 0
    bytecode: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each file of a wheel goes, as absolute paths of the final environment.

    - `library`: the purelib or platlib folder; `info`: the name of the ``.dist-info`` folder in it
    - `files`: files that are linked or copied from the archive
    - `bytecode_files`: the same from `bytecode_folder`, the archive's bytecode, which has
      `bytecode_sizes` in bytes by number
    - `generated`: files written for this environment, RECORD last
    - `console_scripts`: paths of console scripts, for the warning about PATH
    """

    archive: Archive
    library: str
    info: str
    files: FilesByFolder
    bytecode_files: FilesByFolder
    bytecode_folder: str
    bytecode_sizes: Mapping[int, int]
    generated: tuple[GeneratedFile, ...]
    console_scripts: tuple[str, ...]


@dataclass(slots=True)
class _Builder:
    """A layout under construction.

    - `moved`: new RECORD paths of files that are not where the wheel's RECORD says, by old path
    - `replaced_rows`: rows that replace those of the wheel; `new_rows`: rows that are added
    - `skipped`: files of the wheel that are not installed
    - `compiled`: sizes of the bytecode that the archive has, by number of the file
    """

    archive: Archive
    environment: InstallEnvironment
    library: str
    info: str
    files: FilesByFolder = field(default_factory=dict)
    bytecode_files: FilesByFolder = field(default_factory=dict)
    generated: list[GeneratedFile] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    replaced_rows: dict[str, Row] = field(default_factory=dict)
    new_rows: list[Row] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    compiled: Mapping[int, int] = field(default_factory=dict)


def lay_out(
    archive: Archive, incoming: WheelToInstall, environment: InstallEnvironment, emit: Listener
) -> Layout:
    """Decide where every file of `archive` goes in `environment`.

    Raises InstallationError for a wheel that pip does not install or with a name that is reserved
    for transactions, OSError if files of the store cannot be read.
    """
    emit = indented(emit)
    reserved = reserved_path(archive.names)
    if reserved is not None:
        raise ReservedNameError(archive.wheel, reserved)
    check_wheel_format(archive, incoming.name, emit)  # pip checks, and warns, twice
    wheel = check_wheel_format(archive, incoming.name, emit)
    scheme = environment.scheme
    library = scheme.purelib if wheel.root_is_purelib else scheme.platlib
    builder = _Builder(archive, environment, library, wheel.info)
    key = environment.bytecode_key
    builder.compiled = (archive.modules(key) or {}) if key else {}
    try:
        points = _entry_points(archive, wheel.info)
        _place_files(builder, points, incoming)
        wrappers = list(scripts.scripts(points, environment))
    except InstallationError as error:
        raise InstallationError(f"For req: {incoming.requirement}. {error.message}") from error
    reserved = reserved_path(os.path.basename(script.path) for script in wrappers)
    if reserved is not None:
        raise ReservedNameError(archive.wheel, reserved)
    for script in wrappers:
        _generate(builder, GeneratedFile(script.path, script.content, WRAPPER))
    if f"{wheel.info}/RECORD" not in archive.texts:
        raise FileNotFoundError("RECORD")  # pip behaviour
    _check_interpreter(builder, emit)
    for fields in archive.long_rows:
        emit(LongRecordRow(tuple(fields)))
    _generate_metadata(builder, incoming)
    return Layout(
        archive,
        library,
        wheel.info,
        builder.files,
        builder.bytecode_files,
        archive.bytecode_folder(key or ""),
        builder.compiled,
        tuple(builder.generated),
        tuple(script.path for script in wrappers if script.console),
    )


def _check_interpreter(builder: _Builder, emit: Listener) -> None:
    """Refuse a wheel that replaces the interpreter, or warn of it where pip's rules apply."""
    environment, folder = builder.environment, builder.environment.scheme.scripts
    if environment.target is not None:
        return  # these are scripts of a folder, not of an environment
    paths = [file.path for file in builder.generated]
    paths += [os.path.join(folder, name) for name, _ in builder.files.get(folder, ())]
    path = scripts.interpreter_in(paths, folder)
    if path is None:
        return
    if environment.is_guarded:
        raise InterpreterReplacedError(builder.archive.wheel, path)
    emit(InterpreterReplaced(os.path.basename(builder.archive.wheel), path))


def _entry_points(archive: Archive, info: str) -> scripts.EntryPoints:
    try:
        text = archive.texts.get(f"{info}/entry_points.txt", b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InstallationError(
            f"Error decoding metadata for {archive.wheel}: {error} in entry_points.txt file"
        ) from error
    return scripts.entry_points(text)


def _place_files(builder: _Builder, points: scripts.EntryPoints, incoming: WheelToInstall) -> None:
    library, files, others = builder.library, builder.files, []
    names = builder.archive.names
    has_unusual = _ANY_UNUSUAL_PATH.search("\n".join(names)) is not None
    is_unusual = _UNUSUAL_PATH.search
    generated = _generated_names(builder, incoming)
    for number, name in enumerate(names):
        folder, _, base = name.rpartition("/")
        if (has_unusual and is_unusual(name)) or ".data/" in name:
            others.append((number, name))
        elif name not in generated:
            files.setdefault(folder, []).append((base, number))
    join = library + os.sep
    builder.files = {
        (join + folder.replace("/", os.sep) if folder else library): found
        for folder, found in files.items()
    }
    _place_bytecode(builder, files)
    for number, name in others:
        if name in generated:
            continue
        path = _destination(builder, name.replace("\\", "/") if os.name == "nt" else name, incoming)
        _place_at(builder, number, name, path, points)


def _generated_names(builder: _Builder, incoming: WheelToInstall) -> set[str]:
    """Return the names of files that are not taken from the wheel, but generated."""
    names = {f"{builder.info}/RECORD", f"{builder.info}/INSTALLER"}
    if incoming.requested:
        names.add(f"{builder.info}/REQUESTED")
    if incoming.direct_url is not None:
        names.add(f"{builder.info}/direct_url.json")
    return names


def _place_bytecode(builder: _Builder, files: FilesByFolder) -> None:
    """Place the bytecode of modules in the root of the wheel in ``__pycache__`` beside them."""
    compiled, suffix = builder.compiled, f".{builder.environment.cache_tag}.pyc"
    if not compiled:
        return
    for folder, found in files.items():
        cache = f"{folder}/__pycache__" if folder else "__pycache__"
        bytecode = [(base[:-3] + suffix, number) for base, number in found if number in compiled]
        if bytecode:
            target = builder.library + os.sep + cache.replace("/", os.sep)
            builder.bytecode_files.setdefault(target, []).extend(bytecode)
            builder.new_rows += [(f"{cache}/{base}", ",,\r\n") for base, _ in bytecode]


def _destination(builder: _Builder, name: str, incoming: WheelToInstall) -> str:
    """Return the path for a file in ``.data``, or with an unusual path in the wheel."""
    normal = os.path.normpath(name)
    if not name.partition("/")[0].endswith(".data"):
        return _inside(builder, builder.library, normal, incoming)
    parts = normal.split(os.sep, 2)
    wheel = _wheel_path(builder.archive, incoming)
    if len(parts) < 3:
        raise InstallationError(
            f"Unexpected file in {wheel}: {name!r}. .data directory contents should be named "
            "like: '<scheme key>/<path>'."
        )
    if parts[1] not in _SCHEME_KEYS:
        raise InstallationError(
            f"Unknown scheme key used in {wheel}: {parts[1]} (for file {name!r}). .data directory "
            "contents should be in subdirectories named with a valid scheme key "
            f"({', '.join(_SCHEME_KEYS)})"
        )
    root = str(getattr(builder.environment.scheme, parts[1]))
    if parts[1] == "headers":
        root = os.path.join(root, incoming.spelling)
    return _inside(builder, root, parts[2], incoming)


def _wheel_path(archive: Archive, incoming: WheelToInstall) -> str:
    """Return the path of the wheel for errors; for a download, a temporary path like pip's."""
    if incoming.link.is_file:
        return str(incoming.link.path)
    from tempfile import gettempdir

    folder = f"pip-unpack-{os.path.basename(archive.folder)[:8]}"
    return os.path.join(gettempdir(), folder, incoming.link.filename)


def _inside(builder: _Builder, root: str, path: str, incoming: WheelToInstall) -> str:
    """Return the absolute path of `path` in `root`. Raises InstallationError if it is outside."""
    joined = os.path.join(root, path)
    target, folder = os.path.abspath(joined), os.path.abspath(root)
    if target != folder and not target.startswith(os.path.join(folder, "")):
        wheel = _wheel_path(builder.archive, incoming)
        raise InstallationError(
            f"The wheel {wheel!r} has a file {joined!r} trying to install outside "
            f"the target directory {root!r}"
        )
    return target


def _place_at(
    builder: _Builder, number: int, name: str, path: str, points: scripts.EntryPoints
) -> None:
    archive, environment = builder.archive, builder.environment
    folder, base = os.path.split(path)
    parts = name.split("/", 2)
    is_script = len(parts) > 2 and parts[0].endswith(".data") and parts[1] == "scripts"
    if is_script and points.wraps(base):
        builder.skipped.add(name)
        return
    recorded = path_in_record(path, builder.library)
    builder.moved[name] = recorded
    bytecode = os.path.join(folder, "__pycache__", f"{base[:-3]}.{environment.cache_tag}.pyc")
    compiled = base.endswith(".py") and number in builder.compiled
    if compiled:
        builder.new_rows.append((path_in_record(bytecode, builder.library), ",,\r\n"))
    content = None
    if is_script:
        content = scripts.with_interpreter(archive.read(name), environment.executable)
    if content is not None:
        builder.replaced_rows[name] = hashed_row(recorded, content)
        mode = EXECUTABLE if number in archive.executable else 0
        file = GeneratedFile(path, content, mode, bytecode if compiled else "")
        builder.generated.append(file)
        return
    builder.files.setdefault(folder, []).append((base, number))
    if compiled:
        cache, bytecode_name = os.path.split(bytecode)
        builder.bytecode_files.setdefault(cache, []).append((bytecode_name, number))


def _generate(builder: _Builder, file: GeneratedFile) -> None:
    builder.generated.append(file)
    builder.new_rows.append(hashed_row(path_in_record(file.path, builder.library), file.content))


def _generate_metadata(builder: _Builder, incoming: WheelToInstall) -> None:
    """Generate INSTALLER, direct_url.json and REQUESTED, and then RECORD."""
    folder = os.path.join(builder.library, builder.info)
    contents = {"INSTALLER": f"{builder.environment.installer}\n"}
    if incoming.direct_url is not None:
        contents["direct_url.json"] = incoming.direct_url
    if incoming.requested:
        contents["REQUESTED"] = ""
    for name, content in contents.items():
        _generate(builder, GeneratedFile(os.path.join(folder, name), content.encode("utf-8")))
    text = record_text((*_rows_of_wheel(builder), *builder.new_rows))
    builder.generated.append(GeneratedFile(os.path.join(folder, "RECORD"), text))


def _rows_of_wheel(builder: _Builder) -> Iterator[Row]:
    """Yield the rows of the wheel's RECORD, with those of moved and rewritten files replaced."""
    archive, moved, replaced = builder.archive, builder.moved, builder.replaced_rows
    if not moved:
        yield from archive.record
    else:
        for path, rest in archive.record:
            yield replaced[path] if path in replaced else (moved.get(path, path), rest)
    for name in archive.unlisted:
        if name not in builder.skipped:
            yield row(moved.get(name, name))
