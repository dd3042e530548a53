"""Options that exclude each other, in pip's order and with pip's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipfast.config.option_table import ALWAYS_ENABLED
from pipfast.config.option_types import lock_file
from pipfast.config.settings import Settings
from pipfast.config.subcommands import COMMANDS
from pipfast.errors import CommandError, NotNative, PipfastError

_DOCUMENTATION = "https://pip.pypa.io/en/stable/user_guide/#installing-only-dependencies"


class VirtualenvRequired(PipfastError):
    """``--require-virtualenv`` was given and the target is not a virtual environment."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__("Could not find an activated virtualenv (required).")


def check_virtualenv(settings: Settings, *, is_virtual: bool) -> None:
    """Enforce ``--require-virtualenv`` for commands that change an environment.

    Raises VirtualenvRequired (exit code 3).
    """
    command = COMMANDS.get(settings.command)
    free = command is None or command.outside_virtualenv
    if settings.flag("require_venv") and not free and not is_virtual:
        raise VirtualenvRequired


def check_options(settings: Settings) -> None:
    """Reject options of one command that exclude each other.

    pip checks this before it reads anything, but after ``--user`` with ``--target`` and after
    externally managed environments, which `target_policy` and the placement check. Raises
    CommandError with pip's message.
    """
    for check in _CHECKS.get(settings.command, ()):
        check(settings)


def check_served(settings: Settings) -> None:
    """Reject options that only pip implements, before anything is printed.

    Raises NotNative, and CommandError for what pip would reject too.
    """
    if "legacy-resolver" in settings.texts("deprecated_features_enabled"):
        check_options(settings)
        raise NotNative("--use-deprecated=legacy-resolver is served by pip")


def check_hash_options(settings: Settings) -> None:
    """Reject ``--require-hashes`` with its opposite; pip checks this after reading requirements."""
    if settings.flag("require_hashes") and settings.flag("no_require_hashes"):
        raise CommandError("--require-hashes and --no-require-hashes are mutually exclusive")


def notices(settings: Settings) -> tuple[str, ...]:
    """Return the warnings that pip prints first for these options."""
    useless = sorted(set(settings.texts("features_enabled")) & set(ALWAYS_ENABLED))
    if not useless:
        return ()
    return (f"The following features are always enabled: {', '.join(useless)}. ",)


def checks_consistency(settings: Settings) -> bool:
    """Return whether an install looks for dependency conflicts afterwards."""
    return settings.flag("warn_about_conflicts") and not settings.flag("ignore_dependencies")


def feature_notices(settings: Settings, of_files: Sequence[str] = ()) -> Iterator[str]:
    """Yield the warnings about features that pip prints after it has read all requirements.

    `of_files` are the ``--use-feature`` values of requirements files.
    """
    features = {*settings.texts("features_enabled"), *of_files}
    both = "inprocess-build-deps" in features and "venv-isolation" in features
    if both and settings.values.get("build_isolation", True):
        yield (
            "Using --use-feature 'inprocess-build-deps' and 'venv-isolation' together is currently "
            "partially supported. If you encounter broken behaviour, use only one feature."
        )
    if "fast-deps" in features:
        yield (
            "pip is using lazily downloaded wheels using HTTP range requests to obtain dependency "
            "information. This experimental feature is enabled through --use-feature=fast-deps and "
            "it is not ready for production."
        )


def _only_dependencies(settings: Settings) -> None:
    if not settings.flag("only_dependencies"):
        return
    against = {
        "'--no-deps'": settings.flag("ignore_dependencies"),
        "'--use-deprecated legacy-resolver'": "legacy-resolver"
        in settings.texts("deprecated_features_enabled"),
        "'--requirement'": settings.flag("requirements"),
        "'--requirements-from-script'": settings.flag("requirements_from_scripts"),
        "'--group'": settings.flag("dependency_groups"),
    }
    conflicts = [words for words, given in against.items() if given]
    if conflicts:
        if len(conflicts) > 1:
            conflicts[-1] = f"or {conflicts[-1]}"
        raise CommandError(
            f"Cannot use '--only-dependencies' in combination with {', '.join(conflicts)}. "
            f"If this is unexpected, please refer to the user guide:\n\n    {_DOCUMENTATION}"
        )


def _build_constraints(settings: Settings) -> None:
    if settings.flag("build_constraints") and not settings.flag("build_isolation"):
        raise CommandError("--build-constraint cannot be used with --no-build-isolation.")


def _foreign(settings: Settings) -> None:
    """Reject wheels for another platform together with builds on this one."""
    destinations = ("python_version", "platforms", "abis", "implementation")
    if not any(settings.flag(dest) for dest in destinations):
        return
    wheels_only = settings.values.get("format_control") == (frozenset(), {":all:"})
    if not wheels_only and not settings.flag("ignore_dependencies"):
        raise CommandError(
            "When restricting platform and interpreter constraints using --python-version, "
            "--platform, --abi, or --implementation, either --no-deps must be set, or "
            "--only-binary=:all: must be set and --no-binary must not be set (or must be set to "
            ":none:)."
        )
    installing = settings.command == "install"
    if installing and not settings.flag("dry_run") and not settings.flag("target_dir"):
        raise CommandError(
            "Can not use any platform or abi specific options unless installing via '--target' "
            "or using '--dry-run'"
        )
    for source in (*settings.texts("requirements"), *_group_files(settings)):
        lock = lock_file(source)
        if lock is not None:
            raise CommandError(
                "Platform and interpreter constraints using --python-version, --platform, --abi, "
                "or --implementation, are not supported when selecting requirements "
                f"from {lock!r}"
            )


def _group_files(settings: Settings) -> tuple[str, ...]:
    groups = settings.values.get("dependency_groups")
    return tuple(path for path, _ in groups) if isinstance(groups, tuple) else ()


def check_releases(settings: Settings) -> None:
    """Reject ``--pre`` with options for single projects. Raises CommandError."""
    named = settings.values.get("release_control") or ()
    if settings.flag("pre") and isinstance(named, tuple) and any(named):
        raise CommandError("--pre cannot be used with --all-releases or --only-final.")


def _listing(settings: Settings) -> None:
    if settings.flag("outdated") and settings.flag("uptodate"):
        raise CommandError("Options --outdated and --uptodate cannot be combined.")
    if settings.flag("outdated") and settings.text("list_format") == "freeze":
        raise CommandError("List format 'freeze' cannot be used with the --outdated option.")


def _paths(settings: Settings) -> None:
    if settings.flag("path") and (settings.flag("user") or settings.flag("local")):
        raise CommandError("Cannot combine '--path' with '--user' or '--local'")


_CHECKS: dict[str, tuple[Callable[[Settings], None], ...]] = {
    "install": (_only_dependencies, _build_constraints, _foreign, check_releases),
    "download": (_foreign, _build_constraints, check_releases, _only_dependencies),
    "wheel": (_build_constraints, check_releases, _only_dependencies),
    "lock": (_build_constraints, check_releases, _only_dependencies),
    "list": (check_releases, _listing, _paths),
    "index": (check_releases,),
    "freeze": (_paths,),
    "inspect": (_paths,),
}
