"""Find credentials for a URL, in the places and the order of pip."""

from __future__ import annotations

import base64
import sys
import threading
from collections.abc import Iterator
from os.path import commonpath
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from pipfast.concurrency.thread_pool import Postponed, is_ahead
from pipfast.model.credentials import CredentialSource, KeyringUse
from pipfast.model.events import Listener, Message, Question
from pipfast.model.frozen_dataclass import dataclass
from pipfast.net.events import (
    CredentialsFound,
    CredentialsNotSaved,
    IndexOfUrlFound,
    KeyringSkipped,
    SavingCredentials,
)
from pipfast.net.keyring import Credentials, Keyring, NoKeyring, keyring
from pipfast.policy.network import NetworkPolicy


def basic_auth(user: str, password: str) -> str:
    """Return the header value for basic authentication (RFC 7617), in latin-1 as requests does."""
    raw = f"{user}:{password}"
    try:
        encoded = raw.encode("latin-1")
    except UnicodeEncodeError:
        encoded = raw.encode()
    return "Basic " + base64.b64encode(encoded).decode("ascii")


def without_credentials(url: str) -> str:
    """Return `url` without user and password."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def credentials_in(url: str) -> tuple[str | None, str | None]:
    """Return the user and the password in `url`, None for a part that is missing."""
    if "@" not in url:
        return None, None
    userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
    if not at:
        return None, None
    user, colon, password = userinfo.partition(":")
    return unquote(user), unquote(password) if colon else None


Origin = tuple[str, str, int | None]
"""Scheme, host and port."""

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> Origin:
    """Return the origin of `url` with its default port (RFC 6454), which equals no invalid one."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", url, None


def may_follow(source: Origin, target: Origin) -> bool:
    """Return whether credentials for `source` may be sent to `target`.

    Only to the same origin, or from http to https of one host with the default ports (requests
    behaviour). pip compares only host and port.
    """
    host = source[1]
    return source == target or (source, target) == (("http", host, 80), ("https", host, 443))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user whose credentials are sent, empty if unknown, and where they come from."""

    user: str
    source: CredentialSource
    keyring: KeyringUse


class Authenticator:
    """Finds credentials in the URL, in the matching index URL, and in netrc.

    After a 401 it also queries the keyring and prompts the user, one thread at a time. Credentials
    found for an origin are used for it again. If an index is read over https, what netrc or the
    keyring has for its host is not sent over http, to which a page or a redirect may lead.
    """

    def __init__(self, policy: NetworkPolicy, emit: Listener) -> None:
        self._policy = policy
        self._emit = emit
        self._by_origin: dict[Origin, Credentials] = {}
        self._secure_hosts = frozenset(
            origin(index)[1] for index in policy.index_urls if origin(index)[0] == "https"
        )
        self._lock = threading.Lock()
        self._netrc: dict[str, Credentials | None] = {}
        self._keyring: Keyring | None = None
        self._to_be_asked: set[Origin] = set()
        self._typed: set[Origin] = set()
        self._to_save: tuple[str, str, str] | None = None

    def credentials(self, url: str, *, netrc: bool = True) -> Credentials | None:
        """Return credentials to send with the first request, None for none.

        Raises Postponed in a thread that works ahead if the user has to be asked for them first.
        Without `netrc` that file does not count.
        """
        place = origin(url)
        if place in self._to_be_asked and is_ahead():
            raise Postponed  # it would be refused
        user, password = self._from_urls(url)
        if (user is None or password is None) and netrc and not self._is_downgrade(place):
            found = self._from_netrc(_netloc(url))
            if found is not None:
                user, password = found
        if (user is None or password is None) and place in self._by_origin:
            before = self._by_origin[place]
            if user is None or user == before[0]:
                user, password = before
        if user is None and password is None:
            return None
        credentials = (user or "", password or "")
        self._by_origin[place] = credentials
        return credentials

    def sources(self, url: str, *, netrc: bool = True) -> Iterator[Message]:
        """Yield from where the credentials for `url` come, for a run that explains itself.

        Without `netrc` that file does not count.
        """
        host = _netloc(url)
        user, password = credentials_in(url)
        if user is not None and password is not None:
            yield CredentialsFound(CredentialSource.URL, host)
            return
        index = self._index_of(url)
        if index is not None:
            yield IndexOfUrlFound(without_credentials(index))
            user, password = credentials_in(index)
            if user is not None and password is not None:
                yield CredentialsFound(CredentialSource.INDEX, host)
                return
        if netrc and self._from_netrc(host) is not None:
            yield CredentialsFound(CredentialSource.NETRC, host)

    def after_challenge(self, url: str, emit: Listener | None = None) -> Credentials | None:
        """Return credentials to send after a 401, None to give up; `emit` gets the messages.

        May query the keyring, and prompts the user if the run is interactive. Raises Postponed if
        it would in a thread that works ahead: the user is asked in the order in which the run needs
        the answers.
        """
        place = origin(url)
        before = self._by_origin.get(place)
        with self._lock:
            if is_ahead() and place in self._to_be_asked:
                raise Postponed  # also if the user has answered: it is not known to be right
            if place in self._by_origin and self._by_origin[place] != before:
                return self._by_origin[place]  # another thread has found them meanwhile
            if self._may_use_keyring():
                self._to_be_asked.add(place)
                if is_ahead():
                    raise Postponed
            user, password = self._from_urls(url)
            may_look = self._may_use_keyring() and not self._is_downgrade(place)
            if (user is None or password is None) and may_look:
                user, password = self._from_keyring(url, user, emit) or (user, password)
            if not user and not password:
                user, password = self._from_prompt(_netloc(url), emit or self._emit)
                self._typed.add(place)
            if not user and not password:
                return None
            credentials = (user or "", password or "")
            if user is not None and password is not None:
                self._by_origin[place] = credentials
            return credentials

    def has_account(self, url: str) -> bool:
        """Return whether credentials for `url` are known; neither keyring nor user is asked."""
        if any(part is not None for part in self._from_urls(url)):
            return True
        return self._from_netrc(_netloc(url)) is not None or origin(url) in self._by_origin

    def account(self, url: str) -> Account:
        """Return whose credentials are sent to `url`; nobody is asked for any."""
        source = CredentialSource.NONE
        user, password = self._from_urls(url)
        if user is not None or password is not None:
            source = CredentialSource.URL
        elif (found := self._from_netrc(_netloc(url))) is not None:
            user, source = found[0], CredentialSource.NETRC
        elif (known := self._by_origin.get(origin(url))) is not None:
            user = known[0]
            source = (
                CredentialSource.PROMPT if origin(url) in self._typed else CredentialSource.KEYRING
            )
        if self._policy.keyring == "disabled" or not self._may_use_keyring():
            keyring = KeyringUse.DISABLED
        elif isinstance(self._get_keyring(), NoKeyring):
            keyring = KeyringUse.MISSING
        else:
            keyring = KeyringUse.ASKED
        return Account(user=user or "", source=source, keyring=keyring)

    def note_answer(self, url: str, status: int, emit: Listener | None = None) -> None:
        """Note the status of an answer from `url`; `emit` gets the messages.

        Until one succeeds, no thread that works ahead uses what the user entered. It is then saved
        in the keyring, if the user wants that.
        """
        if status < 400 and self._to_be_asked:
            self._to_be_asked.discard(origin(url))
        if self._to_save is None or status >= 400 or _netloc(url) != self._to_save[0]:
            return
        entered, self._to_save = self._to_save, None
        emit = emit or self._emit
        emit(SavingCredentials())
        try:
            self._get_keyring(emit).save(*entered)
        except Exception as error:  # noqa: BLE001 - keyring backends raise anything
            emit(CredentialsNotSaved(str(error)))

    def _from_urls(self, url: str) -> tuple[str | None, str | None]:
        """Return the credentials in `url`, else those in the index URL that is nearest to it."""
        user, password = credentials_in(url)
        if user is not None and password is not None:
            return user, password
        index = self._index_of(url)
        if index is not None:
            of_index = credentials_in(index)
            if of_index[0] is not None:
                return of_index
        return user, password

    def _index_of(self, url: str) -> str | None:
        """Return the index URL on the host of `url` that has the longest path in common with it."""
        wanted = urlsplit(without_credentials(url).rstrip("/") + "/")
        on_host: list[SplitResult] = []
        for index in self._policy.index_urls:
            with_slash = index.rstrip("/") + "/"
            try:
                bare = urlsplit(without_credentials(with_slash))
            except ValueError:
                continue  # it is reported when its pages are requested
            if bare == wanted:
                return with_slash
            if may_follow(origin(with_slash), origin(url)):
                on_host.append(urlsplit(with_slash))
        if not on_host:
            return None
        best = max(on_host, key=lambda parts: len(commonpath([wanted.path, parts.path])))
        return urlunsplit(best)

    def _is_downgrade(self, place: Origin) -> bool:
        """Return whether `place` is http on the host of an index that is read by https."""
        return place[0] == "http" and place[1] in self._secure_hosts

    def _from_netrc(self, netloc: str) -> Credentials | None:
        if netloc not in self._netrc:
            from pipfast.net.netrc import netrc_credentials

            self._netrc[netloc] = netrc_credentials(netloc.partition(":")[0])
        return self._netrc[netloc]

    def _may_use_keyring(self) -> bool:
        return self._policy.interactive or self._policy.keyring not in ("auto", "disabled")

    def _get_keyring(self, emit: Listener | None = None) -> Keyring:
        if self._keyring is None:
            python = self._policy.python or sys.executable
            self._keyring = keyring(self._policy.keyring, python, emit or self._emit)
        return self._keyring

    def _from_keyring(
        self, url: str, user: str | None, emit: Listener | None
    ) -> Credentials | None:
        index = self._index_of(url)
        services = ([without_credentials(index)] if index else []) + [_netloc(url)]
        for service in services:
            try:
                credentials = self._get_keyring(emit).get(service, user)
            except Exception as error:  # noqa: BLE001 - keyring backends raise anything
                (emit or self._emit)(KeyringSkipped(str(error)))
                self._keyring = NoKeyring()
                return None
            if credentials is not None:
                return credentials
        return None

    def _from_prompt(self, netloc: str, emit: Listener) -> tuple[str | None, str | None]:
        if not self._policy.interactive:
            return None, None
        import getpass

        emit(Question(begins=True))
        try:
            user = input(f"User for {netloc}: ")
            if not user:
                return None, None
            if self._may_use_keyring():
                credentials = self._from_keyring(f"//{netloc}", user, emit)
                if credentials is not None:
                    return credentials
            password = getpass.getpass("Password: ")
            if self._get_keyring(emit).can_save and self._may_use_keyring():
                answer = input("Save credentials to keyring [y/N]: ").strip().lower()
                self._to_save = (netloc, user, password) if answer == "y" else None
        except EOFError:
            return None, None
        finally:
            emit(Question(begins=False))
        return user, password


def _netloc(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
