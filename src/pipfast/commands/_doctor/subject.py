"""What the checks read: an environment, the store and the settings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property

from pipfast.config.settings import Settings
from pipfast.environment.discovery import installed
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.presence import names_in
from pipfast.environment.recorded_files import RecordedFile, recorded
from pipfast.environment.scheme import Scheme
from pipfast.model.frozen_dataclass import dataclass, replace
from pipfast.model.installed_distribution import Installed
from pipfast.model.project_names import canonical_name
from pipfast.policy.storage import cache_policy
from pipfast.report.console import Console
from pipfast.session.journal_secrets import journal_keys
from pipfast.store.filesystem.root import Store, located
from pipfast.transaction.install_environment import InstallEnvironment, install_environment


@dataclass(frozen=True, slots=True)
class Distribution:
    """A metadata folder `info` in the folder `library`, and the files of its RECORD.

    `project` and `version` are those of the folder's name.
    """

    project: str
    version: str
    library: str
    info: str
    files: tuple[RecordedFile, ...]

    def place(self, file: RecordedFile) -> str:
        """Return the absolute path of one of its files."""
        return os.path.normpath(os.path.join(self.library, file.path))


class Subject:
    """The environment of `python`, with its settings; everything is read once."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        console: Console,
        python: Interpreter,
    ) -> None:
        self.settings = settings
        self.environ = environ
        self.console = console
        self.python = python

    @cached_property
    def cache_dir(self) -> str | None:
        """Pip's cache directory, None if there is none."""
        return cache_policy(self.settings).directory

    @cached_property
    def store(self) -> Store | None:
        """The store, None without a cache."""
        return None if self.cache_dir is None else located(self.cache_dir)

    @cached_property
    def sites(self) -> Sequence[InstallEnvironment]:
        """The environment, and the user site if Python uses it."""
        site = replace(install_environment(self.python), keys=journal_keys(self.settings))
        user = self.user_scheme
        return (site,) if user is None else (site, replace(site, scheme=user))

    @cached_property
    def user_scheme(self) -> Scheme | None:
        """The scheme of the user site, None if Python does not look there."""
        scheme, path = self.python.user_scheme, self.python.sys_path
        return scheme if scheme is not None and scheme.purelib in path else None

    @cached_property
    def libraries(self) -> Sequence[str]:
        """The folders of the environment and of the user site that have distributions."""
        folders = [
            folder for site in self.sites for folder in (site.scheme.purelib, site.scheme.platlib)
        ]
        return tuple(dict.fromkeys(filter(os.path.isdir, folders)))

    @cached_property
    def distributions(self) -> Sequence[Distribution]:
        """All distributions with a ``.dist-info`` folder, also several of one project."""
        return tuple(one for folder in self.libraries for one in _distributions_in(folder))

    @cached_property
    def installed(self) -> Sequence[Installed]:
        """What Python sees, in the order of its path."""
        return installed(self.python.sys_path, self.python)

    def forget(self) -> None:
        """Read the environment again, because it was changed."""
        for name in ("distributions", "installed", "libraries"):
            self.__dict__.pop(name, None)


def real_folder(path: str) -> str:
    """Return the folder of a file, without links."""
    return _resolved(os.path.dirname(path))


@cache
def _resolved(folder: str) -> str:
    return os.path.realpath(folder)


def _distributions_in(library: str) -> Iterator[Distribution]:
    for name in sorted(names_in(library)):
        stem, ending = os.path.splitext(name)
        project, _, version = stem.partition("-")
        info = os.path.join(library, name)
        if ending == ".dist-info" and os.path.isdir(info) and project.strip("~"):
            files = () if name.startswith("~") else tuple(recorded(info))
            if not name.startswith("~"):
                yield Distribution(canonical_name(project), version, library, info, files)
