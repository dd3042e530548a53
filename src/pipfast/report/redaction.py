"""Take secrets out of texts that are stored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from pipfast.model.lazy_pattern import lazy_pattern

HIDDEN = "****"
_SHORTEST = 6
"""The minimum length of secrets that are replaced everywhere; shorter ones may be words."""

ACCOUNT = lazy_pattern(r"(?<=://)[^/\s'\"]*@")
QUERY = lazy_pattern(r"(://[^\s'\"?#]*\?)[^\s'\"#]+")
_NAMED = lazy_pattern(
    r"(?i)([\w-]*(?:token|secret|passw(?:or)?d|api[-_]?key|credential)[\w-]*\s*[=:]\s*)[^\s,;]+"
)
_NAMES = ("token", "secret", "passw", "key", "credential")
_HEADER = lazy_pattern(r"(?i)\b(basic|bearer)\s+[a-z0-9+/=._~-]{8,}")
_PARTS = ("TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH", "KEY", "COOKIE")
_SECRET_NAME = lazy_pattern(
    r"(?i)(?:^|_)(?:TOKEN|SECRET|PASS(?:WORD|WD|PHRASE)?|CREDENTIAL|AUTH|(?:API_?)?KEY|COOKIE)S?"
    r"(?:$|_)"
)
_QUERY_IN_JSON = lazy_pattern(r"(://[^\s\"?#]*)\?[^\s\"#]*")
_HARMLESS = lazy_pattern(r"(git|\$\{[A-Za-z0-9_-]+\}(:\$\{[A-Za-z0-9_-]+\})?)@")
_BARE_ACCOUNT = lazy_pattern(r"(?<![^\s='\"])[^\s/@:='\"]+:[^\s/@]*@(?=[\w.\[])")
"""An account in an address without a scheme, which pip accepts for a proxy."""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` like `without_secrets`; the user's home folder becomes ``~``."""
    text = without_secrets(text, secrets)
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib is not needed by every run
    return text.replace(home, "~") if len(home) > 1 else text


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without user names and queries of URLs and without secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    if "://" in text:  # most texts need no pattern, and compiling these takes milliseconds
        text = ACCOUNT.sub(f"{HIDDEN}@", text)
        text = QUERY.sub(rf"\1{HIDDEN}", text)
    low = text.lower()
    if "basic" in low or "bearer" in low:
        text = _HEADER.sub(rf"\1 {HIDDEN}", text)
    if any(word in low for word in _NAMES):
        text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return text


def redacted_words(words: Iterable[str], secrets: Iterable[str] = ()) -> list[str]:
    """Return the words of a command line without secrets, and without accounts of proxies."""
    hidden = [*secrets]
    texts = (without_secrets(word, hidden) for word in words)
    return [_BARE_ACCOUNT.sub(f"{HIDDEN}@", one) if "@" in one else one for one in texts]


def without_account(url: str) -> str:
    """Return `url` without account and query."""
    return (ACCOUNT.sub("", url) if "@" in url else url).partition("?")[0]


def without_password(text: str) -> str:
    """Return ``direct_url.json`` without passwords and queries; names of variables may stay.

    Source: PEP 610, which allows ``git@`` and ``${NAME}:${PASSWORD}@``.
    """
    text = _QUERY_IN_JSON.sub(r"\1", text)
    return ACCOUNT.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[0]) else "", text)


def _is_named_secret(variable: str) -> bool:
    name = variable.upper()
    return any(part in name for part in _PARTS) and bool(_SECRET_NAME.search(name))


def secrets_in(environ: Mapping[str, str], configured: Iterable[str]) -> list[str]:
    """Return the secrets, longest first, so that none is replaced in part."""
    found = {value for name, value in environ.items() if _is_named_secret(name)}
    for value in (*environ.values(), *configured):
        for account in ACCOUNT.findall(value) if "@" in value else ():
            from urllib.parse import unquote

            user, colon, password = account[:-1].partition(":")
            hidden = password if colon else user
            found |= {hidden, unquote(hidden)}
    return sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True)
