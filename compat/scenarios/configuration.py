"""`config`: values and their origins, and changes to files.

No scenario changes a file of the level `global`, because one of them belongs to the machine.
"""

from __future__ import annotations

from typing import Any

from compat.harness.known import UNWRITTEN
from compat.harness.scenario import Scenario, Target, scenario

FILES: dict[str, str | None] = {"PIP_CONFIG_FILE": None, "XDG_CONFIG_DIRS": "<home>/xdg"}
NAMED = FILES | {"PIP_CONFIG_FILE": "<here>/own.conf"}

SYSTEM = "<home>/xdg/pip/pip.conf"
LEGACY = "<home>/.pip/pip.conf"
USER = "<home>/.config/pip/pip.conf"
SITE = "<env>/pip.conf"

ONE = "[global]\ntimeout = 60\n\n[freeze]\nall = yes\n"
LEVELS = {
    SYSTEM: "[global]\ntimeout = 1\nproxy = system\n",
    LEGACY: "[global]\ntimeout = 2\nproxy = legacy\n",
    USER: "[global]\ntimeout = 3\n[install]\nuser = no\n",
}
WRITTEN = (
    "# mine\n[GLOBAL]\nA_b: 1\n; not this\n[install]\n--No_Index=true\nlist =\n  one\n\ttwo\n"
    "[empty]\n[last]\nempty =\nkey with blanks = a = b : c\n"
)


def _case(rule: str, argv: str | list[str], **world: Any) -> Scenario:
    world["environ"] = FILES | world.get("environ", {})
    return scenario(f"config-{rule}", argv, **world)


LOOKS = (
    _case("list-of-nothing", "config list", then=("config --user list",)),
    _case("list-of-every-level", "config list", standing=LEVELS | {SITE: ONE},
          shows=("global.timeout='1'", "global.timeout='2'", "global.timeout='3'",
                 "global.timeout='60'", ":env:.retries='0'")),
    _case("list-of-one-level", "config --user list", standing=LEVELS | {SITE: ONE},
          then=("config --global list", "config --site list")),
    _case("list-is-sorted", "config list --user",
          standing={USER: "[z]\nb = 1\na = 2\n[a]\nc = '\"\n"}, shows=("a.c='\\'\"'\nz.a='2'\n",)),
    _case("list-isolated", "config --isolated list", standing=LEVELS | {SITE: ONE}),
    _case("list-of-a-named-file", "config list", standing=LEVELS,
          files={"own.conf": ONE}, environ=NAMED, then=("config list --user",)),
    _case("list-of-a-named-file-that-is-not-there", "config list", standing=LEVELS,
          environ=NAMED),
    _case("list-of-a-file-named-twice", "config list", standing=LEVELS | {SITE: ONE},
          environ={"PIP_CONFIG_FILE": SYSTEM}, then=("config get global.timeout",)),
    _case("list-without-files", "config list", standing=LEVELS,
          environ={"PIP_CONFIG_FILE": "/dev/null"}, then=("config -vv list",),
          shows=("being os.devnull",)),
    _case("list-of-all-that-may-stand-in-a-file", "config list",
          standing={USER: WRITTEN, SITE: "[DEFAULT]\nd = 1\n[x]\ne = 2\n[x.y]\nz.z = 3\n"},
          then=("config debug",), shows=("install.list='\\none\\ntwo'", "x.d='1'")),
    _case("list-of-a-prefix-that-is-active", "config list", standing={SITE: ONE},
          target=Target.ACTIVE),
    _case("list-loudly", "config -v list", standing=LEVELS,
          then=("config -vv --site list", "config -q list", "-qqq config get no.key"),
          exits=(0, 0, 0, 1), shows=("For variant 'user', will try loading", "Skipping file")),
    _case("get", "config get global.timeout", standing=LEVELS,
          then=("config get GLOBAL.Timeout", "config get --global global.proxy",
                "config --user get global.proxy", "config get :env:.retries")),
    _case("get-prefers-the-site-file", "config get global.timeout", standing=LEVELS | {SITE: ONE},
          then=("config get --user global.timeout",), shows=("60\n3\n",)),
    _case("get-of-several-lines", "config get install.list", standing={USER: WRITTEN},
          then=("config get last.empty", ["config", "get", "last.key with blanks"])),
    _case("get-of-what-is-never-shown", "config get a.b", then=("config debug", "config list"),
          standing={USER: "[a]\nb = 1\t2\a3\v4\n  five\tsix\n"}, shows=("1       234\n",)),
    _case("get-of-nothing", "config get no.Such_Key", standing=LEVELS, exits=(1,),
          then=("config get nodot", "config get global.user"), shows=(
              "No such key - no.Such_Key",
              "Perhaps you wanted to use 'global.nodot' instead?")),
    _case("get-of-a-section-that-is-not-low", "config get GLOBAL.a-b", standing={USER: WRITTEN},
          exits=(1,)),
    _case("debug", "config debug", standing=LEVELS | {SITE: ONE},
          shows=("env_var:\n  PIP_DIS", "env:\nglobal:\n", "    freeze.all: yes\n")),
    _case("debug-of-a-named-file", "config debug", standing=LEVELS, files={"own.conf": ONE},
          environ=NAMED, then=("config debug --user", "config debug --isolated")),
    _case("debug-of-folders-elsewhere", "config debug",
          environ={"XDG_CONFIG_DIRS": "<home>/a:relative:<home>/b:<home>/a",
                   "XDG_CONFIG_HOME": "<home>/c", "PIP_Odd_Name": "1", "PIP_VERSION": "1"},
          standing={"<home>/b/pip/pip.conf": ONE, "<home>/c/pip/pip.conf": ONE}),
    _case("debug-of-the-null-device", "config debug", standing=LEVELS,
          environ={"PIP_CONFIG_FILE": "/dev/null"}),
)  # fmt: skip

CHANGES = (
    _case("set", "config set global.timeout 60", then=("config list", "config debug"),
          shows=("Writing to",)),
    _case("set-keeps-what-is-there", "config set install.No_Index false",
          standing={USER: WRITTEN},
          then=(["config", "set", "new.key", " blanks and\nlines "], "config list")),
    _case("set-again", "config set global.timeout 1", then=("config set global.timeout 2",)),
    _case("set-of-nothing", ["config", "set", "global.a", ""], then=("config list",)),
    _case("set-where-a-default-is", "config set x.d 2", standing={
        USER: "[DEFAULT]\nd = 1\n[x]\ne = 2\n"}, then=("config unset x.d", "config unset x.d"),
        exits=(0, 0, 1), shows=("Fatal Internal error [id=1]",)),
    _case("set-into-the-site-file", "config --site set global.timeout 60",
          then=("config set global.retries 1", "config --user set global.retries 2",
                "config unset global.retries")),
    _case("set-into-the-active-site-file", "config --site set global.timeout 60",
          target=Target.ACTIVE),
    _case("set-into-the-user-file-beside-the-old-one", "config --user set freeze.all yes",
          standing={LEGACY: ONE}, then=("config --user unset freeze.all",
                                        "config --user unset freeze.all",
                                        "config --user unset freeze.all"), exits=(0, 0, 0, 1)),
    _case("set-into-a-named-file", "config set a.b c", files={"own.conf": ONE}, standing=LEVELS,
          environ=NAMED, then=("config --user set a.d e", "config list --user",
                               "config unset a.b", "config unset a.b", "config set nodot 1"),
          exits=(0, 0, 0, 0, 1, 1), shows=("Because PIP_CONFIG_FILE is set",)),
    _case("set-beside-a-named-file-that-is-not-there", "config set a.b c", environ=NAMED),
    _case("set-into-the-site-file-beside-a-named-file", "config --site set a.b c",
          files={"own.conf": ONE}, environ=NAMED),
    _case("set-without-files", "config set a.b c", environ={"PIP_CONFIG_FILE": "/dev/null"},
          then=("config --global set a.b c", "config --site unset a.b"), exits=(1,),
          shows=("Cannot write to PIP_CONFIG_VALUE when it is set to /dev/null",)),
    _case("set-isolated", "config --isolated set a.b c",
          then=("config --isolated --site set a.b c",), exits=(1, 0),
          shows=("Fatal Internal error [id=2]",)),
    _case("set-without-a-dot", "config set isolated true", exits=(1,),
          then=("config unset isolated",),
          shows=("Perhaps you wanted to use 'global.isolated' instead?",)),
    _case("set-of-odd-names", "config set .key 1", then=("config list",), exits=(0, 2)),
    _case("set-of-an-option", ["config", "set", "--", "--Global.--x_y", "1"],
          then=("config list", ["config", "unset", "--", "--Global.x-y"])),
    _case("set-of-names-with-dots", "config set a.b.c 1", then=("config unset a.b.c",)),
    _case("unset-of-a-section-with-a-dot", "config unset a.b.c", exits=(1,),
          standing={USER: "[a.b]\nc = 1\n"}, shows=("Fatal Internal error [id=1]",)),
    _case("unset", "config unset install.no-index", standing={USER: WRITTEN},
          then=("config unset install.LIST", "config unset last.empty", "config unset nothing.a"),
          exits=(0, 0, 0, 1), shows=("No such key - nothing.a",)),
    _case("unset-of-the-last-key", "config unset freeze.all", standing={USER: ONE},
          then=("config unset global.timeout",)),
    _case("unset-of-a-key-in-two-files", "config unset global.timeout", standing=LEVELS,
          then=("config unset global.timeout", "config --global unset no.key"), exits=(0, 0, 1)),
    _case("set-loudly", "config -vv set a.b c", then=("config -q set a.b d", "config list"),
          shows=("Will be working with user variant only",)),
    _case("set-of-other-letters", ["config", "set", "a.b", "ä€😀"], then=("config list",
          "config get a.b")),
)  # fmt: skip

EDITORS = (
    _case("edit", ["config", "edit", "--editor", "echo"], then=(
        "config edit --editor=echo --user", "config edit --editor echo --site"),
        environ={"EDITOR": "false", "VISUAL": "false"}, shows=("/.config/pip/pip.conf\n",)),
    _case("edit-by-a-variable", "config edit", environ={"EDITOR": "false", "VISUAL": "echo -n"}),
    _case("edit-by-the-other-variable", "config edit", environ={"EDITOR": "echo now;echo"},
          standing={SITE: ONE}),
    _case("edit-without-an-editor", "config edit", exits=(1,),
          shows=("Could not determine editor to use.",)),
    _case("edit-by-an-editor-that-fails", "config edit --editor false", exits=(1,), then=(
        "config edit --editor no-such-editor", ["config", "edit", "--editor", "exit 3;"],
        ["config", "edit", "--editor", "kill -9 $$;"]),
        shows=("Editor Subprocess exited with exit code 1",)),
    _case("edit-of-a-named-file", "config edit --editor echo", files={"own.conf": ONE},
          environ=NAMED),
    _case("edit-without-files", "config edit --editor echo", exits=(1,),
          environ={"PIP_CONFIG_FILE": "/dev/null"},
          shows=("Could not determine appropriate file.",)),
    _case("edit-of-a-file-with-a-quote", "config edit --editor echo", exits=(1,),
          environ={"XDG_CONFIG_HOME": '<home>/"'}),
)  # fmt: skip

REFUSALS = (
    _case("without-an-action", "config", exits=(1,), then=("config lst", "config --user"),
          shows=("Need an action (debug, edit, get, list, set, unset) to perform.",)),
    _case("of-two-levels", "config --user --global list", exits=(1,),
          then=("config --site --user set a.b c",), shows=("Need exactly one file",)),
    _case("takes-as-many-words-as-it-needs", "config list a", exits=(1,), then=(
        "config get", "config get a b", "config set a.b", "config set a.b c d", "config unset",
        "config debug x", "config edit x"),
        shows=('expected 2. (example: "', ' -m pip config set [name] [value]")')),
    _case("of-a-malformed-file", "config list", standing={USER: "[global\n"}, exits=(2,),
          then=("config set a.b c", "config --site set a.b c"),
          shows=("Configuration file could not be loaded.",)),
    _case("of-a-malformed-named-file", "config list", files={"own.conf": "a = 1\n"}, exits=(2,),
          environ=NAMED),
    _case("of-a-key-that-comes-twice", "config get a.b", standing={USER: "[a]\nb = 1\nb = 2\n"},
          exits=(2,)),
    _case("of-a-folder-in-the-place-of-a-file", "config list",
          standing={f"{USER}/inside": ""}, then=("config get a.b",), exits=(0, 1)),
    _case("of-a-wrong-value", "config list", standing={USER: "[global]\ntimeout = soon\n"},
          exits=(3,), then=("config unset global.timeout",)),
    _case("where-an-environment-is-required", "config list", target=Target.ALONE,
          environ={"PIP_REQUIRE_VIRTUALENV": "1"}),
    _case("with-a-feature-that-is-always-on", "config list --use-feature truststore"),
    _case("set-into-a-folder", "config set a.b c", standing={f"{USER}/inside": ""}, exits=(1,),
          allow=UNWRITTEN),
    _case("set-below-a-file", "config set a.b c", standing={"<home>/.config": ""}, exits=(1,),
          allow=UNWRITTEN, shows=("Internal Error.",)),
    _case("set-into-a-file-without-a-folder", "config set a.b c", files={"own.conf": ONE},
          environ={"PIP_CONFIG_FILE": "own.conf"}, exits=(1,), allow=UNWRITTEN),
)  # fmt: skip

SCENARIOS = (*LOOKS, *CHANGES, *EDITORS, *REFUSALS)
