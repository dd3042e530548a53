"""Parse TOML with limits on its size and number of values."""

from __future__ import annotations

import sys
from typing import Any

from pipfast.model.input_limits import TOML_VALUES, LimitExceeded, Unit

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError, loads
else:
    from tomli import TOMLDecodeError, loads

__all__ = ["TOMLDecodeError", "parsed_toml"]


def parsed_toml(text: str, source: str) -> dict[str, Any]:
    """Return the content of a TOML document; `source` is its name in errors.

    Raises LimitExceeded; TOMLDecodeError, also for a number with too many digits and for values
    that are nested too deeply, for which the parser has errors of Python.
    """
    if sum(map(text.count, "=,[{")) > TOML_VALUES:
        raise LimitExceeded(source, TOML_VALUES, Unit.VALUES)
    try:
        return loads(text)
    except RecursionError as error:
        raise _invalid(error, text) from None
    except TOMLDecodeError:
        raise
    except ValueError as error:  # of int()
        raise _invalid(error, text) from None


def _invalid(error: Exception, text: str) -> TOMLDecodeError:
    """Return the parser's own error for one of Python; its arguments depend on the version."""
    if sys.version_info >= (3, 14) or sys.version_info < (3, 11):
        return TOMLDecodeError(str(error), text, 0)
    return TOMLDecodeError(str(error))
