"""Text of the messages of `net`; pip's lines."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipfast.model.credentials import CredentialSource
from pipfast.net.events import (
    ConnectionOpened,
    CredentialsFound,
    CredentialsNotSaved,
    CredentialsRejected,
    HostNotTrusted,
    IndexOfUrlFound,
    KeyringChosen,
    KeyringNotImportable,
    KeyringRequested,
    KeyringSkipped,
    RequestRepeated,
    RequestRetried,
    ResponseReceived,
    RetryCounted,
    SavingCredentials,
)
from pipfast.report.render import renders


@renders(HostNotTrusted)
def _host_not_trusted(message: HostNotTrusted) -> str:
    host = message.host
    return (
        f"The repository located at {host} is not a trusted or secure host and is being ignored. "
        "If this repository is available via HTTPS we recommend you use HTTPS instead, otherwise "
        f"you may silence this warning and allow it anyway with '--trusted-host {host}'."
    )


@renders(RequestRetried)
def _request_retried(message: RequestRetried) -> str:
    parts = urlsplit(message.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    path = message.url if message.whole else path
    return (
        f"Retrying ({_RETRY.format(message.retries_left)}) "
        f"after connection broken by '{message.cause}': {path}"
    )


@renders(ConnectionOpened)
def _connection_opened(message: ConnectionOpened) -> str:
    kind, number = message.scheme.upper(), message.number
    return f"Starting new {kind} connection ({number}): {message.host}:{message.port}"


@renders(ResponseReceived)
def _response_received(message: ResponseReceived) -> str:
    asked = f"{message.method} {message.target} {message.version}"
    return f'{message.origin} "{asked}" {message.status} {message.length}'


_RETRY = "Retry(total={}, connect=None, read=None, redirect=None, status=None)"
"""A retry as urllib3 shows it."""


@renders(RetryCounted)
def _retry_counted(message: RetryCounted) -> str:
    return f"Incremented Retry for (url='{message.target}'): {_RETRY.format(message.retries_left)}"


@renders(RequestRepeated)
def _request_repeated(message: RequestRepeated) -> str:
    return f"Retry: {message.target}"


@renders(CredentialsFound)
def _credentials_found(message: CredentialsFound) -> str:
    return f"Found credentials in {_PLACES[message.source]} for {message.host}"


_PLACES = {
    CredentialSource.URL: "url",
    CredentialSource.INDEX: "index url",
    CredentialSource.NETRC: "netrc",
    CredentialSource.KEYRING: "keyring",
}


@renders(IndexOfUrlFound)
def _index_of_url_found(message: IndexOfUrlFound) -> str:
    return f"Found index url {message.url}"


@renders(CredentialsRejected)
def _credentials_rejected(message: CredentialsRejected) -> str:
    return f"401 Error, Credentials not correct for {message.url}"


@renders(SavingCredentials)
def _saving_credentials(_: SavingCredentials) -> str:
    return "Saving credentials to keyring"


@renders(CredentialsNotSaved)
def _credentials_not_saved(message: CredentialsNotSaved) -> str:
    return f"Failed to save credentials: {message.error}"


@renders(KeyringRequested)
def _keyring_requested(message: KeyringRequested) -> str:
    return f"Keyring provider requested: {message.provider}"


@renders(KeyringChosen)
def _keyring_chosen(message: KeyringChosen) -> str:
    program = "" if message.program is None else f" with executable {message.program}"
    return f"Keyring provider set: {message.kind}{program}"


@renders(KeyringSkipped)
def _keyring_skipped(message: KeyringSkipped) -> str:
    return f"Keyring is skipped due to an exception: {message.error}"


@renders(KeyringNotImportable)
def _keyring_not_importable(message: KeyringNotImportable) -> str:
    text = f"Installed copy of keyring fails with exception {message.error}"
    if message.tries_program:
        text += ", trying to find a keyring executable as a fallback"
    return text
