"""The checks of `pipfast doctor`, in the order in which they are made.

To add one, write a module with a function `find`, and `mend` if something can be done safely; add a
row here, a class in `model/findings.py`, and its text in `report/doctor_lines.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipfast.commands._doctor import (
    files,
    indexes,
    killed_runs,
    metadata,
    requirements,
    scripts,
    search_paths,
    settings,
    store,
)
from pipfast.commands._doctor.check import Check

CHECKS: Sequence[Check] = (
    Check("interrupted-runs", killed_runs.find, killed_runs.mend),  # others would see half of it
    Check("metadata", metadata.find, metadata.mend),
    Check("files", files.find, files.mend),
    Check("scripts", scripts.find, scripts.mend),
    Check("requirements", requirements.find),
    Check("user-site", search_paths.find_shadows),
    Check("path", search_paths.find_programs),
    Check("store", store.find, store.mend),
    Check("settings", settings.find),
    Check("index", indexes.find),
)

NAMES = tuple(check.name for check in CHECKS)
