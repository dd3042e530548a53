"""Remedies that name other indexes, and messages about the chosen index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.version import Version

from pipfast.errors import InstallationError
from pipfast.fetch.downloads.downloader import Downloader
from pipfast.fetch.prefetch import Prefetcher
from pipfast.fetch.wheel_metadata.source import WheelMetadataReader
from pipfast.index.events import OnSeveralIndexes
from pipfast.index.finder import Finder
from pipfast.model.digest import Digest
from pipfast.model.distribution import Distribution, Wheel
from pipfast.model.events import Event, Level
from pipfast.model.frozen_dataclass import replace
from pipfast.model.link import Link
from pipfast.model.metadata import Metadata
from pipfast.model.user_requirement import UserRequirement
from pipfast.net.client import Client
from pipfast.policy.network import IndexStrategy, NetworkPolicy
from pipfast.policy.selection import SelectionPolicy
from pipfast.report.hint_text import text_of
from pipfast.requirements.collect import CollectedRequirements
from pipfast.resolve.events import IndexChosen
from pipfast.resolve.install_requirement import InstallRequirement
from pipfast.resolve.ports import Ports
from pipfast.resolve.solve import Resolution, solve
from pipfast.session.other_indexes import KnownMetadata, OtherIndexes, emit_chosen_indexes
from pipfast.session.port_adapters import Environment, Index
from pipfast.store.filesystem.root import Store
from tests.kit.site import Reply, Site, serving
from tests.kit.texts import texts

MARKERS = {"python_version": "3.11", "sys_platform": "linux", "os_name": "posix"}
TAGS = (Tag("py3", "none", "any"),)


@dataclass
class Wheels:
    """A port for distributions that knows wheels alone."""

    source: WheelMetadataReader

    def cached_wheel(
        self, distribution: Distribution, install_req: InstallRequirement
    ) -> Link | None:
        return None

    def prepare(self, distribution: Distribution, install_req: InstallRequirement) -> None:
        pass

    def read(
        self, distribution: Distribution, install_req: InstallRequirement, digests: Sequence[Digest]
    ) -> Metadata:
        if not isinstance(distribution, Wheel):
            raise InstallationError("it cannot be built")
        return self.source.of(distribution, "", digests)


class Run:
    """Two indexes, the extra one first, and a question that is put to them."""

    def __init__(self, folder: Path, main: Site, extra: Site) -> None:
        self.main, self.extra = main, extra
        self.folder = folder
        self.open: list[Client | Downloader] = []

    def offer(self, site: Site, project: str, *files: str, needs: str = "") -> None:
        """Have `site` list the files, each wheel with metadata of its own."""
        rows = [{"url": f"{site.base}/f/{file}", "core-metadata": True} for file in files]
        body = json.dumps({"files": rows}).encode()
        kind = {"content-type": "application/vnd.pypi.simple.v1+json"}
        site.pages[f"/simple/{project}/"] = Reply(body, headers=kind)
        for file in files:
            name, version = file.split("-")[:2]
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            text += f"Requires-Dist: {needs}\n" if needs else ""
            site.pages[f"/f/{file}.metadata"] = Reply(text.encode())

    def asked(
        self, *wanted: str, strategy: IndexStrategy = IndexStrategy.FIRST_INDEX
    ) -> tuple[OtherIndexes, list[Event]]:
        """The question, ready to be put."""
        indexes = (f"{self.extra.base}/simple", f"{self.main.base}/simple")
        network = NetworkPolicy(
            index_urls=indexes, retries=0, interactive=False, keyring="disabled", strategy=strategy
        )
        client, store = Client(network), Store(self.folder)
        files = Downloader(client, store)
        self.open += [client, files]
        emitted: list[Event] = []
        selection = SelectionPolicy()
        finder = Finder(selection, client, store, TAGS, (3, 11, 7), emitted.append)
        remembered = KnownMetadata(Wheels(WheelMetadataReader(client, store, files)))
        ports = Ports(
            index=Index(finder, object.__new__(_Idle), selection, TAGS),
            metadata=remembered,
            installed=Environment({}),
            python=Version("3.11.7"),
            markers=MARKERS,
            emit=emitted.append,
        )
        requirements = tuple(
            UserRequirement(text=one, requirement=Requirement(one)) for one in wanted
        )
        collected = CollectedRequirements(wanted=requirements, network=network, selection=selection)
        return OtherIndexes(collected, ports, finder, remembered.known), emitted

    def advice(self, *wanted: str) -> str:
        """What is advised when the question has failed; what is emitted meanwhile is nothing."""
        elsewhere, emitted = self.asked(*wanted)
        with pytest.raises(InstallationError) as failure:
            answered(elsewhere)
        heard = list(emitted)
        remedies = elsewhere.remedies(failure.value)
        assert emitted == heard
        return "; ".join(map(text_of, remedies))


class _Idle(Prefetcher):
    def expect(self, requirements: object) -> None:
        pass


def answered(elsewhere: OtherIndexes) -> Resolution:
    return solve(elsewhere.collected.wanted, elsewhere.ports, elsewhere.collected.selection)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with serving() as main, serving() as extra:
        made = Run(tmp_path, main, extra)
        made.offer(main, "demo", "demo-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl")
        made.offer(extra, "demo", "demo-1.0-py3-none-any.whl")
        yield made
        for one in made.open:
            one.close()


def test_the_remedy_names_the_setting_if_another_index_has_the_release(run: Run) -> None:
    assert run.advice("demo==2.0") == (
        f"demo 2.0 is on {run.main.base}/simple/demo/, which first-index does not search; "
        "if you trust it, set PIPFAST_INDEX_STRATEGY=best-match"
    )


@pytest.mark.parametrize("wanted", ["demo==3.0", "nowhere"])
def test_there_is_no_remedy_that_would_not_help(run: Run, wanted: str) -> None:
    assert run.advice(wanted) == ""


def test_there_is_no_remedy_if_all_indexes_together_fail_too(run: Run) -> None:
    run.offer(run.main, "demo", "demo-2.0-py3-none-any.whl", needs="nowhere")
    assert run.advice("demo==2.0") == ""


def test_an_sdist_of_another_index_is_a_remedy_without_a_build(run: Run) -> None:
    run.offer(run.main, "demo", "demo-2.0.tar.gz")
    assert "demo 2.0 is on" in run.advice("demo==2.0")
    assert not run.main.asked("/f/demo-2.0.tar.gz")


def test_an_sdist_that_failed_to_build_is_no_remedy(run: Run) -> None:
    run.offer(run.extra, "bad", "bad-1.0.tar.gz")
    assert run.advice("demo", "bad") == ""


def test_nothing_is_requested_if_every_index_was_searched(run: Run) -> None:
    elsewhere, _ = run.asked("demo==3.0", strategy=IndexStrategy.BEST_MATCH)
    assert elsewhere.remedies(InstallationError("no")) == ()
    assert run.main.questions == []


def test_a_message_names_the_chosen_index_of_a_project_on_several_indexes(run: Run) -> None:
    run.offer(run.main, "alone", "alone-1.0-py3-none-any.whl")
    elsewhere, _ = run.asked("demo", "alone", strategy=IndexStrategy.BEST_MATCH)
    shown: list[Event] = []
    emit_chosen_indexes(answered(elsewhere), elsewhere.finder, shown.append)
    text = (
        f"demo is on 2 indexes: 2.0 is taken from {run.main.base}/simple/demo/, not from "
        f"{run.extra.base}/simple/demo/"
    )
    assert texts(shown) == [text]
    assert isinstance(shown[0], IndexChosen)
    assert shown[0].level is Level.VERBOSE


def test_one_warning_names_the_projects_that_unused_indexes_have_too(run: Run) -> None:
    elsewhere, _ = run.asked("demo")
    shown: list[Event] = []
    emit_chosen_indexes(answered(elsewhere), elsewhere.finder, shown.append)
    chosen, warning = shown
    assert isinstance(chosen, IndexChosen)
    assert isinstance(warning, OnSeveralIndexes)
    assert [each.name for each in warning.projects] == ["demo"]
    assert texts([warning])[0].startswith(f"demo is taken from {run.extra.base}/simple/demo/ only")


def test_a_password_in_an_index_url_is_not_printed(run: Run) -> None:
    elsewhere, _ = run.asked("demo", strategy=IndexStrategy.BEST_MATCH)
    base = run.main.base.replace("http://", "http://me:secret@")
    client = elsewhere.finder.client
    policy = replace(client.policy, index_urls=(f"{base}/simple", f"{run.extra.base}/simple"))
    secret = Client(policy)
    run.open.append(secret)
    finder = replace(elsewhere.finder, client=secret)
    shown: list[Event] = []
    ports = replace(
        elsewhere.ports,
        index=Index(finder, object.__new__(_Idle), SelectionPolicy(), TAGS),
    )
    emit_chosen_indexes(answered(replace(elsewhere, ports=ports)), finder, shown.append)
    assert "secret" not in str(shown)
    assert len(shown) == 1
