"""Where a run installs, and whether it may."""

from __future__ import annotations

import os
from random import choices
from string import ascii_lowercase

from pipfast.environment.events import SiteChosen, SiteReason, UserSiteUsed
from pipfast.environment.externally_managed import ExternallyManaged
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.scheme import Scheme
from pipfast.errors import CommandError, InstallationError
from pipfast.model.events import Listener, silent
from pipfast.model.frozen_dataclass import dataclass
from pipfast.policy.target import TargetPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The place that a run installs into.

    `scheme` are the final folders. `layout` is the scheme that RECORD is relative to. It only
    differs with ``--target``, where pip installs into a home scheme and then moves the top of
    ``lib/python`` and of the home into the folder, so that RECORD keeps the home's relative
    paths. `folder` is the folder of ``--target``, else None. `site_packages` are the folders
    that are searched for installed distributions, in order; none for ``--target``. `user` is
    true for the user site. `elsewhere` is true if the scheme is neither the interpreter's own
    nor the user's (``--root``, ``--prefix``, ``--target``).
    """

    scheme: Scheme
    layout: Scheme
    site_packages: tuple[str, ...]
    user: bool = False
    folder: str | None = None
    elsewhere: bool = False
    warn_script_location: bool = True


def place(
    interpreter: Interpreter,
    policy: TargetPolicy,
    emit: Listener = silent,
    *,
    only_reported: bool = False,
    is_dry_run: bool = False,
) -> Placement:
    """Decide where to install, with pip's checks and errors in pip's order.

    `only_reported` is ``--dry-run`` with ``--report``, which an externally managed environment
    allows. With `is_dry_run` nothing is installed, and pip does not notice that a folder and a
    prefix exclude each other. Reports to `emit` if it falls back to the user site. Source: pip's
    install command; PEP 668, PEP 370.
    """
    check_permitted(interpreter, policy, only_reported=only_reported)
    user = _is_for_user(interpreter, policy, emit)
    folder = _folder(policy)
    if user and policy.prefix:
        raise InstallationError("Cannot set --user and --prefix together")
    if folder is not None and policy.prefix and not is_dry_run:
        raise InstallationError("Cannot set --home and --prefix together")
    scheme, layout = _schemes(interpreter, policy, folder, user=user)
    return Placement(
        scheme=scheme,
        layout=layout,
        site_packages=() if folder else interpreter.sys_path,
        user=user,
        folder=folder,
        elsewhere=_is_elsewhere(policy),
        warn_script_location=policy.warn_script_location and not (folder or policy.prefix),
    )


def check_permitted(
    interpreter: Interpreter, policy: TargetPolicy, *, only_reported: bool = False
) -> None:
    """Make the checks that pip makes first, before other options and `place`.

    Raises CommandError for ``--user`` with ``--target``, ExternallyManaged for an environment
    that may not be changed.
    """
    if policy.user and policy.target is not None:
        raise CommandError("Can not combine '--user' and '--target'")
    if _is_elsewhere(policy) or only_reported or policy.break_system_packages:
        return
    marker = interpreter.externally_managed
    if marker is not None:
        raise ExternallyManaged.from_marker(marker, interpreter.prefix)


def _is_elsewhere(policy: TargetPolicy) -> bool:
    return any(path is not None for path in (policy.root, policy.target, policy.prefix))


def _folder(policy: TargetPolicy) -> str | None:
    if not policy.target:
        return None
    folder = os.path.abspath(policy.target)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise CommandError("Target path exists but is not a directory, will not continue.")
    return folder


def _schemes(
    interpreter: Interpreter, policy: TargetPolicy, folder: str | None, *, user: bool
) -> tuple[Scheme, Scheme]:
    if folder is not None:
        home = interpreter.home_scheme.below(folder)
        final = Scheme(
            purelib=folder, platlib=folder, headers=home.headers, scripts=home.scripts, data=folder
        )
        return _rooted(final, policy), _rooted(home, policy)
    if policy.prefix is not None:
        # with a root, a relative prefix is one below that root (pip behaviour)
        prefix = policy.prefix if policy.root is not None else os.path.abspath(policy.prefix)
        scheme = interpreter.prefix_scheme.below(prefix)
    elif user:
        if interpreter.user_scheme is None:
            raise InstallationError("User base directory is not specified")
        scheme = interpreter.user_scheme
    else:
        scheme = interpreter.scheme
    scheme = _rooted(scheme, policy)
    return scheme, scheme


def _rooted(scheme: Scheme, policy: TargetPolicy) -> Scheme:
    return scheme.rooted(os.path.abspath(policy.root)) if policy.root is not None else scheme


def _is_for_user(interpreter: Interpreter, policy: TargetPolicy, emit: Listener) -> bool:
    """Return whether to install into the user site: by request, or if nothing else is writable."""
    if policy.user is False:
        emit(SiteChosen(SiteReason.NOT_REQUESTED))
        return False
    if policy.user:
        _check_user_site(interpreter, policy)
        emit(SiteChosen(SiteReason.REQUESTED))
        return True
    if policy.prefix or policy.target:
        emit(SiteChosen(SiteReason.ELSEWHERE))
        return False
    if not interpreter.user_site_enabled:
        emit(SiteChosen(SiteReason.DISABLED))
        return False
    scheme = _rooted(interpreter.scheme, policy)
    if all(is_writable(path) for path in {scheme.purelib, scheme.platlib}):
        emit(SiteChosen(SiteReason.WRITABLE))
        return False
    emit(UserSiteUsed())
    return True


def _check_user_site(interpreter: Interpreter, policy: TargetPolicy) -> None:
    if policy.prefix:
        raise CommandError(
            "Can not combine '--user' and '--prefix' as they imply different installation locations"
        )
    if not interpreter.sees_system_site:
        raise InstallationError(
            "Can not perform a '--user' install. User site-packages "
            "are not visible in this virtualenv."
        )
    if not interpreter.user_site_enabled:
        raise InstallationError(
            "Can not perform a '--user' install. User site-packages are disabled for this Python."
        )


def is_writable(path: str) -> bool:
    """Return whether files can be created in the folder `path`, or where it would be created."""
    while not os.path.isdir(path):
        parent = os.path.dirname(path)
        if parent == path:
            break
        path = parent
    return os.access(path, os.W_OK) if os.name == "posix" else _can_create_in(path)


def _can_create_in(folder: str) -> bool:
    """Try to create a file, because os.access ignores access control lists on Windows."""
    name = "pipfast-" + "".join(choices(ascii_lowercase, k=12))  # noqa: S311 - no secret
    path = os.path.join(folder, name)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL))
        os.unlink(path)
    except OSError:
        return False
    return True
