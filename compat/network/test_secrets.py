"""No secret reaches a file, the output, or another program, whatever its origin."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from compat.harness.twin import House
from compat.kit.index import Fault, Listed, Sidecar, index
from compat.kit.proxies import Account, HttpProxy, Proxy
from compat.kit.repositories import Commit, Repository, static_files
from compat.kit.server import IndexServer
from compat.network.secrets import Case, searched
from compat.network.shown import PASSWORD_SHOWN, SHOWN
from pipfast.model.input_limits import METADATA_LINES
from tests.kit.projects import BACKEND, project
from tests.kit.site import Question, Reply, Responder, Site, serving
from tests.kit.wheels import Built, wheel

DEMO, DEP = wheel("demo", "1.0", "dep"), wheel("dep")
FILES = (DEMO, DEP, BACKEND, project("source").sdist())
MAIN = index(*FILES)
USER = "me"
WHOLE = "NETWORK_WHOLE" in os.environ

INDEX, OPTION, REQUIREMENTS, VARIABLE = "hushIndex+1", "hushOption2", "hushFileUrl3", "hushVar4"
NETRC, RING, PROXY, CONFIG = "hushNetrc5", "hushRing6", "hushProxy7", "hushConfig8"
DIRECT, REPOSITORY, TYPED, LINKS = "hushDirect9", "hushGit10", "hushTyped11", "hushLinks12"
ACCOUNTS = {
    "byurl": INDEX, "byoption": OPTION, "byvariable": VARIABLE, "bynetrc": NETRC, "byring": RING,
    "byconfig": CONFIG, "bydirect": DIRECT, "bytyping": TYPED, "bylinks": LINKS,
}  # fmt: skip
TOKEN = "hushToken14"
BROKEN = project(
    "broken", "1", backend={"fails": {"prepare_metadata_for_build_wheel": "exit"}}
).sdist()


def relative(file: Built, **more: Any) -> Listed:
    """Return a file that its page names by a relative address, which gets the page's account."""
    return Listed(file=file, url=f"../../files/{file.filename}", uploaded=None, **more)


LOCK = "lock-version = '1.0'\ncreated-by = 'test'\n"
LOCKED = (
    "[[packages]]\nname = 'demo'\nversion = '1.0'\narchive = {{ {}, hashes = {{sha256 = '0'}} }}\n"
)
UNLIKELY = index(
    relative(DEMO), relative(DEP), relative(project("source").sdist()), relative(BROKEN), BACKEND,
    relative(wheel("cut"), fault=Fault(keep=0.5)),
    relative(wheel("gone"), fault=Fault(status=404), sidecar=Sidecar.ABSENT),
    relative(wheel("promised"), sidecar=Sidecar.PROMISED),
    relative(wheel("large"), sidecar=b"Name: large\nVersion: 1.0\n" + b"X: y\n" * METADATA_LINES),
    wheel("other"),
    name="unlikely", account=(TOKEN, ""), pages={"other": Fault(content_type="text/plain")},
)  # fmt: skip
RIVAL = index(wheel("demo", "2.0"), name="rival", account=(TOKEN, ""))
INDEXES = [
    MAIN,
    UNLIKELY,
    RIVAL,
    *(index(*FILES, name=name, account=(USER, secret)) for name, secret in ACCOUNTS.items()),
]
KEYRING = f"""\
#!/bin/sh
echo '{json.dumps({"username": USER, "password": RING})}'
"""


def at(name: str, secret: str = "", kind: str = "simple/") -> str:
    account = f"{USER}:{secret.replace('+', '%2B')}@" if secret else ""
    return f"http://{account}127.0.0.1:<port>/{name}/{kind}"


def commands(*options: str) -> tuple[str, ...]:
    """Return every command that reads an index, with `options`, and those that read a cache."""
    options_of_all = " ".join(("--log <home>/log.txt -vvv", *options))
    return (
        f"install {options_of_all} demo",
        f"install {options_of_all} -U demo",
        f"install {options_of_all} --dry-run --ignore-installed --report <home>/report.json source",
        f"install -qq {options and ' '.join(options)} demo",
        f"download {options_of_all} -d to demo",
        f"wheel {options_of_all} -w wheels source",
        f"lock {options_of_all} -o <home>/pylock.toml demo",
        f"index versions {options_of_all} demo",
        f"list --outdated {options_of_all}",
        "cache info",
        "cache list",
        "freeze",
        "inspect",
        "check",
        f"install {options_of_all} nowhere",
        f"uninstall -y {options_of_all.split(' -vvv')[0]} demo",
        "history --json",
        "undo",
        "doctor --json",
    )


def direct(words: str, names: str = "demo") -> tuple[str, ...]:
    """Return every command that reads what `words` name, and those that show what it left."""
    return (
        f"install -vvv --log <home>/log.txt {words}",
        f"install -qq {words}",
        f"install -U {words}",
        f"install --dry-run --ignore-installed --report <home>/report.json {words}",
        f"download -vvv --log <home>/log.txt -d to {words}",
        f"wheel -vvv --log <home>/log.txt -w wheels {words}",
        f"lock -vvv --log <home>/log.txt -o <home>/pylock.toml {words}",
        f"install --no-deps {words} --hash=sha256:{'0' * 64}",
        f"install {words} nowhere>1 nowhere<1",
        "freeze",
        "inspect",
        "list",
        f"show -f {names}",
        f"uninstall -y {names}",
        "history --json",
        "undo",
        f"why --last {names.partition(' ')[0]}",
    )


def unlikely(place: str) -> dict[str, tuple[str, ...]]:
    """Return commands that end in unlikely ways; `place` is a server with requirements.

    The secret is a user without a password, which many services take as a token.
    """
    base = f"http://{TOKEN}@127.0.0.1:<port>"
    index_url, rival = f"-i {base}/unlikely/simple/", f"{base}/rival/simple/"
    options = f"--dry-run --ignore-installed {index_url}"
    return {
        "unlikely-pages": (
            f"install -vvv --log <home>/log.txt {options} demo",
            f"install -vvv --log <home>/log.txt {options} absent",
            f"install -vvv {options} --no-index absent",
            f"install {options} --uploaded-prior-to 2020-01-01 demo",
            f"install {options} -v --extra-index-url {rival} demo",
            f"install {options} --extra-index-url {rival} demo>1",
            f"install {options} other",
            f"install -i git+{base}/simple absent",
            f"install -i https://{TOKEN}@{place}/simple absent",
            f"install -i http://{TOKEN}@127.0.0.1:1/simple --retries 1 absent",
            f"install --proxy http://{TOKEN}@127.0.0.1:1 --retries 1 absent",
        ),
        "unlikely-files": (
            *(f"install {options} {name}" for name in
              ("cut", "gone", "promised", "large", "broken")),
            f"install {options} --require-hashes -r r.txt",
            *(f"install -vvv --dry-run {base}/unlikely/files/{name}" for name in
              ("source-1.0.tar.gz", "broken-1.tar.gz", "none-1.tar.gz", DEMO.filename)),
            f"lock {index_url} -o - demo source",
            f"why {index_url} demo -r r.txt",
            f"why {index_url} demo {base}/unlikely/files/{DEMO.filename}",
        ),
        "built-from-an-archive": (
            f"install {index_url} kit-backend",
            f"install --no-build-isolation {base}/unlikely/files/source-1.0.tar.gz",
        ),
        "unlikely-lists": tuple(
            f"install --dry-run demo {option} http://{TOKEN}@{place}/{name}" for option, name in
            (("-r", "requirements.txt"), ("-c", "constraints.txt"), *(("-r", f"pylock.{name}toml")
             for name in ("", "none.", "newer.", "absolute.", "outside.")))
        ),
    }  # fmt: skip


@dataclass
class Servers:
    """The servers of a module's tests."""

    indexes: IndexServer
    proxy: Proxy
    site: Site


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("repositories")
    account = Account(USER, PROXY)
    with IndexServer(INDEXES) as indexes, Proxy(HttpProxy, account) as proxy, serving() as site:
        if shutil.which("git") is not None:
            _serve_repository(folder, site)
        hashed = f"demo --hash=sha256:{'0' * 64}\n"
        for name, text in (("bad", "demo ==\n"), ("worse", "--none\n"), ("hash", hashed),
                           ("conflict", "demo>1\ndemo<1\n")):  # fmt: skip
            site.pages[f"/{name}.txt"] = _guarded(text)
        for name, text in (
            ("requirements.txt", "demo ==\n"), ("constraints.txt", f"demo @ http://{TOKEN}@127.0.0.1:1/demo.zip\n"),
            ("pylock.toml", "lock-version = '1.0'\n"),
            ("pylock.newer.toml", f"{LOCK}requires-python = '>=99'\npackages = []\n"),
            ("pylock.absolute.toml", LOCK + LOCKED.format("path = '/demo-1.0.tar.gz'")),
            ("pylock.outside.toml", LOCK + LOCKED.format("path = 'http://host/demo-1.0.tar.gz'")),
        ):  # fmt: skip
            site.pages[f"/{name}"] = _guarded(text, "", TOKEN)
        site.pages["/r.txt"] = _guarded(f"demo\n--index-url {indexes.root('main')}/simple/\n")
        yield Servers(indexes, proxy, site)


def _guarded(body: str | bytes, secret: str = REQUIREMENTS, user: str = USER) -> Responder:
    pair = base64.b64encode(f"{user}:{secret}".encode()).decode()

    def respond(question: Question) -> Reply:
        if question.headers.get("authorization") != f"Basic {pair}":
            return Reply(b"", 401, {"www-authenticate": 'Basic realm="here"'})
        return Reply(body.encode() if isinstance(body, str) else body)

    return respond


def _serve_repository(folder: Path, site: Site) -> None:
    files = {name.removeprefix("one/"): text for name, text in project("one").under("one").items()}
    bare = Repository(name="one", commits=(Commit(files=files),)).make(folder)
    for path, content in static_files(bare).items():
        site.pages[path] = _guarded(content, REPOSITORY)


def cases(servers: Servers) -> dict[str, Case]:
    proxy = f"http://{USER}:{PROXY}@127.0.0.1:{servers.proxy.port}"
    place = servers.site.base.partition("://")[2]
    listed = (
        Case(rule="index-url", steps=commands(f"--index-url {at('byurl', INDEX)}"),
             secrets=(INDEX,)),
        Case(rule="extra-index-url", secrets=(OPTION,),
             steps=commands(f"--extra-index-url {at('byoption', OPTION)}")),
        Case(rule="variable", steps=commands(), secrets=(VARIABLE,), given=(VARIABLE,),
             environ={"PIP_INDEX_URL": at("byvariable", VARIABLE)}),
        Case(rule="variable-in-a-file", secrets=(VARIABLE,), given=(VARIABLE,),
             environ={"PW": VARIABLE},
             files={"r.txt": f"-i http://{USER}:${{PW}}@127.0.0.1:<port>/byvariable/simple/\ndemo\n"
                             f"dep @ http://{USER}:${{PW}}@127.0.0.1:<port>/byvariable/files/"
                             f"{DEP.filename}\n"},
             steps=direct("-r r.txt", "demo dep")),
        Case(rule="netrc", steps=commands(f"-i {at('bynetrc')}"), secrets=(NETRC,),
             standing={"<home>/.netrc": f"machine 127.0.0.1 login {USER} password {NETRC}\n"}),
        Case(rule="keyring", secrets=(RING,), environ={"PATH": f"<home>/bin:{os.defpath}"},
             steps=("install -h", *commands("--keyring-provider subprocess --no-input "
                                            f"-i http://{USER}@127.0.0.1:<port>/byring/simple/")),
             standing={"<home>/bin/keyring": KEYRING}),
        Case(rule="pip-conf", steps=(*commands(), "config list", "config debug"),
             secrets=(CONFIG,),
             environ={"PIP_CONFIG_FILE": "<home>/pip.conf", "PIP_INDEX_URL": None},
             shown=("config",),
             standing={"<home>/pip.conf": f"[global]\nindex-url = {at('byconfig', CONFIG)}\n"}),
        Case(rule="find-links", secrets=(LINKS,),
             steps=commands(f"--no-index -f {at('bylinks', LINKS, 'page/')}")),
        Case(rule="direct-url", secrets=(DIRECT,),
             steps=direct(f"demo@{at('bydirect', DIRECT, 'files/' + DEMO.filename)}")),
        Case(rule="requirements-url", secrets=(REQUIREMENTS,),
             steps=direct(f"-r http://{USER}:{REQUIREMENTS}@{place}/r.txt")),
        Case(rule="proxy", steps=commands(f"--proxy {proxy}"), secrets=(PROXY,)),
        Case(rule="proxy-variable", steps=commands(), secrets=(PROXY,), given=(PROXY,),
             environ={"http_proxy": proxy}),
        Case(rule="wrong-proxy", secrets=("hushWrong",), exits=1, steps=tuple(
             f"{word} --proxy {proxy.replace(PROXY, 'hushWrong')}" for word in
             ("install demo", "download demo", "index versions demo"))),
        Case(rule="wrong-password", secrets=("hushWrong",), exits=1, steps=tuple(
             f"{word} --no-input -i {at('byurl', 'hushWrong')}" for word in
             ("install -vvv --log <home>/log.txt demo", "download demo", "index versions demo"))),
        Case(rule="prompt", secrets=(TYPED,), typed=f"{USER}\n{TYPED}\nn\n",
             steps=commands(f"-i {at('bytyping')}")),
        Case(rule="repository", secrets=(REPOSITORY,), programs=("git",),
             steps=direct(f"one@git+http://{USER}:{REPOSITORY}@{place}/one.git", "one")),
        Case(rule="editable", secrets=(REPOSITORY,), programs=("git",), kept=(".git/config",),
             steps=tuple(f"install -vv --log <home>/log.txt {word} "
                         f"-e git+http://{USER}:{REPOSITORY}@{place}/one.git#egg=one"
                         for word in ("--src src", "--src other --dry-run"))),
        Case(rule="mistakes", secrets=(REQUIREMENTS, DIRECT), exits=1, bare=False,
             programs=("git",), steps=tuple(
             f"install -v --log <home>/log.txt {words}" for words in (
                f"-r http://{USER}:{REQUIREMENTS}@{place}/none.txt",
                f"-r http://{USER}:{REQUIREMENTS}@{place}/bad.txt",
                f"-r http://{USER}:{REQUIREMENTS}@{place}/worse.txt",
                f"-r http://{USER}:{REQUIREMENTS}@{place}/conflict.txt",
                f"-r http://{USER}:{REQUIREMENTS}@{place}/hash.txt",
                f"-r http://{USER}:{REQUIREMENTS}@127.0.0.1:1/r.txt --retries 1",
                f"-r http://{USER}:{REQUIREMENTS}@127.0.0.1:70000/r.txt",
                f"-r ftp://{USER}:{REQUIREMENTS}@127.0.0.1/r.txt",
                f"demo -c http://{USER}:{REQUIREMENTS}@{place}/conflict.txt",
                f"--group http://{USER}:{DIRECT}@{place}/pyproject.toml:x",
                f"http://{USER}:{DIRECT}@{place}/none-1.0-py3-none-any.whl",
                f"http://{USER}:{DIRECT}@{place}/none-1.0.tar.gz",
                f"http://{USER}:{DIRECT}@{place}/bad.txt",
                f"demo@http://{USER}:{DIRECT}@127.0.0.1:1/demo-1.0-py3-none-any.whl --retries 0",
                f"demo@http://{USER}:{DIRECT}@127.0.0.1:70000/demo-1.0-py3-none-any.whl",
                f"demo@http://{USER}:{DIRECT}@[::bad/demo-1.0-py3-none-any.whl",
                f"other@{at('bydirect', DIRECT, 'files/' + DEMO.filename)}",
                f"one@git+http://{USER}:{DIRECT}@{place}/one.git",
                f"one@git+http://{USER}:{DIRECT}@{place}/one.git@none",
                f"-e http://{USER}:{DIRECT}@{place}/one.git",
                f"-i http://{USER}:{DIRECT}@127.0.0.1:70000/simple demo",
                f"-i http://{USER}:{DIRECT}@127.0.0.1:1/simple --retries 1 demo",
                f"-i ftp://{USER}:{DIRECT}@127.0.0.1:1/simple demo",
                f"--no-index -f http://{USER}:{DIRECT}@127.0.0.1:70000/ demo",
                f"--no-index -f http://{USER}:{DIRECT}@{place}/none demo",
                f"--proxy http://{USER}:{DIRECT}@127.0.0.1:1 --retries 1 demo",
                f"--proxy http://{USER}:{DIRECT}@127.0.0.1:70000 demo",
                f"--proxy ftp://{USER}:{DIRECT}@127.0.0.1:1 demo",
                f"--proxy socks5://{USER}:{DIRECT}@127.0.0.1:1 --retries 0 demo",
             ))),
        *(Case(rule=rule, secrets=(TOKEN,), steps=steps, exits=rule == "unlikely-lists",
               files={"r.txt": f"demo @ http://{TOKEN}@127.0.0.1:<port>/unlikely/files/"
                               f"{DEMO.filename}\n"},
               environ={"PIPFAST_CALL_LOG": "<home>/calls"})
          for rule, steps in unlikely(place).items()),
        Case(rule="unlikely-repositories", secrets=(REPOSITORY,), programs=("git",), exits=1,
             steps=tuple(f"install {name}git+http://{USER}:{REPOSITORY}@{place}/none.git"
                         for name in ("", "one@"))),
        Case(rule="again", secrets=(INDEX, DIRECT), steps=tuple(3 * [
             f"install -i {at('byurl', INDEX)} demo",
             f"install --dry-run --ignore-installed -i {at('byurl', INDEX)} demo"])),
        Case(rule="bug", secrets=(INDEX,), delegates=True,
             environ={"PIPFAST_FALLBACK": "auto", "KIT_BUG": "1"},
             steps=(f"install -i {at('byurl', INDEX)} demo",)),
        Case(rule="incident", secrets=(INDEX, PROXY), delegates=True,
             environ={"PIPFAST_FALLBACK": "auto", "https_proxy": proxy},
             steps=tuple(f"install --use-deprecated=legacy-resolver {words} demo" for words in
                         (f"-i {at('byurl', INDEX)}", f"--index-url={at('byurl', INDEX)}",
                          f"--proxy {proxy} -i {at('byurl', INDEX)}"))),
    )  # fmt: skip
    return {case.rule: case for case in listed}


RULES = ("index-url", "extra-index-url", "variable", "variable-in-a-file", "netrc", "keyring",
         "pip-conf", "find-links", "direct-url", "requirements-url", "proxy", "proxy-variable",
         "wrong-proxy", "wrong-password", "prompt", "repository", "editable", "mistakes",
         "incident", "unlikely-pages", "bug", "unlikely-files",
         "unlikely-lists", "unlikely-repositories", "again", "built-from-an-archive")  # fmt: skip


IN_FULL = (
    "unlikely-pages",
    "unlikely-files",
    "unlikely-lists",
    "unlikely-repositories",
    "again",
    "mistakes",
    "built-from-an-archive",
)
"""Rules of which CI runs all commands: each reaches another place."""
SOME = [(rule, rule in IN_FULL or number % 2 == 0) for number, rule in enumerate(RULES)]
MODES = [(rule, parity) for rule in RULES for parity in (True, False)]


def some(steps: tuple[str, ...], number: int) -> tuple[str, ...]:
    """Return the first command and a third of the others; rules differ in which."""
    return steps[0], *steps[1 + number % 3 :: 3]


@pytest.mark.parametrize("account", [f"{USER}:hushShown13", "hushToken14"])
@pytest.mark.parametrize("kind", SHOWN)
def test_an_address_is_shown_without_its_secret(kind: str, account: str) -> None:
    shown = SHOWN[kind](f"http://{account}@127.0.0.1:9/demo-1.0-py3-none-any.whl")
    assert "127.0.0.1" in shown
    assert "hush" not in shown


@pytest.mark.parametrize("kind", PASSWORD_SHOWN)
def test_a_password_is_not_shown(kind: str) -> None:
    assert "hush" not in PASSWORD_SHOWN[kind]("hushShown13")


@pytest.mark.parametrize(("rule", "parity"), MODES if WHOLE else SOME)
def test_no_secret_is_written_or_printed(
    house: House, servers: Servers, rule: str, *, parity: bool
) -> None:
    case = cases(servers)[rule]
    if not WHOLE and rule not in IN_FULL:
        thinned = some(case.steps, RULES.index(rule) // 2)
        case = replace(case, steps=thinned)
    found = searched(house, case, servers.indexes, parity=parity)
    print([(run.argv[3:], run.code, run.stderr[-300:]) for run in found.runs])
    assert found.runs[0].code == case.exits, found.runs[0].stderr
    assert not found.leaks, "\n".join(found.leaks)
    assert not found.open_paths, "\n".join(found.open_paths)
