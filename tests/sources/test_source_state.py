from __future__ import annotations

from pathlib import Path

import pytest

from pipfast.sources.prepared_source import MetadataOrigin
from pipfast.sources.source_state import (
    BuildWheel,
    Cached,
    PreparationFacts,
    SourceState,
    Uncached,
    UseWheel,
    WheelBuilt,
    metadata_origins,
    next_step,
)
from pipfast.store.build_cache.built_wheel_cache import CachedWheel

WHEEL = CachedWheel(Path("demo-1.0-py3-none-any.whl"), Path(), origin=None, sha256="")
STATIC, CACHED_WHEEL, STORED, BACKEND = (
    MetadataOrigin.STATIC,
    MetadataOrigin.CACHED_WHEEL,
    MetadataOrigin.STORED,
    MetadataOrigin.BACKEND,
)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (Cached(WHEEL), UseWheel(WHEEL)),
        (WheelBuilt(WHEEL), UseWheel(WHEEL)),
        (Uncached(), BuildWheel()),
        (Uncached(speculative=True), BuildWheel()),
    ],
)
def test_a_source_is_built_unless_it_has_a_wheel(
    state: SourceState, step: UseWheel | BuildWheel
) -> None:
    assert next_step(state) == step


@pytest.mark.parametrize(
    ("facts", "origins"),
    [
        (PreparationFacts(), [STATIC, STORED, BACKEND]),
        (PreparationFacts(is_editable=True), [STATIC, BACKEND]),
        (PreparationFacts(is_configured=True), [STORED, BACKEND]),
        (PreparationFacts(trusts_static=False), [STORED, BACKEND]),
        (PreparationFacts(trusts_stored=False), [STATIC, BACKEND]),
        (PreparationFacts(is_repeated=True), [CACHED_WHEEL, BACKEND]),
        (PreparationFacts(is_repeated=True, is_editable=True), [CACHED_WHEEL, BACKEND]),
    ],
)
def test_metadata_comes_from_the_backend_unless_it_is_known(
    facts: PreparationFacts, origins: list[MetadataOrigin]
) -> None:
    assert list(metadata_origins(facts)) == origins
