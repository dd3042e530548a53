from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipfast.errors import CommandError, InstallationError, PipfastError
from pipfast.model.events import Event
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.selection import FormatControl, ReleaseControl, SelectionPolicy
from pipfast.requirements.collect import (
    CollectedRequirements,
    Policies,
    RequirementSources,
    check_constraints,
    collect,
)
from pipfast.requirements.errors import RequirementsFileError
from tests.kit.texts import texts

MAIN = "https://main/simple"


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def file(text: str, name: str = "r.txt") -> str:
    Path(name).write_text(text)
    return name


def gather(
    asked: RequirementSources,
    network: NetworkPolicy | None = None,
    selection: SelectionPolicy | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    emitted: list[str] | None = None,
) -> CollectedRequirements:
    def listen(event: Event) -> None:
        if emitted is not None:
            emitted.extend(texts([event]))

    policies = Policies(
        network=network or NetworkPolicy(index_urls=(MAIN,)),
        selection=selection or SelectionPolicy(),
    )
    return collect(asked, policies, lambda url: "from-the-web\n", environ or {}, listen)


def test_requirements_come_in_pips_order() -> None:
    file('[dependency-groups]\ng = ["group"]\n', "pyproject.toml")
    file("nested<3\n", "n.txt")
    asked = RequirementSources(
        arguments=("word", " "),
        requirement_files=(file("line\n-c n.txt\n"), "https://h/r.txt"),
        constraint_files=(file("limit<2\n", "c.txt"),),
        groups=(("pyproject.toml", "g"),),
        scripts=(script('dependencies = ["script"]'),),
        python=(3, 12, 1),
    )
    found = gather(asked)
    names = ["limit", "word", "group", "line", "nested", "from-the-web", "script"]
    assert [one.name for one in found.wanted] == names
    assert [one.name for one in found.constraints] == ["limit", "nested"]


def test_an_isolated_build_reads_its_own_constraints_alone() -> None:
    asked = RequirementSources(
        arguments=("x",),
        constraint_files=("no-such.txt",),
        build_constraint_files=(file("limit<2\n", "b.txt"),),
    )
    found = gather(asked, environ={"_PIP_IN_BUILD_IGNORE_CONSTRAINTS": "1"})
    assert [one.name for one in found.constraints] == ["limit"]


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("--extra-index-url http://b\n", (MAIN, "http://b")),
        ("-i http://a\n", ("http://a",)),
        ("--extra-index-url http://b\n-i http://a\n", ("http://a",)),
        ("-i http://a --extra-index-url http://b\n", ("http://a", "http://b")),
        ("--no-index\n-i http://a\n", ()),
        ("-i http://a --no-index\n", ()),
        ("foo -i http://a\n", (MAIN,)),
    ],
)
def test_options_in_files_change_the_indexes(text: str, urls: tuple[str, ...]) -> None:
    assert gather(RequirementSources(requirement_files=(file(text),))).network.index_urls == urls


def test_find_links_are_relative_to_the_file_where_they_exist(tmp_path: Path) -> None:
    (tmp_path / "sub" / "links").mkdir(parents=True)
    Path("sub/r.txt").write_text("-f links\n-f other -f ignored\n")
    found = gather(RequirementSources(requirement_files=("sub/r.txt",)))
    assert found.network.find_links == (str(tmp_path / "sub" / "links"), "other")


@pytest.mark.parametrize(
    ("text", "formats", "releases"),
    [
        ("--no-binary A,b\n--only-binary=b\n", ({"a"}, {"b"}), (set(), set())),
        ("foo --only-binary :all:\n", (set(), {":all:"}), (set(), set())),
        ("--no-binary x\n--only-binary :all:,y,:none:,z\n", (set(), {"z"}), (set(), set())),
        ("foo --pre\n", (set(), set()), (set(), set())),
        ("--all-releases a,b\n--only-final b\n", (set(), set()), ({"a"}, {"b"})),
    ],
)
def test_options_in_files_change_what_may_be_chosen(
    text: str, formats: tuple[set[str], set[str]], releases: tuple[set[str], set[str]]
) -> None:
    found = gather(RequirementSources(requirement_files=(file(text),))).selection
    assert found.formats == FormatControl(*map(frozenset, formats))
    every, final = map(frozenset, releases)
    assert found.releases == ReleaseControl(all_releases=every, only_final=final)


def test_pre_on_a_line_of_its_own_is_for_every_project() -> None:
    found = gather(RequirementSources(requirement_files=(file("--pre\n"),))).selection
    assert found.releases == ReleaseControl(pre=True)


def test_a_rule_that_is_another_option_is_pips_error() -> None:
    with pytest.raises(CommandError, match=r"--no-binary / --only-binary option requires 1"):
        gather(RequirementSources(requirement_files=(file("--no-binary=-x\n"),)))


@pytest.mark.parametrize(
    ("text", "asked", "on"),
    [
        ("foo\n", {}, False),
        ("--require-hashes\n", {}, True),
        ("foo --hash=sha256:aa\nbar\n", {}, True),
        ("foo --hash=sha256:aa\n--no-require-hashes\n", {}, False),
        ("foo --hash=sha256:aa\n", {"no_require_hashes": True}, False),
        ("https://h/foo-1-py3-none-any.whl#sha256=aa\n", {}, False),
    ],
)
def test_a_hash_turns_hash_checking_on(text: str, asked: dict[str, bool], on: bool) -> None:
    found = gather(RequirementSources(requirement_files=(file(text),), **asked))  # type: ignore[arg-type]
    assert found.selection.require_hashes is on


def test_the_hash_of_a_constraint_turns_it_on_too() -> None:
    asked = RequirementSources(
        arguments=("foo",), constraint_files=(file("foo==1 --hash=sha256:aa\n"),)
    )
    assert gather(asked).selection.require_hashes


def test_what_files_do_beside_is_told() -> None:
    emitted: list[str] = []
    text = "--trusted-host h:80\n--hash=sha256:aa\n--use-feature=fast-deps\n"
    found = gather(RequirementSources(requirement_files=(file(text),)), emitted=emitted)
    assert found.network.trusted_hosts == ("h:80",)
    assert found.features == ("fast-deps",)
    assert emitted == [
        "adding trusted host: 'h:80' (from line 1 of r.txt)",
        "r.txt line 2 has --hash but no requirement, and will be ignored.",
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            RequirementSources(),
            'You must give at least one requirement to install (see "pip help install")',
        ),
        (
            RequirementSources(command="wheel"),
            'You must give at least one requirement to wheel (see "pip help wheel")',
        ),
        (
            RequirementSources(scripts=("a", "b")),
            "--requirements-from-script can only be given once",
        ),
        (
            RequirementSources(scripts=("no.py",)),
            "Could not install packages due to an OSError: [Errno 2] No such file or directory: "
            "'no.py'\n",
        ),
        (
            RequirementSources(requirement_files=("no.txt",)),
            "Could not open requirements file: [Errno 2] No such file or directory: 'no.txt'",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_gathered_is_pips_error(asked: RequirementSources, message: str) -> None:
    with pytest.raises((CommandError, InstallationError)) as error:
        gather(asked)
    assert error.value.message == message


def test_find_links_alone_may_be_a_mistake() -> None:
    with pytest.raises(CommandError, match=r'maybe you meant "pip install a b"\?'):
        gather(RequirementSources(), NetworkPolicy(find_links=("a", "b")))


def test_contrary_hash_options_are_pips_error() -> None:
    with pytest.raises(CommandError, match="are mutually exclusive"):
        gather(
            RequirementSources(arguments=("x",), no_require_hashes=True),
            selection=SelectionPolicy(require_hashes=True),
        )


@pytest.mark.parametrize(
    ("word", "extras", "marker"),
    [
        (".", frozenset(), None),
        (".[b,A]", frozenset({"a", "b"}), None),
        (".[a] ; python_version < '3'", frozenset({"a"}), 'python_version < "3"'),
        ("https://h/foo-1.0.tar.gz ; os_name == 'x'", frozenset(), 'os_name == "x"'),
    ],
)
def test_a_source_without_a_name_keeps_its_extras_and_its_marker(
    word: str, extras: frozenset[str], marker: str | None
) -> None:
    file("", "pyproject.toml")
    (wanted,) = gather(RequirementSources(arguments=(word,))).wanted
    assert wanted.requirement is None
    assert wanted.extras == extras
    assert (str(wanted.marker) if wanted.marker else None) == marker


def test_an_editable_without_a_name_keeps_its_extras() -> None:
    file("", "pyproject.toml")
    (wanted,) = gather(RequirementSources(editables=(".[a]",))).wanted
    assert (wanted.requirement, wanted.editable, wanted.extras) == (None, True, frozenset({"a"}))


def test_what_was_said_before_a_fault_is_told() -> None:
    emitted: list[str] = []
    with pytest.raises(InstallationError):
        gather(
            RequirementSources(requirement_files=(file("--trusted-host h\na=1\n"),)),
            emitted=emitted,
        )
    assert emitted == ["adding trusted host: 'h' (from line 1 of r.txt)"]


def test_a_fault_is_told_whatever_stands_before_it() -> None:
    with pytest.raises(InstallationError, match="Invalid requirement: 'a=1'"):
        gather(
            RequirementSources(
                arguments=("https://h/foo-1.0.tar.gz",), requirement_files=(file("a=1\n"),)
            )
        )


@pytest.mark.parametrize(
    "word", ["https://h/foo-1-py3-none-any.whl", "foo @ file:///x/a-1-py3-none-any.whl"]
)
def test_a_wheel_is_native(word: str) -> None:
    assert gather(RequirementSources(arguments=(word,))).wanted[0].link is not None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("foo[x]", "Constraints cannot have extras"),
        ("foo[x]; python_version<'3'", "Constraints cannot have extras"),
        ("https://h/foo-1.zip", "Unnamed requirements are not allowed as constraints"),
    ],
)
def test_a_constraint_of_another_form_is_pips_error(line: str, problem: str) -> None:
    found = gather(RequirementSources(arguments=("a",), constraint_files=(file(f"a<2\n{line}\n"),)))
    emitted: list[Event] = []
    with pytest.raises(InstallationError) as error:
        check_constraints(found.constraints, emitted.append)
    assert error.value.message == problem
    assert texts(emitted)[0].startswith(
        "DEPRECATION: Constraints are only allowed to take the form"
    )


GROUPS = """[dependency-groups]
a = ["foo>1"]
b = [{include-group = "A"}, "bar; python_version > '3'"]
lost = [{include-group = "nope"}]
wrong = ["a=1"]
"""


def test_a_group_takes_in_another() -> None:
    path = file(GROUPS, "pyproject.toml")
    found = gather(RequirementSources(groups=((path, "b"),)))
    shown = [str(one.requirement) for one in found.wanted]
    assert shown == ["foo>1", 'bar; python_version > "3"']


@pytest.mark.parametrize(
    ("text", "group", "message"),
    [
        (None, "a", "p.toml not found. Cannot resolve '--group' option."),
        ("", "a", "[dependency-groups] table was missing from 'p.toml'. Cannot resolve '--group' "
                  "option."),
        ("dependency-groups = 1", "a", "[dependency-groups] table was malformed in p.toml. Cannot "
                                       "resolve '--group' option."),
        ("x =", "a", "Error parsing p.toml: Invalid value (at end of document)"),
        (GROUPS, "nope", "[dependency-groups] resolution failed for 'nope' from 'p.toml': "
                         "Dependency group 'nope' not found"),
        ("[dependency-groups]\na = []\nA = []\n", "a", "[dependency-groups] data was invalid in "
                                                       "p.toml: Duplicate dependency group"),
    ],
)  # fmt: skip
def test_a_wrong_group_is_pips_error(text: str | None, group: str, message: str) -> None:
    if text is not None:
        file(text, "p.toml")
    with pytest.raises(InstallationError) as error:
        gather(RequirementSources(groups=(("p.toml", group),)))
    assert error.value.message.startswith(message)


def script(*lines: str) -> str:
    return file("".join(f"# {line}\n" for line in ("/// script", *lines, "///")), "s.py")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "File does not contain 'script' metadata: 's.py'"),
        ("# /// script\n# a = [\n# ///\n", "Failed to parse TOML in 's.py'"),
        ("# /// script\n# a=1\n# ///\n\n" * 2, "Multiple 'script' blocks found in 's.py'"),
        ('# /// script\n# requires-python = ">=3.99"\n# ///\n', "Script 's.py' requires a "
         "different Python: 3.12 not in '>=3.99'"),
    ],
)  # fmt: skip
def test_a_wrong_script_is_pips_error(text: str, message: str) -> None:
    with pytest.raises(PipfastError) as error:
        gather(RequirementSources(scripts=(file(text, "s.py"),), python=(3, 12, 1)))
    assert error.value.message == message


def test_a_scripts_python_may_be_ignored() -> None:
    path = script('requires-python = ">=3.99"', 'dependencies = ["foo"]')
    found = gather(
        RequirementSources(scripts=(path,), python=(3, 12, 1)),
        selection=SelectionPolicy(ignore_requires_python=True),
    )
    assert [one.name for one in found.wanted] == ["foo"]


def test_an_address_without_scheme_is_left_to_whoever_reaches_for_it() -> None:
    (one,) = gather(RequirementSources(arguments=("demo @ there/x",))).wanted
    assert one.link is not None
    assert one.link.url == "there/x"


def test_a_fault_in_the_options_of_a_file_is_told_by_the_name_that_was_called() -> None:
    with pytest.raises(RequirementsFileError) as error:
        gather(RequirementSources(requirement_files=(file("--target x\n"),), program="__main__.py"))
    assert error.value.usage == "Usage: __main__.py [options]\n"
    assert "\n__main__.py: error: no such option: --target" in error.value.message
