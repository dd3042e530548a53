"""Lock files: `lock` writes them, `-r` and `--group` read them (PEP 751)."""

from __future__ import annotations

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import scenario
from compat.kit.index import Listed, Sidecar, index
from tests.kit.wheels import Raw, Wheel, altered, wheel

DEMO = wheel("demo", "1.0", "dep>=1", extras=("x",))
NEWER = wheel("demo", "2.0", "dep>=1", "more; extra == 'x'", extras=("x",))
DEP = wheel("dep", "1.5")
DEP_OLD = wheel("dep", "1.0")
MORE = wheel("more")
EARLY = wheel("early", "1.0rc1")
ODD = wheel("odd", "1.0", tag="cp27-none-win32")
MAIN = index(DEMO, NEWER, DEP, DEP_OLD, MORE, EARLY)
BARE = index(*(Listed(file=one, sidecar=Sidecar.ABSENT) for one in (DEMO, NEWER, DEP, MORE)))
HEAD = 'lock-version = "1.0"\ncreated-by = "somebody"\n'
REMOTE = "<main-files>"


def lock(*entries: str, head: str = HEAD) -> str:
    """Return a lock file's text."""
    return "\n".join([head, *entries] if entries else [head, "packages = []"])


def entry(one: Wheel | Raw, *, place: str = REMOTE, digest: str = "", **fields: str) -> str:
    """Return a wheel's entry: at a URL, or by path if `place` is no URL; `fields` are TOML."""
    key = "url" if place.startswith(("<", "http")) else "path"
    hashes = f'{{ sha256 = "{digest or one.sha256}" }}'
    more = "".join(f"{name.replace('_', '-')} = {value}\n" for name, value in fields.items())
    version = f'version = "{one.version}"\n' if isinstance(one, Wheel) else ""
    return (
        f'[[packages]]\nname = "{one.project}"\n{version}{more}'
        f'[[packages.wheels]]\nname = "{one.filename}"\n'
        f'{key} = "{place}/{one.filename}"\nhashes = {hashes}\n'
    )


def put(text: str, name: str = "pylock.toml") -> dict[str, str]:
    """Return a scenario with a lock file of that text."""
    return {name: text}


def served(text: str) -> Raw:
    """Return a scenario with a lock file on the index's server."""
    return Raw(filename="pylock.toml", project="pylock", content=text.encode())


BOTH = lock(entry(DEMO), entry(DEP))
CHOICE = lock(
    entry(DEMO),
    entry(DEP, marker="\"'x' in extras\""),
    entry(MORE, marker="\"'dev' in dependency_groups\""),
    head=HEAD + 'extras = ["x"]\ndependency-groups = ["dev"]\n',
)
DEFAULTS = CHOICE.replace('["dev"]\n', '["dev"]\ndefault-groups = ["dev"]\n', 1)
HERE = lock(entry(DEMO, place="files"), entry(DEP, place="files"))
FILES = {f"files/{one.filename}": one for one in (DEMO, DEP)}
BOTH_THERE = HERE.replace("files/", "")
BROKEN = altered(DEMO, DEMO.content + b"!")
FROM_LOCK = ("install -r pylock.toml",)
PROJECT = {"pyproject.toml": "[dependency-groups]\ng = ['dep']\n"}

LOCKING = (
    scenario("a-lock-of-wheels", "lock demo", MAIN, shows=("experimental command",)),
    scenario("a-lock-to-standard-output", "lock demo -o -", MAIN, shows=("[[packages]]",)),
    scenario("a-quiet-lock-to-standard-output", "lock -q demo -o -", MAIN),
    scenario("a-lock-under-a-name", "lock demo -o pylock.dev.toml", MAIN),
    scenario("a-lock-under-a-name-that-is-none", "lock demo -o ./a/../x.toml", MAIN, exits=(0,),
             files={"a/x": ""}, shows=("x.toml is not a valid lock file name.",)),
    scenario("a-lock-into-a-folder-that-is-not-there", "lock demo -o there/pylock.toml", MAIN,
             exits=(2,), allow=PIP_CRASHES),
    scenario("a-lock-of-nothing", "lock", MAIN, exits=(1,), shows=("at least one requirement",)),
    scenario("a-lock-without-dependencies", "lock --no-deps demo==1.0", MAIN),
    scenario("a-lock-of-dependencies-alone", "lock --only-deps demo", MAIN),
    scenario("a-lock-of-dependencies-alone-that-has-none", "lock --only-deps dep", MAIN),
    scenario("a-lock-of-extras", "lock demo[x]", MAIN),
    scenario("a-lock-of-a-file-with-constraints", "lock -r r.txt -c c.txt", MAIN,
             files={"r.txt": "demo<2\n", "c.txt": "dep<1.5\n"}),
    scenario("a-lock-of-a-group", "lock --group g more", MAIN, files=PROJECT),
    scenario("a-lock-of-what-was-uploaded-before", "lock dep --uploaded-prior-to 2023-01-01",
             index(DEP, Listed(file=DEP_OLD, uploaded="2022-01-01T00:00:00Z"))),
    scenario("a-lock-without-files-beside-the-wheels", "lock demo", BARE),
    scenario("a-lock-from-a-page-without-digests", "lock dep",
             index(Listed(file=DEP, digest="", sidecar=Sidecar.ABSENT))),
    scenario("a-lock-of-html-pages", "lock demo", index(NEWER, DEP, plain=True)),
    scenario("a-lock-of-a-direct-wheel", f"lock {REMOTE}/{DEP.filename}", MAIN),
    scenario("a-lock-of-a-direct-wheel-and-what-needs-it",
             ("lock", f"dep @ {REMOTE}/{DEP.filename}", "demo"), MAIN),
    scenario("a-lock-of-a-wheel-by-path", f"lock ./{DEP.filename}", MAIN,
             files={DEP.filename: DEP}),
    scenario("a-lock-from-find-links", "lock dep --no-index -f <links>", MAIN, links=(DEP,)),
    scenario("a-lock-of-a-yanked-pin", "lock dep==1.5", index(Listed(file=DEP, yanked="bad")),
             shows=("yanked",)),
    scenario("a-lock-of-what-is-not-there", "lock gone", MAIN, exits=(1,)),
    scenario("a-lock-of-a-conflict", "lock demo dep<1", MAIN, exits=(1,)),
    scenario("a-lock-over-what-is-installed", "lock dep", MAIN, before=(DEP_OLD,)),
    scenario("a-lock-with-hashes", "lock -r r.txt", MAIN,
             files={"r.txt": f"dep==1.5 --hash=sha256:{DEP.sha256}\n"}),
    scenario("a-lock-of-a-lock", ("lock", "-r", "pylock.toml", "-o", "pylock.b.toml"), MAIN,
             files=put(BOTH)),
    scenario("a-lock-and-an-install-from-it", "lock demo[x] -o pylock.toml", MAIN, then=FROM_LOCK),
    scenario("a-lock-outside-of-a-virtual-environment-that-is-asked-for",
             "lock dep --require-virtualenv", MAIN),
)  # fmt: skip

READING = (
    scenario("an-install-from-a-lock", "install -r pylock.toml", MAIN, files=put(BOTH),
             shows=("Collecting demo==1.0 (from pylock.toml)",), then=FROM_LOCK),
    scenario("an-install-from-a-lock-twice", "install -r pylock.toml", MAIN, files=put(BOTH),
             then=(*FROM_LOCK, "install -U demo", "install -r pylock.toml")),
    scenario("an-install-from-a-lock-takes-nothing-of-the-index", "install -r pylock.toml",
             index(DEMO, DEP), files=put(lock(entry(DEMO), entry(DEP_OLD, place="f"))),
             exits=(1,)),
    scenario("a-lock-that-lacks-a-dependency", "install -r pylock.toml", MAIN,
             files=put(lock(entry(DEMO))), exits=(1,), shows=("--require-hashes mode",)),
    scenario("a-lock-that-lacks-a-dependency-without-dependencies",
             "install --no-deps -r pylock.toml", MAIN, files=put(lock(entry(DEMO)))),
    scenario("a-lock-that-lacks-a-dependency-without-hashes",
             "install --no-require-hashes -r pylock.toml", MAIN, files=put(lock(entry(DEMO)))),
    scenario("a-lock-of-local-files", "install -r ./pylock.toml", MAIN, exits=(0,),
             files={**put(HERE), **FILES}, shows=("Processing ./files/demo",)),
    scenario("a-lock-in-another-folder", "install -r d/pylock.toml", MAIN,
             files={**put(HERE, "d/pylock.toml"), **{f"d/{k}": v for k, v in FILES.items()}}),
    scenario("a-lock-over-http", "install -r <main-files>/pylock.toml",
             index(DEMO, DEP, served(BOTH_THERE))),
    scenario("a-lock-over-http-that-is-not-there", "install -r <main-files>/pylock.toml", MAIN,
             exits=(1,), shows=("Error reading pylock file", "404 Client Error")),
    scenario("a-lock-over-http-with-an-absolute-path", "install -r <main-files>/pylock.toml",
             index(DEMO, served(lock(entry(DEMO, place="/f")))), exits=(1,),
             shows=("Absolute paths are not supported",)),
    scenario("a-lock-over-http-that-leads-away", "install -r <main-files>/pylock.toml",
             index(DEMO, served(lock(entry(DEMO, place="//elsewhere")))), exits=(1,)),
    scenario("a-lock-over-http-with-a-file-address", "install -r <main-files>/pylock.toml",
             index(DEMO, served(lock(entry(DEMO, place="file:")))), exits=(1,),
             shows=("resolves outside its location",)),
    scenario("a-lock-by-file-address", "install -r file://<here>/pylock.toml", MAIN,
             files={**put(HERE), **FILES}),
    scenario("a-lock-by-a-file-address-that-is-not-there", "install -r file://<here>/pylock.toml",
             MAIN, exits=(1,), shows=("Error reading pylock file",)),
    scenario("a-lock-with-the-wrong-hash", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP, digest="0" * 64))), shows=("DO NOT MATCH",)),
    scenario("a-lock-of-a-file-that-has-changed", "install -r pylock.toml", MAIN, exits=(1,),
             files={**put(lock(entry(DEMO, place="files"), entry(DEP))),
                    f"files/{DEMO.filename}": BROKEN}, shows=("DO NOT MATCH",)),
    scenario("a-lock-for-another-platform", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(ODD))), shows=("No wheel found matching the provided tags",)),
    scenario("a-lock-for-another-platform-by-marker", "install -r pylock.toml", MAIN,
             files=put(lock(entry(ODD, marker="\"sys_platform == 'win32'\""), entry(DEP)))),
    scenario("a-lock-for-another-python", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP), head=HEAD + 'requires-python = ">=3.99"\n'))),
    scenario("a-lock-for-another-python-in-one-package", "install -r pylock.toml", MAIN,
             exits=(1,), files=put(lock(entry(DEP, requires_python='">=3.99"')))),
    scenario("a-lock-for-other-environments", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP), head=HEAD + "environments = [\"os_name == 'x'\"]\n"))),
    scenario("a-lock-with-two-of-one-project", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP), entry(DEP_OLD))), shows=("Multiple packages",)),
    scenario("a-lock-with-extras-of-which-none-is-asked", "install --no-deps -r pylock.toml", MAIN,
             files=put(CHOICE)),
    scenario("a-lock-with-an-extra", ("install", "-r", "pylock.toml[x]"), MAIN, files=put(CHOICE)),
    scenario("a-lock-with-an-extra-twice",
             ("install", "-r", "pylock.toml", "-r", "./pylock.toml[X]"), MAIN, files=put(CHOICE)),
    scenario("a-lock-with-extras-that-are-none", ("install", "-r", "pylock.toml[?]"), MAIN,
             files=put(CHOICE), exits=(2,), allow=PIP_CRASHES),
    scenario("a-locks-group", "install --no-deps --group pylock.toml:Dev", MAIN,
             files=put(CHOICE)),
    scenario("a-locks-group-with-an-extra",
             ("install", "--group", "pylock.toml[x]:dev"), MAIN, files=put(CHOICE)),
    scenario("a-locks-group-that-is-not-there", "install --no-deps --group pylock.toml:gone", MAIN,
             files=put(CHOICE)),
    scenario("a-locks-default-groups", ("install", "-r", "pylock.toml[x]"), MAIN,
             files=put(DEFAULTS)),
    scenario("a-locks-group-without-the-default-ones",
             ("install", "--no-deps", "--group", "pylock.toml[x]:other"), MAIN,
             files=put(DEFAULTS)),
    scenario("groups-of-a-lock-and-of-a-project",
             "install --no-deps --group pylock.toml:dev --group g", MAIN, exits=(1,),
             files={**put(CHOICE), **PROJECT}),
    scenario("a-group-of-a-lock-that-is-not-there", "install --group pylock.a.toml:dev", MAIN,
             exits=(1,)),
    scenario("a-lock-that-is-not-there", "install -r ./d//pylock.x.toml", MAIN, exits=(1,),
             shows=("Error reading pylock file './d//pylock.x.toml'",)),
    scenario("a-lock-that-is-no-toml", "install -r pylock.toml", MAIN, exits=(1,),
             files=put("packages"), shows=("Invalid pylock file",)),
    scenario("a-lock-that-is-no-text", "install -r pylock.toml", MAIN, exits=(1,),
             files={"pylock.toml": b"\xff\xfe"}, shows=("Error reading pylock file",)),
    scenario("a-lock-without-packages", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(HEAD), shows=("Missing required value",)),
    scenario("a-lock-of-nothing-at-all", "install -r pylock.toml", MAIN, files=put(lock())),
    scenario("a-lock-of-another-version", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(BOTH.replace('"1.0"', '"2.0"', 1)), shows=("is not supported",)),
    scenario("a-lock-of-a-newer-minor-version", "install -r pylock.toml", MAIN,
             files=put(BOTH.replace('"1.0"', '"1.7"', 1)),
             shows=("WARNING: pylock minor version 1.7 is not supported",)),
    scenario("a-lock-with-a-wheel-of-another-project", "install -r pylock.toml", MAIN,
             exits=(1,), files=put(entry(DEP).join([HEAD, ""]).replace('"dep"', '"other"'))),
    scenario("a-lock-with-a-package-of-no-kind", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock('[[packages]]\nname = "dep"\n'))),
    scenario("a-lock-without-hashes", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(BOTH.replace("{ sha256", "{ } # "))),
    scenario("a-locked-link-that-may-not-be-taken", "install --no-binary dep -r pylock.toml", MAIN,
             files=put(lock(entry(DEP))), exits=(1,),
             shows=("Could not install locked package 'dep' from 'pylock.toml': No binaries",)),
    scenario("a-locked-link-that-is-no-file", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP).replace(f"{REMOTE}/{DEP.filename}", f"{REMOTE}/download"))),
             shows=("not a file",)),
    scenario("a-locked-link-that-is-no-archive", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP).replace(f"{REMOTE}/{DEP.filename}", f"{REMOTE}/d.exe"))),
             shows=("unsupported archive format: .exe",)),
    scenario("a-locked-link-of-another-project", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP).replace(f"/{DEP.filename}", f"/{MORE.filename}"))),
             shows=("wrong project name (not dep)",)),
    scenario("a-locked-link-without-upload-time",
             "install --uploaded-prior-to 2024-01-01 -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(DEP))), shows=("does not provide upload-time metadata",)),
    scenario("a-locked-pre-release", "install -r pylock.toml", MAIN,
             files=put(lock(entry(EARLY)))),
    scenario("a-locked-pre-release-where-only-final-ones-may-be",
             "install --only-final :all: -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(EARLY))), shows=("A pre-release version 1.0rc1",)),
    scenario("a-lock-against-a-requirement", "install demo>1 -r pylock.toml", MAIN, exits=(1,),
             files=put(BOTH)),
    scenario("a-lock-against-a-dependency", "install -r pylock.toml", MAIN, exits=(1,),
             files=put(lock(entry(wheel("needy", "1.0", "dep<1")), entry(DEP)))),
    scenario("a-lock-against-a-constraint", "install -c c.txt -r pylock.toml", MAIN, exits=(1,),
             files={**put(BOTH), "c.txt": "dep<1\n"}),
    scenario("two-locks", "install -r pylock.a.toml -r pylock.b.toml", MAIN,
             files={**put(lock(entry(DEMO)), "pylock.a.toml"),
                    **put(lock(entry(DEP)), "pylock.b.toml")}),
    scenario("two-locks-of-one-project", "install -r pylock.a.toml -r pylock.b.toml", MAIN,
             exits=(1,), files={**put(BOTH, "pylock.a.toml"), **put(BOTH, "pylock.b.toml")},
             shows=("Multiple locked links",)),
    scenario("a-lock-and-a-file", "install -r r.txt -r pylock.toml", MAIN,
             files={**put(lock(entry(DEP))), "r.txt": f"demo==2.0 --hash=sha256:{NEWER.sha256}\n"}),
    scenario("a-lock-named-in-a-file", "install -r r.txt", MAIN, exits=(1,),
             files={**put(BOTH), "r.txt": "-r pylock.toml\n"}),
    scenario("a-lock-as-constraints", "install -c pylock.toml demo", MAIN, exits=(1,),
             files=put(BOTH)),
    scenario("a-lock-for-a-foreign-platform",
             "install --platform x --only-binary=:all: --dry-run -r pylock.toml", MAIN,
             files=put(BOTH), exits=(1,), shows=("are not supported when selecting",)),
    scenario("a-lock-in-a-dry-run", "install --dry-run -r pylock.toml", MAIN, files=put(BOTH),
             shows=("Would install",)),
    scenario("a-lock-with-a-report", "install --report r.json -r pylock.toml", MAIN,
             files=put(BOTH)),
    scenario("a-lock-over-what-is-installed-already", "install -r pylock.toml", MAIN,
             files=put(BOTH), before=(NEWER, DEP), shows=("Uninstalling demo-2.0",)),
    scenario("a-locked-archive-that-is-a-wheel", "install -r pylock.toml", MAIN,
             files=put(lock('[[packages]]\nname = "dep"\n[packages.archive]\n'
                            f'url = "{REMOTE}/{DEP.filename}"\n'
                            f'hashes = {{ sha256 = "{DEP.sha256}" }}\n'))),
)  # fmt: skip

SCENARIOS = (*LOCKING, *READING)
