"""What people met: odd files, sources and options that real projects have."""

from __future__ import annotations

from compat.harness.scenario import scenario
from compat.kit.index import Fault, Listed, index
from tests.kit.wheels import sha256, wheel

DEMO, TWO = wheel("demo", "1.0"), wheel("demo", "2.0")
MAIN = index(DEMO)
WIN = wheel("gg", "2.0")
BAD = {
    "<site>/bad-1.0.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: bad\nVersion: 1.0\nRequires-Dist: x (>=1.*)\n"
    ),
    "<site>/bad-1.0.dist-info/RECORD": "bad-1.0.dist-info/METADATA,,\nbad-1.0.dist-info/RECORD,,\n",
}

SCENARIOS = (
    scenario("root-with-a-relative-prefix", "install --root r --prefix p demo", MAIN),
    scenario("a-page-whose-link-has-an-egg-fragment", "install demo",
             index(DEMO, pages={"demo": Fault(content_type="text/html", body=(
                 f'<a href="../../files/{DEMO.filename}#egg=red&sha256={sha256(DEMO.content)}">'
                 "x</a>").encode())}), exits=(1,)),
    scenario("a-conflict-with-markers", ("install", "gg==2.0; sys_platform != 'win32'", "gg<2"),
             index(WIN, wheel("gg", "1.0")), exits=(1,)),
    scenario("a-conflict-with-markers-of-a-dependency", "install top gg<2",
             index(WIN, wheel("gg", "1.0"), wheel("top", "1.0", 'gg==2.0; python_version > "3"')),
             exits=(1,)),
    scenario("extras-that-do-not-exist", "install demo[x,y]", MAIN),
    scenario("an-extra-that-does-not-exist-in-an-extra", "install top[all]",
             index(DEMO, wheel("top", "1.0", "demo[q-r]; extra == 'all'", extras=("all",)))),
    scenario("an-extra-that-does-not-exist-in-two-requirements", "install top other",
             index(DEMO, wheel("top", "1.0", "demo[x]"), wheel("other", "1.0", "demo[x]"))),
    scenario("missing-extras-of-several-releases", "install top",
             index(DEMO, TWO, wheel("top", "1.0", "demo[x]<2"))),
    scenario("hashes-required-of-a-local-folder",
             "install -r r.txt --no-index --find-links <here>/l",
             files={"r.txt": "demo==1.0\nother==1.0 --hash=sha256:" + "0" * 64 + "\n",
                    f"l/{DEMO.filename}": DEMO, "l/other-1.0-py3-none-any.whl": wheel("other")},
             exits=(1,)),
    scenario("two-wrong-hashes", "install -r r.txt", index(DEMO, wheel("other")),
             files={"r.txt": f"demo==1.0 --hash=sha256:{'1' * 64}\n"
                             f"other==1.0 --hash=sha256:{'2' * 64}\n"}, exits=(1,)),
    scenario("fast-deps-in-a-file", "install -r r.txt", MAIN,
             files={"r.txt": "--use-feature=fast-deps\ndemo\n"}),
    scenario("a-file-url-with-a-relative-path", f"install file:{DEMO.filename}",
             files={DEMO.filename: DEMO}),
    scenario("a-file-url-with-a-relative-path-to-nothing", "install file:nothing-1.0.tar.gz",
             exits=(1,)),
    scenario("a-folder-that-is-missing", "install ./nothing", exits=(1,)),
    scenario("an-ftp-url", "install ftp://127.0.0.1/demo-1.0-py3-none-any.whl", exits=(1,)),
    scenario("a-url-without-a-host", "install demo@https:///demo-1.0-py3-none-any.whl", exits=(1,)),
    scenario("a-hash-mismatch-names-the-requirement", "install -r r.txt",
             index(DEMO), files={"r.txt": f"demo==1.0 --hash=sha256:{'1' * 64}\n"}, exits=(1,)),
    scenario("the-size-of-a-file-with-a-required-hash", "install -r r.txt", MAIN,
             files={"r.txt": f"demo==1.0 --hash=sha256:{sha256(DEMO.content)}\n"}),
    scenario("a-direct-url-that-answers-404-under-hashes", "install -r r.txt", MAIN,
             files={"r.txt": f"demo @ <main-files>/x/{DEMO.filename} --hash=sha256:{'1' * 64}\n"},
             exits=(1,)),
    scenario("a-dependency-whose-url-answers-404", "install top",
             index(wheel("top", "1.0", "demo @ <main-files>/gone/demo-1.0-py3-none-any.whl")),
             exits=(1,)),
    scenario("an-installed-distribution-with-invalid-requirements", "install demo", MAIN,
             standing=BAD,
             then=("install demo", "install --no-deps demo", "install --dry-run demo")),
    scenario("an-invalid-requirement-of-what-is-asked-for", "install bad", MAIN, exits=(1,),
             standing=BAD),
    *(
        scenario(f"optimised-bytecode-of-level-{level}", "install demo", MAIN, before=(DEMO,),
                 environ={"PYTHONOPTIMIZE": level, "PYTHONDONTWRITEBYTECODE": None},
                 then=("install --force-reinstall demo", "uninstall -y demo"))
        for level in ("1", "2", "yes")
    ),
    scenario("modules-with-an-encoding-in-the-second-line", "install coded", index(wheel(
        "coded", "1.0", files={
            "coded/__init__.py": "",
            "coded/after_code.py": "x = 1\n# -*- coding: euc-jp -*-\n",
            "coded/after_comment.py": "#!/usr/bin/python\n# -*- coding: euc-jp -*-\n",
            "coded/after_blank.py": "\n# -*- coding: euc-jp -*-\n",
            "coded/first.py": "# -*- coding: euc-jp -*-\n",
        }))),
    scenario("target-with-nothing-to-install",
             ("install", "--target", "t", "demo; python_version < '3'"), MAIN),
    scenario("wheel-that-ignores-requires-python", "wheel --ignore-requires-python -w out demo",
             index(Listed(file=wheel("demo", "1.0", python=">=3.99"))), exits=(1,)),
    scenario("versions-spelled-in-two-ways", "index versions demo",
             index(DEMO), index(wheel("demo", "1.0.0"), name="extra")),
    scenario("versions-spelled-in-two-ways-in-an-error",
             "install demo==3 --extra-index-url <extra>",
             index(DEMO), index(wheel("demo", "1.0.0"), name="extra"), exits=(1,)),
)  # fmt: skip
