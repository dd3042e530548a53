"""pip's command line as data: every option of every command, including hidden ones and aliases.

`compat/options` compares these rows with the parsers of the installed pip. Rows that several
commands share appear once.
"""

from __future__ import annotations

from pipfast.model.frozen_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its spellings, the destination of its value, and valid values.

    `spellings` are separated by spaces, short ones first. `action` is one of ``store append
    store_true store_false store_const count callback help``. `type` is ``string int float path
    package_name``, a tuple of choices, the constant of ``store_const``, or empty for options
    without a value. `default` is None if pip has none; `metavar` controls completion.
    """

    spellings: str
    dest: str
    action: str = "store_true"
    type: str | tuple[str, ...] = ""
    default: object = None
    metavar: str | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The spellings, short ones first."""
        return tuple(self.spellings.split())

    @property
    def takes_value(self) -> bool:
        """Return whether a value follows the flag on the command line."""
        return bool(self.type) and self.action != "store_const"

    @property
    def name(self) -> str:
        """Return the spelling used in configuration errors: the first long flag."""
        return next((flag for flag in self.flags if flag.startswith("--")), self.flags[0])


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: its `name`, its `usage` lines with ``%prog``, and its `options` in order.

    `outside_virtualenv` is true if ``--require-virtualenv`` does not apply. `actions` are the
    allowed values of the first positional argument, in pip's order.
    """

    name: str
    usage: tuple[str, ...]
    options: tuple[Option, ...]
    outside_virtualenv: bool = field(default=False, kw_only=True)
    actions: tuple[str, ...] = field(default=(), kw_only=True)


CACHE_DIRECTORY = "<the platform's cache directory>"
"""The default of ``--cache-dir``; `settings` replaces it with the real path."""

SOURCE_DIRECTORY = "<the target's src directory>"
"""The default of ``--src``; `settings` replaces it with the real path."""

INDEX_URL = "https://pypi.org/simple"
ALWAYS_ENABLED = ("truststore", "no-binary-enable-wheel-cache", "build-constraint")
"""Values of ``--use-feature`` whose only effect is a warning."""

HIDDEN = frozenset({"--no-python-version-warning", "--no-user", "--use-pep517"})
"""Flags that pip accepts and does not show in its help."""

NO_NAMES: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())

VERSION = Option("-V --version", "version")
GENERAL = (
    Option("-h --help", "help", "help"),
    Option("--debug", "debug_mode", default=False),
    Option("--isolated", "isolated_mode", default=False),
    Option("--require-virtualenv --require-venv", "require_venv", default=False),
    Option("--python", "python", "store", "string"),
    Option("-v --verbose", "verbose", "count", default=0),
    Option("-q --quiet", "quiet", "count", default=0),
    Option("--log --log-file --local-log", "log", "store", "path", metavar="path"),
    Option("--no-input", "no_input", default=False),
    Option(
        "--keyring-provider",
        "keyring_provider",
        "store",
        ("auto", "disabled", "import", "subprocess"),
        "auto",
    ),
    Option("--proxy", "proxy", "store", "string"),
    Option("--no-proxy-env", "no_proxy_env", default=False),
    Option("--retries", "retries", "store", "int", 5),
    Option("--timeout --default-timeout", "timeout", "store", "float", 15, "sec"),
    Option("--exists-action", "exists_action", "append", tuple("siwba"), (), "action"),
    Option("--trusted-host", "trusted_hosts", "append", "string", (), "HOSTNAME"),
    Option("--cert", "cert", "store", "path", metavar="path"),
    Option("--client-cert", "client_cert", "store", "path", metavar="path"),
    Option("--cache-dir", "cache_dir", "store", "path", CACHE_DIRECTORY, "dir"),
    Option("--no-cache-dir", "cache_dir", "callback"),
    Option("--disable-pip-version-check", "disable_pip_version_check", default=False),
    Option("--no-color", "no_color", default=False),
    Option("--no-python-version-warning", "no_python_version_warning", default=False),
    Option(
        "--use-feature",
        "features_enabled",
        "append",
        ("fast-deps", "inprocess-build-deps", "venv-isolation", *ALWAYS_ENABLED),
        (),
        "feature",
    ),
    Option(
        "--use-deprecated",
        "deprecated_features_enabled",
        "append",
        ("legacy-resolver", "legacy-certs"),
        (),
        "feature",
    ),
    Option("--resume-retries", "resume_retries", "store", "int", 5),
)
INDEX = (
    Option("-i --index-url --pypi-url", "index_url", "store", "string", INDEX_URL, "URL"),
    Option("--extra-index-url", "extra_index_urls", "append", "string", (), "URL"),
    Option("--no-index", "no_index", default=False),
    Option("--refresh-package", "refresh_package", "callback", "string", frozenset()),
    Option("-f --find-links", "find_links", "append", "string", (), "url"),
    Option(
        "--uploaded-prior-to",
        "uploaded_prior_to",
        "callback",
        "string",
        metavar="datetime_or_duration",
    ),
)
SELECTION = (
    Option("--pre", "pre", default=False),
    Option("--all-releases", "release_control", "callback", "string", NO_NAMES),
    Option("--only-final", "release_control", "callback", "string", NO_NAMES),
    Option("--no-binary", "format_control", "callback", "string", NO_NAMES),
    Option("--only-binary", "format_control", "callback", "string", NO_NAMES),
    Option("--prefer-binary", "prefer_binary", default=False),
)
FOREIGN = (
    Option("--platform", "platforms", "append", "string", metavar="platform"),
    Option("--python-version", "python_version", "callback", "string", metavar="python_version"),
    Option("--implementation", "implementation", "store", "string", metavar="implementation"),
    Option("--abi", "abis", "append", "string", metavar="abi"),
)
REQUIREMENT = Option("-r --requirement", "requirements", "append", "string", (), "file")
CONSTRAINT = Option("-c --constraint", "constraints", "append", "string", (), "file")
BUILD_CONSTRAINT = Option("--build-constraint", "build_constraints", "append", "string", (), "file")
FROM_SCRIPT = Option(
    "--requirements-from-script", "requirements_from_scripts", "append", "string", (), "file"
)
NO_DEPS = Option("--no-deps --no-dependencies", "ignore_dependencies", default=False)
ONLY_DEPS = Option("--only-deps --only-dependencies", "only_dependencies", default=False)
EDITABLE = Option("-e --editable", "editables", "append", "string", (), "path/url")
SRC = Option(
    "--src --source --source-dir --source-directory",
    "src_dir",
    "callback",
    "path",
    SOURCE_DIRECTORY,
    "dir",
)
IGNORE_REQUIRES_PYTHON = Option("--ignore-requires-python", "ignore_requires_python")
BUILD = (
    Option("--no-build-isolation", "build_isolation", "store_false", default=True),
    Option("--use-pep517", "use_pep517", default=True),
    Option("--check-build-dependencies", "check_build_deps", default=False),
)
BREAK_SYSTEM_PACKAGES = Option("--break-system-packages", "override_externally_managed")
CONFIG_SETTINGS = Option(
    "-C --config-settings", "config_settings", "callback", "string", metavar="settings"
)
HASHES = (
    Option("--require-hashes", "require_hashes", default=False),
    Option("--no-require-hashes", "no_require_hashes", default=False),
)
PROGRESS_BAR = Option(
    "--progress-bar", "progress_bar", "store", ("auto", "on", "off", "raw"), "auto"
)
ROOT_USER_ACTION = Option(
    "--root-user-action", "root_user_action", "store", ("warn", "ignore"), "warn"
)
GROUP = Option("--group", "dependency_groups", "callback", "string", (), "[path:]group")
NO_CLEAN = Option("--no-clean", "no_clean", default=False)
PATH = Option("--path", "path", "append", "path")
EXCLUDE = Option("--exclude", "excludes", "append", "package_name", metavar="package")
LOCAL = Option("-l --local", "local", default=False)
USER = Option("--user", "user", default=False)
