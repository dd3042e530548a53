"""Where distributions are installed, and how their files get there."""

from __future__ import annotations

from enum import Enum

from pipfast.config.settings import Settings
from pipfast.errors import CommandError
from pipfast.model.frozen_dataclass import dataclass


class LinkMode(Enum):
    """How files are copied from the store; AUTO uses the first method that works."""

    AUTO = "auto"
    CLONE = "clone"
    HARDLINK = "hardlink"
    COPY = "copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTarget:
    """Another interpreter or platform (`--platform` and related options).

    Empty fields mean the target's own. `python_version` is ``--python-version`` as numbers.
    Markers are still evaluated for the running interpreter (pip behaviour).
    """

    platforms: tuple[str, ...] = ()
    python_version: tuple[int, ...] = ()
    implementation: str | None = None
    abis: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.platforms or self.python_version or self.implementation or self.abis)

    def version(self, own: tuple[int, int, int]) -> tuple[int, int, int]:
        """Return the Python version that distributions must support; `own` is the target's."""
        major, minor, micro = (*self.python_version, 0, 0, 0)[:3] if self.python_version else own
        return major, minor, micro


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPolicy:
    """The installation target.

    `user` is True for ``--user``, False for ``--no-user``, None for pip's decision. `upgrade`
    lets ``--target`` replace existing files.
    """

    user: bool | None = None
    prefix: str | None = None
    root: str | None = None
    target: str | None = None
    upgrade: bool = False
    compile_bytecode: bool = True
    warn_script_location: bool = True
    break_system_packages: bool = False
    link_mode: LinkMode = LinkMode.AUTO
    foreign: ForeignTarget = ForeignTarget()


def target_policy(settings: Settings) -> TargetPolicy:
    """Return the installation target of `settings`.

    Raises CommandError for ``--user`` with ``--target``, which pip checks first. The placement
    checks what depends on the environment (``--user`` with ``--prefix``, PEP 668).
    """
    user = settings.values.get("use_user_site")
    target = settings.text("target_dir")
    if user and target is not None:
        raise CommandError("Can not combine '--user' and '--target'")
    return TargetPolicy(
        user=None if user is None else bool(user),
        prefix=settings.text("prefix_path"),
        root=settings.text("root_path"),
        target=target,
        upgrade=settings.flag("upgrade"),
        compile_bytecode=settings.flag("compile"),
        warn_script_location=settings.flag("warn_script_location"),
        break_system_packages=settings.flag("override_externally_managed"),
        link_mode=LinkMode(settings.pipfast.get("link-mode", "auto")),
        foreign=foreign_target(settings),
    )


def foreign_target(settings: Settings) -> ForeignTarget:
    """Return the interpreter and platform of ``--platform`` and related options."""
    version = settings.values.get("python_version")
    return ForeignTarget(
        platforms=settings.texts("platforms"),
        python_version=version if isinstance(version, tuple) else (),
        implementation=settings.text("implementation"),
        abis=settings.texts("abis"),
    )
