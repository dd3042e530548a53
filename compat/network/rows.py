"""The dimensions of the matrix, and sets of rows that cover each pair or triple of values."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "scheme": ("http", "https", "http-to-https", "https-to-http"),
    "trust": (
        "nothing", "cert", "cert-folder", "cert-variable", "requests-variable", "curl-variable",
        "requests-before-cert", "ssl-variable", "other-cert", "missing-cert", "client",
        "no-client", "legacy", "legacy-cert", "trusted-host",
    ),
    "proxy": (
        "none", "option", "lower", "upper", "all", "account", "wrong-account", "no-proxy",
        "no-proxy-port", "no-proxy-other", "no-proxy-star", "socks4", "socks5", "socks5h",
        "socks-account", "socks-wrong",
    ),
    "credentials": (
        "open", "url", "user", "netrc", "wrong", "missing", "keyring", "keyring-import",
        "keyring-off", "expired", "prompt",
    ),
    "what": (
        "page", "file", "sidecar", "requirements", "constraints", "find-links", "direct",
        "repository",
    ),
}  # fmt: skip
_TRIES = 40


class Row(NamedTuple):
    """A value of each dimension."""

    scheme: str
    trust: str
    proxy: str
    credentials: str
    what: str


def every_row() -> Iterator[Row]:
    """Yield all combinations."""
    return map(Row._make, product(*DIMENSIONS.values()))


def covering(strength: int) -> list[Row]:
    """Return rows in which each combination of values of `strength` dimensions occurs.

    The rows are always the same.
    """
    chance = random.Random(strength)
    left = {
        tuple(zip(places, values, strict=True))
        for places in combinations(range(len(DIMENSIONS)), strength)
        for values in product(*(tuple(DIMENSIONS.values())[place] for place in places))
    }
    rows = []
    for wanted in sorted(left):
        if wanted in left:
            tries = (_completed(dict(wanted), chance) for _ in range(_TRIES))
            best = max(tries, key=lambda row: len(left.intersection(_parts(row, strength))))
            left.difference_update(_parts(best, strength))
            rows.append(best)
    return rows


def _completed(values: dict[int, str], chance: random.Random) -> Row:
    listed = enumerate(DIMENSIONS.values())
    return Row._make(values.get(place) or chance.choice(all_of) for place, all_of in listed)


def _parts(row: Row, strength: int) -> Iterator[tuple[tuple[int, str], ...]]:
    return combinations(enumerate(row), strength)
