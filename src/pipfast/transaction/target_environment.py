"""The environment that a transaction changes: all it has to know of it, and nothing else."""

from __future__ import annotations

from pipfast.environment.eggs import link_folders
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.scheme import Scheme
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.target import LinkMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where files go and how they are made there.

    `executable` is the interpreter that scripts name in their first line, `prefix` its
    ``sys.prefix``: when `is_virtual`, nothing outside it is ever removed. `python` is its major
    and minor version. `cache_tag` names bytecode files (PEP 3147), None for an interpreter
    without; `bytecode` is the key under which the store keeps it (tag and magic number).
    `stdlib` holds the standard library's folders, where nothing is removed. `scripts` and
    `user_scripts` are where the scripts of installed distributions are, whatever the scheme of
    this run; `link_folders` are where the ``.egg-link`` files of development installs may be.
    `target` is the folder of ``--target``: `scheme` is then that of a home folder whose top-level
    items are put into `target`, over those there only when `upgrade` (pip behaviour).
    `installer` is what INSTALLER says. `search_path` is PATH, for the warning about scripts.
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
    link_folders: tuple[str, ...] = ()
    target: str | None = None
    upgrade: bool = False
    compile_bytecode: bool = True
    warn_script_location: bool = True
    link_mode: LinkMode = LinkMode.AUTO
    installer: str = "pip"
    search_path: str = ""

    @property
    def home(self) -> str:
        """The folder whose lock and journal stand for the whole environment."""
        return self.target or self.scheme.purelib

    @property
    def bytecode_key(self) -> str | None:
        """The store's key of the bytecode to install, None where none is wanted or possible."""
        if not self.compile_bytecode or self.cache_tag is None:
            return None
        return self.bytecode or self.cache_tag


def site_of(python: Interpreter) -> Site:
    """The environment of an interpreter: its own scheme, and what it has to be known by."""
    return Site(
        scheme=python.scheme,
        executable=python.executable,
        prefix=python.prefix,
        python=python.version_info[:2],
        is_virtual=python.is_virtual,
        cache_tag=python.cache_tag or None,
        stdlib=(python.stdlib,),
        scripts=python.scheme.scripts,
        user_scripts=python.user_scheme.scripts if python.user_scheme else "",
        link_folders=link_folders(python),
    )
