"""Make TLS contexts that trust the system's store and certifi, certifi alone, or a CA bundle."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.policy.network import NetworkPolicy


def ssl_context(policy: NetworkPolicy, *, verify: bool) -> ssl.SSLContext:
    """Return the TLS context for a host; without `verify` it accepts any certificate.

    The CA bundle of ``--cert``, or of ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE`` if environment
    variables are used, replaces the trust stores (pip behaviour). Raises InstallationError for a
    file that does not exist.
    """
    bundle = policy.certificate
    if bundle is None and policy.proxies_from_environment and policy.proxy is None:
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    system = policy.system_certificates
    context = _verifying(bundle, system=system) if verify else _not_verifying()
    if policy.client_certificate:
        if not Path(policy.client_certificate).exists():
            raise InstallationError(
                "Could not install packages due to an OSError: Could not find the TLS certificate "
                f"file, invalid path: {policy.client_certificate}"
            )
        context.load_cert_chain(policy.client_certificate)
    return context


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
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context


def _not_verifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
