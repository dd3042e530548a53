"""Index pages with values of every type in every field: pipfast answers where pip answers.

Where pip ends with a traceback, pipfast skips the page or ends with one error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from compat.harness.scenario import scenario
from compat.kit.index import JSON_TYPE, Fault, index
from compat.worlds.engine import Engine
from tests.kit.wheels import Wheel, wheel

OLD, NEW = wheel("dep", "1.0"), wheel("dep", "2.0")
FIELDS = ("requires-python", "yanked", "upload-time", "size", "hashes", "core-metadata",
          "dist-info-metadata", "data-dist-info-metadata", "gpg-sig", "filename", "url",
          "provenance")  # fmt: skip
VALUES: tuple[Any, ...] = (None, 5, True, False, "", [], {}, "x", ["x"], {"x": 1}, -1, 1.5)
OF_FIELD: dict[str, tuple[Any, ...]] = {
    "hashes": ({"sha256": 5}, {"sha256": None}, {"md5": "x"}, {"sha256": ""}, {"sha256": "zz"},
               {"sha256": NEW.sha256.upper()}, {"foo": "1"},
               {"foo": "1", "sha256": NEW.sha256}),
    "core-metadata": ({"sha256": "0" * 64}, {"sha256": 5}, {"foo": "x"}, "sha256=0"),
    "url": ("//127.0.0.1:1/x.whl", "http://[::1", f"ftp://h/{NEW.filename}",
            f"  ../../files/{NEW.filename}  ", f"../../files/{NEW.filename}?a=b#c",
            f"../../files/{NEW.filename}#sha256={'0' * 64}", f"/main/files/{NEW.filename}"),
    "filename": ("dep-3.0-py3-none-any.whl", "../dep-2.0-py3-none-any.whl", "dep-2.0.tar.gz",
                 "DEP-2.0-py3-none-any.whl", "other-2.0-py3-none-any.whl", "dep-x-py3-none-any.whl",
                 "dep-2.0-py3-none-any.whl.asc"),
    "requires-python": (">=3.8", ">=4", "nonsense", " >=3 ", "&gt;=3"),
    "yanked": ("why\nnot", "\x1b[31mred"),
    "upload-time": ("2020", "2020-01-01", "2020-01-01T00:00:00", "2020-01-01T00:00:00Z",
                    "2020-01-01T00:00:00.123456789Z", "nonsense"),
}  # fmt: skip
OF_PAGE: dict[str, tuple[Any, ...]] = {
    "files": (None, {}, "x", [None], [5], ["x"], [[]], [{}]),
    "meta": (None, 5, [], {}, {"api-version": "2.0"}, {"api-version": None}, {"api-version": 1}),
    "name": (None, "other", 5),
    "versions": (None, ["1"], 5),
}


def _row(file: Wheel) -> dict[str, Any]:
    url = f"../../files/{file.filename}"
    return {"filename": file.filename, "hashes": {"sha256": file.sha256}, "url": url}


def _pages() -> Iterator[Any]:
    page = {"meta": {"api-version": "1.1"}, "name": "dep"}
    for field in FIELDS:
        for value in (*VALUES, *OF_FIELD.get(field, ())):
            files = [_row(OLD), {**_row(NEW), field: value}]
            yield pytest.param({**page, "files": files}, id=f"{field}={value!r}")
    for field, values in OF_PAGE.items():
        for value in values:
            odd = {**page, "files": [_row(OLD), _row(NEW)], field: value}
            yield pytest.param(odd, id=f"{field}={value!r}")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine that runs both programs in forks."""
    with Engine(tmp_path_factory.mktemp("pages")) as running:
        yield running


@pytest.mark.parametrize("page", list(_pages()))
def test_an_odd_page_is_read_as_pip_reads_it(engine: Engine, page: dict[str, Any]) -> None:
    fault = Fault(body=json.dumps(page).encode(), content_type=JSON_TYPE)
    world = scenario("odd", "install dep", index(OLD, NEW, pages={"dep": fault}))
    pip, pipfast = (seen.steps[0] for seen in engine.observations(world))
    if pip.code == 2:
        assert pipfast.code in (0, 1)
        assert "Traceback" not in pipfast.stderr
    else:
        assert (pipfast.code, pipfast.stdout, pipfast.stderr) == (pip.code, pip.stdout, pip.stderr)
