"""One unpacked wheel laid out for one scheme: which file goes where, and what its RECORD says.

Nothing is written here; the values say what `files` has to do (PEP 427, 376, 610).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from packaging.utils import NormalizedName, canonicalize_name

from pipfast.errors import InstallationError
from pipfast.model.events import Level, Listener, Said
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.plan.steps import WheelToInstall
from pipfast.store.wheels.manifest import Archive, Row, row
from pipfast.transaction import scripts
from pipfast.transaction.record_file import hashed, path_in_record, record_text
from pipfast.transaction.target_environment import Site

_ODD = re.compile(r"(?:^|/)\.{0,2}(?:/|$)|\\|:")
_NEWEST = (1, 0)  # the Wheel-Version this installer was written for (PEP 427)
_SCHEMES = ("data", "headers", "platlib", "purelib", "scripts")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that this run makes: its bytes, and where its bytecode goes, if it gets any."""

    path: str
    content: bytes
    executable: bool = False
    bytecode: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each file of a wheel goes, as absolute paths of the finished environment.

    `files` maps folders to their files, (name, number in the archive); `modules` is the same for
    the `bytecode` folder of the archive. `made` are the files written for this environment,
    RECORD among them. `console_scripts` are the wrappers' paths, for the warning about PATH.
    """

    archive: Archive
    library: str
    info: str
    files: dict[str, list[tuple[str, int]]]
    modules: dict[str, list[tuple[str, int]]]
    bytecode: str
    made: tuple[Made, ...]
    console_scripts: tuple[str, ...]


@dataclass(slots=True)
class _Builder:
    """A layout while it grows.

    `moved` has the new RECORD paths of files that are not where the wheel's RECORD says, `own`
    the rows that replace the wheel's, `rows` those that are added.
    """

    archive: Archive
    site: Site
    library: str
    info: str
    files: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    modules: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    own: dict[str, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    compiled: frozenset[int] = frozenset()


def check(
    archive: Archive, name: NormalizedName, emit: Listener, margin: str = ""
) -> tuple[str, bool]:
    """The wheel's ``.dist-info`` folder and whether its root is purelib.

    Raises InstallationError for a wheel that is not one of the project `name`, or of a format
    that is too new, in pip's words; a somewhat newer one is a warning, indented by `margin`.
    """
    try:
        info = _info_folder(archive, name)
        facts = _headers(_wheel_text(archive, info))
        version = _wheel_version(facts.get("wheel-version"))
    except ValueError as error:
        raise InstallationError(f"{name} has an invalid wheel, {error}") from error
    if version[0] > _NEWEST[0]:
        raise InstallationError(
            f"{name}'s Wheel-Version ({'.'.join(map(str, version))}) is not compatible with this "
            "version of pip"
        )
    if version > _NEWEST:
        text = f"Installing from a newer Wheel-Version ({'.'.join(map(str, version))})"
        emit(Said(Level.WARNING, margin + text))
    return info, facts.get("root-is-purelib", "").lower() == "true"


def _info_folder(archive: Archive, name: NormalizedName) -> str:
    tops = {path.partition("/")[0] for path in archive.names}  # in any order, as pip tells them
    infos = [top for top in tops if top.endswith(".dist-info")]
    if not infos:
        raise ValueError(".dist-info directory not found")
    if len(infos) > 1:
        raise ValueError(f"multiple .dist-info directories found: {', '.join(infos)}")
    if not canonicalize_name(infos[0]).startswith(name):
        raise ValueError(f".dist-info directory {infos[0]!r} does not start with {name!r}")
    return infos[0]


def _wheel_text(archive: Archive, info: str) -> str:
    path = f"{info}/WHEEL"
    try:
        return archive.texts[path].decode()
    except KeyError:
        missing = f'"There is no item named {path!r} in the archive"'
        raise ValueError(f"could not read {path!r} file: KeyError({missing})") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"error decoding {path!r}: {error!r}") from error


def _headers(text: str) -> dict[str, str]:
    """The header lines of a metadata file, the first of each name, names in lower case."""
    headers: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            break
        headers.setdefault(name.lower(), value.lstrip(" \t"))
    return headers


def _wheel_version(text: str | None) -> tuple[int, ...]:
    if text is None:
        raise ValueError("WHEEL is missing Wheel-Version")
    try:
        return tuple(map(int, text.strip().split(".")))
    except ValueError:
        raise ValueError(f"invalid Wheel-Version: {text.strip()!r}") from None


def lay_out(archive: Archive, incoming: WheelToInstall, site: Site, emit: Listener) -> Layout:
    """Decide where every file of `archive` goes in `site`.

    Raises InstallationError for a wheel that pip would not install, OSError when the store's
    files cannot be read.
    """
    check(archive, incoming.name, emit, "  ")  # pip looks twice, and warns twice
    info, pure = check(archive, incoming.name, emit, "  ")
    library = site.scheme.purelib if pure else site.scheme.platlib
    builder = _Builder(archive, site, library, info)
    key = site.bytecode_key
    builder.compiled = frozenset(archive.modules(key) or ()) if key else frozenset()
    try:
        points = _entry_points(archive, info)
        _place_files(builder, points, incoming)
        wrappers = list(scripts.scripts(points, site))
    except InstallationError as error:
        raise InstallationError(f"For req: {incoming.asked}. {error.message}") from error
    for script in wrappers:
        _make(builder, Made(script.path, script.content, executable=True))
    if f"{info}/RECORD" not in archive.texts:
        raise FileNotFoundError("RECORD")  # as pip has it
    for long_row in archive.long_rows:
        text = f"  RECORD line has more than three elements: {list(long_row)}"
        emit(Said(Level.WARNING, text))
    _make_metadata(builder, incoming)
    return Layout(
        archive,
        library,
        info,
        builder.files,
        builder.modules,
        os.path.join(archive.folder, "pyc", key or ""),
        tuple(builder.made),
        tuple(script.path for script in wrappers if script.console),
    )


def _entry_points(archive: Archive, info: str) -> scripts.EntryPoints:
    try:
        text = archive.texts.get(f"{info}/entry_points.txt", b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InstallationError(
            f"Error decoding metadata for {archive.wheel}: {error} in entry_points.txt file"
        ) from error
    return scripts.entry_points(text)


def _place_files(builder: _Builder, points: scripts.EntryPoints, incoming: WheelToInstall) -> None:
    library, files, data = builder.library, builder.files, []
    odd = _ODD.search
    generated = _generated(builder, incoming)
    for number, name in enumerate(builder.archive.names):
        folder, _, base = name.rpartition("/")
        if odd(name) or ".data/" in name:
            data.append((number, name))
        elif name not in generated:
            files.setdefault(folder, []).append((base, number))
    join = library + os.sep
    builder.files = {
        (join + folder.replace("/", os.sep) if folder else library): found
        for folder, found in files.items()
    }
    _place_bytecode(builder, files)
    for number, name in data:
        if name in generated:
            continue
        path = _destination(builder, name.replace("\\", "/") if os.name == "nt" else name, incoming)
        _place_elsewhere(builder, number, name, path, points)


def _generated(builder: _Builder, incoming: WheelToInstall) -> set[str]:
    """The names of the wheel's files that this run writes itself."""
    names = {f"{builder.info}/RECORD", f"{builder.info}/INSTALLER"}
    if incoming.requested:
        names.add(f"{builder.info}/REQUESTED")
    if incoming.direct_url is not None:
        names.add(f"{builder.info}/direct_url.json")
    return names


def _place_bytecode(builder: _Builder, files: dict[str, list[tuple[str, int]]]) -> None:
    """Bytecode for the modules in the root of the wheel: beside them, in ``__pycache__``."""
    compiled, ending = builder.compiled, f".{builder.site.cache_tag}.pyc"
    if not compiled:
        return
    for folder, found in files.items():
        cache = f"{folder}/__pycache__" if folder else "__pycache__"
        codes = [(base[:-3] + ending, number) for base, number in found if number in compiled]
        if codes:
            target = builder.library + os.sep + cache.replace("/", os.sep)
            builder.modules.setdefault(target, []).extend(codes)
            builder.rows += [(f"{cache}/{base}", ",,\r\n") for base, _ in codes]


def _destination(builder: _Builder, name: str, incoming: WheelToInstall) -> str:
    """Where a file goes that is not plainly under the root: ``.data``, or an odd path."""
    normal = os.path.normpath(name)
    if not name.partition("/")[0].endswith(".data"):
        return _inside(builder, builder.library, normal, incoming)
    parts = normal.split(os.sep, 2)
    wheel = _named(builder.archive, incoming)
    if len(parts) < 3:
        raise InstallationError(
            f"Unexpected file in {wheel}: {name!r}. .data directory contents should be named "
            "like: '<scheme key>/<path>'."
        )
    if parts[1] not in _SCHEMES:
        raise InstallationError(
            f"Unknown scheme key used in {wheel}: {parts[1]} (for file {name!r}). .data directory "
            "contents should be in subdirectories named with a valid scheme key "
            f"({', '.join(_SCHEMES)})"
        )
    root = str(getattr(builder.site.scheme, parts[1]))
    if parts[1] == "headers":
        root = os.path.join(root, incoming.spelling)
    return _inside(builder, root, parts[2], incoming)


def _named(archive: Archive, incoming: WheelToInstall) -> str:
    """The wheel as errors name it: for a download, where pip would have had it for a while."""
    if incoming.link.is_file:
        return str(incoming.link.path)
    from tempfile import gettempdir

    folder = f"pip-unpack-{os.path.basename(archive.folder)[:8]}"
    return os.path.join(gettempdir(), folder, incoming.link.filename)


def _inside(builder: _Builder, root: str, path: str, incoming: WheelToInstall) -> str:
    target = os.path.join(root, path)
    whole, inside = os.path.abspath(target), os.path.abspath(root)
    if whole != inside and not whole.startswith(os.path.join(inside, "")):
        wheel = _named(builder.archive, incoming)
        raise InstallationError(
            f"The wheel {wheel!r} has a file {target!r} trying to install outside "
            f"the target directory {root!r}"
        )
    return whole


def _place_elsewhere(
    builder: _Builder, number: int, name: str, path: str, points: scripts.EntryPoints
) -> None:
    archive, site = builder.archive, builder.site
    folder, base = os.path.split(path)
    parts = name.split("/", 2)
    is_script = len(parts) > 2 and parts[0].endswith(".data") and parts[1] == "scripts"
    if is_script and points.wraps(base):
        builder.skipped.add(name)
        return
    recorded = path_in_record(path, builder.library)
    builder.moved[name] = recorded
    code = os.path.join(folder, "__pycache__", f"{base[:-3]}.{site.cache_tag}.pyc")
    compiled = base.endswith(".py") and number in builder.compiled
    if compiled:
        builder.rows.append((path_in_record(code, builder.library), ",,\r\n"))
    content = scripts.rewritten(archive.read(name), site.executable) if is_script else None
    if content is not None:
        builder.own[name] = hashed(recorded, content)
        executable = number in archive.executable
        builder.made.append(Made(path, content, executable, code if compiled else ""))
        return
    builder.files.setdefault(folder, []).append((base, number))
    if compiled:
        cache, compiled_name = os.path.split(code)
        builder.modules.setdefault(cache, []).append((compiled_name, number))


def _make(builder: _Builder, made: Made) -> None:
    builder.made.append(made)
    builder.rows.append(hashed(path_in_record(made.path, builder.library), made.content))


def _make_metadata(builder: _Builder, incoming: WheelToInstall) -> None:
    """INSTALLER, direct_url.json, REQUESTED, and RECORD last of all."""
    folder = os.path.join(builder.library, builder.info)
    contents = {"INSTALLER": f"{builder.site.installer}\n"}
    if incoming.direct_url is not None:
        contents["direct_url.json"] = incoming.direct_url
    if incoming.requested:
        contents["REQUESTED"] = ""
    for name, content in contents.items():
        _make(builder, Made(os.path.join(folder, name), content.encode("utf-8")))
    text = record_text((*_rows_of_wheel(builder), *builder.rows))
    builder.made.append(Made(os.path.join(folder, "RECORD"), text))


def _rows_of_wheel(builder: _Builder) -> Iterator[Row]:
    """The wheel's own rows, as it wrote them but for files that moved or changed."""
    archive, moved, own = builder.archive, builder.moved, builder.own
    if not moved:
        yield from archive.record
    else:
        for path, rest in archive.record:
            yield own[path] if path in own else (moved.get(path, path), rest)
    for name in archive.unlisted:
        if name not in builder.skipped:
            yield row(moved.get(name, name))
