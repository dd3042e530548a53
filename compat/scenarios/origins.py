"""Which of several places a distribution is installed from."""

from __future__ import annotations

import sys

from compat.harness.scenario import scenario
from compat.kit.index import Listed, Sidecar, index
from tests.kit.wheels import Wheel, wheel


def demo(origin: str, version: str = "1.0", **what: str) -> Wheel:
    """Return the same release with different contents in each place."""
    return wheel("demo", version, files={"demo.py": f"ORIGIN = {origin!r}\n"}, **what)


HERE = f"py3{sys.version_info[1]}-none-any"
MAIN = index(demo("main"))
EXTRA = index(demo("extra"), name="extra")
THIRD = index(demo("third"), name="third")
BOTH = "install demo --extra-index-url <extra>"

SCENARIOS = (
    scenario("the-last-index-wins-a-tie", BOTH, MAIN, EXTRA, shows=("Looking in indexes",)),
    scenario(
        "of-three-indexes-the-last-wins-a-tie",
        "install demo --extra-index-url <extra> --extra-index-url <third>",
        MAIN,
        EXTRA,
        THIRD,
    ),
    scenario(
        "an-index-beats-find-links",
        "install demo --find-links <links>",
        MAIN,
        links=(demo("links"),),
        shows=("Looking in links",),
    ),
    scenario(
        "find-links-serves-what-the-index-has-not",
        "install demo other --find-links <links>",
        MAIN,
        links=(wheel("other"), demo("links", "0.9")),
    ),
    scenario(
        "the-newest-version-wins-wherever-it-is",
        BOTH,
        index(demo("main", "2.0")),
        EXTRA,
    ),
    scenario(
        "a-find-links-folder-alone-serves",
        "install demo --no-index --find-links <links>",
        links=(demo("links", "1.0"), demo("links", "1.1")),
        shows=("Looking in links", "Processing"),
    ),
    scenario(
        "a-find-links-page-alone-serves",
        "install demo --no-index --find-links <main-page>",
        MAIN,
    ),
    scenario(
        "find-links-from-the-environment-are-several",
        "install demo other --no-index",
        MAIN,
        links=(wheel("other"),),
        environ={"PIP_FIND_LINKS": "<links> <main-page>"},
    ),
    scenario(
        "extra-indexes-of-the-command-line-follow-those-of-the-environment",
        "install demo --extra-index-url <third>",
        MAIN,
        EXTRA,
        THIRD,
        environ={"PIP_EXTRA_INDEX_URL": "<extra>"},
    ),
    scenario(
        "an-index-option-replaces-the-environments",
        "install demo -i <extra>",
        MAIN,
        EXTRA,
    ),
    scenario("html-pages-serve-as-json-does", "install demo", index(demo("main"), plain=True)),
    scenario("pages-may-be-compressed", "install demo", index(demo("main"), compressed=True)),
    scenario(
        "a-wheel-without-sidecar-is-read-itself",
        "install demo",
        index(wheel("demo", "1.0", "dep"), wheel("dep"), sidecars=False),
    ),
    scenario(
        "a-server-without-ranges-serves",
        "install demo",
        index(demo("main"), sidecars=False, ranges=False),
    ),
    scenario(
        "a-better-tag-beats-a-build-tag",
        "install demo",
        index(
            demo("any", build="9", tag="py3-none-any"),
            demo("tagged", tag=HERE),
        ),
    ),
    scenario(
        "build-tags-compare-as-numbers",
        "install demo",
        index(demo("two", build="2"), demo("ten", build="10"), demo("none")),
    ),
    scenario(
        "a-name-is-normalised",
        "install Some.Project_x",
        index(wheel("some-project-X", "1.0")),
        shows=("Successfully installed Some.Project_x-1.0",),
    ),
    scenario(
        "an-unsupported-wheel-is-passed-over",
        "install demo",
        index(demo("main", "1.0"), demo("windows", "2.0", tag="cp311-cp311-win_amd64")),
    ),
    scenario(
        "a-release-that-is-no-version-is-passed-over",
        "install demo",
        index(demo("main"), Listed(file=demo("odd", "banana"), sidecar=Sidecar.ABSENT)),
    ),
    scenario(
        "a-file-index-serves",
        "install demo -i file://<here>/simple/",
        files={
            "simple/demo/index.html": '<a href="../../demo-1.0-py3-none-any.whl">demo</a>'
            '<a href="../../demo-1.0-py3-none-any.whl">again</a>',
            "demo-1.0-py3-none-any.whl": demo("file"),
        },
    ),
    scenario(
        "a-file-index-that-is-not-there-is-ignored-with-a-warning",
        "install demo --extra-index-url file://<here>/nowhere",
        MAIN,
        shows=("is ignored: it is neither a file nor a directory",),
    ),
)
