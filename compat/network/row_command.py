"""The arguments, environment and files with which a row of the matrix runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compat.network.rows import Row

USER, PASSWORD = "me", "secret"
GOOD = f"{USER}:{PASSWORD}"
_KEYRING = f"""\
#!/bin/sh
[ "$1" = get ] && echo {PASSWORD}
[ "$1" = --mode=creds ] && echo '{{"username": "{USER}", "password": "{PASSWORD}"}}'
exit 0
"""
_KEYRING_MODULE = f"""\
class Credential:
    username, password = {USER!r}, {PASSWORD!r}

def get_credential(service, user):
    return Credential()

def get_password(service, user):
    return {PASSWORD!r} if user == {USER!r} else None
"""
_NETRC = f"machine 127.0.0.1 login {USER} password {PASSWORD}\n"
_ACCOUNTS = {
    "url": GOOD, "wrong": f"{USER}:bad", "expired": f"{USER}:old", "user": USER, "keyring": USER,
    "keyring-import": USER, "keyring-off": USER,
}  # fmt: skip
_PROVIDERS = {"keyring": "subprocess", "keyring-import": "import", "keyring-off": "disabled"}
_TRUST_VARIABLES = {
    "cert-variable": "PIP_CERT", "requests-variable": "REQUESTS_CA_BUNDLE",
    "curl-variable": "CURL_CA_BUNDLE", "requests-before-cert": "REQUESTS_CA_BUNDLE",
    "ssl-variable": "SSL_CERT_FILE",
}  # fmt: skip


@dataclass(frozen=True)
class Certificates:
    """Paths of certificates: the server's, another one, a hashed folder, and one with its key."""

    good: Path
    other: Path
    folder: Path
    client: Path


@dataclass(frozen=True)
class Places:
    """Where a row runs: its folder, the server's host and port, and the ports of proxies.

    The proxies' keys are whether it is a SOCKS proxy, and whether it requires an account.
    """

    folder: Path
    host: str
    certificates: Certificates
    proxies: Mapping[tuple[bool, bool], int]
    wheel: str


@dataclass(frozen=True)
class RowCommand:
    """What a row means for a program."""

    row: Row
    places: Places

    @property
    def typed(self) -> str:
        """The standard input."""
        return f"{USER}\n{PASSWORD}\nn\n" if self.row.credentials == "prompt" else ""

    def fill_home(self) -> None:
        """Write the files from which credentials come."""
        folder, credentials = self.places.folder, self.row.credentials
        for name in ("to", "keyring", "modules"):
            shutil.rmtree(folder / name, ignore_errors=True)
        (folder / ".netrc").write_text(_NETRC if credentials == "netrc" else "")
        for name, text, used in (
            ("keyring/keyring", _KEYRING, ("keyring", "keyring-off", "expired")),
            ("modules/keyring.py", _KEYRING_MODULE, ("keyring-import",)),
        ):
            if credentials in used:
                path = folder / name
                path.parent.mkdir()
                path.write_text(text)
                path.chmod(0o755)

    def argv(self) -> list[str]:
        """Return the arguments, the subcommand first."""
        provider = _PROVIDERS.get(self.row.credentials)
        words = ["--no-cache-dir", "--retries", "0"]
        words += [] if self.row.credentials == "prompt" else ["--no-input"]
        words += ["--keyring-provider", provider] if provider else []
        if self.row.proxy == "option" or self.row.proxy.startswith("socks"):
            words += ["--proxy", self._proxy()]
        return [*self._request(), *words, *self._trust_options()]

    def _request(self) -> list[str]:
        account = _ACCOUNTS.get(self.row.credentials)
        first = self.row.scheme.partition("-to-")[0]
        base = f"{first}://{f'{account}@' if account else ''}{self.places.host}"
        words, index = ["install", "--dry-run"], ["-i", f"{base}/simple/"]
        direct = [*words, "--no-index"]
        return {
            "page": [*words, *index, "demo"],
            "sidecar": [*words, *index, "side"],
            "file": ["download", "-d", "to", *index, "demo"],
            "requirements": [*words, *index, "-r", f"{base}/r.txt"],
            "constraints": [*words, *index, "-c", f"{base}/r.txt", "demo"],
            "find-links": [*direct, "-f", f"{base}/simple/demo/", "demo"],
            "repository": [*direct, f"one@git+{base}/one.git"],
            "direct": [*direct, f"{base}/{self.places.wheel}"],
        }[self.row.what]

    def _trust_options(self) -> list[str]:
        files = self.places.certificates
        cert, other = ["--cert", str(files.good)], ["--cert", str(files.other)]
        legacy = ["--use-deprecated=legacy-certs"]
        return {
            "cert": cert,
            "cert-folder": ["--cert", str(files.folder)],
            "requests-before-cert": other,
            "other-cert": other,
            "missing-cert": ["--cert", str(self.places.folder / "none.pem")],
            "client": [*cert, "--client-cert", str(files.client)],
            "no-client": cert,
            "legacy": legacy,
            "legacy-cert": [*legacy, *cert],
            "trusted-host": ["--trusted-host", self.places.host],
        }.get(self.row.trust, [])

    def _proxy(self) -> str:
        kind = self.row.proxy
        is_socks = kind.startswith("socks")
        has_account = kind.endswith(("account", "wrong"))
        account = f"{USER}:bad@" if "wrong" in kind else f"{GOOD}@" if has_account else ""
        scheme = "http" if not is_socks else "socks5" if has_account else kind
        return f"{scheme}://{account}127.0.0.1:{self.places.proxies[is_socks, has_account]}"

    def environ(self) -> dict[str, str]:
        """Return the environment of the program."""
        folder = self.places.folder
        environ = {
            "PATH": f"{folder / 'keyring'}:{folder / 'programs'}", "HOME": str(folder),
            "PYTHONPATH": f"{folder / 'modules'}:{folder / 'socks'}", "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIPFAST_PIP_COMPAT": "1",
            "PIPFAST_FALLBACK": "never", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
        }  # fmt: skip
        if name := _TRUST_VARIABLES.get(self.row.trust):
            environ[name] = str(self.places.certificates.good)
        return environ | self._proxy_variables()

    def _proxy_variables(self) -> dict[str, str]:
        kind = self.row.proxy
        exempt = {
            "no-proxy": "example.org,127.0.0.1", "no-proxy-star": "*",
            "no-proxy-port": f"localhost,{self.places.host}",
            "no-proxy-other": "localhost,127.0.0.2,.example.org",
        }  # fmt: skip
        if kind == "none" or kind == "option" or kind.startswith("socks"):
            return {}
        if kind == "upper":  # HTTP_PROXY, too, but for programs that a web server runs
            return {"HTTP_PROXY": self._proxy(), "HTTPS_PROXY": self._proxy()}
        if kind == "all":
            return {"all_proxy": self._proxy()}
        proxies = {"http_proxy": self._proxy(), "https_proxy": self._proxy()}
        return {**proxies, "no_proxy": exempt[kind]} if kind in exempt else proxies
