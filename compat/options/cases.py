"""Command lines, variables and files on which pip and pipfast must say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NO_FILES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """One command line with what configures it.

    ``{root}`` stands for the case's own folder, ``{python}`` for the interpreter that runs it.
    """

    line: str
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The case in one line, for the test's report."""
        parts = [f"{key}={value}" for key, value in self.env.items()]
        return " ".join([*parts, self.line, *(f"<{path}>" for path in self.files)])


def _lines(text: str) -> tuple[Case, ...]:
    return tuple(Case(line) for line in text.strip("\n").split("\n"))


def _user(line: str, text: str) -> Case:
    return Case(line, files={"home/.config/pip/pip.conf": text})


COMMAND_LINES = _lines(
    """
install demo
install -r requirements.txt -c constraints.txt
install -rrequirements.txt -cconstraints.txt
install --requirement=requirements.txt
install --req requirements.txt
install --requirem=a --requirements-from-script=b
install --requirement
install -r
install --upgr demo
install --upgrade-s eager demo
install --upgrade-strategy lazy demo
install --upgrade-strategy=eager -U demo
install --up
install --no
install --no-b
install --no-bin demo
install --pre demo --only-final :all:
install --pr
install --pref
install --prefe demo
install --prefix=/p --root=/r demo
install --compile --no-compile demo
install --no-compile --compile demo
install --no-comp demo
install --user --no-user demo
install --no-user --user demo
install --use
install --use-f
install --use-feature fast-deps --use-feature=truststore demo
install --use-feature 2020-resolver demo
install --use-deprecated legacy-resolver demo
install --use-deprecated=nothing demo
install --use-pep517 demo
install --no-use-pep517 demo
install -qqq demo
install -vvv demo
install -vqv -q demo
install -qUv demo
install -Ut dir demo
install -tdir demo
install -t=dir demo
install -Uxyz demo
install -z demo
install -e . -e./other --editable=git+https://example.org/x
install -e
install demo -- --bogus -r
install -- demo
install demo --
install -- --
install - demo
install --bogus
install --bogus=1 demo
install demo --bogus
install --dry-run=yes demo
install --debug=1
install --isolated demo
install --isol demo
install --timeout 3 demo
install --timeout=0.5 demo
install --timeout abc demo
install --timeout= demo
install --default-timeout 7 demo
install --retries 0x10 demo
install --retries 010 demo
install --retries 0b11 demo
install --retries 08 demo
install --retries many demo
install --retries -1 demo
install --retries 1.5 demo
install --resume-retries=9 demo
install --resume-retries=x demo
install --progress-bar off demo
install --progress-bar raw demo
install --progress-bar pretty demo
install --progress-bar
install --root-user-action ignore demo
install --root-user-action shout demo
install --exists-action i --exists-action w demo
install --exists-action x demo
install --keyring-provider subprocess demo
install --keyring-provider vault demo
install --proxy http://p:1 --no-proxy-env demo
install --proxy= demo
install --trusted-host a --trusted-host b:8 demo
install --cert ~/cert.pem --client-cert=~/client.pem demo
install --log ~/pip.log demo
install --log-file x.log demo
install --local-log=x.log demo
install --local x demo
install --cache-dir ~/c demo
install --cache-dir c --no-cache-dir demo
install --no-cache-dir --cache-dir c demo
install --no-cache-dir=1 demo
install --no-c demo
install -i https://example.org/simple demo
install -ihttps://example.org/simple demo
install --pypi-url https://example.org/simple demo
install --index-url a --index-url b demo
install --extra-index-url a --extra-index-url b demo
install --extra a demo
install -f a -f b --find-links c demo
install --no-index demo
install --no-binary a,B_c.d demo
install --no-binary a,b --only-binary b demo
install --only-binary :all: --no-binary x demo
install --no-binary :all: --no-binary :none: demo
install --no-binary a,:all:,b demo
install --no-binary a,:all:,:none:,b demo
install --only-binary :none: demo
install --all-releases a --only-final A demo
install --all-releases :all: --only-final b,c demo
install --only-final :all:,:none:,x demo
install --refresh-package a,B --refresh-package :all: demo
install --refresh-package :all:,:none:,c demo
install --refresh-package A_b demo
install --uploaded-prior-to 2023-01-01 demo
install --uploaded-prior-to 2023-01-01T00:00:00Z demo
install --uploaded-prior-to 2023-01-01T10:00:00+02:00 demo
install --uploaded-prior-to P7D demo
install --uploaded-prior-to p7d demo
install --uploaded-prior-to P7 demo
install --uploaded-prior-to yesterday demo
install --uploaded-prior-to 2023-13-01 demo
install --uploaded-prior-to 2023-02-30T00:00:00Z demo
install --uploaded-prior-to
install --platform a --platform b --abi c --implementation pp demo
install --python-version 3 demo
install --python-version 37 demo
install --python-version 310 demo
install --python-version 3.7.3 demo
install --python-version 3.7.3.1 demo
install --python-version 3.x demo
install --python-version three demo
install --python-version= demo
install --config-settings a=b --config-settings a=c -Ca=d demo
install -C x=1 -C y= -C =z demo
install --config-settings nothing demo
install -C nothing demo
install --group test --group a/pyproject.toml:dev demo
install --group pylock.toml:dev --group pylock.x.toml[a]:dev demo
install --group setup.cfg:dev demo
install --group https://example.org/pylock.toml:dev demo
install --group a:b:c demo
install --src ~/src demo
install --source-dir=relative demo
install --source x demo
install --source-d x
install --require-hashes --no-require-hashes demo
install --require
install --require-venv demo
install --require-v demo
install --report - demo
install --break-system-packages demo
install --no-deps --no-dependencies demo
install --only-deps demo
install --only-dependencies demo
install --only
install --python x demo
install --hash sha256:00 demo
install --disable-pip-version-check --no-python-version-warning --no-color --no-input demo
install --no-input demo
--timeout 5 install demo
--timeout=5 install --timeout 6 demo
-v install -v demo
-vq install demo
--no-color -i x install demo
--bogus install demo
--isolated install demo
--isol install demo
--log install install demo
--require-virtualenv install demo
--proxy
--python nowhere install demo
--python {python} install --bogus
--python {python} --bogus install
--python={python} instal
--retries x install demo
-- install demo
-- install --bogus
-V
--version
--version install --bogus
--vers
-Vx
-h
--help
--hel
install -h
install --help --bogus
install --bogus --help
help
help install
help bogus
instal demo
INSTALL demo
isntall demo
uninstal
lst
xyzzy
versoin
show --files a -f b
show --bogus
show
list --format json
list --format=columns -o
list --format xml
list --outdated --uptodate
list --exclude A_b --exclude c.D
list --path ~/a --path b
list --include-editable --exclude-editable
list -lou
list --local --user --not-required -e
freeze --all -l --user --exclude Pip
freeze -r a -r b --path x --exclude-editable
freeze --exclude
inspect --local --user --path x
inspect -l
uninstall -y -r a b
uninstall --yes a
uninstall -yy a
uninstall --break a
uninstall --bogus
check
check --bogus
check extra words
config list
config --global --editor vi edit
config --user set a.b c
config --site --bogus
cache list --format human
cache list --format abspath pattern
cache list --format json
cache --bogus
index versions demo --pre
index versions --json demo --python-version 3.9
index --bogus
search -i http://x query words
search --bogus
wheel -w dir demo
wheel --wheel-dir=dir --no-verify --no-clean demo
wheel --bogus
download -d dir demo
download --dest=dir demo
download --destination-dir=dir demo
download --destination demo
download --editable .
download --platform x --only-binary=:all: demo
lock -o ~/pylock.toml demo
lock --output - -e .
lock --bogus
hash -a sha512 file
hash -a md5 file
hash --algorithm=sha384 a b
hash --bogus
completion --bash
completion -z
completion --bogus
debug --platform x --abi y
debug --bogus
help --bogus
"""
)

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
"""Where pip ends with 1 and a traceback, and pipfast with 1 and one line."""
