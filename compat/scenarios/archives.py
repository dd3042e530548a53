"""Unusual, broken and hostile archives."""

from __future__ import annotations

from typing import Any

from compat.harness.known import IN_STORE, PIP_CRASHES
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import index
from tests.kit.archives import Kind, Member, archive, members
from tests.kit.projects import project
from tests.kit.wheels import wheel

DEMO = project("demo", table=True)
PLAIN = members(DEMO.released, "demo-1.0")
MAIN = index()
OUT = "demo-1.0/../../out.txt"
CRASH: dict[str, Any] = {"exits": (2,), "allow": PIP_CRASHES}
LONG = "/".join(["demo-1.0", *["folder" * 8] * 4, "x.txt"])


def holding(rule: str, *more: Member, suffix: str = ".tar.gz", **what: Any) -> Scenario:
    """Return an install of the archive with additional members."""
    return packed(rule, archive(suffix, (*PLAIN, *more)), suffix, **what)


def packed(rule: str, content: bytes, suffix: str = ".tar.gz", **what: Any) -> Scenario:
    """Return an install of an archive by path."""
    name = f"demo-1.0{suffix}"
    return scenario(rule, f"install ./{name}", MAIN, files={name: content}, **what)


def link(path: str, target: str, kind: Kind = Kind.SYMBOLIC) -> Member:
    """Return a link in the project's folder."""
    return Member(path=f"demo-1.0/{path}", kind=kind, target=target, mode=0o777)


SCENARIOS = (
    packed("an-archive-without-a-leading-folder", archive(".tar.gz", members(DEMO.released))),
    packed("an-archive-with-two-leading-folders",
           archive(".tar.gz", (*PLAIN, *members({"x": ""}, "more"))), exits=(1,)),
    packed("a-zip-without-a-leading-folder", archive(".zip", members(DEMO.released)), ".zip"),
    packed("an-archive-with-folders-of-their-own", archive(".tar.gz", (
        Member(path="demo-1.0", kind=Kind.FOLDER, mode=0o755),
        Member(path="demo-1.0/demo", kind=Kind.FOLDER, mode=0o700), *PLAIN))),
    packed("an-archive-whose-names-begin-with-a-dot",
           archive(".tar.gz", members(DEMO.released, "./demo-1.0")), exits=(1,)),
    packed("an-empty-archive", archive(".tar.gz", ()), exits=(1,)),
    packed("an-archive-that-is-none", b"this is no archive\n" * 40, **CRASH),
    packed("a-zip-that-is-none", b"this is no archive\n" * 40, ".zip", **CRASH),
    packed("an-archive-cut-short", archive(".tar.gz", PLAIN)[:900], **CRASH),
    packed("a-zip-cut-short", archive(".zip", PLAIN)[:900], ".zip", **CRASH),
    packed("an-archive-of-another-compression", archive(".tar.bz2", PLAIN), **CRASH),
    packed("a-zip-called-a-tar", archive(".zip", PLAIN), **CRASH),
    packed("an-archive-that-holds-no-project",
           archive(".tar.gz", members({"README": ""}, "demo-1.0")), exits=(1,)),
    holding("an-archive-with-an-executable",
            Member(path="demo-1.0/demo/run.sh", body="#!/bin/sh\n", mode=0o755)),
    holding("an-archive-with-set-bits",
            Member(path="demo-1.0/demo/run.sh", body="#!/bin/sh\n", mode=0o6777)),
    holding("an-archive-with-an-unreadable-file",
            Member(path="demo-1.0/demo/secret.txt", body="x\n", mode=0)),
    holding("a-zip-with-an-executable",
            Member(path="demo-1.0/demo/run.sh", body="#!/bin/sh\n", mode=0o755), suffix=".zip"),
    holding("an-archive-with-long-names", Member(path=LONG, body="x\n")),
    holding("an-archive-with-names-beyond-ascii",
            Member(path="demo-1.0/demo/grüße.txt", body="hallo\n")),
    holding("a-zip-with-names-beyond-ascii",
            Member(path="demo-1.0/demo/grüße.txt", body="hallo\n"), suffix=".zip"),
    holding("an-archive-that-climbs-out", Member(path=OUT, body="x\n"), exits=(1,)),
    holding("a-zip-that-climbs-out", Member(path=OUT, body="x\n"), suffix=".zip", exits=(1,)),
    holding("an-archive-that-climbs-within", Member(path="demo-1.0/demo/../demo/in.txt")),
    holding("an-archive-with-an-absolute-path", Member(path="/out.txt", body="x\n"), exits=(1,)),
    holding("a-zip-with-an-absolute-path", Member(path="/out.txt", body="x\n"), suffix=".zip",
            exits=(1,)),
    holding("an-archive-with-a-link-within", link("demo/link.txt", "__init__.py")),
    holding("an-archive-with-a-hard-link-within",
            link("demo/hard.py", "demo-1.0/demo/__init__.py", Kind.HARD)),
    holding("an-archive-with-a-link-to-nothing", link("demo/link.txt", "nothing")),
    holding("an-archive-with-a-link-out", link("demo/link.txt", "../../../out.txt"), exits=(1,)),
    holding("an-archive-with-an-absolute-link", link("demo/link.txt", "/etc/hostname"),
            exits=(1,)),
    holding("an-archive-with-a-hard-link-out",
            link("demo/hard.txt", "../../out.txt", Kind.HARD), exits=(1,)),
    holding("an-archive-that-writes-through-a-link", link("demo/up", "../.."),
            Member(path="demo-1.0/demo/up/out.txt", body="x\n"), exits=(1,)),
    holding("a-zip-with-a-link", link("demo/link.txt", "../../../out.txt"), suffix=".zip"),
    holding("an-archive-with-a-device", Member(path="demo-1.0/null", kind=Kind.DEVICE),
            exits=(1,)),
    holding("an-archive-with-a-pipe", Member(path="demo-1.0/pipe", kind=Kind.PIPE), exits=(1,)),
    holding("an-archive-with-a-file-twice",
            Member(path="demo-1.0/demo/__init__.py", body="TWICE = 2\n")),
    holding("an-archive-with-a-file-where-a-folder-is", Member(path="demo-1.0/demo"), exits=(1,)),
    holding("an-archive-that-swells", Member(path="demo-1.0/zeros", body=bytes(1 << 26))),
    holding("a-zip-that-swells", Member(path="demo-1.0/zeros", body=bytes(1 << 26)),
            suffix=".zip"),
    scenario("a-hostile-sdist-of-an-index", "install demo", index(
        wheel("demo", "0.9"), project("demo", files={"../../out.txt": "x\n"}).sdist()),
        exits=(1,), shows=("Invalid member in the tar file",), allow=IN_STORE),
)  # fmt: skip
