"""Command lines, variables and files that pip and pipfast must parse alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compat.options.lines import LINES

NO_FILES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One command line with its configuration.

    ``{root}`` stands for the case's folder, ``{python}`` for the interpreter that runs it.
    """

    line: str
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the case in one line, for the test report."""
        parts = [f"{key}={value}" for key, value in self.env.items()]
        return " ".join([*parts, self.line, *(f"<{path}>" for path in self.files)])


def _user(line: str, text: str) -> Case:
    return Case(line, files={"home/.config/pip/pip.conf": text})


COMMAND_LINES = tuple(Case(line) for line in LINES.strip().split("\n"))

VARIABLES = (
    Case("install demo", {"PIP_TIMEOUT": "7"}),
    Case("install demo", {"PIP_TIMEOUT": "soon"}),
    Case("install --timeout 3 demo", {"PIP_TIMEOUT": "7"}),
    Case("install --timeout 3 demo", {"PIP_TIMEOUT": "soon"}),
    Case("install demo", {"PIP_DEFAULT_TIMEOUT": "8"}),
    Case("install demo", {"PIP_TIMEOUT": "7", "PIP_DEFAULT_TIMEOUT": "8"}),
    Case("install demo", {"PIP_DEFAULT_TIMEOUT": "8", "PIP_TIMEOUT": "7"}),
    Case("install demo", {"PIP_TIMEOUT": ""}),
    Case("install demo", {"PIP_RETRIES": "x"}),
    Case("list", {"PIP_RETRIES": "0x4"}),
    Case("install demo", {"PIP_NO_INDEX": "maybe"}),
    Case("install demo", {"PIP_NO_INDEX": "TRUE"}),
    Case("install demo", {"PIP_NO_INDEX": "off"}),
    Case("install demo", {"PIP_NO_COMPILE": "1"}),
    Case("install demo", {"PIP_NO_COMPILE": "0"}),
    Case("install demo", {"PIP_COMPILE": "no"}),
    Case("install --no-compile demo", {"PIP_COMPILE": "yes"}),
    Case("install demo", {"PIP_NO_BUILD_ISOLATION": "false"}),
    Case("install demo", {"PIP_NO_BUILD_ISOLATION": "true"}),
    Case("install demo", {"PIP_NO_BUILD_ISOLATION": "x"}),
    Case("install demo", {"PIP_NO_WARN_SCRIPT_LOCATION": "0"}),
    Case("install demo", {"PIP_NO_DEPS": "y"}),
    Case("install demo", {"PIP_NO_DEPENDENCIES": "t"}),
    Case("install demo", {"PIP_USER": "0"}),
    Case("install demo", {"PIP_USER": "yes"}),
    Case("install demo", {"PIP_NO_USER": "1"}),
    Case("install demo", {"PIP_NO_CACHE_DIR": "1"}),
    Case("install demo", {"PIP_NO_CACHE_DIR": "off"}),
    Case("install demo", {"PIP_NO_CACHE_DIR": "x"}),
    Case("install demo", {"PIP_NO_CACHE_DIR": "1", "PIP_CACHE_DIR": "{root}/c"}),
    Case("install demo", {"PIP_CACHE_DIR": "~/c"}),
    Case("install --cache-dir d demo", {"PIP_NO_CACHE_DIR": "1"}),
    Case("install demo", {"XDG_CACHE_HOME": "{root}/cache"}),
    Case("install demo", {"XDG_CACHE_HOME": "relative"}),
    Case("install demo", {"PIP_VERBOSE": "2"}),
    Case("install -v demo", {"PIP_VERBOSE": "2"}),
    Case("install demo", {"PIP_VERBOSE": "yes"}),
    Case("install demo", {"PIP_QUIET": "-1"}),
    Case("install demo", {"PIP_QUIET": "loud"}),
    Case("install demo", {"PIP_QUIET": "1.5"}),
    Case("install demo", {"PIP_PROGRESS_BAR": "pretty"}),
    Case("install demo", {"PIP_PROGRESS_BAR": "off"}),
    Case("list", {"PIP_PROGRESS_BAR": "pretty"}),
    Case("list", {"PIP_FORMAT": "json"}),
    Case("list", {"PIP_FORMAT": "xml"}),
    Case("install demo", {"PIP_EXTRA_INDEX_URL": "a b"}),
    Case("install --extra-index-url c demo", {"PIP_EXTRA_INDEX_URL": "a b"}),
    Case("install demo", {"PIP_FIND_LINKS": " a\n  b\tc "}),
    Case("install demo", {"PIP_TRUSTED_HOST": "a b:9"}),
    Case("install demo", {"PIP_EXISTS_ACTION": "i w"}),
    Case("install demo", {"PIP_EXISTS_ACTION": "i x"}),
    Case("install demo", {"PIP_USE_FEATURE": "fast-deps truststore"}),
    Case("install demo", {"PIP_USE_FEATURE": "fast-deps bogus"}),
    Case("install demo", {"PIP_NO_BINARY": "a,b"}),
    Case("install --no-binary c demo", {"PIP_NO_BINARY": "a,b"}),
    Case("install --only-binary a demo", {"PIP_NO_BINARY": "a,b"}),
    Case("install demo", {"PIP_NO_BINARY": "a", "PIP_ONLY_BINARY": "a"}),
    Case("install demo", {"PIP_PRE": "1"}),
    Case("install demo", {"PIP_ALL_RELEASES": ":all:"}),
    Case("install demo", {"PIP_CONFIG_SETTINGS": "a=b"}),
    Case("install -C a=c demo", {"PIP_CONFIG_SETTINGS": "a=b"}),
    Case("install demo", {"PIP_CONFIG_SETTINGS": "ab"}),
    Case("install demo", {"PIP_PYTHON_VERSION": "3.9"}),
    Case("install demo", {"PIP_PYTHON_VERSION": "3.x"}),
    Case("install demo", {"PIP_PLATFORM": "a b"}),
    Case("install demo", {"PIP_UPLOADED_PRIOR_TO": "2023-01-01T00:00:00Z"}),
    Case("install demo", {"PIP_UPLOADED_PRIOR_TO": "soon"}),
    Case("install demo", {"PIP_GROUP": "dev"}),
    Case("install demo", {"PIP_GROUP": "x.cfg:dev"}),
    Case("install demo", {"PIP_REFRESH_PACKAGE": "a,b"}),
    Case("install demo", {"PIP_REQUIREMENT": "a.txt b.txt"}),
    Case("install demo", {"PIP_CONSTRAINT": "c.txt"}),
    Case("install demo", {"PIP_SRC": "here"}),
    Case("install demo", {"PIP_SOURCE_DIRECTORY": "~/there"}),
    Case("install demo", {"PIP_INDEX_URL": "https://user:pass@example.org/simple"}),
    Case("install demo", {"PIP_PYPI_URL": "https://example.org/simple"}),
    Case("install demo", {"PIP_PYTHON": "nowhere"}),
    Case("install demo", {"PIP_VERSION": "1", "PIP_HELP": "1"}),
    Case("install demo", {"PIP_BOGUS": "1", "PIP_": "x", "PIP": "y"}),
    Case("install demo", {"PIP_ISOLATED": "1", "PIP_TIMEOUT": "7"}),
    Case("install --isolated demo", {"PIP_TIMEOUT": "7", "PIP_NO_INDEX": "maybe"}),
    Case("--isolated install demo", {"PIP_TIMEOUT": "7"}),
    Case("install --isolated demo", {"PIP_TIMEOUT": "soon"}),
    Case("install --isolate demo", {"PIP_TIMEOUT": "7"}),
    Case("list", {"PIP_EXCLUDE": "A_b c.D"}),
    Case("list", {"PIP_PATH": "~/a b"}),
    Case("list", {"PIP_NO_INDEX": "maybe"}),
    Case("show x", {"PIP_NO_INDEX": "maybe"}),
    Case("install --bogus", {"COLUMNS": "40"}),
    Case("install --bogus", {"COLUMNS": "11"}),
    Case("config --bogus", {"COLUMNS": "30"}),
    Case("list --bogus", {"COLUMNS": "5"}),
)

_LISTED = "[global]\nextra-index-url =\n    https://a.example\n    https://b.example\n"

FILES = (
    _user("install demo", "[global]\ntimeout = 9\n"),
    _user("install demo", "[global]\ntimeout = 9\n[install]\ntimeout = 10\n"),
    _user("list", "[global]\ntimeout = 9\n[install]\ntimeout = 10\n"),
    _user("install demo", "[install]\ntimeout = 10\n[global]\ntimeout = 9\n"),
    _user("install --timeout 11 demo", "[global]\ntimeout = 9\n"),
    _user("install --isolated demo", "[global]\ntimeout = 9\n"),
    _user("install demo", "[global]\ntimeout = soon\n"),
    _user("install demo", "[install]\nprogress-bar = pretty\n"),
    _user("list", "[install]\nprogress-bar = pretty\n"),
    _user("install demo", "[install]\nno_index = maybe\n"),
    _user("install demo", "[global]\nNO_Compile = false\n"),
    _user("install demo", "[install]\nno-compile = no\n"),
    _user("install demo", _LISTED),
    _user("install --extra-index-url c demo", _LISTED),
    _user("install demo", "[global]\nbogus = 1\nno-such-thing = 2\n"),
    _user("install demo", "[global]\n--timeout = 4\n__retries = 3\n"),
    _user("install demo", "[bogus]\ntimeout = 1\n"),
    _user("install demo", "[global]\ntimeout =\n[install]\nretries =\n"),
    _user("install demo", "[global]\nversion = 1\n"),
    _user("install demo", "[global]\nhelp = 1\nverbose = 2\n"),
    _user("install demo", "[global]\nuser = true\ntarget = x\n"),
    _user("install demo", "[global]\nno-cache-dir = false\n"),
    _user("install demo", "[global]\ncache-dir = ~/c\n[install]\nno-cache-dir = x\n"),
    _user("install demo", "[global]\nno-binary = a\n[install]\nno-binary = b\n"),
    _user("install demo", "[global]\nonly-binary = :all:\n[install]\nno-binary = b\n"),
    _user("install demo", "[global]\ntimeout: 4\n# retries = 1\n; retries = 2\nretries = 3 # x\n"),
    _user("install demo", "[global\ntimeout = 1\n"),
    _user("install demo", "timeout = 1\n"),
    _user("install demo", "[global]\ntimeout\n"),
    _user("install demo", "[global]\ntimeout = 1\ntimeout = 2\n"),
    _user("install demo", "[global]\na = 1\n[global]\nb = 2\n"),
    _user("install demo", "[DEFAULT]\ntimeout = 2\n[global]\nretries = 1\n"),
    _user("install demo", ""),
    _user("install demo", "[:env:]\ntimeout = 2\n"),
    _user("install demo", "[pipfast]\npip-compat = true\n[global]\nretries = 1\n"),
    Case(
        "install demo",
        {"PIP_RETRIES": "3"},
        {"home/.config/pip/pip.conf": "[install]\nretries = 2\ntimeout = 5\n"},
    ),
    Case(
        "install demo",
        {"PIP_EXTRA_INDEX_URL": "e"},
        {"home/.config/pip/pip.conf": _LISTED},
    ),
    Case(
        "install demo",
        {"PIP_NO_BINARY": "e"},
        {"home/.config/pip/pip.conf": "[global]\nno-binary = a\n"},
    ),
    Case("install demo", {"PIP_TIMEOUT": ""}, {"home/.config/pip/pip.conf": "[global]\ntimeout=2"}),
    Case(
        "install demo",
        files={
            "home/.pip/pip.conf": "[global]\ntimeout = 1\nretries = 1\n",
            "home/.config/pip/pip.conf": "[global]\ntimeout = 2\n",
            "xdg/pip/pip.conf": "[global]\ntimeout = 3\nproxy = p\n",
        },
    ),
    Case(
        "install demo",
        {"XDG_CONFIG_HOME": "{root}/elsewhere"},
        {
            "elsewhere/pip/pip.conf": "[global]\ntimeout = 6\n",
            "home/.config/pip/pip.conf": "[global]\ntimeout = 2\n",
        },
    ),
    Case(
        "install demo",
        {"XDG_CONFIG_DIRS": "{root}/one: {root}/two :relative"},
        {
            "one/pip/pip.conf": "[global]\ntimeout = 1\nretries = 1\n",
            "two/pip/pip.conf": "[global]\ntimeout = 2\n",
        },
    ),
    Case(
        "install demo",
        {"PIP_CONFIG_FILE": "{root}/own.conf"},
        {
            "own.conf": "[global]\ntimeout = 6\n",
            "home/.config/pip/pip.conf": "[global]\nretries = 2\n",
            "xdg/pip/pip.conf": "[global]\nproxy = p\ntimeout = 3\n",
        },
    ),
    Case(
        "install --isolated demo",
        {"PIP_CONFIG_FILE": "{root}/own.conf"},
        {"own.conf": "[global]\ntimeout = 6\n"},
    ),
    Case(
        "install demo",
        {"PIP_CONFIG_FILE": "{root}/absent.conf"},
        {"home/.config/pip/pip.conf": "[global]\nretries = 2\n"},
    ),
    Case(
        "install demo",
        {"PIP_CONFIG_FILE": "/dev/null"},
        {"home/.config/pip/pip.conf": "[global]\nretries = 2\n"},
    ),
    Case(
        "install demo",
        {"PIP_CONFIG_FILE": "{root}/xdg/pip/pip.conf"},
        {"xdg/pip/pip.conf": "[global]\ntimeout = 3\n"},
    ),
    Case("install demo", {"PIP_CONFIG_FILE": "{root}/b"}, {"b": "[global]\nproxy = \udcff\n"}),
    Case("install demo", {"PIP_CONFIG_FILE": "{root}"}),
)

UNCAUGHT = (
    Case("install --no-binary=-x demo"),
    Case("install --no-binary -r demo"),
    Case("install --only-final --pre demo"),
    Case("install --refresh-package -x demo"),
    Case("install demo", {"PIP_ONLY_BINARY": "-x"}),
)
"""Cases where pip exits with 1 and a traceback, and pipfast with 1 and one line."""
