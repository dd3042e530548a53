"""Credentials for a URL: where pip looks for them, in pip's order."""

from __future__ import annotations

import base64
import sys
import threading
from os.path import commonpath
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from pipfast.model.events import Level, Listener, Said
from pipfast.net.keyring import Keyring, NoKeyring, keyring
from pipfast.policy.network import NetworkPolicy

Pair = tuple[str, str]


def basic(user: str, password: str) -> str:
    """The header's value for basic authentication (RFC 7617, latin-1 as requests sends it)."""
    raw = f"{user}:{password}"
    try:
        encoded = raw.encode("latin-1")
    except UnicodeEncodeError:
        encoded = raw.encode()
    return "Basic " + base64.b64encode(encoded).decode("ascii")


def without_secrets(url: str) -> str:
    """`url` without user and password."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def secrets_of(url: str) -> tuple[str | None, str | None]:
    """User and password that stand in `url`, None for what is not there."""
    if "@" not in url:
        return None, None
    userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
    if not at:
        return None, None
    user, colon, password = userinfo.partition(":")
    return unquote(user), unquote(password) if colon else None


class Authority:
    """Finds credentials in the URL, in the matching index URL, in netrc.

    After a 401, in the keyring too, and from the user.
    What was found for a host is used for that host again. One thread at a time asks the user.
    """

    def __init__(self, policy: NetworkPolicy, emit: Listener) -> None:
        self._policy = policy
        self._emit = emit
        self._known: dict[str, Pair] = {}
        self._lock = threading.Lock()
        self._netrc: dict[str, Pair | None] = {}
        self._keyring: Keyring | None = None
        self._save: tuple[str, str, str] | None = None

    def known(self, url: str) -> Pair | None:
        """Credentials to send unasked, None for none."""
        netloc = _netloc(url)
        user, password = self._written(url)
        if user is None or password is None:
            pair = self._from_netrc(netloc)
            if pair is not None:
                user, password = pair
        if (user is None or password is None) and netloc in self._known:
            before = self._known[netloc]
            if user is None or user == before[0]:
                user, password = before
        if user is None and password is None:
            return None
        pair = (user or "", password or "")
        self._known[netloc] = pair
        return pair

    def asked_for(self, url: str) -> Pair | None:
        """Credentials to send after the server asked for some, None to give up.

        The keyring may be asked, and the user where the run is interactive.
        """
        netloc = _netloc(url)
        before = self._known.get(netloc)
        with self._lock:
            if netloc in self._known and self._known[netloc] != before:
                return self._known[netloc]  # another thread has asked meanwhile
            user, password = self._written(url)
            if (user is None or password is None) and self._may_use_keyring():
                user, password = self._from_keyring(url, user) or (user, password)
            if not user and not password:
                user, password = self._from_user(netloc)
            if not user and not password:
                return None
            pair = (user or "", password or "")
            if user is not None and password is not None:
                self._known[netloc] = pair
            return pair

    def worked(self, url: str, status: int) -> None:
        """Keep what the user typed and wants kept, once the server has taken it."""
        if self._save is None or status >= 400 or _netloc(url) != self._save[0]:
            return
        saved, self._save = self._save, None
        self._emit(Said(Level.INFO, "Saving credentials to keyring"))
        try:
            self._ring().save(*saved)
        except Exception as error:  # noqa: BLE001 - keyring backends raise anything
            self._emit(Said(Level.ERROR, f"Failed to save credentials: {error}"))

    def _written(self, url: str) -> tuple[str | None, str | None]:
        """From the URL itself, else from the index URL that is nearest to it."""
        user, password = secrets_of(url)
        if user is not None and password is not None:
            return user, password
        index = self._index_of(url)
        if index is not None:
            of_index = secrets_of(index)
            if of_index[0] is not None:
                return of_index
        return user, password

    def _index_of(self, url: str) -> str | None:
        wanted = urlsplit(without_secrets(url).rstrip("/") + "/")
        near: list[SplitResult] = []
        for index in self._policy.index_urls:
            whole = index.rstrip("/") + "/"
            bare = urlsplit(without_secrets(whole))
            if bare == wanted:
                return whole
            if bare.netloc == wanted.netloc:
                near.append(urlsplit(whole))
        if not near:
            return None
        best = max(near, key=lambda parts: len(commonpath([wanted.path, parts.path])))
        return urlunsplit(best)

    def _from_netrc(self, netloc: str) -> Pair | None:
        if netloc not in self._netrc:
            from pipfast.net.netrc import netrc_pair

            self._netrc[netloc] = netrc_pair(netloc.partition(":")[0])
        return self._netrc[netloc]

    def _may_use_keyring(self) -> bool:
        return self._policy.interactive or self._policy.keyring not in ("auto", "disabled")

    def _ring(self) -> Keyring:
        if self._keyring is None:
            python = self._policy.python or sys.executable
            self._keyring = keyring(self._policy.keyring, python, self._emit)
        return self._keyring

    def _from_keyring(self, url: str, user: str | None) -> Pair | None:
        index = self._index_of(url)
        services = ([without_secrets(index)] if index else []) + [_netloc(url)]
        for service in services:
            try:
                pair = self._ring().get(service, user)
            except Exception as error:  # noqa: BLE001 - keyring backends raise anything
                self._emit(Said(Level.WARNING, f"Keyring is skipped due to an exception: {error}"))
                self._keyring = NoKeyring()
                return None
            if pair is not None:
                return pair
        return None

    def _from_user(self, netloc: str) -> tuple[str | None, str | None]:
        if not self._policy.interactive:
            return None, None
        import getpass

        try:
            user = input(f"User for {netloc}: ")
            if not user:
                return None, None
            if self._may_use_keyring():
                pair = self._from_keyring(f"//{netloc}", user)
                if pair is not None:
                    return pair
            password = getpass.getpass("Password: ")
            if self._ring().can_save and self._may_use_keyring():
                answer = input("Save credentials to keyring [y/N]: ").strip().lower()
                self._save = (netloc, user, password) if answer == "y" else None
        except EOFError:
            return None, None
        return user, password


def _netloc(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
