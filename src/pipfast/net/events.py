"""Messages about requests, credentials and keyrings."""

from __future__ import annotations

from pipfast.model.credentials import CredentialSource
from pipfast.model.events import Level, Message
from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class HostNotTrusted(Message):
    """A location is not read because its host is neither secure nor trusted."""

    host: str | None
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestRetried(Message):
    """A request broke off and is sent again; after that, `retries_left` retries remain.

    `url` holds no credentials, and is shown as a `whole` if the request line has it all. `cause` is
    the exception as urllib3 would show it.
    """

    url: str
    retries_left: int
    cause: str
    whole: bool = False
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConnectionOpened(Message):
    """A connection is about to be opened, the `number`-th to its host and port in this run."""

    scheme: str
    number: int
    host: str
    port: int
    level: Level = field(default=Level.DEBUG, kw_only=True)
    of_library: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class ResponseReceived(Message):
    """The head of a response arrived.

    `origin` is scheme, host and port, `target` what the request line names, `length` the size of
    the body in bytes, None if the server does not say it.
    """

    origin: str
    method: str
    target: str
    version: str
    status: int
    length: int | None
    level: Level = field(default=Level.DEBUG, kw_only=True)
    of_library: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class RetryCounted(Message):
    """A request for `target` will be sent again; after that, `retries_left` retries remain."""

    target: str
    retries_left: int
    level: Level = field(default=Level.DEBUG, kw_only=True)
    of_library: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class RequestRepeated(Message):
    """A request for `target` is sent again because of the status of its response."""

    target: str
    level: Level = field(default=Level.DEBUG, kw_only=True)
    of_library: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class CredentialsFound(Message):
    """Credentials for `host` were found."""

    source: CredentialSource
    host: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class IndexOfUrlFound(Message):
    """A requested URL belongs to the index at `url`, which holds no credentials."""

    url: str
    level: Level = field(default=Level.DEBUG, kw_only=True)


@dataclass(frozen=True, slots=True)
class CredentialsRejected(Message):
    """The server answered 401 to a request with credentials. `url` holds no credentials."""

    url: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class SavingCredentials(Message):
    """Credentials that the user entered are about to be saved in the keyring."""


@dataclass(frozen=True, slots=True)
class CredentialsNotSaved(Message):
    """The keyring could not save credentials; `error` is its exception as text."""

    error: str
    level: Level = field(default=Level.ERROR, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeyringRequested(Message):
    """A keyring is needed for the first time; `provider` is the user's choice."""

    provider: str
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeyringChosen(Message):
    """The `kind` of keyring that is used: ``import``, ``subprocess`` or ``disabled``."""

    kind: str
    program: str | None = None
    level: Level = field(default=Level.VERBOSE, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeyringSkipped(Message):
    """The keyring raised an exception, `error` as text, and is not used any more."""

    error: str
    level: Level = field(default=Level.WARNING, kw_only=True)


@dataclass(frozen=True, slots=True)
class KeyringNotImportable(Message):
    """The `keyring` package of the target raised an exception, `error` as text, on import.

    `tries_program` is whether a `keyring` program is searched for next.
    """

    error: str
    tries_program: bool
    level: Level = field(default=Level.WARNING, kw_only=True)
