"""The setting that an unknown name was probably meant for; imported only if there is one."""

from __future__ import annotations

from difflib import get_close_matches

from pipfast.config.pipfast_settings import (
    BUILD_ENV,
    BUILD_ENV_VARIABLE,
    INDEX,
    INDEX_VARIABLE,
    OWN,
    VARIABLES,
    UnknownSetting,
    variable_of,
)

_ALIKE = 0.7
"""The least similarity of two names, by difflib's ratio."""


def nearest_setting(unknown: UnknownSetting) -> str:
    """Return the variable or key with the most similar name, empty if none is similar."""
    if unknown.path:
        known = {key: key for key in OWN}
        known |= {prefix: f"{prefix}<project>" for prefix in (INDEX, BUILD_ENV)}
        name = unknown.name
    else:
        known = {variable_of(key): variable_of(key) for key in OWN}
        known |= {prefix: f"{prefix}<PROJECT>" for prefix in (INDEX_VARIABLE, BUILD_ENV_VARIABLE)}
        known = {variable[len(VARIABLES) :]: known[variable] for variable in known}
        name = unknown.name[len(VARIABLES) :].upper()
    close = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    return known[close[0]] if close else ""
