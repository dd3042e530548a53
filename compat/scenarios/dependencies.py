"""Dependencies of distributions: extras, markers, Requires-Python."""

from __future__ import annotations

from compat.harness.known import OLD_TOLD
from compat.harness.scenario import scenario
from compat.kit.index import Listed, index
from tests.kit.wheels import wheel

RICH = index(
    wheel("base", "1.0", "one; extra == 'x'", "two; extra == 'y'", "three", extras=("x", "y")),
    wheel("one"),
    wheel("two"),
    wheel("three"),
)
NESTED = index(
    wheel("outer", "1.0", "inner[deep]; extra == 'all'", extras=("all",)),
    wheel("inner", "1.0", "leaf; extra == 'deep'", extras=("deep",)),
    wheel("leaf"),
)
SELF = index(
    wheel("me", "1.0", "me[a,b]; extra == 'all'", "la; extra == 'a'", "lb; extra == 'b'",
          extras=("all", "a", "b")),
    wheel("la"),
    wheel("lb"),
)  # fmt: skip
PYTHONS = index(
    wheel("py", "1.0", python=">=3.6"), wheel("py", "2.0", python=">=3.99"), wheel("py", "0.9")
)
CHAIN = index(wheel("top", "1.0", "mid>=1"), wheel("mid", "1.0", "low"), wheel("low"))

SCENARIOS = (
    scenario("an-extra-brings-its-dependencies", "install base[x]", RICH),
    scenario("several-extras", "install base[y,x]", RICH),
    scenario("an-extra-and-the-base-are-one-distribution", "install base[x] base", RICH),
    scenario(
        "an-unknown-extra-is-a-warning",
        "install base[nope]",
        RICH,
        shows=("base 1.0 does not provide the extra 'nope'",),
    ),
    scenario(
        "an-unknown-extra-is-a-warning-each-time-it-is-tried",
        "install app",
        index(wheel("app", "1.0", "base[nope,odd]"), wheel("base", "1.0", "gone")),
        exits=(1,),
        shows=("base 1.0 does not provide the extra 'odd'",),
    ),
    scenario(
        "an-invalid-requires-python-is-a-warning-each-time-it-is-tried",
        "install app base",
        index(
            wheel("app", "1.0", "base<2"),
            wheel("base", "1.0", "gone", python="nonsense"),
            wheel("base", "2.0"),
        ),
        exits=(1,),
        shows=("has an invalid Requires-Python: Invalid specifier: 'nonsense'",),
    ),
    scenario(
        "an-invalid-requires-python-is-a-warning-if-it-is-ignored",
        "install --ignore-requires-python base",
        index(wheel("base", "1.0", python="nonsense")),
        shows=("has an invalid Requires-Python: Invalid specifier: 'nonsense'",),
    ),
    scenario("nested-extras", "install outer[all]", NESTED),
    scenario("an-extra-may-name-its-own-project", "install me[all]", SELF),
    scenario("an-extra-name-is-normalised", ("install", "base[X]"), RICH),
    scenario(
        "an-extra-of-an-installed-distribution",
        "install base[x]",
        RICH,
        before=(wheel("base", "1.0", "one; extra == 'x'", extras=("x",)),),
        shows=("Requirement already satisfied: base[x]",),
    ),
    scenario(
        "an-extra-with-a-specifier",
        "install base[x]<2",
        index(wheel("base", "1.0", "one; extra == 'x'", extras=("x",)), wheel("base", "2.0"),
              wheel("one")),
    ),
    scenario(
        "an-extra-may-be-missing-from-a-newer-version",
        "install base[x]",
        index(wheel("base", "1.0", "one; extra == 'x'", extras=("x",)), wheel("base", "2.0"),
              wheel("one")),
        shows=("does not provide the extra 'x'",),
    ),
    scenario(
        "a-marker-leaves-a-requirement-out",
        ("install", "low; python_version < '3'", "mid; python_version > '3'"),
        CHAIN,
        shows=("Ignoring low: markers",),
    ),
    scenario(
        "a-marker-leaves-a-dependency-out",
        "install top",
        index(wheel("top", "1.0", "gone; sys_platform == 'nowhere'", "low; os_name != ''"),
              wheel("low")),
    ),
    scenario("no-deps-installs-the-named-alone", "install --no-deps top", CHAIN),
    scenario("only-deps-installs-all-but-the-named", "install --only-deps top", CHAIN),
    scenario("only-deps-of-two", "install --only-deps top mid", CHAIN),
    scenario("a-chain-installs-leaves-first", "install top", CHAIN,
             shows=("Installing collected packages: low, mid, top",)),
    scenario(
        "a-circle-of-dependencies",
        "install ca",
        index(wheel("ca", "1.0", "cb"), wheel("cb", "1.0", "cc"), wheel("cc", "1.0", "ca")),
    ),
    scenario(
        "a-diamond-narrows-the-common-dependency",
        "install le ri",
        index(wheel("le", "1.0", "co<3"), wheel("ri", "1.0", "co>=1,!=2.1"),
              *(wheel("co", version) for version in ("0.5", "1.5", "2.0", "2.1", "3.0"))),
    ),
    scenario(
        "an-older-version-is-taken-when-the-newest-does-not-fit",
        "install app lib<2",
        index(wheel("app", "1.0", "lib"), wheel("app", "2.0", "lib>=2"),
              wheel("app", "3.0", "lib>=3"),
              *(wheel("lib", version) for version in ("1.0", "2.0", "3.0"))),
    ),
    scenario(
        "looking-at-many-versions-is-told",
        "install app lib<2",
        index(*(wheel("app", f"{n}.0", f"lib>={n}") for n in range(1, 16)),
              *(wheel("lib", f"{n}.0") for n in range(1, 16))),
        shows=("pip is looking at multiple versions of app",),
        allow=OLD_TOLD,
    ),
    scenario(
        "backtracking-in-a-dependency",
        "install web",
        index(wheel("web", "1.0", "orm>=1", "log<2"),
              *(wheel("orm", f"{n}.0", f"log=={n}.0") for n in range(1, 5)),
              *(wheel("log", f"{n}.0") for n in range(1, 5))),
    ),
    scenario("a-page-with-requires-python-passes-over", "install py", PYTHONS),
    scenario(
        "requires-python-leaves-nothing",
        "install py==2.0",
        PYTHONS,
        exits=(1,),
        shows=("Ignored the following versions that require a different python version",),
    ),
    scenario("requires-python-may-be-ignored", "install --ignore-requires-python py", PYTHONS),
    scenario(
        "requires-python-in-metadata-alone-is-one-cause",
        "install py",
        index(Listed(file=wheel("py", "1.0", python=">=3.99"), python="")),
        exits=(1,),
        shows=("Package 'py' requires a different Python",),
    ),
    scenario(
        "requires-python-in-metadata-leads-to-an-older-version",
        "install py",
        index(Listed(file=wheel("py", "2.0", python=">=3.99"), python=""), wheel("py", "1.0")),
        exits=(0,),
    ),
    scenario(
        "an-invalid-requires-python-on-a-page-is-ignored",
        "install py",
        index(Listed(file=wheel("py", "1.0"), python="later than sooner")),
    ),
    scenario(
        "an-invalid-requires-python-in-metadata-is-a-warning",
        "install py",
        index(Listed(file=wheel("py", "1.0", python="not a specifier"), python="")),
        exits=(0,),
    ),
    scenario(
        "requires-python-of-a-dependency-names-its-parent",
        "install top",
        index(wheel("top", "1.0", "py"),
              Listed(file=wheel("py", "1.0", python=">=3.99"), python="")),
        exits=(1,),
    ),
)  # fmt: skip
