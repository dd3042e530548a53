"""Proxies that companies use, from Debian's packages; a missing one is skipped."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipfast.model.frozen_dataclass import replace
from pipfast.net.client import Client
from pipfast.net.errors import NetworkError
from pipfast.policy.network import NetworkPolicy
from tests.kit.site import Reply, serving, tls_context

POLICY = NetworkPolicy(retries=0, interactive=False, keyring="disabled")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(words: list[str], port: int) -> Iterator[None]:
    """Run a server until the end of the block."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def command(program: str, folder: Path, port: int) -> list[str]:
    """Return the command that runs a proxy with the account me, secret."""
    config = folder / f"{program}.conf"
    match program:
        case "microsocks":
            return [program, "-i", "127.0.0.1", "-p", str(port), "-u", "me", "-P", "secret"]
        case _:
            config.write_text(f"Port {port}\nListen 127.0.0.1\nBasicAuth me secret\n")
            return [program, "-d", "-c", str(config)]


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
    [("tinyproxy", "http"), ("microsocks", "socks5"), ("microsocks", "socks5h")],
)
def test_a_real_proxy_with_an_account(tmp_path: Path, program: str, scheme: str) -> None:
    if shutil.which(program) is None or shutil.which("openssl") is None:
        pytest.skip(f"{program} or openssl is not installed")
    port = free_port()
    tls, certificate = tls_context(tmp_path)
    policy = replace(POLICY, certificate=certificate)
    with started(command(program, tmp_path, port), port), serving(tls) as site:
        site.pages["/"] = Reply(b"ok")
        for url in (f"{site.base}/", f"{site.base.replace('http:', 'https:')}/"):
            for account, works in (("me:secret@", True), ("me:wrong@", False)):
                client = Client(replace(policy, proxy=f"{scheme}://{account}127.0.0.1:{port}"))
                assert answered(client, url) is works
