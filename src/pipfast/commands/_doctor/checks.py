"""The checks of `pipfast doctor`, in the order in which they are made.

To add one, write a module with a function `find`, and `mend` if something can be done safely; add a
row here, a class in `model/findings.py`, and its text in `report/doctor_lines.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.commands._doctor import (
    file_check,
    index_check,
    killed_run_check,
    metadata_check,
    requirement_check,
    script_check,
    search_path_check,
    setting_check,
    store_check,
)
from pipfast.commands._doctor.definition import Check

CHECKS: Sequence[Check] = (
    # first, because others would see half of a change
    Check("interrupted-runs", killed_run_check.find, killed_run_check.mend),
    Check("metadata", metadata_check.find, metadata_check.mend),
    Check("files", file_check.find, file_check.mend),
    Check("scripts", script_check.find, script_check.mend),
    Check("requirements", requirement_check.find),
    Check("user-site", search_path_check.find_shadows),
    Check("path", search_path_check.find_programs),
    Check("store", store_check.find, store_check.mend),
    Check("settings", setting_check.find),
    Check("index", index_check.find),
)

NAMES = tuple(check.name for check in CHECKS)
