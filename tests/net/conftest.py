"""Tests of the network do not see the certificates that the machine's variables name."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_certificate_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
