"""What ``-v``, ``-vv``, ``-vvv`` and ``--log`` print, line by line beside pip.

With ``VERBOSITY_WHOLE=1`` each command runs at each level, otherwise at one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from compat.harness.known import OWN_DETAILS
from compat.harness.scenario import LOG, Allow, Part, Scenario, scenario
from compat.kit.index import Fault, Listed, Sidecar, index
from compat.kit.repositories import Commit, Repository
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import sha256, wheel

SKIPS = tuple(
    Allow(
        part=part,
        pattern=r"^(<time> )?(WARNING: )?Could not fetch URL \S+: .* - skipping$",
        reason=(
            "Like pip, pipfast skips an index that answers with an error, but it prints one "
            "warning that names the index."
        ),
    )
    for part in (Part.STDOUT, Part.STDERR, Part.LOG)
)
GIT_REVISION = Allow(
    part=Part.STDERR,
    pattern=r"^  (Running command git rev-parse HEAD|[0-9a-f]{40})$|^  (remote|Receiving)",
    reason=(
        "pipfast knows the commit of a repository that it has checked out; pip runs git again "
        "to read it, and prints that with `-v`."
    ),
)
NO_COMMAND = (
    Allow(
        part=Part.STDERR,
        pattern=r"^  (full command: .*__pip-runner__\.py install|cwd: \[inherit\])",
        reason=(
            "pipfast installs build requirements itself, so with `-v` it has no command to show "
            "if that fails; pip shows the command line of the pip that it ran."
        ),
    ),
)
LOCAL_INDEX = Allow(
    part=Part.STDOUT,
    pattern=r"^Found index url /",
    reason=(
        "For a page in a folder pip searches credentials, and with `-vv` names the folder as the "
        "index that they would belong to; pipfast does not."
    ),
)

WHOLE = "VERBOSITY_WHOLE" in os.environ
LEVELS = ("-v", "-vv", "-vvv", f"--log {LOG}")

DEP = wheel("dep", "1.0")
DEMO = (
    wheel("demo", "1.0"),
    wheel("demo", "1.5", "dep"),
    wheel("demo", "2.0", "dep>=1", scripts={"run-demo": "demo:main"}),
)
MORE = wheel("more", "1.0", "dep; extra == 'x'", extras=("x",))
SOURCE = project("source", "1.0", needs=("kit-backend",))
ONE = project("one", "1.0", "dep")
MAIN = index(
    DEP, *DEMO, MORE, BACKEND, SOURCE.sdist(),
    Listed(file=wheel("pulled", "2.0"), yanked="broken"), wheel("pulled", "1.0"),
    Listed(file=wheel("newer", "2.0", python=">=3.99")), wheel("newer", "1.0"),
    wheel("tagged", "2.0", tag="cp27-cp27m-win32"), wheel("tagged", "1.0"),
)  # fmt: skip
EXTRA = index(wheel("demo", "3.0"), name="extra")
REQUIRED = f"demo==1.0 --hash=sha256:{sha256(DEMO[0].content)}\n"

COMMANDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "plain": ("install demo", {}),
    "extras": ("install more[x]", {}),
    "constraint": ("install demo -c c.txt", {"files": {"c.txt": "demo<2\n"}}),
    "upgrade": ("install -U demo", {"before": (DEMO[0],)}),
    "satisfied": ("install demo", {"before": (DEMO[2], DEP)}),
    "satisfied-upgrade": ("install -U demo", {"before": (DEMO[2], DEP)}),
    "dry-run": ("install --dry-run demo", {}),
    "sdist": ("install source", {}),
    "tree": ("install ./one", {"files": ONE.under("one")}),
    "editable": ("install -e ./one", {"files": ONE.under("one")}),
    "find-links": ("install --no-index -f <links> demo", {"links": (DEP, *DEMO)}),
    "find-links-page": ("install -f <main-page> demo", {}),
    "hashes": ("install -r r.txt", {"files": {"r.txt": REQUIRED}}),
    "yanked": ("install pulled", {}),
    "python": ("install newer", {}),
    "tags": ("install tagged", {}),
    "indexes": ("install demo --extra-index-url <extra>", {"more": (EXTRA,)}),
    "conflict": ("install demo==2.0 dep<1", {"exits": (1,)}),
    "not-found": ("install nothing", {"exits": (1,)}),
    "no-version": ("install demo==9", {"exits": (1,)}),
    "download": ("download demo -d out", {}),
    "wheel": ("wheel source -w out", {}),
    "uninstall": ("uninstall -y demo", {"before": (DEMO[2], DEP)}),
    "list": ("list", {"before": (DEP,)}),
    "list-outdated": ("list --outdated", {"before": (DEMO[0],)}),
    "show": ("show dep", {"before": (DEP,)}),
    "show-nothing": ("show nothing", {"exits": (1,)}),
    "freeze": ("freeze", {"before": (DEP,)}),
    "check": ("check", {"before": (DEP,)}),
    "config-list": ("config list", {}),
    "cache-list": ("cache list", {}),
    "index-versions": ("index versions demo", {}),
    "inspect": ("inspect", {"before": (DEP,)}),
    "lock": ("lock demo -o -", {}),
    "hash": ("hash f", {"files": {"f": "x"}}),
    "direct": ("install <main-files>/" + DEP.filename, {}),
    "path": (f"install ./{DEP.filename}", {"files": {DEP.filename: DEP}}),
    "file-options": ("install -r r.txt", {"more": (EXTRA,), "files": {
        "r.txt": "--extra-index-url <extra>\ndemo\ndep; python_version<'3'\n"}}),
    "backtracking": ("install app lib<2",
                     {"world": (index(*(wheel("app", f"{n}.0", f"lib>={n}") for n in range(1, 4)),
                                      *(wheel("lib", f"{n}.0") for n in range(1, 4))),)}),
    "twice": ("install demo", {"then": ("install -I demo",)}),
    "no-requirement": ("install", {"exits": (1,)}),
}  # fmt: skip

ODD = index(
    Listed(file=wheel("odd", "2.0", python=">=3.99")),
    Listed(file=wheel("odd", "1.5"), python="nonsense"),
    Listed(file=wheel("odd", "1.0"), yanked=""),
    project("odd", "1.7").sdist(),
    pages={},
)
PAGE = (
    '<a href="../../files/odd-1.0.exe">x</a><a href="../../files/odd-1.0.zip">x</a>'
    '<a href="../../files/other-1.0.tar.gz">x</a><a href="../../files/other-1.0-py3-none-any.whl">x'
    '</a><a href="../../files/odd-1.0-py3-none.whl">x</a><a href="../../files/odd.tar.gz">x</a>'
    '<a href="../../files/odd-3.0-py2.7.zip">x</a><a href="https://example.invalid/odd/">x</a>'
    '<a href="../../files/odd-4.0-py3-none-any.whl">x</a>'
    '<a href="../../files/odd-4.0-py3-none-any.whl">again</a>'
)
LINKS = index(wheel("odd", "4.0"), plain=True,
              pages={"odd": Fault(content_type="text/html", body=PAGE.encode())})  # fmt: skip
ODDLY: dict[str, tuple[Any, dict[str, Any]]] = {
    "odd-pages": ("install odd", {"world": (LINKS,)}),
    "odd-pythons": ("install odd --only-binary :all:", {"world": (ODD,)}),
    "ignored-pythons": ("download odd --ignore-requires-python --no-deps -d out",
                        {"world": (ODD,)}),
    "no-binary": ("install odd --no-binary :all:", {"world": (ODD,)}),
    "uploaded-prior-to": ("install demo --uploaded-prior-to 2020-01-01", {"exits": (1,)}),
    "uploads-without-times": ("install odd --uploaded-prior-to 2020-01-01",
                              {"exits": (1,), "world": (LINKS,)}),
    "an-account": ("install dep -i http://me:secret@127.0.0.1:<port>/main/simple",
                   {"world": (index(DEP, account=("me", "secret")),)}),
    "an-account-of-netrc": ("install dep", {
        "world": (index(DEP, account=("me", "secret")),), "standing":
            {"<home>/.netrc": "machine 127.0.0.1 login me password secret\n"}}),
    "an-account-that-is-missing": ("install dep --no-input", {
        "exits": (1,), "allow": SKIPS,
        "world": (index(DEP, account=("me", "secret")),)}),
    "an-index-that-fails": ("install dep", {
        "exits": (1,), "allow": SKIPS,
        "world": (index(DEP, pages={"dep": Fault(status=500)}),)}),
    "an-index-that-refuses": ("install dep", {
        "allow": SKIPS, "exits": (1,), "world": (index(DEP, refused=True),)}),
    "a-page-of-another-kind": ("install dep", {"exits": (1,), "world": (index(
        DEP, pages={"dep": Fault(content_type="text/plain", body=b"x")}),)}),
    "retries": ("install dep --retries 2", {"world": (index(
        DEP, pages={"dep": Fault(status=503, times=1)}),)}),
    "a-file-that-is-missing": ("install dep", {"exits": (1,), "world": (index(
        Listed(file=DEP, fault=Fault(status=404), sidecar=Sidecar.ABSENT)),)}),
    "a-wrong-hash": ("install dep", {"exits": (1,), "world": (index(
        Listed(file=DEP, digest="0" * 64)),)}),
    "wheels-without-metadata-files": ("install demo", {"world": (index(
        DEP, *DEMO, sidecars=False),)}),
    "html": ("install demo", {"world": (index(DEP, *DEMO, plain=True),)}),
    "a-local-page": ("install dep --no-index -f <here>/page.html", {"files": {
        "page.html": f'<a href="{DEP.filename}">x</a>', DEP.filename: DEP}}),
    "a-local-index": ("install dep -i <here>/simple", {"allow": (LOCAL_INDEX,), "files": {
        "simple/dep/index.html": f'<a href="{DEP.filename}">x</a>',
        f"simple/dep/{DEP.filename}": DEP}}),
    "locations-that-do-not-exist": ("install dep -f <here>/nothing -f what", {}),
    "target": ("install dep --target t", {}),
    "prefix": ("install dep --prefix p", {}),
    "force-reinstall": ("install --force-reinstall dep", {"before": (DEP,)}),
    "a-failing-build": ("install broken", {"exits": (1,), "world": (index(BACKEND, project(
        "broken", needs=("kit-backend",), backend={"fails": {"build_wheel": "exit"}}).sdist()),)}),
    "build-requirements-that-are-missing": ("install broken", {
        "allow": NO_COMMAND, "exits": (1,),
        "world": (index(project("broken", needs=("kit-backend",)).sdist()),)}),
    "a-cached-wheel": ("install source", {"then": ("install --force-reinstall source",)}),
    "a-repository": ("install git+<repo.git>@main", {"allow": (GIT_REVISION,),
        "repositories": (Repository(name="repo", commits=(Commit(files=ONE.tree),)),)}),
    "an-editable-that-is-removed": ("install -e ./one --no-deps", {
        "files": ONE.under("one"), "then": ("uninstall -y one", "freeze")}),
    "requirements-of-a-url": ("install -r <main-files>/r.txt", {"exits": (1,)}),
    "an-invalid-requirement": ("install not/a/thing", {"exits": (1,)}),
    "config-files": ("config list", {"environ": {"PIP_CONFIG_FILE": "<here>/pip.conf"},
                                     "files": {"pip.conf": "[global]\ntimeout = 5\n"}}),
    "cache-purge": ("cache purge", {}),
    "a-conflict": ("install a b", {"exits": (1,), "world": (index(
        wheel("a", "1.0", "c<2"), wheel("b", "1.0", "c>=2"), wheel("c", "1.0"),
        wheel("c", "2.0")),)}),
    "constraints-that-reject": ("install app -c c.txt", {
        "files": {"c.txt": "lib<2\n"},
        "world": (index(*(wheel("app", f"{n}.0", f"lib>={n}") for n in range(1, 4)),
                        *(wheel("lib", f"{n}.0") for n in range(1, 4))),)}),
    "installed-versions-that-conflict": ("install dep<1", {"exits": (1,), "before": (DEP,)}),
    "steps-of-the-resolver": ("install demo", {"environ": {"PIP_RESOLVER_DEBUG": "1"}}),
}  # fmt: skip


def _levels(number: int) -> tuple[str, ...]:
    """Return the levels of a command: all, or one, so that each level has a quarter of them."""
    return LEVELS if WHOLE else (LEVELS[number % len(LEVELS)],)


def _scenarios() -> Iterator[Scenario]:
    levels = {name: _levels(number) for number, name in enumerate(COMMANDS)}
    levels |= dict.fromkeys(ODDLY, LEVELS[1:2])
    for name, (argv, world) in {**COMMANDS, **ODDLY}.items():
        for level in levels[name]:
            further = dict(world)
            worlds = further.pop("world", (MAIN, *further.pop("more", ())))
            known = (*OWN_DETAILS, *further.pop("allow", ()))
            then = tuple(f"{words} {level}" for words in further.pop("then", ()))
            rule = f"told-{name}-{level.split()[0].strip('-')}"
            yield scenario(
                rule, f"{argv} {level}", *worlds, then=then, returns=False, allow=known, **further
            )


SCENARIOS = tuple(_scenarios())
