"""Start `pipfast.pyz`; `release.pyz` makes this file the archive's `__main__`.

pipfast starts scripts by path in other interpreters, and imports from an archive are not cached.
So the first run unpacks everything into a folder of the user's cache, named after the content;
later runs start from there. Where that folder cannot be written, each run has a temporary one.
Only the first lines, up to the error, run on an old Python 3.
"""

import os
import sys

CONTENT = "@content@"  # the digest of the archive's content

TYPE_CHECKING = False


def main() -> None:
    """Run the archive with the arguments of this program."""
    if sys.version_info < (3, 10):
        version = "%d.%d" % sys.version_info[:2]
        sys.exit("ERROR: pipfast needs Python 3.10 or later; %s is %s" % (sys.executable, version))
    archive = os.path.dirname(os.path.abspath(__file__))
    folder = unpacked(archive, os.path.join(cache_folder(), "pipfast-app"))
    if folder is None:
        run_in_temporary_folder(archive)
    else:
        sys.dont_write_bytecode = False  # the folder is ours, whatever the user wants elsewhere
        start(archive, folder)


def start(archive: str, folder: str) -> None:
    """Run pipfast from `folder` in this process."""
    sys.path[:] = [path for path in sys.path if path and os.path.abspath(path) != archive]
    sys.path.insert(0, folder)
    from pipfast.cli import own_program
    from pipfast.main import run

    own_program.archive = archive
    run()


def cache_folder() -> str:
    """Return pip's cache directory: `PIP_CACHE_DIR`, else its place on this platform."""
    named = os.environ.get("PIP_CACHE_DIR")
    if named:
        return os.path.abspath(named)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
        return os.path.join(local, "pip", "Cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/pip")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "pip")


def unpacked(archive: str, parent: str) -> "str | None":
    """Return the folder with the archive's content, unpacked if need be; None if that failed."""
    folder = os.path.join(parent, CONTENT)
    try:
        if os.path.isdir(folder):
            return folder if is_ours(folder) else None
        os.makedirs(parent, 0o700, exist_ok=True)
        if not is_ours(parent):
            return None
        import tempfile

        staged = tempfile.mkdtemp(prefix=".new-", dir=parent)
        try:
            unpack(archive, staged)
            os.rename(staged, folder)
        finally:
            if os.path.isdir(staged):  # another process was first, or the disk is full
                import shutil

                shutil.rmtree(staged, ignore_errors=True)
    except OSError:
        return folder if os.path.isdir(folder) else None
    return folder


def is_ours(folder: str) -> bool:
    """Return whether only this user can change `folder`, from which code is run."""
    if not hasattr(os, "getuid"):
        return True
    status = os.stat(folder)
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def unpack(archive: str, folder: str) -> None:
    """Unpack the content of the archive, which is an archive itself: so Python reads it once."""
    import io
    import zipfile

    with zipfile.ZipFile(archive) as outer:
        inner = io.BytesIO(outer.read("content.zip"))
    with zipfile.ZipFile(inner) as content:
        content.extractall(folder)


def run_in_temporary_folder(archive: str) -> None:
    """Run the archive in a process of its own, and remove its folder afterwards."""
    import shutil
    import subprocess
    import tempfile

    parent = tempfile.mkdtemp(prefix="pipfast-app-")
    try:
        folder = unpacked(archive, parent)
        if folder is None:
            sys.exit("ERROR: no folder to unpack %s into" % archive)
        code = (
            "import sys; sys.path[0] = sys.argv.pop(1); del sys.argv[0]; "
            "from pipfast.main import run; run()"
        )
        words = [sys.executable, "-c", code, folder, *sys.argv]
        done = subprocess.run(words, check=False)
    finally:
        shutil.rmtree(parent, ignore_errors=True)
    sys.exit(done.returncode)


main()
