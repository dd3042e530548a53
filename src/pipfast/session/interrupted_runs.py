"""Undo interrupted runs before an environment is read, or read what was there before them."""

from __future__ import annotations

import os
from collections.abc import Iterable

from pipfast.config.settings import Settings
from pipfast.environment.interpreter import Interpreter
from pipfast.model.events import Listener
from pipfast.model.frozen_dataclass import replace
from pipfast.model.installed_distribution import Installed
from pipfast.session.journal_secrets import journal_keys
from pipfast.transaction.install_environment import InstallEnvironment, install_environment
from pipfast.transaction.recovery import EarlierState, recover_or_read


class EarlierStates:
    """What the folders `roots` contain, as if interrupted runs had not changed them."""

    def __init__(
        self, roots: Iterable[str], python: Interpreter, settings: Settings, emit: Listener
    ) -> None:
        sites = [_site(root, python, settings) for root in roots]
        found = [recover_or_read(site, emit) for site in sites]
        self._states: list[EarlierState] = [state for state in found if state is not None]

    def paths(self, paths: Iterable[str]) -> list[str]:
        """Return the folders to scan; those with metadata that was moved away come first."""
        aside = [os.path.dirname(path) for state in self._states for path, _ in state.metadata]
        return [*dict.fromkeys(aside), *paths]

    def corrected(self, found: Iterable[Installed]) -> list[Installed]:
        """Return distributions at their former places, without those that were not there."""
        hidden = {path for state in self._states for path in state.hidden}
        places = {aside: path for state in self._states for aside, path in state.metadata}
        return [
            _at(each, places[each.info]) if each.info in places else each
            for each in found
            if os.path.realpath(each.info) not in hidden
        ]


def _at(installed: Installed, info: str) -> Installed:
    """Return the distribution as if its metadata, which are elsewhere now, were at `info`."""
    folder = os.path.dirname(info)
    return replace(installed, location=folder)


def _site(root: str, python: Interpreter, settings: Settings) -> InstallEnvironment:
    site = replace(install_environment(python), keys=journal_keys(settings))
    if root == python.scheme.purelib:
        return site
    if python.user_scheme is not None and root == python.user_scheme.purelib:
        return replace(site, scheme=python.user_scheme)
    return replace(site, scheme=python.home_scheme.below(root), target=root)
