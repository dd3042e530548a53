"""Save a project's folder as a ZIP file for ``download``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipfast.fetch.vcs.git_object_cache import make_independent, submodules
from pipfast.store.filesystem.owned_names import sweep, unused_name


def zip_folder(folder: Path, top: str, place: Path) -> None:
    """Write the content of `folder` to a ZIP file at `place`, below the folder `top`.

    A repository in it is included and depends on nothing else. A link to a folder becomes an
    empty folder, a link to a file that file (pip behaviour). The operation is atomic. Raises
    OSError.
    """
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    repository = folder / ".git"
    for one in (repository, *submodules(repository)):
        make_independent(one)
    sweep(str(place.parent))
    aside = place.with_name(unused_name(".pipfast"))
    try:
        with ZipFile(aside, "w", ZIP_DEFLATED, strict_timestamps=False) as archive:
            for path, is_folder in _below(folder):
                name = f"{top}/{path.relative_to(folder).as_posix()}"
                if is_folder:
                    entry = ZipInfo(f"{name}/")
                    entry.external_attr = 0o755 << 16
                    archive.writestr(entry, "")
                else:
                    archive.write(path, name)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)


def _below(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield everything below a folder, parents first, and whether it is a folder."""
    for parent, folders, files in os.walk(folder):
        yield from ((Path(parent, name), True) for name in sorted(folders))
        yield from ((Path(parent, name), False) for name in sorted(files))
