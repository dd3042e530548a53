"""Proxies that companies use, from Debian's packages; a missing one is skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from compat.network.real_servers import Unavailable, free_port, proxy_command, running
from pipfast.model.frozen_dataclass import replace
from pipfast.net.client import Client
from pipfast.net.errors import NetworkError
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Reply, serving, tls_context

POLICY = NetworkPolicy(retries=0, interactive=False, keyring="disabled")


def answered(client: Client, url: str) -> bool:
    """Return whether the client gets the page."""
    try:
        return client.get(url).body == b"ok"
    except NetworkError as error:
        return "wrong" in str(error)
    finally:
        client.close()


@pytest.mark.parametrize(
    ("program", "scheme"),
    [
        ("tinyproxy", "http"),
        ("squid", "http"),
        ("microsocks", "socks5"),
        ("microsocks", "socks5h"),
    ],
)
def test_a_real_proxy_with_an_account(tmp_path: Path, program: str, scheme: str) -> None:
    port = free_port()
    try:
        command = proxy_command(program, tmp_path, port)
        tls, certificate = tls_context(tmp_path)
    except (Unavailable, FileNotFoundError) as error:
        pytest.skip(str(error))
    policy = replace(POLICY, certificate=certificate)
    with running(command, port), serving(tls) as site:
        site.pages["/"] = Reply(b"ok")
        for url in (f"{site.base}/", f"{site.base.replace('http:', 'https:')}/"):
            for account, works in (("me:secret@", True), ("me:wrong@", False)):
                client = Client(replace(policy, proxy=f"{scheme}://{account}127.0.0.1:{port}"))
                assert answered(client, url) is works
