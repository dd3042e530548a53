"""What a transaction needs to know about the environment that it changes."""

from __future__ import annotations

import os

from pipfast.environment.eggs import link_folders
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.scheme import Scheme
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.target import LinkMode
from pipfast.transaction.journal_keys import JournalKeys
from pipfast.transaction.journal_paths import EnvironmentFolders
from pipfast.transaction.reserved_names import TRANSACTION_FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallEnvironment:
    """Where files are installed, and how.

    - `executable`: the interpreter in the first line of scripts
    - `prefix`: its ``sys.prefix``; if `is_virtual`, nothing outside it is removed
    - `python`: its major and minor version
    - `cache_tag`: the tag in the names of bytecode files (PEP 3147), None if it writes none
    - `bytecode`: the store's key of its bytecode (cache tag and magic number)
    - `stdlib`: folders of the standard library, where nothing is removed
    - `scripts`, `user_scripts`: folders of the scripts of installed distributions
    - `egg_link_folders`: folders with ``.egg-link`` files of development installs
    - `target`: the folder of ``--target``. `scheme` is then that of a temporary home folder; its
      top-level items are moved to `target`, and replace existing ones only if `upgrade`
    - `is_guarded`: whether a wheel that would replace the interpreter is refused, and files of
      another distribution stay when one that also lists them is removed
    - `installer`: the content of INSTALLER
    - `search_path`: PATH, for the warning about scripts
    - `path`: folders with installed distributions outside the scheme (``sys.path``)
    - `explains`: whether each removed path and each script is reported
    - `keys`: where the secret is that signs the journals of transactions
    """

    scheme: Scheme
    executable: str
    prefix: str
    python: tuple[int, int]
    is_virtual: bool = True
    cache_tag: str | None = None
    bytecode: str = ""
    stdlib: tuple[str, ...] = ()
    scripts: str = ""
    user_scripts: str = ""
    egg_link_folders: tuple[str, ...] = ()
    target: str | None = None
    upgrade: bool = False
    compile_bytecode: bool = True
    warn_script_location: bool = True
    link_mode: LinkMode = LinkMode.AUTO
    is_guarded: bool = True
    installer: str = "pip"
    search_path: str = ""
    explains: bool = False
    path: tuple[str, ...] = ()
    keys: JournalKeys = JournalKeys()

    @property
    def root(self) -> str:
        """The folder that is locked, and that holds the folder of the transaction."""
        return self.target or self.scheme.purelib

    @property
    def transaction_folder(self) -> str:
        """The folder of a transaction, which exists if one is running or was interrupted."""
        return os.path.join(self.root, TRANSACTION_FOLDER)

    @property
    def folders(self) -> EnvironmentFolders:
        """The folders that a transaction may change."""
        scheme = self.scheme
        named = {
            "root": self.root,
            "purelib": scheme.purelib,
            "platlib": scheme.platlib,
            "scripts": scheme.scripts,
            "headers": scheme.headers,
            "data": scheme.data,
            "prefix": self.prefix,
            "own scripts": self.scripts,
            "user scripts": self.user_scripts,
        }
        return EnvironmentFolders(named, (*self.path, *self.egg_link_folders))

    @property
    def bytecode_key(self) -> str | None:
        """The store's key of the bytecode to install, None if none is to be installed."""
        if not self.compile_bytecode or self.cache_tag is None:
            return None
        return self.bytecode or self.cache_tag


def install_environment(python: Interpreter) -> InstallEnvironment:
    """Return the environment of an interpreter, with its own scheme."""
    return InstallEnvironment(
        scheme=python.scheme,
        executable=python.executable,
        prefix=python.prefix,
        python=python.version_info[:2],
        is_virtual=python.is_virtual,
        cache_tag=python.bytecode_tag(os.environ),
        stdlib=(python.stdlib,),
        scripts=python.scheme.scripts,
        user_scripts=python.user_scheme.scripts if python.user_scheme else "",
        egg_link_folders=link_folders(python),
        path=python.sys_path,
    )
