"""Indexes that fail, require credentials, or are not trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from compat.harness.known import TOLD_SKIPS
from compat.harness.scenario import Lines, Scenario, Stance, scenario
from compat.kit.index import JSON_TYPE, Fault, Listed, Sidecar, index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

DEMO, DEP = wheel("demo", "1.0", "dep"), wheel("dep")
SDIST = project("demo").sdist()
MAIN = index(DEMO, DEP)
KEYRING = "install demo --no-input -i http://me@127.0.0.1:<port>/main/simple --keyring-provider"
RING = """\
class Found:
    username, password = "me", "secret"


def get_credential(service, user):
    if service.startswith("http"):
        return Found
"""
LOCKED = index(DEMO, DEP, account=("me", "secret"))


def _answers(status: int) -> Scenario:
    """Return a page that answers with an error; the other index works."""
    failing = index(DEMO, DEP, name="extra", pages={"demo": Fault(status=status)})
    return scenario(
        f"an-index-that-answers-{status}-is-passed-over",
        "install demo --extra-index-url <extra>",
        MAIN,
        failing,
        allow=TOLD_SKIPS,
    )


def _alone(status: int) -> Scenario:
    return scenario(
        f"the-only-index-answers-{status}",
        "install demo",
        index(DEMO, pages={"demo": Fault(status=status)}),
        exits=(1,),
        shows=("(from versions: none)",),
        allow=TOLD_SKIPS,
    )


def _unreachable() -> Iterator[Scenario]:
    """Return files that are missing or truncated; pip explains each in detail."""
    whole, nobody = f"http://127.0.0.1:1/{DEP.filename}", {"PIP_RETRIES": "0"}
    away = index(Listed(file=DEP, url=whole, sidecar=Sidecar.ABSENT))
    shown = ("error: connection-failed",)
    for rule, argv, world in (
        ("a-wheel-that-nobody-serves", "install dep", (away,)),
        ("a-wheel-whose-sidecar-nobody-serves", "install dep",
         (index(Listed(file=DEP, url=whole)),)),
        ("a-wheel-by-url-that-nobody-serves", f"install {whole}", ()),
        ("a-download-that-nobody-serves", "download dep", (away,)),
        ("an-sdist-that-nobody-serves", "install demo",
         (index(Listed(file=SDIST, url=f"http://127.0.0.1:1/{SDIST.filename}")),)),
        ("requirements-that-nobody-serves", "install -r http://127.0.0.1:1/r.txt", ()),
        ("constraints-that-nobody-serves", "install dep -c http://127.0.0.1:1/c.txt", (MAIN,)),
        ("a-lock-that-nobody-serves", "install -r http://127.0.0.1:1/pylock.toml", ()),
    ):  # fmt: skip
        yield scenario(rule, argv, *world, environ=nobody, exits=(1,), shows=shown)
    yield scenario("a-wheel-that-nobody-serves-to-a-build", "install ./one",
                   index(BACKEND, *away.files), environ=nobody, exits=(1,), shows=shown,
                   files=project("one", needs=("kit-backend", "dep")).under("one"))  # fmt: skip
    yield scenario("a-wheel-that-nobody-serves-twice", "install dep", away, exits=(1,),
                   environ={"PIP_RETRIES": "1"}, shows=shown)  # fmt: skip
    broken = Listed(file=DEP, fault=Fault(keep=0.5), sidecar=Sidecar.ABSENT)
    yield scenario("a-wheel-that-breaks-off", "install --resume-retries 0 dep",
                   index(broken, ranges=False), exits=(1,),
                   shows=("error: incomplete-download",))  # fmt: skip


def _page(rule: str, argv: str = "install dep", **world: Any) -> Scenario:
    """Return a run with a page whose JSON is changed: `file` replaces fields, `page` others."""
    file, page = world.pop("file", {}), world.pop("page", {})
    listed = {"filename": DEP.filename, "hashes": {"sha256": DEP.sha256},
              "url": f"../../files/{DEP.filename}"}  # fmt: skip
    body = {"meta": {"api-version": "1.1"}, "name": "dep", "files": [{**listed, **file}], **page}
    fault = Fault(body=json.dumps(body).encode(), content_type=JSON_TYPE)
    return scenario(rule, argv, index(DEP, pages={"dep": fault}), **world)


_UNUSABLE = f"/{DEP.filename}"
_ODD_PAGES = (
    _page("a-size-that-is-a-text", file={"size": "5"}),
    _page("a-size-that-is-an-object", file={"size": {}}),
    _page("a-meta-that-is-a-text", page={"meta": "x"}),
    _page("tracks-that-are-a-number", page={"meta": {"api-version": "1.1", "tracks": 3}}),
    _page("alternate-locations-that-are-a-number", page={"alternate-locations": 3}),
    _page("a-file-with-a-port-that-is-none", file={"url": f"http://127.0.0.1:abc{_UNUSABLE}"},
          exits=(1,), shows=("Failed to parse: '127.0.0.1:abc' is not a valid host or port",)),
    _page("a-file-with-a-port-beyond-all", file={"url": f"http://127.0.0.1:99999999{_UNUSABLE}"},
          exits=(1,), shows=("is not a valid host or port",)),
    _page("a-file-of-an-unknown-scheme", file={"url": f"foo://bar{_UNUSABLE}"}, exits=(1,),
          shows=("No connection adapters were found for 'foo://bar",)),
    scenario("a-repository-over-another-transport", ["install", "demo @ git+ext::sh"], exits=(1,),
             shows=("No connection adapters were found for 'git+ext::sh'",)),
)  # fmt: skip


BIG = wheel("big", "1.0", files={"big.bin": bytes(12 << 20)}, compressed=False)

SCENARIOS = (
    *_ODD_PAGES,
    *(_answers(status) for status in (403, 404, 500)),
    *(_alone(status) for status in (403, 410, 502)),
    scenario("an-index-that-refuses-is-passed-over", "install demo --extra-index-url <extra>",
             MAIN, index(name="extra", refused=True), lines=Lines.NONE),
    scenario("an-index-that-is-not-served-at-all", "install demo", index(refused=True), exits=(1,),
             shows=("No matching distribution found for demo",), allow=TOLD_SKIPS),
    scenario("a-page-of-another-type-is-passed-over", "install demo",
             index(DEMO, pages={"demo": Fault(content_type="text/plain")}), exits=(1,),
             shows=("Skipping page", "because the GET request got Content-Type: text/plain")),
    scenario("a-page-that-is-not-what-it-says", "install demo --extra-index-url <extra>", MAIN,
             index(DEMO, name="extra", plain=True,
                   pages={"demo": Fault(body=b"<html><p>nothing here")})),
    scenario("a-server-that-fails-once-is-asked-again", "install demo",
             index(DEMO, DEP, pages={"demo": Fault(status=503, times=1)}),
             environ={"PIP_RETRIES": "2"}, shows=("Successfully installed",)),
    scenario("a-file-that-is-not-there", "install dep",
             index(Listed(file=DEP, fault=Fault(status=404))), exits=(1,), shows=("404",)),
    scenario("a-file-that-may-not-be-read", "install dep",
             index(Listed(file=DEP, fault=Fault(status=403))), exits=(1,), shows=("403",)),
    scenario("a-sidecar-that-is-not-there", "install dep",
             index(Listed(file=DEP, sidecar=Sidecar.PROMISED)), exits=(1,), shows=("404",),
             stance=Stance(environ={"PIPFAST_PIP_COMPAT": "1"}, leaves=("dep==1.0",),
                           says=("pip would have failed here: ",))),
    scenario("a-download-that-breaks-off-often-but-gets-on", "install big",
             index(Listed(file=BIG, fault=Fault(keep=0.3, times=9))), exits=(1,),
             shows=("Download failed after 6 attempts",),
             stance=Stance(environ={"PIPFAST_PIP_COMPAT": "1"}, leaves=("big==1.0",),
                           says=("pip would have failed here: Download failed after 6 attempts",))),
    scenario("whole-files-are-cached-if-another-one-is-missing",
             "install dep gone --trusted-host 127.0.0.1",
             index(DEP, Listed(file=wheel("gone", "1.0"), fault=Fault(status=404, times=1))),
             then=("install dep gone --trusted-host 127.0.0.1",), exits=(1, 0),
             shows=("Using cached dep-1.0",)),
    *_unreachable(),
    scenario("an-account-in-the-url", "install demo -i http://me:secret@127.0.0.1:<port>/main/simple",
             LOCKED, shows=("http://me:****@127.0.0.1",)),
    scenario("an-account-in-netrc", "install demo", LOCKED,
             standing={"<home>/.netrc": "machine 127.0.0.1 login me password secret\n"}),
    scenario("an-account-in-netrc-whatever-the-environment-says-of-proxies",
             "install demo --no-proxy-env", LOCKED,
             standing={"<home>/.netrc": "machine 127.0.0.1 login me password secret\n"}),
    scenario("an-account-that-is-wrong",
             "install demo --no-input -i http://me:wrong@127.0.0.1:<port>/main/simple", LOCKED,
             exits=(1,), shows=("401 Error, Credentials not correct",), allow=TOLD_SKIPS),
    scenario("an-account-that-is-missing", "install demo --no-input", LOCKED, exits=(1,),
             allow=TOLD_SKIPS),
    scenario("an-account-in-the-keyring-of-the-target", f"{KEYRING} import", LOCKED,
             standing={"<site>/keyring.py": RING}, shows=("Successfully installed",)),
    scenario("an-account-in-no-keyring-of-the-target", f"{KEYRING} import", LOCKED,
             allow=TOLD_SKIPS, exits=(1,)),
    scenario("an-account-in-a-keyring-that-fails", f"{KEYRING} import", LOCKED, exits=(1,),
             standing={"<site>/keyring.py": "def get_credential(service, user):\n"
                                            "    raise RuntimeError('locked')\n"},
             allow=TOLD_SKIPS, shows=("Keyring is skipped due to an exception: locked",)),
    scenario("an-account-in-a-keyring-that-cannot-be-imported", f"{KEYRING} import", LOCKED,
             exits=(1,), standing={"<site>/keyring.py": "raise RuntimeError('damaged')\n"},
             allow=TOLD_SKIPS, shows=("Installed copy of keyring fails with exception damaged",)),
    scenario("an-account-in-a-keyring-of-old", f"{KEYRING} import", LOCKED,
             standing={"<site>/keyring.py": "def get_password(service, user):\n"
                                            "    return 'secret' if user == 'me' else None\n"}),
    scenario("localhost-is-trusted", "install demo -i http://localhost:<port>/main/simple/", MAIN),
    scenario("a-host-that-is-not-trusted", "install demo -i http://untrusted.invalid/simple/", MAIN,
             exits=(1,), shows=("is not a trusted or secure host and is being ignored",)),
    scenario("an-index-whose-address-has-no-scheme", "install -i nowhere demo", exits=(1,),
             shows=('The index url "nowhere" seems invalid, please provide a scheme.',)),
    scenario("no-index-asks-nobody", "install demo --no-index", MAIN, exits=(1,)),
    scenario("no-index-and-find-links-to-a-file", f"install demo --no-index -f {DEMO.filename}",
             links=(DEP,), files={DEMO.filename: DEMO},
             environ={"PIP_FIND_LINKS": None}, exits=(1,)),
    scenario("a-link-to-another-path-of-the-server", "install dep",
             index(Listed(file=DEP, url=f"<main-files>/{DEP.filename}?x=1",
                          sidecar=Sidecar.ABSENT))),
    scenario("the-old-way-to-trust-certificates",
             "install --use-deprecated legacy-certs demo", MAIN),
    scenario("nothing-is-kept-without-a-cache", "install --no-cache-dir demo", MAIN),
    scenario("a-second-install-from-the-cache", "install demo --trusted-host 127.0.0.1", MAIN,
             then=("uninstall -y demo dep", "install demo --trusted-host 127.0.0.1")),
)  # fmt: skip
