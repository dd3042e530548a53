"""All targets, by name."""

from __future__ import annotations

from compat.fuzz.target import Target
from compat.fuzz.targets import archives, environments, pages, requirements, settings, state

TARGETS: dict[str, Target] = {
    target.name: target
    for module in (pages, requirements, archives, environments, settings, state)
    for target in module.TARGETS
}
