"""Whom TLS trusts: the operating system and certifi, certifi alone, or a bundle the user names."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.policy.network import NetworkPolicy


def context(policy: NetworkPolicy, *, verified: bool) -> ssl.SSLContext:
    """The TLS settings for a host; without `verified` any certificate will do.

    ``--cert``, else (where the environment counts) ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE``,
    replaces the trust stores (pip behaviour). Raises InstallationError for a bundle that is not
    there.
    """
    bundle = policy.certificate
    if bundle is None and policy.proxies_from_environment and policy.proxy is None:
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    made = _verifying(bundle, system=policy.system_certificates) if verified else _careless()
    if policy.client_certificate:
        if not Path(policy.client_certificate).exists():
            raise InstallationError(
                "Could not install packages due to an OSError: Could not find the TLS certificate "
                f"file, invalid path: {policy.client_certificate}"
            )
        made.load_cert_chain(policy.client_certificate)
    return made


def _verifying(bundle: str | None, *, system: bool) -> ssl.SSLContext:
    if bundle:
        path = Path(bundle)
        if not path.exists():
            raise InstallationError(
                "Could not install packages due to an OSError: Could not find a suitable TLS CA "
                f"certificate bundle, invalid path: {bundle}"
            )
        if path.is_dir():
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)
    import certifi

    if not system:
        return ssl.create_default_context(cafile=certifi.where())
    try:
        import truststore
    except ImportError:
        return ssl.create_default_context(cafile=certifi.where())
    made = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(certifi.where())
    return made


def _careless() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made
