"""Options with little effect, and commands that are handed to pip by design."""

from __future__ import annotations

from compat.harness.known import TOLD_SKIPS
from compat.harness.scenario import Allow, Lines, Part, Target, scenario
from compat.kit.index import index
from tests.kit.wheels import wheel

DEMO = wheel("demo", "1.0")
MAIN = index(DEMO)
NOWHERE = "http://127.0.0.1:1"

LEFT = (
    Allow(
        part=Part.TREE,
        pattern=r"^tmp/pip-",
        reason=(
            "With `--no-clean` pip keeps all of its temporary folders, including empty ones; "
            "pipfast keeps those it built in."
        ),
    ),
)

SCENARIOS = (
    scenario("the-users-site-is-refused-by-name", "install --no-user demo", MAIN,
             shows=("Successfully installed demo-1.0",)),
    scenario("bytecode-is-asked-for-by-name", "install --compile demo", MAIN,
             then=("install --no-compile --force-reinstall --compile demo",)),
    scenario("builds-are-left-to-be-looked-at", "install --no-clean demo", MAIN,
             then=("download --no-clean demo", "wheel --no-clean demo", "lock --no-clean demo"),
             allow=LEFT),
    scenario("pages-are-asked-for-again", "install --refresh-package demo demo", MAIN,
             then=("download --refresh-package :all: demo", "index versions --refresh-package "
                   "demo demo", "list -o --refresh-package :none:")),
    scenario("exceptions-are-shown-to-those-who-debug", "list --debug", before=(DEMO,),
             then=("show demo --debug", "check --debug", "freeze --debug")),
    scenario("no-proxy-of-the-environment", "install --no-proxy-env demo", MAIN,
             environ={"HTTP_PROXY": NOWHERE, "http_proxy": NOWHERE},
             shows=("Successfully installed demo-1.0",)),
    scenario("a-proxy-that-is-not-there", f"index versions --proxy {NOWHERE} demo", MAIN,
             exits=(1,), lines=Lines.NONE, allow=TOLD_SKIPS,
             shows=("No matching distribution found for demo",)),
    scenario("certificates-of-ones-own", "install --cert ca.pem demo", MAIN,
             files={"ca.pem": ""}, shows=("Successfully installed demo-1.0",)),
    scenario("a-certificate-of-the-users-own", "install --client-cert me.pem demo", MAIN,
             files={"me.pem": ""}, shows=("Successfully installed demo-1.0",)),
    scenario("what-says-nothing-of-the-question",
             "install --keyring-provider disabled --disable-pip-version-check --no-color "
             "--no-python-version-warning --resume-retries 2 demo", MAIN,
             then=("list --include-editable --no-color", "show --resume-retries 0 demo"),
             shows=("Successfully installed demo-1.0",)),
    scenario("a-feature-that-nobody-knows", "list --use-feature no-such", exits=(2,)),
    scenario("features-that-are-always-on", "list --use-feature truststore", before=(DEMO,), then=(
        "freeze --use-feature no-binary-enable-wheel-cache --use-feature truststore",
        "show demo --use-feature truststore", "config list --use-feature truststore",
        "hash --use-feature truststore"), exits=(0, 0, 0, 0, 1),
             shows=("The following features are always enabled: truststore.",)),
    scenario("search-is-real-pips", "search demo --index <main>", MAIN, exits=(2,),
             lines=Lines.NONE),
    scenario("help-is-real-pips", "help", lines=Lines.NONE, then=(
        "help install", "install --help", "-h", "", "cache --help", "help nothing"),
             exits=(0, 0, 0, 0, 0, 0, 1), delegates=True,
             shows=("Usage:", "unknown command \"nothing\"")),
    scenario("scripts-for-shells-are-real-pips", "completion --bash", lines=Lines.NONE, then=(
        "completion --zsh", "completion --fish", "completion --powershell", "completion"),
             shows=("_pip_completion", "#compdef")),
    scenario("debug-is-real-pips", "debug", target=Target.ACTIVE, lines=Lines.NONE,
             shows=("sys.version:",)),
)  # fmt: skip
