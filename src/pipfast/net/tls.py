"""Make TLS contexts that trust the system's store and certifi, certifi alone, or a CA bundle."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.policy.network import NetworkPolicy


def ssl_context(policy: NetworkPolicy, *, verify: bool) -> ssl.SSLContext:
    """Return the TLS context for a host; without `verify` it accepts any certificate.

    A CA bundle is trusted in addition to the system's store, or alone without that store (pip
    behaviour). Raises InstallationError for a file that does not exist.
    """
    context = _verifying(_bundle(policy), policy) if verify else _not_verifying()
    if policy.client_certificate:
        if not Path(policy.client_certificate).exists():
            raise InstallationError(
                "Could not install packages due to an OSError: Could not find the TLS certificate "
                f"file, invalid path: {policy.client_certificate}\n"
            )
        context.load_cert_chain(policy.client_certificate)
    return context


def _bundle(policy: NetworkPolicy) -> str | None:
    """Return the file or folder with CA certificates that is configured.

    ``REQUESTS_CA_BUNDLE`` and ``CURL_CA_BUNDLE`` take precedence over ``--cert``, and count if
    environment variables are used (requests behaviour).
    """
    if policy.proxies_from_environment and policy.proxy is None:
        variable = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        if variable:
            return variable
    return policy.certificate


def _verifying(bundle: str | None, policy: NetworkPolicy) -> ssl.SSLContext:
    if bundle is None:
        import certifi

        bundle = certifi.where()
    path = Path(bundle)
    if not path.exists():
        raise InstallationError(
            "Could not install packages due to an OSError: Could not find a suitable TLS CA "
            f"certificate bundle, invalid path: {bundle}\n"
        )
    cafile, capath = (None, bundle) if path.is_dir() else (bundle, None)
    if policy.system_certificates:
        try:
            import truststore
        except ImportError:
            pass
        else:
            context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cafile, capath)
            return context
    return ssl.create_default_context(cafile=cafile, capath=capath)


def _not_verifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
