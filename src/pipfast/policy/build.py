"""How sources are built: isolation, checks, and the environment variables of builds."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipfast.config.settings import Settings
from pipfast.model.frozen_dataclass import dataclass, field
from pipfast.policy.mode import BuildIsolation
from pipfast.policy.mode_table import chosen

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


AMBIENT = frozenset({
    "AR", "ARCHFLAGS", "CC", "CFLAGS", "CMAKE_ARGS", "CMAKE_GENERATOR", "CPP", "CPPFLAGS",
    "CUDA_HOME", "CUDA_PATH", "CXX", "CXXFLAGS", "FC", "FFLAGS", "LD", "LDFLAGS",
    "MACOSX_DEPLOYMENT_TARGET", "PKG_CONFIG_PATH", "RUSTFLAGS", "TORCH_CUDA_ARCH_LIST",
})  # fmt: skip
"""Environment variables that compilers and build backends read."""

_AMBIENT_BEGINNINGS = ("SETUPTOOLS_SCM_PRETEND_VERSION", "CIBUILDWHEEL_")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPolicy:
    """The user's build options.

    `check_dependencies` is ``--check-build-dependencies``. `constraint_files` apply to build
    environments (``--build-constraint``). `variables` are added to the environment of a
    project's builds, by normalised name. `clean` is false if temporary folders are kept
    (``--no-clean``). `verify` is false if a wheel is used without checks (``--no-verify``).
    `reuse` allows cached wheels; ``download`` needs the source itself. `watched` is true if the
    output of backends is shown (``-v``, ``--log``). `virtual` selects virtual environments for
    builds (``--use-feature=venv-isolation``). `ambient` are those of the user's environment
    variables that builds are known to read.
    """

    isolation: BuildIsolation = BuildIsolation.STRICT
    check_dependencies: bool = False
    constraint_files: tuple[str, ...] = ()
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    clean: bool = True
    verify: bool = True
    reuse: bool = True
    watched: bool = False
    virtual: bool = False
    ambient: Mapping[str, str] = field(default_factory=lambda: NO_VARIABLES)

    def variables_of(self, project: str) -> Mapping[str, str]:
        """Return the additional variables for builds of the project with that normalised name."""
        return self.variables.get(project, NO_VARIABLES)


def build_policy(settings: Settings, environ: Mapping[str, str]) -> BuildPolicy:
    """Return the build policy; ``--no-build-isolation`` overrides the mode's rule."""
    isolation = BuildIsolation(chosen(settings, "build-isolation").value)
    if not settings.values.get("build_isolation", True):
        isolation = BuildIsolation.NONE
    return BuildPolicy(
        isolation=isolation,
        check_dependencies=settings.flag("check_build_deps"),
        constraint_files=settings.texts("build_constraints"),
        variables=settings.own.build_variables,
        clean=not settings.flag("no_clean"),
        verify=not settings.flag("no_verify"),
        reuse=settings.command != "download",
        virtual="venv-isolation" in settings.texts("features_enabled"),
        watched=settings.verbosity > 0 or settings.text("log") is not None,
        ambient={
            name: value
            for name, value in environ.items()
            if name in AMBIENT or name.startswith(_AMBIENT_BEGINNINGS)
        },
    )
