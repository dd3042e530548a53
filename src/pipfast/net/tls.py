"""Make TLS contexts that trust the system's store and certifi, certifi alone, or a CA bundle."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

from pipfast.errors import InstallationError
from pipfast.model.lazy_pattern import lazy_pattern
from pipfast.policy.network import NetworkPolicy

CERTIFICATE_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/tls/cert.pem",  # Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora 44, RHEL 11
    "/etc/ssl/cert.pem",  # Alpine, BSD
    "/etc/ssl/ca-bundle.pem",  # SUSE
)
"""Where Unix systems have their certificates, if OpenSSL was compiled for other places."""

_HASHED = lazy_pattern(r"[0-9a-f]{8}\.[0-9]", re.IGNORECASE)


def uses_openssl() -> bool:
    """Return whether OpenSSL reads the system's store; elsewhere truststore asks the system."""
    return sys.platform not in ("darwin", "win32")


def ssl_contexts(policy: NetworkPolicy, *, verify: bool) -> Callable[[], ssl.SSLContext]:
    """Return a function that returns the TLS context for a new connection to a host.

    It is the same one for all connections if OpenSSL verifies certificates. truststore's changes
    during a handshake and is locked, so that connections would be made one after the other; with
    it each connection has its own. Raises what `ssl_context` raises.
    """
    context = ssl_context(policy, verify=verify)
    if verify and policy.system_certificates and not uses_openssl():
        return lambda: ssl_context(policy, verify=True)
    return lambda: context


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
        context = _of_openssl() if uses_openssl() else _of_truststore()
        context.load_verify_locations(cafile, capath)
        return context
    return ssl.create_default_context(cafile=cafile, capath=capath)


def _of_openssl() -> ssl.SSLContext:
    """Return a context that trusts the system's certificates.

    truststore would read them again for each connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    default = ssl.get_default_verify_paths()  # also from SSL_CERT_FILE and SSL_CERT_DIR
    if default.cafile or (default.capath and _has_certificates(default.capath)):
        context.set_default_verify_paths()
        return context
    for file in filter(os.path.isfile, CERTIFICATE_FILES):
        context.load_verify_locations(file)
        break
    return context


def _has_certificates(folder: str) -> bool:
    """Return whether OpenSSL finds certificates in a folder, by their hashed names."""
    try:
        return any(map(_HASHED.fullmatch, os.listdir(folder)))  # noqa: PTH208 - names are enough
    except OSError:
        return False


def _of_truststore() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _not_verifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
