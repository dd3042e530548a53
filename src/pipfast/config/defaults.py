"""Values before the command line is parsed: of the option table, files and environment."""

from __future__ import annotations

from collections.abc import Mapping

from pipfast.config.layers import Sections, configured
from pipfast.config.option_table import Command, Option
from pipfast.config.option_types import CALLBACKS, BadValue, Values, checked, truth
from pipfast.errors import UsageError


class BadConfiguration(UsageError):
    """A typed option has an invalid value in a file or variable; pip exits with 3 without usage."""

    exit_code = 3

    def __init__(self, message: str) -> None:
        super().__init__(message, usage="")


def defaults(
    command: Command, sections: Sections, computed: Mapping[str, str]
) -> tuple[Values, dict[str, str]]:
    """Return the values of every dest of `command`, and the origin of those not from the table.

    `computed` replaces the table's machine-dependent defaults. Raises BadValue (a usage error
    with its origin as remedy) and BadConfiguration.
    """
    values: Values = {}
    for option in command.options:
        if option.default is not None:
            default = option.default
            values[option.dest] = (
                computed.get(default, default) if isinstance(default, str) else default
            )
        else:
            values.setdefault(option.dest, None)
    by_name = {flag: option for option in command.options for flag in option.flags}
    origins: dict[str, str] = {}
    called = dict(values)  # callbacks only see the table's defaults, and are applied last
    late: set[str] = set()
    for key, text, origin in configured(sections, command.name):
        if (row := by_name.get(f"--{key}")) is None:
            continue
        try:
            if row.action == "callback":
                _call(row, text, called)
                late.add(row.dest)
            else:
                values[row.dest] = _from_configuration(row, key, text)
        except (BadValue, BadConfiguration) as error:
            from pipfast.model.remedies import SetBy  # only needed for an error

            error.remedies = (SetBy(key, origin),)
            raise
        origins[row.dest] = origin
    for dest in late:
        values[dest] = called[dest]
    return values, origins


def _call(option: Option, text: str, values: Values) -> None:
    value = checked(option, option.name, text) if option.type else text
    CALLBACKS[option.name](option, option.name, str(value), values)


def _from_configuration(option: Option, key: str, text: str) -> object:
    """Convert a file's or variable's text to the option's value.

    Raises BadValue for an invalid boolean or count, BadConfiguration for an invalid typed value.
    """
    match option.action:
        case "store_true" | "store_false":
            return _yes_or_no(key, text)
        case "count":
            return _count(key, text)
        case "append":
            return tuple(_typed(option, key, word) for word in text.split())
        case _:
            return _typed(option, key, text)


def _yes_or_no(key: str, text: str) -> bool:
    try:
        return truth(text)
    except ValueError:
        raise BadValue(
            f"{text} is not a valid value for {key} option, please specify a boolean value "
            "like yes/no, true/false or 1/0 instead."
        ) from None


def _count(key: str, text: str) -> int:
    try:
        number = int(truth(text))
    except ValueError:
        try:
            number = int(text)
            text = str(number)
        except ValueError:
            number = -1
    if number < 0:
        raise BadValue(
            f"{text} is not a valid value for {key} option, please instead specify either a "
            "non-negative integer or a boolean value like yes/no or false/true which is "
            "equivalent to 1/0."
        )
    return number


def _typed(option: Option, key: str, text: str) -> object:
    try:
        return checked(option, key, text)
    except BadValue as error:
        raise BadConfiguration(
            f"An error occurred during configuration: {error}. Check your pip configuration "
            "files or environment variables for this value. See "
            "https://pip.pypa.io/en/stable/topics/configuration/ for more information."
        ) from None
