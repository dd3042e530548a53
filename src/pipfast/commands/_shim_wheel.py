"""The wheel of a shim: a distribution called pip that runs pipfast.

Its package ``pip`` has a few modules of its own; all others are those of the pip that pipfast uses,
whose folder it adds to its ``__path__``.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from pipfast.cli import own_program
from pipfast.cli.own_program import own_folder
from pipfast.errors import CommandError
from pipfast.model.frozen_dataclass import dataclass
from pipfast.model.version import PIP_VERSION, __version__
from pipfast.report import shim_lines, shim_program
from pipfast.report.shim_program import MARK
from pipfast.transaction.record_file import hashed_row, record_text

SEED_VERSION = f"{PIP_VERSION}.0.0+pipfast"
"""The version in the names of a seed's file and metadata folder.

virtualenv compares only these. It takes a wheel of its extra search folders if that is newer than
its own pip: version 21 compares versions, in which a local version is newer and still satisfies
``pip==26.3``; version 20 compares at most three numbers, so there have to be three. The metadata
contain pip's own version, which is what other programs read.
"""

_PACKAGE = '''"""pip, run by pipfast (see `pip._shim`)."""

import os

from pip._shim import Shim

__version__ = {version!r}
_SHIM = Shim({python!r}, {home!r}, {replaced}, __version__, {archive!r})
_REAL = {real!r} if os.path.isdir({real!r}) else os.path.join(_SHIM.replaced, "pip")
__path__.append(_REAL)


def main(args=None):
    """Run a command line and return the exit code."""
    return _SHIM.run(args)


def script():
    """Run the program's own command line in place of this process."""
    return _SHIM.run(in_place=True)
'''

_SUBPACKAGE = '''"""Modules of the real pip, except for `main`."""

import os

import pip

__path__.append(os.path.join(pip._REAL, *__name__.split(".")[1:]))
'''

_INTERNAL = '''
from pip._internal.utils import _log

_log.init_logging()


def main(args=None):
    """Run a command line and return the exit code."""
    return pip.main(args)
'''

_START = '''"""`python -m pip`, also run by path."""

import os
import sys

if not __package__:
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pip import script

if __name__ == "__main__":
    sys.exit(script())
'''


_VENDOR = """
DEBUNDLED = False
"""

_MAIN = '''"""The entry point that other programs import."""

from pip import main as main
'''


@dataclass(frozen=True, slots=True)
class SavedWheel:
    """A wheel made of an installed distribution: its file `name` and its `content`."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SavedPip:
    """A pip that a shim replaces: its `wheel`, and the `rest` that no wheel contains."""

    wheel: SavedWheel
    rest: bytes


REST = "rest.zip"
"""The name of the rest of a saved pip beside its wheel."""


def shim_wheel(replaced: SavedPip | None = None, version: str = PIP_VERSION) -> SavedWheel:
    """Return the wheel of a shim that runs this pipfast; `replaced` is kept in it.

    `version` is that in the names of its file and metadata folder. Equal input gives equal bytes.
    The file's name depends on the content, because virtualenv keeps what it unpacked under that
    name.
    """
    info = f"pip-{version}.dist-info"
    files = {**_package(replaced), **_description(info)}
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()[:12]
    tags = ("py3", f"pipfast{digest}")
    lines = "".join(f"Tag: {tag}-none-any\n" for tag in tags)
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: pipfast {__version__}\nRoot-Is-Purelib: true\n{lines}"
    ).encode()
    return SavedWheel(f"pip-{version}-{'.'.join(tags)}-none-any.whl", archive(files, info))


def _package(replaced: SavedPip | None) -> dict[str, bytes]:
    """Return the files of the package ``pip``. Raises CommandError."""
    kept = "''"
    if replaced is not None:
        kept = f"os.path.join(os.path.dirname(__file__), '_replaced', {replaced.wheel.name!r})"
    package = _PACKAGE.format(
        version=PIP_VERSION,
        python=sys.executable,
        home=own_folder(),
        archive=own_program.archive or "",
        replaced=kept,
        real=_real_pip(),
    )
    files = {
        "pip/__init__.py": package.encode(),
        "pip/__main__.py": _START.encode(),
        "pip/__pip-runner__.py": _START.encode(),
        "pip/_shim.py": Path(shim_program.__file__).read_bytes(),
        "pip/_internal/__init__.py": (_SUBPACKAGE + _INTERNAL).encode(),
        "pip/_internal/cli/__init__.py": _SUBPACKAGE.encode(),
        "pip/_internal/cli/main.py": _MAIN.encode(),
        # `build` looks for it in RECORD to tell a pip that knows --python from a debundled one.
        "pip/_vendor/__init__.py": (_SUBPACKAGE + _VENDOR).encode(),
    }
    if replaced is not None:
        files[f"pip/_replaced/{replaced.wheel.name}"] = replaced.wheel.content
        files[f"pip/_replaced/{REST}"] = replaced.rest
    return files


def _description(info: str) -> dict[str, bytes]:
    """Return the files of the metadata folder `info` that do not depend on others."""
    where = (sys.executable, own_folder(), own_program.archive or "")
    return {
        f"{info}/entry_points.txt": b"[console_scripts]\npip = pip:script\npip3 = pip:script\n",
        f"{info}/{MARK}": "\n".join([*where, ""]).encode(),
        f"{info}/METADATA": _metadata().encode(),
    }


def _real_pip() -> str:
    """Return the folder of the pip that pipfast uses. Raises CommandError if it is a shim."""
    spec = find_spec("pip")
    assert spec is not None, "pipfast depends on pip"
    assert spec.origin is not None, "it is a package"
    folder = Path(spec.origin).parent
    if (folder / "_shim.py").exists():
        raise CommandError(shim_lines.no_real_pip(sys.prefix))
    return str(folder)


def archive(files: Mapping[str, bytes], info: str) -> bytes:
    """Return a wheel of `files` by path, with RECORD in the folder `info`."""
    rows = [hashed_row(path, content) for path, content in files.items()]
    listed = record_text([*rows, (f"{info}/RECORD", ",,\n")])
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for path, content in {**files, f"{info}/RECORD": listed}.items():
            member = zipfile.ZipInfo(path)  # of 1980, so that equal files give equal bytes
            member.external_attr = 0o644 << 16
            packed = path.endswith((".whl", ".zip"))
            wheel.writestr(member, content, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _metadata() -> str:
    pip = distribution("pip").metadata
    lists = ("Classifier", "Project-URL")  # `pip show --verbose pip` prints them
    listed = [f"{key}: {line}\n" for key in lists for line in pip.get_all(key) or ()]
    return (
        f"Metadata-Version: 2.1\nName: pip\nVersion: {PIP_VERSION}\n"
        f"Summary: pipfast {__version__} under the name of pip\nLicense: MIT\n"
        f"Requires-Python: {pip['Requires-Python']}\n{''.join(listed)}"
    )
