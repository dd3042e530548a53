"""Every rule of the modes, in each mode and with each override, and each way to select a mode.

A stance states pipfast's result where it differs from pip's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from compat.harness.scenario import Scenario, Stance, scenario
from compat.kit.index import Fault, Index, Listed, Sidecar, index
from pipfast.model.version import PIP_VERSION
from tests.kit.projects import project
from tests.kit.wheels import nothing, wheel

PARITY = {"PIPFAST_PIP_COMPAT": "1"}
FILES = {"PIP_CONFIG_FILE": None, "XDG_CONFIG_DIRS": "<here>/xdg"}
"""Let pip's configuration files be read, which the harness prevents otherwise."""

USER = "<home>/.config/pip/pip.conf"
LEVELS = {
    "every-users-file": "<here>/xdg/pip/pip.conf",
    "the-users-old-file": "<home>/.pip/pip.conf",
    "the-users-file": USER,
    "the-environments-file": "<env>/pip.conf",
}
OWN = "<here>/own.conf"
SPOKEN = "pip would have failed here: "

NEW, OLD = wheel("demo", "2.0"), wheel("demo", "1.0")
LABELLED = wheel("app", "1.0", metadata_version="1.0+cpu")
TWO = wheel("two", "1.0", files={"two.py": "VERSION = '1'\n"})
SEEING = project("one", backend={"imports": {"build_wheel": ["two"]}})


def conf(**settings: str) -> str:
    """Return a configuration file with pipfast's section."""
    lines = (f"{key.replace('_', '-')} = {value}" for key, value in settings.items())
    return "\n".join(["[pipfast]", *lines, ""])


@dataclass(frozen=True, kw_only=True)
class Row:
    """A rule of the modes, with a world in which it matters.

    `strict` and `lax` are the values of the setting, `kept` and `won` what they leave: `kept` is
    None if the run fails. The lax run prints `says`. `exits` is pip's exit code.
    """

    question: str
    strict: str
    lax: str
    argv: str
    indexes: tuple[Index, ...]
    kept: tuple[str, ...] | None
    won: tuple[str, ...]
    says: str = ""
    exits: int = 0
    world: Mapping[str, Any] = field(default_factory=nothing)

    @property
    def variable(self) -> str:
        """Return the variable of the rule's own setting."""
        return f"PIPFAST_{self.question.upper().replace('-', '_')}"

    def shown(self, how: str, *, lax: bool, **stance: Any) -> Scenario:
        """Return a scenario with the lax or the strict value."""
        leaves = self.won if lax else self.kept
        before = tuple(f"{one.name}=={one.version}" for one in self.world.get("before", ()))
        if leaves is None:
            stance |= {"code": 1, "leaves": before}
        else:
            stance |= {"leaves": leaves}
        if lax and self.says:
            stance["says"] = (self.says,)
        return self._scenario(how, Stance(**stance))

    def hinted(self) -> Scenario:
        """Return a scenario in which a guarded run fails and its suggested setting is used."""
        stance = Stance(follows=True, leaves=self.won, says=(f"{self.variable}={self.lax}",))
        return self._scenario("whose-hint-is-followed", stance)

    def _scenario(self, how: str, stance: Stance) -> Scenario:
        return scenario(
            f"{self.question}-{how}",
            self.argv,
            *self.indexes,
            exits=(self.exits,),
            environ={"PIPFAST_FALLBACK": None},
            stance=stance,
            **self.world,
        )

    def scenarios(self) -> Iterator[Scenario]:
        """Return scenarios for each mode, and for each kind of setting that overrides it."""
        variable, own = self.variable, self.question.replace("-", "_")
        lax, strict = {variable: self.lax}, {variable: self.strict}
        yield self.shown("guarded", lax=False, installer="pipfast")
        yield self.shown("in-parity", lax=True, environ=PARITY, installer="pip")
        yield self.shown("guarded-but-for-its-variable", lax=True, environ=lax)
        yield self.shown("in-parity-but-for-its-variable", lax=False, environ=PARITY | strict)
        yield self.shown("guarded-but-for-its-line-in-a-file", lax=True, environ=FILES,
                         standing={USER: conf(**{own: self.lax})})  # fmt: skip
        yield self.shown("in-parity-but-for-its-line-in-a-file", lax=False, environ=FILES,
                         standing={USER: conf(pip_compat="yes", **{own: self.strict})})  # fmt: skip
        yield self.shown("of-the-variable-before-the-file", lax=False, environ=FILES | strict,
                         standing={USER: conf(**{own: self.lax})})  # fmt: skip
        yield self.shown("called-pip", lax=True, called="pip")
        yield self.shown("called-pip-but-for-its-variable", lax=False, called="pip",
                         environ=strict)  # fmt: skip
        if self.kept is None:
            yield self.hinted()


STRATEGY = Row(
    question="index-strategy",
    strict="first-index",
    lax="best-match",
    argv="install demo -i <extra> --extra-index-url <main>",
    indexes=(index(NEW), index(OLD, name="extra")),
    kept=("demo==1.0",),
    won=("demo==2.0",),
)
LOCAL = Row(
    question="local-versions",
    strict="strict",
    lax="lax",
    argv="install app==1.0",
    indexes=(index(LABELLED),),
    kept=None,
    won=("app==1.0+cpu",),
    says=SPOKEN,
    exits=1,
)
ISOLATION = Row(
    question="build-isolation",
    strict="strict",
    lax="see-through",
    argv="install ./one",
    indexes=(index(TWO),),
    kept=None,
    won=("one==1.0", "two==1.0"),
    says=SPOKEN,
    exits=1,
    world={"before": (TWO,), "files": SEEING.under("one")},
)
ERRORS = Row(
    question="index-errors",
    strict="fail",
    lax="skip",
    argv="install demo -i <extra> --extra-index-url <main>",
    indexes=(index(NEW), index(NEW, name="extra", pages={"demo": Fault(status=500)})),
    kept=None,
    won=("demo==2.0",),
    says="WARNING: Could not fetch URL",
)
FALLBACK = Row(
    question="fallback",
    strict="never",
    lax="auto",
    argv="install --use-deprecated=legacy-resolver demo",
    indexes=(index(NEW),),
    kept=None,
    won=("demo==2.0",),
    world={"delegates": True},
)
ROWS = (STRATEGY, LOCAL, ISOLATION, ERRORS, FALLBACK)


def switched(how: str, *, on: bool, **stance: Any) -> Scenario:
    """Return a way to select the mode, detected by the index strategy."""
    leaves = STRATEGY.won if on else STRATEGY.kept
    installer = "pip" if on else "pipfast"
    stance = {"leaves": leaves, "installer": installer} | stance
    return scenario(
        f"parity-{'by' if on else 'not-by'}-{how}",
        stance.pop("argv", STRATEGY.argv),
        *STRATEGY.indexes,
        stance=Stance(**stance),
    )


def _ways() -> Iterator[Scenario]:
    """Return each way of enabling or disabling parity mode."""
    for word in ("1", "true", "Yes", "ON"):
        yield switched(f"the-word-{word}", on=True, environ={"PIPFAST_PIP_COMPAT": word})
    for word in ("0", "false", "No", "off"):
        yield switched(f"the-word-{word}", on=False, called="pip",
                       environ={"PIPFAST_PIP_COMPAT": word})  # fmt: skip
    for name, path in LEVELS.items():
        yield switched(name, on=True, environ=FILES, standing={path: conf(pip_compat="true")})
    yield switched("the-file-of-a-variable", on=True, environ={"PIP_CONFIG_FILE": OWN},
                   standing={OWN: conf(pip_compat="1")})  # fmt: skip
    for name in ("pip", "pip3", "pip3.11"):
        yield switched(f"the-name-{name}", on=True, called=name)
    yield switched("the-name-pipx", on=False, called="pipx")


def _contests() -> Iterator[Scenario]:
    """Return conflicting settings, and which one wins."""
    yes, no = conf(pip_compat="yes"), conf(pip_compat="no")
    site, system = LEVELS["the-environments-file"], LEVELS["every-users-file"]
    yield switched("a-file-against-the-variable", on=False, standing={USER: yes},
                   environ=FILES | {"PIPFAST_PIP_COMPAT": "0"})  # fmt: skip
    yield switched("the-variable-against-a-file", on=True, standing={USER: no},
                   environ=FILES | PARITY)  # fmt: skip
    yield switched("the-name-against-a-file", on=False, called="pip", environ=FILES,
                   standing={USER: no})  # fmt: skip
    yield switched("the-users-file-against-every-users", on=True, environ=FILES,
                   standing={USER: yes, system: no})  # fmt: skip
    yield switched("the-users-file-against-the-environments", on=False, environ=FILES,
                   standing={USER: yes, site: no})  # fmt: skip
    yield switched("the-file-of-a-variable-against-the-environments", on=True,
                   environ=FILES | {"PIP_CONFIG_FILE": OWN},
                   standing={OWN: yes, site: no})  # fmt: skip
    yield switched("the-users-file-in-isolation", on=False, environ=FILES, standing={USER: yes},
                   argv="install demo --isolated -i <extra> --extra-index-url <main>")  # fmt: skip
    yield switched("the-variable-in-isolation", on=True, environ=PARITY,
                   argv="install demo --isolated -i <extra> --extra-index-url <main>")  # fmt: skip


def _provenance() -> Iterator[Scenario]:
    """Return scenarios of the lines that name the mode and its origin."""
    loud = "install -v demo -i <extra> --extra-index-url <main>"
    start = "pipfast's mode is pip-parity: "
    yield switched("a-variable-that-is-named", on=True, argv=loud, environ=PARITY,
                   says=(f"{start}pip-compat is true: environment variable PIPFAST_PIP_COMPAT",
                         f"Using pip {PIP_VERSION} from "))  # fmt: skip
    yield switched("a-file-that-is-named", on=True, argv=loud, environ=FILES,
                   standing={USER: conf(pip_compat="true")},
                   says=(f"{start}pip-compat is true: ", "/.config/pip/pip.conf"))  # fmt: skip
    yield switched("a-name-that-is-named", on=True, argv=loud, called="pip3",
                   says=(f"{start}the program was called pip3",))  # fmt: skip
    yield switched("default", on=False, argv=loud,
                   says=("pipfast's mode is guarded: guarded is the default",
                         "Using pipfast "))  # fmt: skip
    yield switched("a-word-that-means-nothing", on=False, leaves=(), code=3, installer=None,
                   environ={"PIPFAST_PIP_COMPAT": "perhaps"},
                   says=("invalid value for pip-compat: 'perhaps'",))  # fmt: skip


def _by_each_file() -> Iterator[Scenario]:
    """Return a setting in a file of each level."""
    for name, path in LEVELS.items():
        yield STRATEGY.shown(f"by-{name}", lax=True, environ=FILES, installer="pipfast",
                             standing={path: conf(index_strategy="best-match")})  # fmt: skip
    yield STRATEGY.shown("by-the-file-of-a-variable", lax=True, environ={"PIP_CONFIG_FILE": OWN},
                         standing={OWN: conf(index_strategy="best-match")})  # fmt: skip


def _sidecars() -> Iterator[Scenario]:
    """Return an announced metadata file that is not served, which has no setting of its own."""
    after = ("demo==2.0",)
    source = replace(project("demo", "2.0").sdist(), metadata=NEW.metadata)
    for kind, file in (("sidecar", NEW), ("sidecar-of-an-sdist", source)):
        world = index(Listed(file=file, sidecar=Sidecar.PROMISED))
        for rule, stance in {
            f"a-missing-{kind}-guarded": Stance(code=1, says=("404",), hides=(SPOKEN,)),
            f"a-missing-{kind}-in-parity": Stance(environ=PARITY, leaves=after, says=(SPOKEN,)),
            f"a-missing-{kind}-whose-hint-is-followed": Stance(follows=True, leaves=after),
        }.items():
            yield scenario(rule, "install demo", world, exits=(1,), stance=stance)


def _plain_requirements() -> Iterator[Scenario]:
    """Return invalid requirements in metadata, which have no setting of their own."""
    dep = (wheel("dep", "1.0"), wheel("dep", "1.5"), wheel("dep", "2.0"))
    for kind, line, version in (
        ("a-star-behind-at-least", "dep (>=1.0.*)", "2.0"),
        ("a-star-behind-less", "dep<2.*", "1.5"),
        ("a-missing-comma", "dep (>=1.0<2.0)", "1.5"),
        ("later-than-dev", "dep (>dev)", "2.0"),
        ("a-quoted-version", "dep =='1.0'", "1.0"),
        ("a-star-without-a-dot", "dep==1*", "1.5"),
    ):
        world = index(*dep, wheel("app", "1.0", line), wheel("top", "1.0", "app==1.0"))
        after = ("app==1.0", f"dep=={version}", "top==1.0")
        for how, stance in {
            "guarded": Stance(code=1, says=("invalid metadata",)),
            "in-parity": Stance(environ=PARITY, leaves=after, says=(SPOKEN,)),
            "whose-hint-is-followed": Stance(follows=True, leaves=after),
        }.items():
            yield scenario(f"{kind}-{how}", "install top", world, exits=(1,), stance=stance)
    broken = wheel("app", "2.0", "dep (>dev)")
    yield scenario(
        "an-older-release-is-taken-before-an-invalid-requirement",
        "install app",
        index(*dep, broken, wheel("app", "1.0")),
        shows=("installed app-1.0",),
    )
    yield scenario(
        "an-invalid-requirement-without-a-plain-meaning",
        "install app",
        index(*dep, wheel("app", "1.0", "dep (<=1.*)")),
        exits=(1,),
    )


SCENARIOS = (
    *(each for row in ROWS for each in row.scenarios()),
    *_by_each_file(),
    *_ways(),
    *_contests(),
    *_provenance(),
    *_sidecars(),
    *_plain_requirements(),
)
