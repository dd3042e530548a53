"""A seeder for virtualenv, which loads this module: ``VIRTUALENV_SEEDER=pipfast``.

It makes environments whose pip is a shim of the pipfast that is installed beside virtualenv.
Everything else in a new environment is left to virtualenv's own seeder.
"""

from __future__ import annotations

import subprocess
from importlib.metadata import distribution
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from virtualenv.seed.embed.via_app_data.via_app_data import FromAppData

from pipfast.cli.own_program import own_command
from pipfast.model.version import PIP_VERSION

if TYPE_CHECKING:
    from virtualenv.config.cli.parser import VirtualEnvOptions
    from virtualenv.create.creator import Creator

_ANY = (None, "bundle", "embed", PIP_VERSION)
"""Versions of pip for which the shim is right."""


class PipfastSeeder(FromAppData):
    """Seeds a shim in place of pip, where pip is wanted, in no other release, and can run."""

    def __init__(self, options: VirtualEnvOptions) -> None:
        super().__init__(options)
        wanted = self.distribution_to_versions()
        self._is_wanted = self.enabled and wanted.get("pip", "none") in _ANY

    def run(self, creator: Creator) -> None:
        """Seed an environment; with virtualenv's own pip if the shim cannot be made."""
        version = ".".join(map(str, creator.interpreter.version_info[:3]))
        needed = SpecifierSet(distribution("pip").metadata["Requires-Python"] or "")
        is_shim = self._is_wanted and needed.contains(version, prereleases=True)
        self.no_pip = self.no_pip or is_shim
        if self.distribution_to_versions():
            super().run(creator)
        if is_shim:
            self._make_shim(creator)

    def _make_shim(self, creator: Creator) -> None:
        """Make the shim. Raises RuntimeError, which virtualenv reports."""
        command = [*own_command(), "shim", str(creator.exe)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
