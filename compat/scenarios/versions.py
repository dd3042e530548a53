"""Which version is chosen: local versions, yanked files and pre-releases."""

from __future__ import annotations

from compat.harness.scenario import Scenario, scenario
from compat.kit.index import Listed, index
from tests.kit.wheels import wheel

LOCAL = index(*(wheel("lo", version) for version in ("0.9", "1.0", "1.0+cpu", "1.0+cu118", "1.1")))
PRE = index(*(wheel("pre", version) for version in ("0.9", "1.0", "2.0rc1", "2.0.dev3")))
ONLY_PRE = index(wheel("pre", "2.0a1"), wheel("pre", "2.0b2"))


def _local(operator: str, spec: str, exits: int = 0) -> Scenario:
    rule = f"local-versions-under-{operator}"
    return scenario(rule, ("install", f"lo{spec}"), LOCAL, exits=(exits,))


def _yanked(rule: str, argv: str, *yanked: str, exits: int = 0, shows: str = "") -> Scenario:
    files = [
        Listed(file=wheel("ya", version), yanked="it is broken" if version in yanked else None)
        for version in ("1.0", "1.1", "2.0")
    ]
    return scenario(rule, argv, index(*files), exits=(exits,), shows=(shows,))


SCENARIOS = (
    _local("equal", "==1.0"),
    _local("equal-with-a-label", "==1.0+cpu"),
    _local("at-most", "<=1.0"),
    _local("at-least", ">=1.0,<1.1"),
    _local("compatible", "~=1.0.0"),
    _local("wildcard", "==1.0.*"),
    _local("greater", ">1.0,!=1.1", 1),
    _local("less", "<1.0"),
    _local("unequal", "!=1.0,!=1.1"),
    _local("unequal-wildcard", "!=1.0.*,!=1.1"),
    _local("identical", "===1.0"),
    _local("identical-with-a-label", "===1.0+cpu"),
    scenario(
        "spellings-of-one-version-are-listed-as-they-are-met",
        "install sp>=9",
        index(
            wheel("sp", "1.0", tag="py311-none-any"),
            wheel("sp", "1.0.0", build="2"),
            wheel("sp", "2.0.0"),
            wheel("sp", "2.0"),
        ),
        then=("index versions sp", "install sp>=9 -f <links>"),
        links=(wheel("sp", "1.0.0.0", tag="cp39-abi3-linux_x86_64"), wheel("sp", "2.0.0.0")),
        exits=(1, 0, 1),
    ),
    scenario(
        "a-constraint-admits-a-local-version",
        "install lo -c c.txt",
        LOCAL,
        files={"c.txt": "lo==1.0\n"},
        shows=("Successfully installed lo-1.0+cu118",),
    ),
    scenario(
        "an-upgrade-moves-to-a-higher-local-version",
        "install -U lo==1.0",
        LOCAL,
        before=(wheel("lo", "1.0+cpu"),),
        shows=("Successfully installed lo-1.0+cu118",),
    ),
    scenario(
        "an-installed-local-version-satisfies",
        "install lo==1.0",
        LOCAL,
        before=(wheel("lo", "1.0+cpu"),),
        shows=("Requirement already satisfied: lo==1.0",),
    ),
    _yanked("a-yanked-version-is-passed-over", "install ya", "2.0"),
    _yanked(
        "a-pinned-yanked-version-is-taken-with-a-warning",
        "install ya==2.0",
        "2.0",
        shows="Reason for being yanked: it is broken",
    ),
    _yanked("an-identical-yanked-version-is-taken", "install ya===2.0", "2.0", shows="yanked"),
    _yanked("a-wildcard-is-no-pin-for-yanked", "install ya==2.*", "2.0", exits=1, shows="yanked"),
    _yanked("all-versions-yanked-and-none-pinned", "install ya", "1.0", "1.1", "2.0", exits=1),
    _yanked(
        "a-range-does-not-reach-yanked-versions", "install ya>1.5", "2.0", exits=1, shows="yanked"
    ),
    scenario(
        "a-pinned-yanked-dependency-is-taken",
        "install top",
        index(wheel("top", "1.0", "ya==2.0"), Listed(file=wheel("ya", "2.0"), yanked="")),
        shows=("Reason for being yanked: <none given>",),
    ),
    scenario(
        "an-html-page-tells-of-yanked-files",
        "install ya",
        index(wheel("ya", "1.0"), Listed(file=wheel("ya", "2.0"), yanked="no"), plain=True),
    ),
    scenario("a-final-version-is-preferred", "install pre", PRE),
    scenario("pre-releases-with-pre", "install --pre pre", PRE),
    scenario("a-specifier-that-names-a-pre-release", "install pre>=1.0a1", PRE),
    scenario("only-pre-releases-left-by-the-specifier", "install pre>1.0", PRE),
    scenario("only-pre-releases-are-there", "install pre", ONLY_PRE),
    scenario(
        "only-final-refuses-pre-releases",
        "install --only-final :all: pre",
        ONLY_PRE,
        exits=(1,),
        shows=("a final version",),
    ),
    scenario(
        "only-final-for-one-project-beats-all",
        "install --all-releases :all: --only-final pre pre other",
        PRE,
        index(wheel("other", "1.0"), wheel("other", "2.0b1"), name="extra"),
        environ={"PIP_EXTRA_INDEX_URL": "<extra>"},
    ),
    scenario(
        "all-releases-for-one-project",
        "install --all-releases pre pre other --extra-index-url <extra>",
        PRE,
        index(wheel("other", "1.0"), wheel("other", "2.0b1"), name="extra"),
    ),
    scenario(
        "pre-does-not-go-with-only-final",
        "install --pre --only-final :all: pre",
        PRE,
        exits=(1,),
        shows=("--pre cannot be used with --all-releases or --only-final.",),
    ),
    scenario(
        "a-dependency-that-names-a-pre-release",
        "install pre top",
        index(wheel("top", "1.0", "pre>=2.0.dev1"), wheel("pre", "1.0"), wheel("pre", "2.0rc1")),
    ),
    scenario(
        "an-installed-pre-release-satisfies",
        "install pre>=1.0",
        PRE,
        before=(wheel("pre", "2.0rc1"),),
        shows=("Requirement already satisfied",),
    ),
    scenario(
        "post-and-epoch-versions-are-ordered",
        "install ver",
        index(wheel("ver", "2024.1"), wheel("ver", "1!0.1"), wheel("ver", "1!0.1.post1")),
    ),
    scenario(
        "files-uploaded-too-late-are-passed-over",
        "install up --uploaded-prior-to 2024-06-01",
        index(
            Listed(file=wheel("up", "1.0"), uploaded="2024-01-01T00:00:00Z"),
            Listed(file=wheel("up", "2.0"), uploaded="2024-06-01T00:00:00Z"),
        ),
    ),
    scenario(
        "a-file-without-upload-time-ends-the-run",
        "install up --uploaded-prior-to 2024-06-01",
        index(Listed(file=wheel("up", "1.0"), uploaded=None)),
        exits=(1,),
    ),
)
