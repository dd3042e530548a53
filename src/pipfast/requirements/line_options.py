"""Parse the options that a line of a requirements file may have."""

from __future__ import annotations

import shlex
from optparse import OptionParser, Values
from types import MappingProxyType
from typing import Any, NoReturn

from pipfast.model.digest import STRONG, Digest
from pipfast.policy.selection import Rule
from pipfast.requirements.errors import MalformedOptions
from pipfast.requirements.parsed_line import LineOptions

FEATURES = ("fast-deps", "inprocess-build-deps", "venv-isolation", "truststore",
            "no-binary-enable-wheel-cache", "build-constraint")  # fmt: skip
"""The values of ``--use-feature`` in pip 26.3."""

_APPENDED = ((("--extra-index-url",), "extra_index_urls"), (("-c", "--constraint"), "constraints"),
             (("-r", "--requirement"), "requirements"), (("-e", "--editable"), "editables"),
             (("-f", "--find-links"), "find_links"),
             (("--trusted-host",), "trusted_hosts"))  # fmt: skip
_SWITCHES = ("no_index", "prefer_binary", "require_hashes", "no_require_hashes", "pre")
_RULES = ("no_binary", "only_binary", "all_releases", "only_final")


def parse_options(text: str, program: str = "pip") -> LineOptions:
    """Parse the options of a line, with the abbreviations and errors of optparse.

    `program` is the program name in those errors. Raises MalformedOptions.
    """
    try:
        arguments = shlex.split(text)
    except ValueError:
        raise MalformedOptions(f"Could not split options: {text}") from None
    values, _ = _Parser(program).parse_args(arguments)
    lists = {name: tuple(getattr(values, name)) for _, name in _APPENDED}
    switches = {name: getattr(values, name) for name in _SWITCHES}
    fields: dict[str, Any] = {**lists, **switches}
    return LineOptions(
        index_url=values.index_url,
        features=tuple(values.features),
        rules=tuple(values.rules),
        digests=tuple(
            Digest(algorithm, value.lower())
            for algorithm, found in values.hashes.items()
            for value in found
        ),
        config_settings=MappingProxyType(values.config_settings),
        **fields,
    )


class _Parser(OptionParser):
    """A parser for one line; an error raises an exception instead of ending the process."""

    def __init__(self, program: str) -> None:
        super().__init__(prog=program, add_help_option=False)
        self.add_option("-i", "--index-url", "--pypi-url", dest="index_url", default=None)
        for flags, name in _APPENDED:
            self.add_option(*flags, dest=name, action="append", default=[])
        for name in _SWITCHES:
            flag = "--" + name.replace("_", "-")
            self.add_option(flag, dest=name, action="store_true", default=False)
        for name in _RULES:
            flag = "--" + name.replace("_", "-")
            self.add_option(flag, type="str", action="callback", callback=_rule, dest="rules",
                            default=[], callback_args=(Rule(name),))  # fmt: skip
        self.add_option("--use-feature", dest="features", action="append", default=[],
                        choices=FEATURES, type="choice")  # fmt: skip
        self.add_option("--hash", dest="hashes", type="string", action="callback",
                        callback=_hash, default={})  # fmt: skip
        self.add_option("-C", "--config-settings", dest="config_settings", type="str",
                        action="callback", callback=_setting, default={})  # fmt: skip

    def get_default_values(self) -> Values:
        """Return the defaults; lists and dictionaries are copied because callbacks modify them."""
        values = {
            key: type(value)(value) if isinstance(value, (list, dict)) else value
            for key, value in self.defaults.items()
        }
        return Values(values)

    def error(self, msg: str) -> NoReturn:
        """Raise MalformedOptions with the text that optparse would print on standard error."""
        raise MalformedOptions(f"{self.prog}: error: {msg}\n", f"Usage: {self.prog} [options]\n")


def _rule(option: Any, flag: str, value: str, parser: OptionParser, kind: Rule) -> None:
    del option, flag
    _values(parser).rules.append((kind, value))


def _hash(option: Any, flag: str, value: str, parser: OptionParser) -> None:
    del option
    algorithm, colon, digest = value.partition(":")
    if not colon:
        parser.error(
            f"Arguments to {flag} must be a hash name "
            "followed by a value, like --hash=sha256:abcde..."
        )
    if algorithm not in STRONG:
        parser.error(f"Allowed hash algorithms for {flag} are {', '.join(STRONG)}.")
    _values(parser).hashes.setdefault(algorithm, []).append(digest)


def _setting(option: Any, flag: str, value: str, parser: OptionParser) -> None:
    del option
    key, equals, setting = value.partition("=")
    if not equals:
        parser.error(f"Arguments to {flag} must be of the form KEY=VAL")
    settings = _values(parser).config_settings
    if key not in settings:
        settings[key] = setting
    elif isinstance(settings[key], list):
        settings[key].append(setting)
    else:
        settings[key] = [settings[key], setting]


def _values(parser: OptionParser) -> Any:
    return parser.values
