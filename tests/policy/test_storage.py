"""The location of the cache, and when it is disabled."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipfast.policy.storage import CachePolicy, cache_policy
from tests.policy.settings_of import settings_of


def test_a_named_directory_is_taken_with_its_links_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real").mkdir()
    found = cache_policy(settings_of(f"install --cache-dir {tmp_path}/link/new demo"))
    assert found == CachePolicy(directory=os.path.realpath(tmp_path / "real" / "new"))


@pytest.mark.parametrize("line", ["install --no-cache-dir demo", "install --cache-dir= demo"])
def test_no_cache_is_none(line: str) -> None:
    assert cache_policy(settings_of(line)) == CachePolicy(directory=None)


def test_the_platforms_directory_is_the_default(tmp_path: Path) -> None:
    found = cache_policy(
        settings_of("install demo", XDG_CACHE_HOME=str(tmp_path), HOME=str(tmp_path))
    )
    assert found.directory is not None
    assert found.directory.startswith(os.path.realpath(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owner")
def test_a_directory_that_is_not_ours_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = cache_policy(settings_of(f"install --cache-dir {tmp_path}/cache demo"))
    assert found.directory is None
    assert found.warning is not None
    assert found.warning.startswith(f"The directory '{os.path.realpath(tmp_path)}/cache' or its")
