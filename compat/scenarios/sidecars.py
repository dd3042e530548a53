"""Metadata files next to distributions (PEP 658): of wheels, of sdists, in folders."""

from __future__ import annotations

from dataclasses import replace

from compat.harness.scenario import Content, scenario
from compat.kit.index import Listed, Sidecar, html_page, index, sidecar_bytes
from tests.kit.projects import BACKEND, Project, project
from tests.kit.wheels import Built, Raw, wheel


def with_sidecar(source: Project, metadata: bytes | None = None) -> Raw:
    """Return an sdist with a metadata file next to it."""
    return replace(source.sdist(), metadata=metadata or source.wheel.metadata)


def standing(*files: Built | Listed) -> dict[str, Content]:
    """Return an index in the folder ``idx``."""
    found: dict[str, Content] = {}
    for name, listed in index(*files).projects().items():
        rows = [(one, one.file.filename) for one in listed]
        found[f"idx/{name}/index.html"] = html_page(name, rows)
        for one in listed:
            found[f"idx/{name}/{one.file.filename}"] = one.file.content
            beside = sidecar_bytes(one)
            if beside:
                found[f"idx/{name}/{one.file.filename}.metadata"] = beside
    return found


DEP = wheel("dep")
APP = wheel("app", "1.0", "dep")
DEMO = project("demo", "1.0", "dep", needs=("kit-backend",))
DESCRIBED = with_sidecar(DEMO)
PLAIN = project("plain", "1.0", "dep")
OTHERWISE = with_sidecar(PLAIN, wheel("plain", "1.0", "dep", "app").metadata)
NAMED = with_sidecar(PLAIN, wheel("other", "1.0").metadata)
VERSIONED = with_sidecar(PLAIN, wheel("plain", "2.0").metadata)
MAIN = index(DESCRIBED, OTHERWISE, APP, DEP, BACKEND)
HERE = "-i file://<here>/idx"

SCENARIOS = (
    scenario("install-an-sdist-with-its-metadata-beside-it", "install demo", MAIN,
             shows=("  Downloading demo-1.0.tar.gz.metadata", "Preparing metadata",)),
    scenario("install-two-sdists-with-their-metadata-beside-them", "install demo plain", MAIN),
    scenario("download-an-sdist-with-its-metadata-beside-it", "download -d d demo", MAIN),
    scenario("download-again-an-sdist-with-its-metadata-beside-it", "download -d d demo", MAIN,
             then=("download -d d demo",),
             shows=("File was already downloaded",)),
    scenario("lock-an-sdist-with-its-metadata-beside-it", "lock demo", MAIN,
             shows=("  Downloading demo-1.0.tar.gz.metadata",)),
    scenario("wheel-of-an-sdist-with-its-metadata-beside-it", "wheel -w w demo", MAIN),
    scenario("report-of-an-sdist-with-its-metadata-beside-it",
             "install --dry-run --report r.json demo", MAIN,
             shows=("Would install demo-1.0 dep-1.0",)),
    scenario("an-sdist-is-resolved-by-the-metadata-beside-it", "download -d d plain", MAIN,
             shows=("Collecting app (from plain)",)),
    scenario("install-an-sdist-with-other-metadata-beside-it", "install plain", MAIN),
    scenario("an-sdist-with-the-metadata-of-another-project-beside-it", "install plain",
             index(NAMED, DEP), exits=(1,),
             shows=("inconsistent Name",)),
    scenario("an-sdist-with-the-metadata-of-another-version-beside-it", "install plain",
             index(VERSIONED, DEP), exits=(1,),
             shows=("inconsistent version",)),
    scenario("an-sdist-whose-metadata-beside-it-has-another-hash", "install demo",
             index(Listed(file=DESCRIBED, sidecar=Sidecar.WRONG_HASH), DEP, BACKEND), exits=(1,),
             shows=("DO NOT MATCH",)),
    scenario("an-sdist-with-metadata-beside-it-and-a-required-hash", "install -r r.txt", MAIN,
             files={"r.txt": f"demo==1.0 --hash=sha256:{DESCRIBED.sha256}\n"
                             f"dep==1.0 --hash=sha256:{DEP.sha256}\n"},
             shows=("  Downloading demo-1.0.tar.gz (",)),
    scenario("an-sdist-with-metadata-beside-it-that-was-built-before", "install demo", MAIN,
             then=("install --force-reinstall demo",),
             shows=("Using cached demo-1.0-py3-none-any.whl",)),
    scenario("a-folder-as-index-with-metadata-files", f"install {HERE} app",
             files=standing(APP, DEP),
             shows=("  Downloading app-1.0-py3-none-any.whl.metadata",)),
    scenario("a-folder-as-index-with-metadata-files-downloaded", f"download -d d {HERE} app",
             files=standing(APP, DEP), then=(f"download -d d {HERE} app",),
             shows=("File was already downloaded",)),
    scenario("a-folder-as-index-with-an-sdist-and-its-metadata", f"install {HERE} demo",
             files=standing(DESCRIBED, BACKEND, DEP),
             shows=("  Downloading demo-1.0.tar.gz.metadata",)),
    scenario("a-folder-as-index-with-metadata-files-and-required-hashes",
             f"install {HERE} -r r.txt",
             files={**standing(APP, DEP), "r.txt": f"app==1.0 --hash=sha256:{APP.sha256}\n"
                             f"dep==1.0 --hash=sha256:{DEP.sha256}\n"}),
    scenario("a-folder-as-index-with-a-metadata-file-of-another-hash", f"install {HERE} app",
             files=standing(Listed(file=APP, sidecar=Sidecar.WRONG_HASH), DEP), exits=(1,),
             shows=("DO NOT MATCH",)),
    scenario("a-folder-as-index-with-a-metadata-file-that-lies", f"install {HERE} app",
             files=standing(Listed(file=APP, sidecar=wheel("app").metadata), DEP), exits=(1,),
             shows=("inconsistent Requires-Dist",)),
    scenario("a-folder-as-index-without-the-metadata-file-and-a-broken-wheel",
             f"install {HERE} app", exits=(1,), files=standing(
                 Listed(file=Raw(filename=APP.filename, project="app", content=b"no",
                                 metadata=APP.metadata), sidecar=Sidecar.PROMISED), DEP),
             shows=("404 Client Error: FileNotFoundError for url",)),
)  # fmt: skip
