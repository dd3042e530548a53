"""Configuration: pip.conf and netrc."""

from __future__ import annotations

import os

from pip._internal.configuration import Configuration
from pip._internal.exceptions import ConfigurationError

from compat.fuzz.target import Disagreement, Target
from compat.fuzz.targets.files import written
from pipfast.config.ini import plain_values
from pipfast.config.layers import UnreadableFile, entries
from pipfast.net.netrc import netrc_credentials


def _pip_conf(data: bytes) -> None:
    path = written("pip.conf", data)
    try:
        ours = [(section, key, value) for section, key, value in entries(str(path))]
    except UnreadableFile:
        ours = None
    plain_values(data)
    configuration = Configuration(isolated=True)
    try:
        parser = configuration._construct_parser(str(path))
        theirs = [
            (section, configuration._normalized_keys(section, [(key, value)]))
            for section in parser.sections()
            for key, value in parser.items(section)
        ]
    except ConfigurationError:
        theirs = None
    except Exception:  # noqa: BLE001 - pip ends with a traceback
        return
    if (ours is None) != (theirs is None):
        raise Disagreement(f"{ours} != {theirs}")
    if ours is None or theirs is None:
        return
    flat = [(name, value) for _, each in theirs for name, value in each.items()]
    if [(f"{section}.{key}", value) for section, key, value in ours] != flat:
        raise Disagreement(f"{ours} != {flat}")


def _netrc(data: bytes) -> None:
    os.environ["NETRC"] = str(written("netrc", data))
    netrc_credentials("h.test")


TARGETS = (
    Target(
        "pip-conf",
        _pip_conf,
        [
            b"[global]\nindex-url = https://h.test/simple\ntimeout: 5\n",
            b"[install]\nfind-links =\n    /a\n    /b\n# c\n; d\n[global]\nno_index=true\n",
            b"[DEFAULT]\na = %(b)s\n[x]\nb\n[x]\n",
            b"[global]\n--index-url = x\nINDEX_URL = y\n",
        ],
        [
            b"[global]",
            b"[install]",
            b"[DEFAULT]",
            b"=",
            b":",
            b"\n",
            b" ",
            b"#",
            b";",
            b"\r",
            b"--",
            b"_",
            b"]",
            b"[",
        ],
    ),
    Target(
        "netrc",
        _netrc,
        [
            b"machine h.test login u password p\ndefault login a password b\n",
            b'machine h.test login "a b" password "c\\"d" account e\nmacdef x\ncd\n\n# c\n',
        ],
        [
            b"machine ",
            b"login ",
            b"password ",
            b"account ",
            b"default ",
            b"macdef ",
            b"h.test",
            b'"',
            b"#",
            b"\\",
        ],
    ),
)
