"""Projects in git repositories: references, submodules, subdirectories, editables."""

from __future__ import annotations

from typing import Any

from compat.harness.known import PIP_CRASHES, TWO_AT_ONCE
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import index
from compat.kit.repositories import Commit, Repository
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

DEP = wheel("dep")
MAIN = index(DEP, BACKEND)


def at(version: str, name: str = "demo") -> dict[str, str | bytes]:
    """Return the project at one version."""
    return project(name, version, "dep").tree


DEMO = Repository(
    name="demo",
    commits=(
        Commit(files=at("1.0"), tags=("v1", "release/1.0"), noted=("noted",)),
        Commit(files=at("1.1"), branch="next", after="v1"),
        Commit(files=at("1.2"), branch="feature/one", after="v1", refs=("refs/pull/7/head",)),
        Commit(files=at("2.0"), tags=("v2",)),
        Commit(files=at("2.1")),
    ),
)
MANY = Repository(
    name="many",
    commits=(
        Commit(
            files={
                "README": "two\n",
                **project("one", "1").under("parts/one"),
                **project("two", "1").under("parts/two"),
            }
        ),
    ),
)
PART = Repository(name="part", commits=(Commit(files={"data.txt": "of the part\n"}),))
WHOLE = Repository(
    name="whole",
    commits=(Commit(files=project("demo", "1.0").tree, modules={"demo/part": PART}),),
)
FULL = Repository(name="full", commits=DEMO.commits, partial=False)
HEAVY = Repository(name="heavy", commits=(Commit(files=project("heavy", "1", "demo").tree),))
LOCAL = {"<home>/.gitconfig": '[protocol "file"]\n\tallow = always\n'}
GIT = "git+<demo.git>"


def clone(rule: str, words: str | tuple[str, ...], *others: Repository, **what: Any) -> Scenario:
    """Return a scenario with the repository."""
    return scenario(rule, words, MAIN, repositories=(DEMO, *others), freezes=True, **what)


def again(rule: str, first: str, *then: str, **what: Any) -> Scenario:
    """Return a scenario of several runs."""
    return clone(rule, first, then=then, **what)


SCENARIOS = (
    clone("a-repository", f"install {GIT}", shows=("Cloning", "Resolved")),
    clone("a-repository-that-serves-whole-clones", "install git+<full.git>", FULL),
    clone("a-named-repository", ("install", f"demo @ {GIT}")),
    clone("a-repository-with-an-egg", f"install {GIT}#egg=demo"),
    clone("a-repository-under-another-name", ("install", f"other @ {GIT}"), exits=(1,),
          shows=("has inconsistent name",)),
    clone("a-repository-with-an-egg-of-another-name", f"install {GIT}#egg=other", exits=(1,)),
    clone("a-repository-at-a-tag", f"install {GIT}@v1"),
    clone("a-repository-at-an-annotated-tag", f"install {GIT}@noted"),
    clone("a-repository-at-a-tag-with-a-slash", f"install {GIT}@release/1.0"),
    clone("a-repository-at-a-branch", f"install {GIT}@next"),
    clone("a-repository-at-its-own-branch", f"install {GIT}@main"),
    clone("a-repository-at-a-branch-with-a-slash", f"install {GIT}@feature/one"),
    clone("a-repository-at-a-commit", f"install {GIT}@<demo.git:v1>"),
    clone("a-repository-at-a-short-commit", f"install {GIT}@c0ffee1", exits=(1,)),
    clone("a-repository-at-a-reference", f"install {GIT}@refs/pull/7/head",
          shows=("Did not find branch or tag",)),
    clone("a-repository-at-a-reference-that-is-not-there", f"install {GIT}@nowhere", exits=(1,),
          shows=("Did not find branch or tag 'nowhere'",)),
    clone("a-repository-at-an-unknown-commit", f"install {GIT}@{'1' * 40}", exits=(1,),
          allow=TWO_AT_ONCE),
    clone("a-repository-that-is-not-there", "install git+file://<here>/nowhere", exits=(1,)),
    clone("a-repository-of-an-unknown-kind", "install cvs+<demo.git>", exits=(1,)),
    clone("a-repository-at-an-empty-reference", f"install {GIT}@", exits=(1,)),
    clone("a-repository-without-a-scheme", "install git+git@example.org:demo.git", exits=(1,)),
    clone("a-repository-that-holds-no-project", "install git+<part.git>", PART, exits=(1,)),
    clone("a-subdirectory-of-a-repository", "install git+<many.git>#subdirectory=parts/one", MANY),
    clone("a-subdirectory-that-is-not-there", "install git+<many.git>#subdirectory=none", MANY,
          exits=(1,)),
    clone("two-subdirectories-of-a-repository", "install git+<many.git>#subdirectory=parts/one "
          "git+<many.git>#subdirectory=parts/two", MANY),
    clone("a-subdirectory-with-an-egg",
          "install git+<many.git>@main#egg=two&subdirectory=parts/two", MANY),
    clone("a-repository-with-submodules", "install git+<whole.git>", WHOLE, standing=LOCAL),
    clone("a-repository-with-forbidden-submodules", "install git+<whole.git>", WHOLE, exits=(1,)),
    clone("an-editable-repository-with-submodules", "install -e git+<whole.git>#egg=demo", WHOLE,
          standing=LOCAL),
    clone("a-repository-in-a-file", "install -r r.txt", files={"r.txt": f"demo @ {GIT}@v1\n"}),
    clone("a-repository-as-a-constraint", "install demo -c c.txt",
          files={"c.txt": f"demo @ {GIT}@v1\n"}),
    clone("a-repository-as-a-dependency", "install top-1.tar.gz", files={
        "top-1.tar.gz": project("top", "1", "demo @ git+file://nowhere/x").sdist()}, exits=(1,)),
    clone("a-repository-beside-what-depends-on-it", f"install git+<heavy.git> {GIT}@v1", HEAVY),
    clone("a-repository-at-two-references", f"install {GIT}@v1 {GIT}@v2", exits=(1,)),
    clone("a-repository-in-hash-mode", f"install --require-hashes {GIT}", exits=(1,),
          shows=("Can't verify hashes for these requirements",)),
    clone("a-repository-dry", f"install --dry-run {GIT}@next"),
    clone("a-repository-in-a-report", f"install --dry-run -q --report - {GIT}@next"),
    again("a-repository-twice", f"install {GIT}", f"install {GIT}"),
    again("a-repository-again-at-another-tag", f"install {GIT}@v1", f"install {GIT}@v2"),
    again("a-branch-is-built-again", f"install {GIT}@next",
          f"install --force-reinstall {GIT}@next"),
    again("a-commit-is-built-once", f"install {GIT}@<demo.git:v1>",
          f"install --force-reinstall {GIT}@<demo.git:v1>"),
    again("a-named-repository-is-upgraded", f"install {GIT}@v1", "install -U demo"),
    clone("an-editable-repository", f"install -e {GIT}#egg=demo", shows=("src/demo",)),
    clone("an-editable-repository-without-an-egg", f"install -e {GIT}", exits=(1,)),
    clone("a-named-editable-repository", ("install", "-e", f"demo @ {GIT}@v1")),
    clone("an-editable-repository-at-a-tag", f"install -e {GIT}@v1#egg=demo"),
    clone("an-editable-repository-at-a-branch", f"install -e {GIT}@next#egg=demo"),
    clone("an-editable-repository-at-a-branch-with-a-slash",
          f"install -e {GIT}@feature/one#egg=demo"),
    clone("an-editable-repository-at-a-commit", f"install -e {GIT}@<demo.git:v1>#egg=demo"),
    clone("an-editable-repository-in-a-folder-of-sources",
          f"install --src <here>/sources -e {GIT}#egg=demo"),
    clone("an-editable-subdirectory-of-a-repository",
          "install -e git+<many.git>#egg=one&subdirectory=parts/one", MANY),
    clone("an-editable-repository-in-a-file", "install -r r.txt",
          files={"r.txt": f"-e {GIT}@v2#egg=demo\n"}),
    clone("an-editable-repository-dry", f"install --dry-run -e {GIT}#egg=demo"),
    again("an-editable-repository-twice", f"install -e {GIT}#egg=demo",
          f"install -e {GIT}#egg=demo"),
    again("an-editable-repository-moves-to-a-tag", f"install -e {GIT}#egg=demo",
          f"install -e {GIT}@v1#egg=demo"),
    again("an-editable-repository-moves-to-a-branch", f"install -e {GIT}@v1#egg=demo",
          f"install -e {GIT}@next#egg=demo"),
    again("an-editable-repository-goes-back", f"install -e {GIT}@v2#egg=demo",
          f"install -e {GIT}@<demo.git:v1>#egg=demo"),
    clone("an-editable-repository-elsewhere-is-left", f"install -e {GIT}@v1#egg=demo", FULL,
          then=("install --exists-action i -e git+<full.git>@v1#egg=demo",)),
    clone("an-editable-repository-elsewhere-is-switched-to", f"install -e {GIT}@v1#egg=demo", FULL,
          then=("install --exists-action s -e git+<full.git>@v2#egg=demo",)),
    clone("an-editable-repository-elsewhere-wipes", f"install -e {GIT}@v1#egg=demo", FULL,
          then=("install --exists-action w -e git+<full.git>@v2#egg=demo",)),
    clone("an-editable-repository-elsewhere-puts-aside", f"install -e {GIT}@v1#egg=demo", FULL,
          then=("install --exists-action b -e git+<full.git>@v2#egg=demo",)),
    clone("an-editable-repository-elsewhere-aborts", f"install -e {GIT}@v1#egg=demo", FULL,
          then=("install --exists-action a -e git+<full.git>@v2#egg=demo",), exits=(0, 2),
          allow=PIP_CRASHES),
    clone("an-editable-repository-where-a-folder-is", f"install -e {GIT}@v1#egg=demo",
          standing={"<env>/src/demo/x": "mine\n"}, typed="i\n", exits=(1,)),
    clone("an-editable-repository-where-a-folder-is-wiped", f"install -e {GIT}@v1#egg=demo",
          standing={"<env>/src/demo/x": "mine\n"}, typed="w\n"),
    again("a-repository-over-its-editable", f"install -e {GIT}@v1#egg=demo", f"install {GIT}@v1"),
)  # fmt: skip
