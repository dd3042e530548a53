"""Tab completion through the program itself: files and installed names.

`compat/options/test_completions.py` tests the options of every command.
"""

from __future__ import annotations

from typing import Any

from compat.harness.scenario import Scenario, Target, scenario
from tests.kit.wheels import Wheel

INSTALLED = tuple(Wheel(name=name) for name in ("demo", "Demo_More", "dep", "other"))
FILES = {"requirements.txt": "", "resources/one": "", "with blank": "", "ä.txt": "", "REPLAY/x": ""}


def _case(rule: str, words: str, cursor: str, **world: Any) -> Scenario:
    variables = {"PIP_AUTO_COMPLETE": "1", "COMP_WORDS": words, "COMP_CWORD": cursor}
    environ, argv = variables | world.pop("environ", {}), world.pop("argv", [])
    world = {"target": Target.ACTIVE, "exits": (1,), "files": FILES} | world
    return scenario(f"complete-{rule}", argv, environ=environ, **world)


SCENARIOS = (
    _case("installed", "pip uninstall ", "2", before=INSTALLED, shows=("demo-more\n",)),
    _case("installed-that-begin-so", "pip show De", "2", before=INSTALLED, shows=("demo\n",)),
    _case("installed-but-those-given", "pip uninstall -y demo dep d", "5", before=INSTALLED,
          shows=("demo-more\n",)),
    _case("installed-with-a-wrong-configuration", "pip show o", "2", before=INSTALLED,
          environ={"PIP_TIMEOUT": "soon", "PIP_CONFIG_FILE": "<here>/bad"},
          files={"bad": "[x\n"}, shows=("other\n",)),
    _case("installed-after-an-option-with-a-file", "pip uninstall -r r", "3", before=INSTALLED,
          shows=("requirements.txt\n",)),
    _case("what-is-not-installed", "pip uninstall ", "2", shows=("--requirement=\n",)),
    _case("commands", "pip uni", "1", shows=("uninstall\n",)),
    _case("options", "pip install --no", "2", shows=("--no-cache-dir=\n", "--no-deps\n")),
    _case("actions", "pip config se", "2", shows=("set\n",)),
    _case("files", "pip install r", "2", shows=("requirements.txt\n", "resources/\n")),
    _case("folders", "pip --cache-dir r", "2", shows=("resources/\n",)),
    _case("files-of-other-letters", "pip install -e ", "3", shows=("ä.txt\n", "with blank\n")),
    _case("nothing-without-the-variable-of-the-script", "pip install r", "2", argv="instal",
          environ={"PIP_AUTO_COMPLETE": None}, shows=("maybe you meant",)),
    _case("with-an-empty-variable", "pip ca", "1", environ={"PIP_AUTO_COMPLETE": ""},
          shows=("cache\n",)),
)  # fmt: skip
