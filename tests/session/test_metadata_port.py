"""Wheels whose index announces a metadata file and does not serve it."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.wheel_metadata.pep658 import MetadataFileMissing
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.model.distribution import Wheel
from pipfast.model.events import Event, Level, Message
from pipfast.model.link import Link
from pipfast.net.client import Client
from pipfast.policy.network import NetworkPolicy
from pipfast.report.hint_text import joined
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.session.metadata_port import Distributions
from pipfast.sources.wheel_builds import Sources
from pipfast.store.filesystem.root import Store
from tests.kit.site import Reply, Site, serving
from tests.kit.texts import texts
from tests.kit.wheels import wheel

DEMO = wheel("demo", "1.0", "dep")


def offered(site: Site) -> Wheel:
    name, version, build, tags = parse_wheel_filename(DEMO.filename)
    link = Link(url=f"{site.base}/{DEMO.filename}", core_metadata=(), page=f"{site.base}/demo/")
    return Wheel(link=link, name=name, version=version, build=build, tags=tags)


def no_sources() -> Sources:
    raise AssertionError("there are none")


@pytest.mark.parametrize(("lax", "served"), [(True, True), (True, False), (False, True)])
def test_parity_mode_accepts_a_missing_metadata_file_if_the_wheel_is_served(
    tmp_path: Path, *, lax: bool, served: bool
) -> None:
    emitted: list[Event] = []
    with serving() as site, Client(NetworkPolicy(retries=0, keyring="disabled")) as client:
        if served:
            site.pages[f"/{DEMO.filename}"] = Reply(DEMO.content)
        store = Store(tmp_path)
        files = Downloader(client, store)
        wheels = WheelMetadataReader(client, store, files)
        found = Distributions(wheels, no_sources, emitted.append, lax=lax)
        try:
            if lax and served:
                for _ in range(2):
                    assert found.read(
                        offered(site), InstallRequirement(None), ()
                    ).requires_dist == ("dep",)
            else:
                with pytest.raises(MetadataFileMissing, match=r"\.metadata") as failure:
                    found.read(offered(site), InstallRequirement(None), ())
                assert ("PIPFAST_PIP_COMPAT=1" in joined(failure.value.remedies)) is not lax
        finally:
            found.close()
            files.close()
    shown = texts(one for one in emitted if isinstance(one, Message) and one.level is Level.WARNING)
    assert len(shown) == (1 if lax and served else 0)
    assert all(text.startswith("pip would have failed here: HTTP error 404") for text in shown)
