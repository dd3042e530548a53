"""Requirements files, groups and scripts."""

from __future__ import annotations

from compat.harness.scenario import scenario
from compat.kit.index import index
from tests.kit.wheels import wheel

AA, BB, CC = wheel("aa"), wheel("bb"), wheel("cc")
MAIN = index(AA, wheel("aa", "2.0"), BB, wheel("bb", "2.0b1"), CC)
EXTRA = index(wheel("ee"), name="extra")
FILE = "install -r requirements.txt"
SCRIPT = '# /// script\n# requires-python = ">=3.8"\n# dependencies = ["aa<2", "bb"]\n# ///\n'

SCENARIOS = (
    scenario("lines-comments-and-blanks", FILE, MAIN,
             files={"requirements.txt": "# head\n\naa<2  # why\n  bb\ncc#not-a-comment\n"},
             exits=(1,), shows=("Invalid requirement",)),
    scenario("a-comment-needs-a-blank-before-it", FILE, MAIN,
             files={"requirements.txt": "# head\n\naa<2  # why\n  bb\n\n"}),
    scenario("continued-lines", FILE, MAIN, files={"requirements.txt": "aa\\\n<2\nbb \\\n  <2\n"}),
    scenario("a-comment-within-continued-lines", FILE, MAIN,
             files={"requirements.txt": "aa \\\n# comment\n<2\n"}, exits=(1,)),
    scenario("nested-files-are-found-beside-their-parent", FILE, MAIN,
             files={"requirements.txt": "-r d/one.txt\naa\n", "d/one.txt": "-r two.txt\nbb\n",
                    "d/two.txt": "cc\n"}),
    scenario("a-file-that-includes-itself", FILE, MAIN,
             files={"requirements.txt": "-r requirements.txt\naa\n"}, exits=(1,),
             shows=("recursively references itself",)),
    scenario("a-nested-constraint-file", FILE, MAIN,
             files={"requirements.txt": "-c d/c.txt\naa\n", "d/c.txt": "aa<2\n"}),
    scenario("a-requirements-file-that-is-not-there", FILE, MAIN, exits=(1,),
             shows=("Could not open requirements file",)),
    scenario("a-variable-is-replaced", FILE, MAIN, environ={"WHICH": "aa", "EMPTY": ""},
             files={"requirements.txt": "${WHICH}<2\n# ${EMPTY} ${which}\n"}),
    scenario("an-unset-variable-stays", FILE, MAIN, files={"requirements.txt": "${NOT_SET}\n"},
             exits=(1,), shows=("${NOT_SET}",)),
    scenario("a-file-with-a-byte-order-mark", FILE, MAIN,
             files={"requirements.txt": b"\xef\xbb\xbfaa<2\n"}),
    scenario("a-file-in-utf-16", FILE, MAIN,
             files={"requirements.txt": b"\xff\xfe" + "aa<2\n".encode("utf-16-le")}),
    scenario("a-file-with-a-coding-line", FILE, MAIN,
             files={"requirements.txt": "# -*- coding: latin-1 -*-\naa<2  # \u00fc\n"
                    .encode("latin-1")}),
    scenario("a-file-with-windows-line-ends", FILE, MAIN,
             files={"requirements.txt": b"aa<2\r\nbb\r\n"}),
    scenario("an-extra-index-in-a-file", FILE, MAIN, EXTRA,
             files={"requirements.txt": "--extra-index-url <extra>\nee\naa\n"}),
    scenario("an-index-in-a-file-replaces", FILE, MAIN, EXTRA,
             files={"requirements.txt": "-i <extra>\nee\n"}),
    scenario("find-links-in-a-file-are-found-beside-it", "install -r d/r.txt", MAIN,
             files={"d/r.txt": "--no-index\n-f wheels\nll\n",
                    "d/wheels/ll-1.0-py3-none-any.whl": wheel("ll")}),
    scenario("pre-in-a-file", FILE, MAIN, files={"requirements.txt": "--pre\nbb\n"}),
    scenario("only-binary-and-prefer-binary-in-a-file", FILE, MAIN,
             files={"requirements.txt": "--only-binary=:all:\n--prefer-binary\naa\n"}),
    scenario("an-option-that-a-file-may-not-hold", FILE, MAIN, exits=(1,),
             files={"requirements.txt": "--target x\naa\n"}, shows=("no such option",)),
    scenario("an-invalid-line-is-named", FILE, MAIN, exits=(1,),
             files={"requirements.txt": "bb\naa=1\n"}, shows=("requirements.txt",)),
    scenario("a-file-from-a-url", "install -r <main-files>/r.txt", MAIN, exits=(1,)),
    scenario("several-files-and-words", "install cc -r a.txt -r b.txt", MAIN,
             files={"a.txt": "bb\n", "b.txt": "aa\n"},
             shows=("Collecting bb (from -r a.txt (line 1))",)),
    scenario("a-dependency-group", "install --group dev", MAIN,
             files={"pyproject.toml": '[dependency-groups]\ndev = ["aa<2", '
                    '{include-group = "more"}]\nmore = ["bb"]\n'}),
    scenario("a-dependency-group-of-another-file", "install --group d/pyproject.toml:dev", MAIN,
             files={"d/pyproject.toml": '[dependency-groups]\ndev = ["aa"]\n'}),
    scenario("a-dependency-group-that-is-not-there", "install --group nope", MAIN, exits=(1,),
             files={"pyproject.toml": "[dependency-groups]\ndev = []\n"}),
    scenario("the-requirements-of-a-script", "install --requirements-from-script run.py", MAIN,
             files={"run.py": f"{SCRIPT}print(1)\n"}),
    scenario("a-script-without-metadata", "install --requirements-from-script run.py", MAIN,
             files={"run.py": "print(1)\n"}, exits=(1,)),
    scenario("requirements-from-the-environment", "install", MAIN, files={"r.txt": "aa\n"},
             environ={"PIP_REQUIREMENT": "r.txt"}),
    scenario("a-configuration-file", "install aa", MAIN, EXTRA,
             environ={"PIP_CONFIG_FILE": "pip.conf", "PIP_INDEX_URL": None},
             files={"pip.conf": "[global]\nindex-url = <main>\n[install]\nno-compile = true\n"}),
    scenario("a-configuration-file-of-the-user", "install aa", MAIN,
             environ={"PIP_CONFIG_FILE": None, "PIP_INDEX_URL": None},
             standing={"<home>/.config/pip/pip.conf": "[global]\nindex-url = <main>\n"}),
    scenario("isolated-ignores-the-environment", "--isolated install aa -i <main>", MAIN,
             environ={"PIP_PRE": "1", "PIP_TARGET": "elsewhere"}),
    scenario("a-malformed-configuration-file", "install aa", MAIN, exits=(2,),
             environ={"PIP_CONFIG_FILE": "pip.conf"}, files={"pip.conf": "[global\nx\n"}),
    scenario("a-configuration-value-of-the-wrong-kind", "install aa", MAIN, exits=(3,),
             environ={"PIP_TIMEOUT": "soon"}),
    scenario("markers-in-a-file", FILE, MAIN, files={"requirements.txt":
             'aa; python_version < "3"\nbb; python_version > "3"\n'},
             shows=("Ignoring aa: markers",)),
    scenario("the-same-requirement-twice", FILE, MAIN,
             files={"requirements.txt": "aa\naa<2\nAA>0\n"}),
)  # fmt: skip
