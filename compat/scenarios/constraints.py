"""Constraints and hashes."""

from __future__ import annotations

from compat.harness.scenario import scenario
from compat.kit.index import Listed, index
from tests.kit.wheels import wheel

ONE, TWO = wheel("cc", "1.0"), wheel("cc", "2.0")
TOP = wheel("top", "1.0", "cc")
MAIN = index(ONE, TWO, TOP)
WRONG = "0" * 64
HASHED_TOP = f"top==1.0 --hash=sha256:{TOP.sha256}\n"
HASHED_CC = f"cc==2.0 --hash=sha256:{TWO.sha256}\n"
FILE = "install -r requirements.txt"

SCENARIOS = (
    scenario("a-constraint-bounds-a-requirement", "install cc -c c.txt", MAIN,
             files={"c.txt": "cc<2\n"}),
    scenario("a-constraint-bounds-a-dependency", "install top -c c.txt", MAIN,
             files={"c.txt": "cc==1.0\n"}),
    scenario("an-unused-constraint-installs-nothing", "install cc -c c.txt", MAIN,
             files={"c.txt": "top==1.0\nnowhere==9\n"}),
    scenario("constraints-from-the-environment", "install cc", MAIN,
             files={"c.txt": "cc<2\n"}, environ={"PIP_CONSTRAINT": "c.txt"}),
    scenario("two-constraint-files-add-up", "install cc -c a.txt -c b.txt",
             index(*(wheel("cc", f"{n}.0") for n in range(1, 5))),
             files={"a.txt": "cc<4\n", "b.txt": "cc<3\n"}),
    scenario("a-constraint-with-a-marker-that-is-false", "install cc -c c.txt", MAIN,
             files={"c.txt": "cc<2; python_version < '3'\n"}),
    scenario("constraints-cannot-have-extras", "install cc -c c.txt", MAIN,
             files={"c.txt": "cc[x]<2\n"}, exits=(1,), shows=("Constraints cannot have extras",)),
    scenario("constraints-cannot-be-editable", "install cc -c c.txt", MAIN,
             files={"c.txt": "-e ./cc\n", "cc/pyproject.toml": ""}, exits=(1,),
             shows=("Editable requirements are not allowed as constraints",)),
    scenario("constraints-must-have-a-name", "install cc -c c.txt", MAIN,
             files={"c.txt": "<main-files>/cc-1.0.zip\n"}, exits=(1,)),
    scenario("a-constraint-may-be-a-wheels-url", "install cc -c c.txt", MAIN,
             files={"c.txt": f"cc @ <main-files>/{ONE.filename}\n"}),
    scenario("a-constraint-may-be-a-wheels-path", "install cc -c c.txt", MAIN,
             files={"c.txt": f"./{ONE.filename}\n", ONE.filename: ONE}),
    scenario("a-constraint-against-the-requirement", "install cc==2.0 -c c.txt", MAIN,
             files={"c.txt": "cc==1.0\n"}, exits=(1,),
             shows=("The user requested (constraint) cc==1.0",)),
    scenario("a-constraint-against-a-dependency", "install top -c c.txt",
             index(wheel("top", "1.0", "cc>=2"), ONE, TWO),
             files={"c.txt": "cc==1.0\n"}, exits=(1,), shows=("(constraint) cc==1.0",)),
    scenario("a-constraint-for-a-version-that-is-nowhere", "install cc -c c.txt", MAIN,
             files={"c.txt": "cc==7\n"}, exits=(1,)),
    scenario("a-constraint-on-what-is-installed", "install top -c c.txt", MAIN, before=(TWO,),
             files={"c.txt": "cc==1.0\n"}, shows=("Found existing installation: cc 2.0",)),
    scenario("a-constraint-file-may-include-another", "install cc -c c.txt", MAIN,
             files={"c.txt": "-c d/more.txt\n", "d/more.txt": "cc<2 # old\n"}),
    scenario("a-hash-of-a-constraint-is-checked", "install cc==2.0 -c c.txt", MAIN,
             files={"c.txt": f"cc --hash=sha256:{WRONG}\n"}, exits=(1,)),
    scenario("a-hash-of-a-constraint-serves-a-requirement", "install cc -c c.txt", MAIN,
             files={"c.txt": HASHED_CC}),
    scenario("hashes-that-are-right", FILE, MAIN,
             files={"requirements.txt": HASHED_TOP + HASHED_CC}),
    scenario("a-hash-that-is-wrong", FILE, MAIN,
             files={"requirements.txt": f"cc==2.0 --hash=sha256:{WRONG}\n"}, exits=(1,),
             shows=("THESE PACKAGES DO NOT MATCH THE HASHES", "Expected sha256", "Got")),
    scenario("several-hashes-one-of-them-right", FILE, MAIN,
             files={"requirements.txt": f"cc==2.0 --hash=sha256:{WRONG} \\\n"
                    f"    --hash=sha256:{TWO.sha256}\n"}),
    scenario("several-hashes-none-of-them-right", FILE, MAIN,
             files={"requirements.txt": f"cc==2.0 --hash=sha256:{WRONG} "
                    f"--hash=sha512:{'1' * 128}\n"},
             exits=(1,), shows=("Expected sha512",)),
    scenario("a-requirement-without-hash-among-hashed", FILE, MAIN,
             files={"requirements.txt": f"cc==1.0\n{HASHED_TOP}"}, exits=(1,),
             shows=("Hashes are required in --require-hashes mode, but they are missing",)),
    scenario("an-unpinned-requirement-without-hash-among-hashed", FILE, MAIN,
             files={"requirements.txt": f"cc>1.0\n{HASHED_TOP}"}, exits=(1,),
             shows=("must have their versions pinned with ==",)),
    scenario("a-dependency-without-hash", FILE, MAIN, files={"requirements.txt": HASHED_TOP},
             exits=(1,), shows=("pinned with ==", "cc from")),
    scenario("an-unpinned-requirement-with-hash", FILE, MAIN,
             files={"requirements.txt": f"cc>=1.0 --hash=sha256:{ONE.sha256}\n"},
             shows=("Successfully installed cc-1.0",)),
    scenario("require-hashes-without-any", "install --require-hashes cc==2.0", MAIN, exits=(1,),
             shows=("Hashes are required",)),
    scenario("a-url-fragment-is-a-hash", "install --require-hashes -r requirements.txt", MAIN,
             files={"requirements.txt":
                    f"cc @ <main-files>/{TWO.filename}#sha256={TWO.sha256}\n"}),
    scenario("a-url-fragment-that-is-wrong",
             f"install <main-files>/{TWO.filename}#sha256={WRONG}", MAIN, exits=(1,),
             shows=("THESE PACKAGES DO NOT MATCH THE HASHES",)),
    scenario("a-hash-chooses-among-the-files-of-a-version", FILE,
             index(wheel("bt", build="1", files={"bt.py": "1"}),
                   wheel("bt", build="2", files={"bt.py": "2"})),
             files={"requirements.txt": "bt==1.0 --hash=sha256:"
                    + wheel("bt", build="1", files={"bt.py": "1"}).sha256 + "\n"}),
    scenario("the-pages-hash-is-wrong", "install cc",
             index(Listed(file=ONE, digest=WRONG)), exits=(1,),
             shows=("THESE PACKAGES DO NOT MATCH THE HASHES",)),
    scenario("a-page-without-hashes", "install cc", index(Listed(file=ONE, digest=""))),
    scenario("no-require-hashes-turns-hash-mode-off", "install --no-require-hashes -r r.txt", MAIN,
             files={"r.txt": HASHED_TOP}, exits=(0,)),
    scenario("what-is-installed-is-trusted-without-hash", FILE, MAIN, before=(TWO, TOP),
             files={"requirements.txt": HASHED_TOP}, shows=("already satisfied: cc",)),
    scenario("a-hash-of-an-unknown-kind", FILE, MAIN,
             files={"requirements.txt": "cc==1.0 --hash=md5:abc\n"}, exits=(1,)),
)  # fmt: skip
