"""Keyrings that fail, wherever credentials are searched: at pages, at files, at prompts."""

from __future__ import annotations

from collections.abc import Iterator

from compat.harness.known import TOLD_SKIPS
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import index
from tests.kit.projects import project
from tests.kit.wheels import wheel

DEMO, DEP = wheel("demo", "1.0", "dep"), wheel("dep")
SDIST = project("demo").sdist()
FAILING = {
    "get_credential": "def get_credential(service, user):\n    raise RuntimeError('locked')\n",
    "import": "raise RuntimeError('damaged')\n",
}
PLAIN = index(DEP)
LOCKED = index(DEMO, DEP, SDIST, account=("me", "secret"), name="shut")


def _scenarios() -> Iterator[Scenario]:
    files = "http://127.0.0.1:<port>/shut/files"
    named = "http://me@127.0.0.1:<port>/shut/files"
    page = "-i http://127.0.0.1:<port>/shut/simple"
    ways = {
        "wheel": [f"{files}/{DEMO.filename}"],
        "named-wheel": [f"demo @ {files}/{DEMO.filename}"],
        "wheel-of-a-user": [f"{named}/{DEMO.filename}"],
        "sdist": [f"{files}/{SDIST.filename}"],
        "page": ["demo", *page.split()],
        "page-of-a-user": ["demo", "-i", "http://me@127.0.0.1:<port>/shut/simple"],
        "file-of-requirements": ["-r", f"{files}/r.txt"],
    }
    typed = {"right": "me\nsecret\n", "wrong": "me\nwrong\n", "none": ""}
    for fault, text in FAILING.items():
        for way, words in ways.items():
            for answer in ("none",) if way == "page-of-a-user" else ("right", "wrong", "none"):
                fails = answer != "right" or way == "file-of-requirements"
                yield scenario(
                    f"a-keyring-that-fails-at-{fault}-for-a-{way}-{answer}",
                    ["install", *words, "--no-deps", "--keyring-provider", "import",
                     *(["--no-input"] if answer == "none" else [])],
                    PLAIN, LOCKED, standing={"<site>/keyring.py": text}, typed=typed[answer],
                    exits=(1 if fails else 0,), allow=TOLD_SKIPS,
                )  # fmt: skip


SCENARIOS = tuple(_scenarios())
