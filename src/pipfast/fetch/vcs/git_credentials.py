"""Give git the credentials of a URL without showing them in the list of processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from pipfast.model.frozen_dataclass import dataclass

_USER, _PASSWORD = "PIPFAST_GIT_USER", "PIPFAST_GIT_PASSWORD"
_HELPER = (
    f'!f() {{ test "$1" = get || exit 0; printf "username=%s\\n" "${_USER}"; '
    f'test -z "${{{_PASSWORD}+x}}" || printf "password=%s\\n" "${_PASSWORD}"; }}; f'
)
"""A credential helper (gitcredentials(7)) that git runs with `sh`."""


@dataclass(frozen=True, slots=True)
class GitCredentials:
    """The credentials of `url`, and how git gets them.

    Every user of a machine can read the arguments of a program, and git also passes a URL on to
    programs that it runs. So `bare` is the URL for arguments, `options` make git ask a helper, and
    the helper reads `environment`, which only this user can read.
    """

    url: str
    bare: str
    options: tuple[str, ...]
    environment: Mapping[str, str]


def git_credentials(url: str) -> GitCredentials | None:
    """Return the credentials in an http or https URL, None if it has none."""
    try:
        scheme, netloc, *rest = urlsplit(url)
    except ValueError:
        return None
    account, at, host = netloc.rpartition("@")
    user, colon, password = account.partition(":")
    if scheme not in ("http", "https") or not at or "\n" in unquote(account):
        return None
    environment = {_USER: unquote(user)}
    if colon:
        environment[_PASSWORD] = unquote(password)
    setting = f"credential.{scheme}://{host}.helper"
    options = ("-c", f"{setting}=", "-c", f"{setting}={_HELPER}")  # the first removes the user's
    return GitCredentials(url, urlunsplit((scheme, host, *rest)), options, environment)


def write_origin(repository: str, url: str) -> None:
    """Put the credentials of `url` into a permanent repository's configuration, as git does."""
    credentials = git_credentials(url)
    config = Path(repository, ".git", "config")
    if credentials is None or not config.is_file():
        return
    text = config.read_text("utf-8", "surrogateescape")
    mode = config.stat().st_mode
    line = f"\turl = {credentials.bare}\n"
    config.chmod(mode & 0o700)  # git leaves it readable for everybody
    config.write_text(text.replace(line, f"\turl = {url}\n", 1), "utf-8", "surrogateescape")
