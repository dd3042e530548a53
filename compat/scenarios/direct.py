"""Wheels named by URL or path, and wheels with contradictory metadata."""

from __future__ import annotations

from compat.harness.known import PIP_CRASHES
from compat.harness.scenario import Stance, scenario
from compat.kit.index import Listed, Sidecar, index
from tests.kit.wheels import wheel

DEMO = wheel("demo", "1.0", "dep")
DEP = wheel("dep")
MORE = wheel("more", "1.0", "dep; extra == 'x'", extras=("x",))
MAIN = index(DEMO, DEP)
HERE = {DEMO.filename: DEMO}
PATH = f"install ./{DEMO.filename}"
URL = f"<main-files>/{DEMO.filename}"
NEW = wheel("app", "2.0")
OLD = wheel("app", "1.0")

SCENARIOS = (
    scenario("a-wheels-path", PATH, MAIN, files=HERE, shows=("Processing ./demo",)),
    scenario("a-wheels-absolute-path", f"install <here>/{DEMO.filename}", MAIN, files=HERE),
    scenario("a-wheels-file-url", f"install file://<here>/{DEMO.filename}", MAIN, files=HERE),
    scenario("a-wheels-path-with-an-extra", f"install ./{DEMO.filename}[x]", MAIN, files=HERE),
    scenario("a-wheels-url", f"install {URL}", MAIN, shows=("Downloading",)),
    scenario("a-named-url", ("install", f"demo @ {URL}"), MAIN),
    scenario("a-named-url-with-a-hash", ("install", f"demo @ {URL}#sha256={DEMO.sha256}"), MAIN),
    scenario("a-named-url-of-another-project", ("install", f"other @ {URL}"), MAIN, exits=(2,),
             allow=PIP_CRASHES),
    scenario("a-url-in-a-file", "install -r r.txt", MAIN, files={"r.txt": f"demo @ {URL}\n"}),
    scenario("a-path-in-a-file", "install -r d/r.txt", MAIN,
             files={"d/r.txt": f"./{DEMO.filename}\n", **HERE}),
    scenario("a-url-and-a-requirement-of-the-same-project", f"install {URL} demo>=1.0", MAIN),
    scenario("a-dependency-by-url", "install top",
             index(wheel("top", "1.0", "demo @ <main-files>/x"), DEMO, DEP), exits=(1,)),
    scenario("a-path-of-what-is-installed", PATH, MAIN, files=HERE, before=(DEMO, DEP),
             shows=("is already installed with the same version as the provided wheel",)),
    scenario("a-path-of-what-is-installed-forced", f"{PATH} --force-reinstall --no-deps", MAIN,
             files=HERE, before=(DEMO, DEP)),
    scenario("a-path-of-another-version", PATH, MAIN, files=HERE, before=(wheel("demo", "0.5"),)),
    scenario("a-path-twice", PATH, MAIN, files=HERE, then=(f"install {URL}",)),
    scenario("what-was-direct-satisfies-a-pin", PATH, MAIN, files=HERE,
             then=("install demo==1.0", "install -U demo")),
    scenario("a-wheel-for-another-platform-by-path", "install ./nat-1.0-cp27-none-win32.whl", MAIN,
             files={"nat-1.0-cp27-none-win32.whl": wheel("nat", tag="cp27-none-win32")},
             exits=(1,), shows=("is not a supported wheel on this platform",)),
    scenario("a-path-that-is-no-wheel-name", "install ./odd.whl", MAIN,
             files={"odd.whl": DEMO}, exits=(1,)),
    scenario("a-url-that-is-not-there", "install <main-files>/gone-1.0-py3-none-any.whl", MAIN,
             exits=(1,), shows=("404",)),
    scenario("metadata-of-another-version-leads-to-an-older-one", "install app",
             index(OLD, wheel("app", "2.0", metadata_version="2.1")),
             shows=("has inconsistent version: expected '2.0', but metadata has '2.1'",)),
    scenario("metadata-of-another-name-leads-to-an-older-version", "install app",
             index(OLD, wheel("app", "2.0", metadata_name="apple")),
             shows=("has inconsistent Name",)),
    scenario("metadata-of-a-local-version-is-another-version", "install app==2.0",
             index(OLD, wheel("app", "2.0", metadata_version="2.0+cpu")), exits=(1,),
             stance=Stance(environ={"PIPFAST_PIP_COMPAT": "1"}, leaves=("app==2.0+cpu",),
                           says=("pip would have failed here: ",))),
    scenario("metadata-of-another-version-by-path", "install ./app-2.0-py3-none-any.whl", MAIN,
             files={"app-2.0-py3-none-any.whl": wheel("app", "2.0", metadata_version="2.1")},
             exits=(0,)),
    scenario("metadata-of-another-version-without-a-sidecar", "install app",
             index(OLD, Listed(file=wheel("app", "2.0", metadata_version="2.1"),
                               sidecar=Sidecar.ABSENT)),
             shows=("inconsistent version: expected '2.0', but metadata has '2.1'",)),
    scenario("metadata-of-another-name-without-a-sidecar", "install app",
             index(OLD, Listed(file=wheel("app", "2.0", metadata_name="apple"),
                               sidecar=Sidecar.ABSENT)),
             shows=("inconsistent name: expected 'app', but metadata has 'apple'",)),
    scenario("an-address-without-a-scheme", ("install", "demo @ there/x"), MAIN, exits=(1,),
             shows=("Invalid URL 'there/x': No scheme supplied.",)),
    scenario("extras-of-a-url", ("install", f"more[x] @ <main-files>/{MORE.filename}"),
             index(MORE, DEP), shows=("->more[x] @ ",)),
    scenario("another-python-before-a-link-is-followed", "install app", index(
        Listed(file=wheel("app", "1.0", f"dep @ <main-files>/{DEP.filename}", python=">=3.99"),
               python=""), DEP), exits=(1,), shows=("requires a different Python",)),
    scenario("extras-of-a-path", f"install ./{MORE.filename}[x]", index(MORE, DEP),
             files={MORE.filename: MORE}),
    scenario("an-invalid-requirement-leads-to-an-older-version", "install app",
             index(OLD, wheel("app", "2.0", "broken (>>3")),
             shows=("Ignoring version 2.0 of app since it has invalid metadata",)),
    scenario("an-invalid-requirement-of-what-is-installed", "install -U app",
             index(OLD, wheel("app", "2.0", "broken (>>3")), before=(wheel("app", "0.5"),),
             exits=(1,)),
    scenario("a-sidecar-with-other-requirements", "install app",
             index(DEP, Listed(file=NEW, sidecar=wheel("app", "2.0", "dep").metadata)), exits=(1,),
             shows=("inconsistent Requires-Dist",)),
    scenario("a-sidecar-of-another-version", "install app",
             index(OLD, Listed(file=NEW, sidecar=wheel("app", "2.1").metadata)), exits=(0,)),
    scenario("a-sidecar-with-the-wrong-hash", "install app",
             index(OLD, Listed(file=NEW, sidecar=Sidecar.WRONG_HASH)), exits=(1,)),
    scenario("metadata-with-a-version-that-is-none", "install app",
             index(OLD, wheel("app", "2.0", metadata_version="two")), exits=(2,),
             allow=PIP_CRASHES),
    scenario("a-direct-wheel-whose-metadata-have-an-invalid-version",
             "lock -o pylock.toml <main-files>/app-2.0-py3-none-any.whl",
             index(OLD, wheel("app", "2.0", metadata_version="two")), exits=(2,),
             allow=PIP_CRASHES),
)  # fmt: skip
