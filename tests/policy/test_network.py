"""Options determine how indexes are accessed."""

from __future__ import annotations

import pytest
from packaging.utils import NormalizedName

from pipfast.model.frozen_dataclass import replace
from pipfast.policy.network import (
    DEFAULT_INDEX,
    IndexErrors,
    IndexStrategy,
    NetworkPolicy,
    network_policy,
)
from tests.policy.settings_of import settings_of

MAIN = DEFAULT_INDEX


def test_without_options_the_policy_is_the_default_one() -> None:
    assert network_policy(settings_of("install demo")) == NetworkPolicy()


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("--index-url a --extra-index-url b", {"index_urls": ("a", "b")}),
        ("--extra-index-url b --extra-index-url c", {"index_urls": (MAIN, "b", "c")}),
        ("--no-index --extra-index-url b -f x", {"index_urls": (), "find_links": ("x",)}),
        ("--trusted-host h:1", {"trusted_hosts": ("h:1",)}),
        ("--proxy p", {"proxy": "p", "proxies_from_environment": False}),
        ("--proxy=", {"proxy": "", "proxies_from_environment": False}),
        ("--no-proxy-env", {"proxies_from_environment": False}),
        ("--cert c --client-cert d", {"certificate": "c", "client_certificate": "d"}),
        ("--use-deprecated legacy-certs", {"system_certificates": False}),
        ("--timeout 2 --retries 0", {"timeout": 2.0, "retries": 0}),
        ("--resume-retries 1", {"resume_retries": 1}),
        ("--timeout 0", {"timeout": 86400.0}),
        ("--no-input --keyring-provider import", {"interactive": False, "keyring": "import"}),
        ("--refresh-package A_b,c", {"refresh": frozenset({"a-b", "c"})}),
    ],
)
def test_an_option_changes_its_part_of_the_policy(line: str, changes: dict[str, object]) -> None:
    found = network_policy(settings_of(f"install {line} demo"))
    assert found == replace(NetworkPolicy(), **changes)  # type: ignore[arg-type]


def test_parity_merges_the_indexes_and_skips_their_errors() -> None:
    policy = network_policy(settings_of("install demo", called="pip"))
    assert (policy.strategy, policy.errors) == (IndexStrategy.BEST_MATCH, IndexErrors.SKIP)


def test_a_command_without_index_options_asks_no_index() -> None:
    assert network_policy(settings_of("show demo")).index_urls == ()


A, B, PUBLIC = "https://a.example/simple", "https://b.example/simple", f"{DEFAULT_INDEX}/"


@pytest.mark.parametrize(
    ("urls", "order", "rivals"),
    [
        ((DEFAULT_INDEX,), (DEFAULT_INDEX,), False),
        ((DEFAULT_INDEX, A), (A, DEFAULT_INDEX), False),
        ((A, PUBLIC), (A, PUBLIC), False),
        ((PUBLIC, A, B), (A, B, PUBLIC), True),
        ((A, B), (A, B), True),
        ((A, A), (A,), False),
        ((), (), False),
    ],
)
def test_the_main_index_comes_first_and_the_public_one_last(
    urls: tuple[str, ...], order: tuple[str, ...], rivals: bool
) -> None:
    policy = NetworkPolicy(index_urls=urls)
    assert policy.indexes_of(NormalizedName("demo")) == order
    assert policy.has_rivals is rivals
    merged = replace(policy, strategy=IndexStrategy.BEST_MATCH)
    assert merged.indexes_of(NormalizedName("demo")) == tuple(dict.fromkeys(urls))
    assert not merged.has_rivals


def test_a_project_may_have_an_index_of_its_own() -> None:
    policy = NetworkPolicy(index_urls=(A,), project_indexes={"demo": B})
    assert policy.indexes_of(NormalizedName("demo")) == (B,)
    assert policy.indexes_of(NormalizedName("other")) == (A,)
    assert replace(policy, index_urls=()).indexes_of(NormalizedName("demo")) == ()
