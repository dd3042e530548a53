"""All of pipfast's settings with their values and defaults, as data for help and documents."""

from __future__ import annotations

from pipfast.config.pipfast_settings import (
    BUILD_ENV,
    BUILD_ENV_VARIABLE,
    CALL_LOG,
    INDEX,
    INDEX_VARIABLE,
    OWN,
    REMOTE_WAIT,
    TEXTS,
    variable_of,
)
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.mode_table import GUARDED, PARITY


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """A setting: its `key` in ``[pipfast]``, its `variable`, and `values` if they are fixed.

    `guarded` and `parity` are its defaults in the two modes, empty if it has none.
    """

    key: str
    variable: str
    values: tuple[str, ...]
    guarded: str
    parity: str


def settings_table() -> tuple[SettingRow, ...]:
    """Return every setting in the order of the documentation."""
    rows = [
        SettingRow(
            key=key,
            variable=variable_of(key),
            values=values,
            guarded=_SAME.get(key, "") or GUARDED.get(key, "false"),
            parity=_SAME.get(key, "") or PARITY.get(key, "true"),
        )
        for key, values in OWN.items()
    ]
    for key in TEXTS:
        same, name = _SAME.get(key, ""), variable_of(key)
        rows.append(SettingRow(key=key, variable=name, values=(), guarded=same, parity=same))
    for prefix, variable in ((INDEX, INDEX_VARIABLE), (BUILD_ENV, BUILD_ENV_VARIABLE)):
        key, name = f"{prefix}<project>", f"{variable}<PROJECT>"
        rows.append(SettingRow(key=key, variable=name, values=(), guarded="", parity=""))
    call_log = variable_of(CALL_LOG)
    rows.append(SettingRow(key=CALL_LOG, variable=call_log, values=(), guarded="", parity=""))
    return tuple(rows)


_SAME = {"link-mode": "auto", "remote-store-mode": "read", REMOTE_WAIT: "30"}
"""Defaults that do not depend on the mode."""
