"""Fixtures: storages, sources whose builds are counted, and machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compat.network.real_servers import Unavailable
from compat.remote_store.machines import Machine, Works
from compat.remote_store.services import SERVICES, Service

NewMachine = Callable[..., Machine]


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """Each storage in turn; one that cannot be had is skipped."""
    place = tmp_path / "service"
    place.mkdir()
    try:
        with SERVICES[request.param](place) as running:
            yield running
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The root of a store in a folder."""
    root = tmp_path / "shelf"
    root.mkdir()
    return root


@pytest.fixture
def works(tmp_path: Path) -> Works:
    """Sources to install."""
    index = tmp_path / "index"
    index.mkdir()
    return Works(index, tmp_path / "log")


@pytest.fixture
def machine(tmp_path: Path, works: Works, shelf: Path) -> NewMachine:
    """Makes machines; they share the folder `shelf` unless told otherwise."""
    made: list[Machine] = []

    def make(url: str | None = None, **what: object) -> Machine:
        place = tmp_path / f"machine-{len(made)}"
        place.mkdir()
        address = shelf.as_uri() if url is None else url
        made.append(Machine(folder=place, url=address, index=works.index, **what))  # type: ignore[arg-type]
        return made[-1]

    return make
