"""Failures, each with the command that fails and the one that the hint leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from compat.kit.index import Fault, Index, Listed, index
from tests.kit.projects import sdist
from tests.kit.wheels import wheel

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A failure. `argv` and what follows may contain the tokens of `compat.errors.world`.

    `follow` is the command line after the hint, `follow_environ` and `follow_files` what the hint
    has the user set or write. If the hint asks for something outside of the run, `mended` says what
    was then done, and `mended_indexes` are the indexes after it.
    `expired` is whether the certificate of ``<tls>`` is. `disk` is the size of the environment's
    disk, empty for that of the machine.
    """

    name: str
    title: str
    argv: str
    indexes: tuple[Index, ...] = ()
    environ: Mapping[str, str] = field(default_factory=lambda: _NONE)
    files: Mapping[str, str] = field(default_factory=lambda: _NONE)
    follow: str
    follow_environ: Mapping[str, str] = field(default_factory=lambda: _NONE)
    follow_files: Mapping[str, str] = field(default_factory=lambda: _NONE)
    expired: bool = False
    disk: str = ""
    mended: str = ""
    mended_indexes: tuple[Index, ...] = ()

    def after(self) -> Case:
        """Return the case in the world after what the hint asks of others."""
        if not self.mended:
            return self
        return replace(self, indexes=self.mended_indexes or self.indexes, expired=False, disk="")


_NUMBERS = index(
    wheel("numbers", "1.24.4", python=">=3.8"),
    Listed(file=wheel("numbers", "2.0.0", python=">=3.99")),
    Listed(file=wheel("numbers", "2.4.6", python=">=3.99")),
)
_PLATFORM = index(
    wheel("native", "1.0"),
    *(wheel("native", "2.0", tag=f"py3-none-{each}") for each in ("win32", "win_amd64")),
)
_CONFLICT = index(
    *(wheel("core", version, extras=("fast",)) for version in ("1.0", "2.0")),
    wheel("web", "3.0", "core>=2"),
    wheel("tools", "1.0"),
)  # fmt: skip


_BACKEND = """
import os, shutil, sys, zipfile

def build_wheel(folder, *_):
    if not {present}:
        print({output!r}, file=sys.stderr)
        sys.exit(1)
    info = "native-1.0.dist-info"
    with zipfile.ZipFile(os.path.join(folder, "native-1.0-py3-none-any.whl"), "w") as file:
        file.writestr(info + "/METADATA", "Metadata-Version: 2.2\\nName: native\\nVersion: 1.0\\n")
        file.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        file.writestr(info + "/RECORD", "")
    return "native-1.0-py3-none-any.whl"
"""


def _lacking(output: str, present: str) -> Index:
    """Return an index with an sdist whose build prints `output` and fails unless `present`."""
    backend = 'requires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {"backend.py": _BACKEND.format(output=output, present=present)}
    pyproject = f"[build-system]\n{backend}"
    return index(sdist("native", static="2.2", files=files, pyproject=pyproject))


_HEADER = "os.path.exists(os.path.join(os.environ.get('C_INCLUDE_PATH', ''), 'libpq-fe.h'))"


_BIG = index(wheel("big", "1.0", files={"big/data": bytes(4_000_000)}, compressed=False))
_ONE = index(wheel("demo", "1.0"))
_LOCKED = index(wheel("demo", "1.0"), account=("user", "secret"))

CASES = (
    Case(
        name="python",
        title="No release for this Python",
        argv="install numbers==2.4.6",
        indexes=(_NUMBERS,),
        follow="install numbers==1.24.4",
    ),
    Case(
        name="platform",
        title="No wheel for this platform",
        argv="install native==2.0",
        indexes=(_PLATFORM,),
        follow="install native==1.0",
    ),
    Case(
        name="no-release",
        title="No such release",
        argv="install demo>=7",
        indexes=(_ONE,),
        follow="install demo==1.0",
    ),
    Case(
        name="pre-release",
        title="Only pre-releases match",
        argv="install --only-final demo demo",
        indexes=(index(wheel("demo", "2.0rc1")),),
        follow="install --pre demo",
    ),
    Case(
        name="only-binary",
        title="The only file is excluded by an option",
        argv="install --no-binary demo demo",
        indexes=(_ONE,),
        follow="install --no-binary demo --only-binary demo demo",
    ),
    Case(
        name="no-binary",
        title="The only file is an sdist, which an option excludes",
        argv="install --only-binary demo demo",
        indexes=(index(sdist("demo", static="2.2")),),
        follow="install --only-binary demo --no-binary demo demo",
    ),
    Case(
        name="label",
        title="A build that only another index has",
        argv="install demo==1.0+cpu",
        indexes=(_ONE, index(wheel("demo", "1.0+cpu"), name="other")),
        follow="install demo==1.0+cpu",
        follow_environ={"PIPFAST_INDEX_OF_DEMO": "<other>"},
    ),
    Case(
        name="conflict",
        title="Requirements that exclude each other",
        argv="install tools==1.0 web==3.0 core==1.0",
        indexes=(_CONFLICT,),
        follow="install tools==1.0 web==3.0 core==2.0",
    ),
    Case(
        name="conflict-in-a-file",
        title="A constraint that excludes a requirement",
        argv="install web -c constraints.txt",
        indexes=(_CONFLICT,),
        files={"constraints.txt": "tools==1.0\ncore<2\n"},
        follow="install web -c constraints.txt",
        follow_files={"constraints.txt": "tools==1.0\ncore==2.0\n"},
    ),
    Case(
        name="conflict-with-extra",
        title="A line with an extra and a marker that excludes another requirement",
        argv="install -r requirements.txt",
        indexes=(_CONFLICT,),
        files={"requirements.txt": "core[fast]==1.0; python_version >= '3'\nweb==3.0\n"},
        follow="install -r requirements.txt",
        follow_files={"requirements.txt": "core[fast]==2.0; python_version >= '3'\nweb==3.0\n"},
    ),
    Case(
        name="misspelt",
        title="A misspelt name",
        argv="install reqeusts",
        indexes=(index(wheel("requests", "2.0")),),
        follow="install requests",
    ),
    Case(
        name="module",
        title="The name of a module in place of the project's",
        argv="install sklearn",
        indexes=(index(wheel("scikit-learn", "1.0")),),
        follow="install scikit-learn",
    ),
    Case(
        name="refused",
        title="The index cannot be reached",
        argv="install demo",
        indexes=(index(wheel("demo", "1.0"), refused=True),),
        mended="the server runs",
        mended_indexes=(_ONE,),
        follow="install demo",
    ),
    Case(
        name="timeout",
        title="The index does not answer in time",
        argv="install demo",
        indexes=(index(wheel("demo", "1.0"), pages={"demo": Fault(delay=2.5)}),),
        environ={"PIP_TIMEOUT": "1", "UV_HTTP_TIMEOUT": "1"},
        follow="install --timeout 60 demo",
    ),
    Case(
        name="no-address",
        title="The name of the index has no address",
        argv="install --index-url https://index.invalid/simple demo",
        indexes=(_ONE,),
        follow="install --index-url <main> demo",
    ),
    Case(
        name="second-index",
        title="One of two indexes fails",
        argv="install --extra-index-url <other> demo",
        indexes=(
            index(wheel("demo", "1.0"), pages={"demo": Fault(status=500)}),
            index(wheel("demo", "1.0"), name="other"),
        ),
        follow="install --extra-index-url <other> demo",
        follow_environ={"PIPFAST_INDEX_ERRORS": "skip"},
    ),
    Case(
        name="server-error",
        title="The index answers with an error",
        argv="install demo",
        indexes=(index(wheel("demo", "1.0"), pages={"demo": Fault(status=500)}),),
        mended="the server has recovered",
        mended_indexes=(_ONE,),
        follow="install demo",
    ),
    Case(
        name="proxy",
        title="A proxy that does not exist",
        argv="install demo",
        indexes=(_ONE,),
        environ={"http_proxy": "http://127.0.0.1:<closed>", "no_proxy": ""},
        follow="install --no-proxy-env demo",
    ),
    Case(
        name="proxy-option",
        title="A proxy of pip's settings that does not exist",
        argv="install demo",
        indexes=(_ONE,),
        environ={"PIP_PROXY": "http://127.0.0.1:<closed>"},
        follow="install --proxy '' demo",
    ),
    Case(
        name="certificate",
        title="A certificate of an unknown issuer",
        argv="install --index-url <tls> demo",
        indexes=(_ONE,),
        follow="install --index-url <tls> --cert <certificate> demo",
    ),
    Case(
        name="expired",
        title="A certificate that has expired",
        argv="install --index-url <tls> demo",
        indexes=(_ONE,),
        environ={"SSL_CERT_FILE": "<certificate>"},
        expired=True,
        mended="the server has a new certificate",
        follow="install --index-url <tls> demo",
    ),
    Case(
        name="other-host",
        title="A certificate for another name",
        argv="install --index-url <tls-by-name> demo",
        indexes=(_ONE,),
        environ={"SSL_CERT_FILE": "<certificate>"},
        follow="install --index-url <tls> demo",
    ),
    Case(
        name="no-credentials",
        title="The index asks for credentials (401)",
        argv="install --no-input demo",
        indexes=(_LOCKED,),
        follow="install --no-input demo",
        follow_files={"<home>/.netrc": "machine 127.0.0.1 login user password secret\n"},
    ),
    Case(
        name="wrong-credentials",
        title="The index refuses the credentials (401)",
        argv="install --no-input --index-url http://user:wrong@127.0.0.1:<port>/main/simple/ demo",
        indexes=(_LOCKED,),
        follow="install --no-input --index-url "
        "http://user:secret@127.0.0.1:<port>/main/simple/ demo",
    ),
    Case(
        name="forbidden",
        title="The user may not read the index (403)",
        argv="install --index-url http://user:secret@127.0.0.1:<port>/main/simple/ demo",
        indexes=(index(wheel("demo", "1.0"), pages={"demo": Fault(status=403)}),),
        mended="the user has access",
        mended_indexes=(_LOCKED,),
        follow="install --index-url http://user:secret@127.0.0.1:<port>/main/simple/ demo",
    ),
    Case(
        name="header",
        title="A build that lacks a header",
        argv="install --no-cache-dir native",
        indexes=(
            _lacking("native.c:1:10: fatal error: libpq-fe.h: No such file or directory", _HEADER),
        ),
        mended="the header is there",
        follow="install --no-cache-dir native",
        follow_environ={"C_INCLUDE_PATH": "<home>"},
        follow_files={"<home>/libpq-fe.h": ""},
    ),
    Case(
        name="compiler",
        title="A build that lacks a compiler",
        argv="install --no-cache-dir native",
        indexes=(
            _lacking(
                "error: command 'gcc' failed: No such file or directory", "shutil.which('gcc')"
            ),
        ),
        environ={"PATH": "<home>"},
        mended="the compiler is there",
        follow="install --no-cache-dir native",
        follow_files={"<home>/gcc": "#!/bin/sh\n"},
    ),
    Case(
        name="disk",
        title="A disk that is too small",
        argv="install big",
        indexes=(_BIG,),
        disk="3m",
        mended="the disk has space",
        follow="install big",
    ),
    Case(
        name="setting",
        title="A setting that pipfast does not have",
        argv="install demo",
        indexes=(_ONE,),
        environ={"PIPFAST_PIPCOMPAT": "1"},
        follow="install demo",
        follow_environ={"PIPFAST_PIPCOMPAT": "", "PIPFAST_PIP_COMPAT": "1"},
    ),
)  # fmt: skip
