"""What people met: which requirement, file or folder an error or a warning names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import Part, Scenario, scenario
from compat.kit.index import Fault, Listed, Sidecar, index
from compat.scenarios.file_hashes import LATER
from tests.kit.projects import project
from tests.kit.wheels import sha256, wheel

DEMO, TWO, OTHER = wheel("demo", "1.0"), wheel("demo", "2.0"), wheel("other")
MAIN = index(DEMO, OTHER)
WRONG, WORSE = "1" * 64, "2" * 64
BROKEN = wheel("De.mo", "2.0", "broken (>>3")
GONE = "<main-files>/gone/demo-1.0-py3-none-any.whl"


CRASHES = (*PIP_CRASHES, replace(PIP_CRASHES[0], part=Part.STDOUT, pattern="^Successfully "))
SERVED_LATER = (replace(LATER[0], pattern=r"^  Downloading demo-1"),)


def _pinned(*lines: str) -> dict[str, str]:
    return {"r.txt": "".join(f"{line}\n" for line in lines)}


def _hashes() -> Iterator[Scenario]:
    """Yield runs with required hashes of which some are wrong, missing, or of missing files."""
    right = f"demo==1.0 --hash=sha256:{DEMO.sha256}"
    wrong = f"demo==1.0 --hash=sha256:{WRONG}"
    both = (wrong, f"other==1.0 --hash=sha256:{WORSE}")
    unhashed = index(Listed(file=DEMO, digest=""), Listed(file=OTHER, digest=""))
    plain = index(DEMO, OTHER, plain=True)
    for name, served in (("hashed", MAIN), ("unhashed", unhashed), ("plain", plain)):
        for command in ("install", "download", "wheel", "lock"):
            yield scenario(f"two-wrong-hashes-of-{name}-files-for-{command}",
                           f"{command} -r r.txt", served, files=_pinned(*both),
                           exits=(1,))  # fmt: skip
        yield scenario(f"a-wrong-hash-behind-a-right-one-of-{name}-files", "install -r r.txt",
                       served, files=_pinned(right, both[1]), exits=(1,))  # fmt: skip
        yield scenario(f"a-wrong-hash-in-another-spelling-of-{name}-files", "install -r r.txt",
                       served, files=_pinned(f"DE.MO[x]===1.0 --hash=sha256:{WRONG}"),
                       exits=(1,))  # fmt: skip
        yield scenario(f"a-missing-hash-of-a-dependency-of-{name}-files", "install -r r.txt",
                       index(Listed(file=wheel("top", "1.0", "demo")), *served.files,
                             plain=served.plain), exits=(1,),
                       files=_pinned(f"top==1.0 --hash=sha256:"
                                     f"{wheel('top', '1.0', 'demo').sha256}"))  # fmt: skip
        yield scenario(f"a-hash-before-none-of-{name}-files", "install -r r.txt", served,
                       files=_pinned(right),
                       then=("uninstall -y demo", "install demo", "uninstall -y demo",
                             "install -r r.txt"))  # fmt: skip
        yield scenario(f"a-hash-twice-in-a-row-of-{name}-files", "install -r r.txt", served,
                       files=_pinned(right),
                       then=("uninstall -y demo", "install -r r.txt"))  # fmt: skip
    yield scenario("a-wrong-hash-of-a-file-whose-index-lies", "install demo other",
                   index(Listed(file=DEMO, digest=WRONG), Listed(file=OTHER, digest=WORSE)),
                   exits=(1,))  # fmt: skip
    yield scenario("a-wrong-hash-of-a-dependency-whose-index-lies", "install top",
                   index(Listed(file=DEMO, digest=WRONG, sidecar=Sidecar.ABSENT),
                         wheel("top", "1.0", "Demo>=1")), exits=(1,))  # fmt: skip
    for name, lines in (
        ("pinned", ("demo==1.0",)),
        ("unpinned", ("demo",)),
        ("in-another-spelling", ("DE.mo == 1.0",)),
        ("with-an-extra", ("demo[x]==1.0",)),
        ("by-path", ("./links/" + DEMO.filename,)),
        ("by-path-and-name", ("demo @ file://<here>/links/" + DEMO.filename,)),
        ("behind-another", (f"other==1.0 --hash=sha256:{OTHER.sha256}", "demo==1.0")),
    ):
        yield scenario(f"a-missing-hash-of-a-local-file-{name}",
                       "install --require-hashes --no-index -f links -r r.txt", exits=(1,),
                       files={**_pinned(*lines), f"links/{DEMO.filename}": DEMO,
                              f"links/{OTHER.filename}": OTHER})  # fmt: skip


def _missing_files() -> Iterator[Scenario]:
    top = wheel("top", "1.0", f"demo @ {GONE}")
    hashed = wheel("top", "1.0", f"demo @ {GONE}#sha256={WRONG}")
    for name, one in (("unhashed", top), ("hashed", hashed)):
        yield scenario(f"a-dependency-whose-{name}-url-answers-404-under-hashes",
                       "install --require-hashes --no-index -r r.txt", index(DEMO), exits=(1,),
                       files={**_pinned(f"./{one.filename} --hash=sha256:{sha256(one.content)}"),
                              one.filename: one})  # fmt: skip
    for status in (401, 403, 404, 410):
        yield scenario(f"a-file-that-answers-{status}-under-hashes", "install -r r.txt",
                       index(Listed(file=DEMO, fault=Fault(status=status))), exits=(1,),
                       environ={"PIP_NO_INPUT": "1"}, allow=SERVED_LATER,
                       files=_pinned(f"demo==1.0 --hash=sha256:{DEMO.sha256}"))  # fmt: skip
        yield scenario(f"a-dependency-that-answers-{status}", "install top",
                       index(Listed(file=DEMO, fault=Fault(status=status), sidecar=Sidecar.ABSENT),
                             wheel("top", "1.0", "Demo>=1")), exits=(1,),
                       environ={"PIP_NO_INPUT": "1"})  # fmt: skip


def _upload_times() -> Iterator[Scenario]:
    late = Listed(file=TWO, uploaded=None)
    words = "install --uploaded-prior-to 2024-06-01"
    yield scenario("a-page-without-upload-times", f"{words} demo", index(DEMO, late), exits=(1,))
    yield scenario("the-second-page-without-upload-times",
                   f"{words} demo --extra-index-url <extra>", index(DEMO),
                   index(late, name="extra"), exits=(1,))  # fmt: skip
    yield scenario("a-plain-page-without-upload-times", f"{words} demo", index(DEMO, plain=True),
                   exits=(1,))  # fmt: skip
    yield scenario("two-pages-without-upload-times", f"{words} demo --extra-index-url <extra>",
                   index(DEMO, plain=True), index(TWO, plain=True, name="extra"), exits=(1,),
                   environ={"PIPFAST_INDEX_STRATEGY": "best-match"})  # fmt: skip
    yield scenario("a-page-of-a-dependency-without-upload-times", f"{words} top",
                   index(wheel("top", "1.0", "demo"), late), exits=(1,))  # fmt: skip
    yield scenario("a-page-whose-unfit-files-lack-upload-times", f"{words} demo",
                   index(DEMO, Listed(file=wheel("demo", "3.0", tag="cp27-none-any"),
                                      uploaded=None)))  # fmt: skip
    yield scenario("find-links-without-upload-times", f"{words} --no-index -f l demo",
                   files={f"l/{DEMO.filename}": DEMO})  # fmt: skip
    for command in ("download", "wheel", "lock", "index versions"):
        yield scenario(f"a-page-without-upload-times-for-{command.replace(' ', '-')}",
                       f"{command} --uploaded-prior-to 2024-06-01 demo", index(late),
                       exits=(1,))  # fmt: skip


def _invalid_metadata() -> Iterator[Scenario]:
    ignored = "Ignoring version 2.0 of "
    served = index(wheel("De.mo"), BROKEN, wheel("top", "1.0", "DE-MO"),
                   wheel("more", "1.0", "de_mo[x]>=1"))  # fmt: skip
    for name, words in (
        ("another-spelling", "DE_mo"), ("an-extra", "De-Mo[fast]"), ("a-dependency", "top"),
        ("an-extra-of-a-dependency", "more"), ("two-spellings", "top De_mo"),
    ):  # fmt: skip
        yield scenario(f"an-ignored-version-in-{name}", f"install {words}", served,
                       shows=(ignored,))  # fmt: skip
        yield scenario(f"an-ignored-version-in-{name}-of-a-file", "install -r r.txt", served,
                       files=_pinned(*words.split()), shows=(ignored,))  # fmt: skip
    yield scenario("an-only-version-that-is-ignored", "install DE_mo", index(BROKEN), exits=(1,))
    yield scenario("an-ignored-version-that-is-pinned", "install DE_mo[x]==2.0", index(BROKEN),
                   exits=(1,))  # fmt: skip
    for name, words in (("path", f"./{BROKEN.filename}"),
                        ("url", f"<main-files>/{BROKEN.filename}"),
                        ("named-url", f"De.MO@<main-files>/{BROKEN.filename}"),
                        ("path-with-an-extra", f"./{BROKEN.filename}[x]")):  # fmt: skip
        yield scenario(f"invalid-metadata-by-{name}", f"install {words}", index(BROKEN),
                       files={BROKEN.filename: BROKEN}, exits=(1,))  # fmt: skip
        yield scenario(f"invalid-metadata-by-{name}-in-a-file", "install -r r.txt", index(BROKEN),
                       files={BROKEN.filename: BROKEN, **_pinned(words)}, exits=(1,))  # fmt: skip


def _installed(version: str, header: str, requires: str = "") -> dict[str, str]:
    folder = f"<site>/bad-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    return {f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: bad\n{header}{needs}",
            f"{folder}/RECORD": f"bad-{version}.dist-info/METADATA,,\n"
                                f"bad-{version}.dist-info/RECORD,,\n"}  # fmt: skip


def _installed_metadata() -> Iterator[Scenario]:
    """Yield environments with a distribution whose METADATA disagrees with its folder."""
    needs_bad = wheel("needs", "1.0", "bad>=1")
    served = index(DEMO, needs_bad, wheel("bad", "3.0"))
    for name, version, header in (
        ("invalid", "1.0", "Version: nope\n"),
        ("missing", "1.0", ""),
        ("empty", "1.0", "Version: \n"),
        ("other", "1.0", "Version: 0.5\n"),
        ("invalid-in-both-places", "nope", "Version: nope\n"),
        ("local", "1.0+cpu.2", "Version: 1.0+cpu.2\n"),
    ):
        standing = _installed(version, header)
        code = 1 if name == "invalid-in-both-places" else 0
        yield scenario(f"installed-with-a-version-that-is-{name}", "install demo", served,
                       standing=standing, returns=False,
                       then=("check", "list", "freeze", "show bad"),
                       exits=(2 if code else 0, code, 0, 0, 0),
                       allow=CRASHES if code else ())  # fmt: skip
        yield scenario(f"needed-with-a-version-that-is-{name}", "install needs", served,
                       standing=standing, returns=False, then=("check", "install -U bad"),
                       exits=(code,))  # fmt: skip
    for version in ("1.0", "1.0+cpu.2"):
        unreadable = _installed(version, f"Version: {version}\n", "x ((>=1")
        name = "local-version" if "+" in version else "version"
        for words in ("install bad", "install needs", "install demo", "install -U demo bad",
                      "install --dry-run bad", "install bad==1.0", "check"):  # fmt: skip
            label = words.replace(" ", "-").replace("==", "-")
            yield scenario(f"unreadable-requirements-of-an-installed-{name}-{label}", words, served,
                           standing=unreadable, returns=False,
                           exits=(0 if "demo" in words else 1,))  # fmt: skip


def _built_metadata() -> Iterator[Scenario]:
    """Yield wheels and sources whose metadata folder disagrees with their METADATA."""
    for name, one in (
        ("version", wheel("demo", "1.0", metadata_version="2.0")),
        ("local-version", wheel("demo", "1.0", metadata_version="1.0+cpu")),
        ("spelling", wheel("demo", "1.0", metadata_version="1.0.0")),
        ("name", wheel("demo", "1.0", metadata_name="De.Mo")),
        ("folder", wheel("demo", "1.0", info_name="demo-1.0.0.dist-info")),
    ):
        for way, words in (("path", f"./{one.filename}"), ("url", f"<main-files>/{one.filename}")):
            yield scenario(f"a-wheel-by-{way}-whose-metadata-have-another-{name}",
                           f"install {words}", index(one), files={one.filename: one},
                           then=("check", "list", "install demo"),
                           exits=(1, 0, 0, 1) if name == "name" else (0,))  # fmt: skip
    for name, source in (("version", project("demo", versioned="2.0")),
                         ("name", project("demo", named="De.Mo"))):  # fmt: skip
        yield scenario(f"a-source-that-builds-another-{name}", "install ./demo", MAIN,
                       files=source.under("demo"), then=("check", "freeze"))  # fmt: skip
    metadata = "Metadata-Version: 2.1\nName: demo\nVersion: {}\n".format
    by_path, by_name = ("install ./demo", "wheel -w w ./demo"), ("install demo",)
    for name, backend, commands, code in (
        ("version-than-its-folder", {"metadata": metadata("1.5")}, by_path + by_name, 1),
        ("spelling-than-its-folder", {"metadata": metadata("1.0.0")}, by_path + by_name, 0),
        ("local-version-than-its-folder", {"metadata": metadata("1.0+cpu")}, by_path, 1),
        ("invalid-version-than-its-folder", {"metadata": metadata("nope")}, by_path + by_name, 2),
        ("version-than-was-prepared", {"version": "1.5"}, by_path, 1),
        ("metadata-than-was-prepared", {"prepared": metadata("1.5")}, by_name, 1),
    ):
        odd = project("demo", backend=backend)
        for words in commands:
            yield scenario(f"a-source-that-builds-another-{name}-{words.replace(' ', '-')}", words,
                           index(odd.sdist()), files=odd.under("demo"), then=("check", "freeze"),
                           exits=(code, 0, 0), allow=PIP_CRASHES if code > 1 else ())  # fmt: skip


def _origins() -> Iterator[Scenario]:
    """Yield requirements of files whose origin is named in the lines about them."""
    one = project("one", "1.0", "demo; extra == 'x'", extras=("x",))
    for name, line in (
        ("editable-with-an-extra", "-e ./one[x]"),
        ("editable-with-a-missing-extra", "-e ./one[y]"),
        ("folder-with-an-extra", "./one[x]"),
        ("named-folder-with-an-extra", "one[x] @ file://<here>/one"),
    ):
        yield scenario(f"origin-of-an-{name}", "install -r r.txt", MAIN,
                       files={**one.under("one"), **_pinned(line)})  # fmt: skip
        yield scenario(f"origin-of-an-{name}-in-a-nested-file", "install -r a.txt", MAIN,
                       files={**one.under("one"), **_pinned(line),
                              "a.txt": "-r r.txt\n"})  # fmt: skip
    for name, line in (
        ("url-without-an-archive", "http://127.0.0.1:<port>/aa"),
        ("url-without-a-path", "http://127.0.0.1:<port>"),
        ("mercurial-url", "hg+http://127.0.0.1:<port>/aa"),
        ("editable-mercurial-url", "-e hg+http://127.0.0.1:<port>/aa#egg=aa"),
        ("subversion-url", "svn+http://127.0.0.1:<port>/aa#egg=aa"),
        ("bazaar-url", "aa @ bzr+http://127.0.0.1:<port>/aa"),
        ("git-url", "git+http://127.0.0.1:<port>/aa"),
        ("missing-folder", "./nothing"),
        ("missing-wheel", "./nothing-1.0-py3-none-any.whl"),
        ("missing-archive-by-url", "file:nothing-1.0.tar.gz"),
        ("missing-editable", "-e ./nothing"),
        ("missing-extra-of-a-path", "./nothing[x]"),
        ("missing-file-in-a-folder", "file:nothing/nothing-1.0.tar.gz"),
        ("missing-named-file", "demo @ file:nothing-1.0.tar.gz"),
    ):
        yield scenario(f"origin-of-a-{name}", "install -r r.txt", MAIN, files=_pinned(line),
                       exits=(1,))  # fmt: skip
    for name, line in (("wheel", f"file:{DEMO.filename}"), ("wheel-in-a-folder",
                       f"file:l/{DEMO.filename}"), ("named-wheel", f"demo @ file:{DEMO.filename}"),
                       ("wheel-with-an-extra", f"demo[x]@file:{DEMO.filename}")):  # fmt: skip
        yield scenario(f"origin-of-a-relative-{name}", "install -r r.txt",
                       files={**_pinned(line), DEMO.filename: DEMO,
                              f"l/{DEMO.filename}": DEMO})  # fmt: skip


def _newer_and_invalid() -> Iterator[Scenario]:
    """Yield upgrades to a release with invalid metadata; with one installed pip does not go on."""
    served = index(wheel("De.mo", "1.5"), BROKEN, wheel("top", "1.0", "DE-MO>=1.5"))
    for words in ("install -U de-mo", "install -U De_mo[x]", "install De_mo>=1.5", "install top",
                  "install -U --upgrade-strategy eager top", "install de_mo!=1.0"):  # fmt: skip
        yield scenario(f"a-newer-release-with-invalid-metadata-{words[8:].replace(' ', '-')}",
                       words, served, before=(wheel("De.mo"),),
                       exits=(1 if words.lower().startswith("install -u de") else 0,))  # fmt: skip


def _conflicts() -> Iterator[Scenario]:
    """Yield conflicts between requirements that have markers."""
    marked = "demo==2.0; python_version > '3'"
    served = index(DEMO, TWO, wheel("top", "1.0", 'demo==2.0; sys_platform != "win32"'),
                   wheel("more", "1.0", "demo<2; extra == 'x'", extras=("x",)),
                   wheel("low", "1.0", "demo[y]<2 ; python_version > '3'"))  # fmt: skip
    for name, words in (
        ("user", ["top", "demo<2; python_version > '3'"]),
        ("extra", ["top", "more[x]"]),
        ("extras", ["top", "low"]),
        ("extras-of-the-user", ["low", f"demo[z]{marked[4:]}"]),
        ("constraint", ["top", "-c", "c.txt"]),
        ("constraint-and-user", ["demo==2.0; python_version > '3'", "-c", "c.txt"]),
        ("file", ["-r", "r.txt", "top"]),
        ("file-and-constraint", ["-r", "r.txt", "-c", "c.txt", "top"]),
    ):
        yield scenario(f"a-conflict-with-a-marker-of-a-{name}", ["install", *words], served,
                       files={"c.txt": "demo<2; python_version > '3'\n",
                              "r.txt": "demo<2 ; python_version > '3'\n"}, exits=(1,))  # fmt: skip


def _broken_environments() -> Iterator[Scenario]:
    """Yield environments with several broken requirements, which pip sorts by project."""
    lines = ("Zed>2", "BAR.BAZ ; python_version > '3'", "app>=2.0.1", "a-b", "a", "Demo>=2",
             "demo>=3", "De-Mo", "de_mo", "Other>1.0", "other>1.0")  # fmt: skip
    standing = (wheel("top", "1.0", *lines), DEMO, OTHER)
    yield scenario("broken-requirements-are-sorted-by-project", "check", MAIN, before=standing,
                   exits=(1,), returns=False)  # fmt: skip
    yield scenario("broken-requirements-after-an-install-are-sorted-by-project",
                   "install --force-reinstall --no-warn-script-location demo", MAIN,
                   before=standing, returns=False)  # fmt: skip


def _targets() -> Iterator[Scenario]:
    """Yield installs into folders, where the environment has conflicts of its own."""
    left = {"<site>/~one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: one\n"}
    for words in ("install --target t demo", "install --target t demo --no-deps",
                  "install --target t demo --no-warn-conflicts",
                  "install --dry-run --target t demo",
                  "install --prefix p demo"):  # fmt: skip
        yield scenario(f"a-leftover-in-the-environment-with-{words[8:].replace(' ', '-')}", words,
                       MAIN, standing=left, returns=False)  # fmt: skip
    clash = (wheel("top", "1.0", "demo>=2"), wheel("needs", "1.0", "absent"))
    for name, words in (
        ("target", "install --target t demo"),
        ("target-again", "install --upgrade --target t demo"),
        ("target-with-nothing-new", "install --target t demo --no-deps"),
        ("prefix", "install --prefix p demo"),
        ("root", "install --root r demo"),
    ):
        yield scenario(f"a-conflict-of-the-environment-with-{name}", words, MAIN, before=clash,
                       returns=False)  # fmt: skip


def _ahead() -> Iterator[Scenario]:
    """Yield failing runs with files that could be fetched or prepared ahead."""
    sdist = project("late").sdist()
    late = Listed(file=sdist, sidecar=project("late").wheel.metadata)
    served = index(late, DEMO, wheel("top", "1.0", "gone", "late"))
    for name, words in (
        ("dependency", "top late"), ("requirement", "late gone"), ("version", "late demo==3"),
        ("file", "late ./nothing-1.0-py3-none-any.whl"),
    ):  # fmt: skip
        yield scenario(f"a-failing-{name}-beside-an-sdist-with-metadata", f"install {words}",
                       served, exits=(1,))  # fmt: skip


SCENARIOS = (
    *_hashes(),
    *_missing_files(),
    *_upload_times(),
    *_invalid_metadata(),
    *_installed_metadata(),
    *_built_metadata(),
    *_origins(),
    *_newer_and_invalid(),
    *_conflicts(),
    *_broken_environments(),
    *_targets(),
    *_ahead(),
)
