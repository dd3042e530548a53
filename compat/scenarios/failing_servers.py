"""Servers that answer with errors, or do not answer, for pages, files and metadata files."""

from __future__ import annotations

from collections.abc import Iterator

from compat.harness.known import PIP_CRASHES, TOLD_SKIPS
from compat.harness.scenario import Scenario, scenario
from compat.kit.index import Fault, Index, Listed, Sidecar, index
from tests.kit.projects import BACKEND, project
from tests.kit.wheels import wheel

DEMO = wheel("demo", "1.0")
SDIST = project("demo", "1").sdist()
FILES, PAGES = (500, 503, 527), (502, 520)


def failing(fault: Fault, *, sdist: bool = False) -> Index:
    """Return an index whose only distribution cannot be downloaded."""
    file = SDIST if sdist else DEMO
    return index(Listed(file=file, fault=fault, sidecar=Sidecar.ABSENT), BACKEND)


def _statuses() -> Iterator[Scenario]:
    for status in FILES:
        yield scenario(
            f"a-wheel-that-answers-{status}",
            "install demo",
            failing(Fault(status=status)),
            exits=(1,),
        )
    for status in PAGES:
        yield scenario(
            f"a-page-that-answers-{status}",
            "install demo",
            index(DEMO, pages={"demo": Fault(status=status)}),
            exits=(1,),
            allow=TOLD_SKIPS,
        )
    fault = Fault(status=503)
    yield scenario(
        "an-sdist-that-answers-503", "install demo", failing(fault, sdist=True), exits=(1,)
    )
    yield scenario(
        "a-wheel-that-answers-503-again", "install demo --retries 1", failing(fault), exits=(1,)
    )
    yield scenario(
        "a-dependency-that-answers-503",
        "install top",
        index(wheel("top", "1.0", "demo"), *failing(fault).files),
        exits=(1,),
    )
    yield scenario(
        "a-url-that-answers-503",
        f"install <main-files>/{DEMO.filename}",
        failing(fault),
        exits=(1,),
    )
    yield scenario(
        "a-wheel-that-answers-503-to-download",
        "download demo",
        failing(fault),
        exits=(2,),
        allow=PIP_CRASHES,
    )
    yield scenario(
        "a-wheel-that-answers-503-to-wheel",
        "wheel demo",
        failing(fault),
        exits=(2,),
        allow=PIP_CRASHES,
    )
    yield scenario(
        "requirements-that-answer-503",
        "install -r <main>demo/",
        index(DEMO, pages={"demo": fault}),
        exits=(1,),
    )
    yield scenario(
        "a-wheel-that-answers-429",
        "install demo --retries 1",
        failing(Fault(status=429)),
        exits=(1,),
    )
    yield scenario(
        "a-hashed-wheel-that-answers-503",
        "install -r r.txt",
        failing(fault),
        exits=(1,),
        files={"r.txt": f"demo --hash=sha256:{DEMO.sha256}\n"},
    )
    yield scenario(
        "a-wheel-with-a-metadata-file-that-answers-503",
        "install demo",
        index(Listed(file=DEMO, fault=fault)),
        exits=(1,),
    )


def _silent() -> Iterator[Scenario]:
    once, always = Fault(status=0, times=1), Fault(status=0)
    for retries in (0, 1):
        yield scenario(
            f"a-page-that-closes-the-connection-{retries}",
            f"install demo --retries {retries}",
            index(DEMO, pages={"demo": always}),
            exits=(1,),
            allow=TOLD_SKIPS,
        )
        yield scenario(
            f"a-wheel-that-closes-the-connection-{retries}",
            f"install demo --retries {retries}",
            failing(always),
            exits=(1,),
        )
    yield scenario(
        "a-page-that-closes-the-connection-once",
        "install demo --retries 1",
        index(DEMO, pages={"demo": once}),
    )
    yield scenario(
        "a-wheel-that-closes-the-connection-once", "install demo --retries 1", failing(once)
    )
    yield scenario(
        "a-page-and-a-wheel-that-close-the-connection-once",
        "install demo --retries 2",
        index(Listed(file=DEMO, fault=once), pages={"demo": once}),
    )


def _urls() -> Iterator[Scenario]:
    for name, url in (
        ("ftp", "ftp://127.0.0.1/x"),
        ("no-host", "https:///x"),
        ("an-unknown-scheme", "gopher://127.0.0.1/x"),
    ):
        file = f"{url}/{DEMO.filename}"
        yield scenario(f"a-wheel-at-{name}", ("install", f"demo @ {file}"), exits=(1,))
        yield scenario(
            f"a-dependency-at-{name}",
            "install top",
            index(wheel("top", "1.0", f"demo @ {file}")),
            exits=(1,),
        )
        yield scenario(
            f"a-link-to-{name}", "install demo", index(Listed(file=DEMO, url=file)), exits=(1,)
        )
        yield scenario(
            f"an-index-at-{name}", f"install demo -i {url}", exits=(1,), allow=TOLD_SKIPS
        )
        is_ignored = url.startswith("gopher")
        yield scenario(
            f"find-links-at-{name}", f"install demo -f {url}", index(DEMO),
            exits=(0 if is_ignored else 1,),
        )  # fmt: skip
        yield scenario(f"requirements-at-{name}", f"install -r {url}/r.txt", exits=(1,))


SCENARIOS = (*_statuses(), *_silent(), *_urls())
