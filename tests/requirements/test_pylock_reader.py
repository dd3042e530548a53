from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.model.events import Event
from pipfast.model.file_urls import url_of_path
from pipfast.model.user_requirement import UserRequirement
from pipfast.net.errors import HTTPStatusError
from pipfast.policy.network import NetworkPolicy
from pipfast.policy.selection import FormatControl, SelectionPolicy
from pipfast.requirements.collect import (
    CollectedRequirements,
    Policies,
    RequirementSources,
    collect,
)
from tests.kit.texts import texts

A = NormalizedName("a")
HEAD = 'lock-version = "1.0"\ncreated-by = "x"\n'
MARKERS = {
    "implementation_name": "cpython",
    "implementation_version": "3.12.1",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "python_full_version": "3.12.1",
    "platform_python_implementation": "CPython",
    "python_version": "3.12",
    "sys_platform": "linux",
}
TAGS = (Tag("cp312", "cp312", "linux_x86_64"), Tag("py3", "none", "any"))
ANY = "a-1.0-py3-none-any.whl"
HASHES = 'hashes = { sha256 = "AB" }'


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def package(body: str, name: str = "a", more: str = "") -> str:
    return f'[[packages]]\nname = "{name}"\n{more}{body}\n'


def files(*names: str) -> str:
    return "".join(f'[[packages.wheels]]\nurl = "https://h/{name}"\n{HASHES}\n' for name in names)


SDIST = f'[packages.sdist]\nurl = "https://h/a-1.0.tar.gz"\n{HASHES}\n'


def gather(
    *sources: str,
    groups: Sequence[tuple[str, str]] = (),
    formats: FormatControl = FormatControl(),  # noqa: B008 - frozen
    emitted: list[str] | None = None,
    served: str | None = None,
) -> CollectedRequirements:
    def listen(event: Event) -> None:
        if emitted is not None:
            emitted.extend(texts([event]))

    def read(url: str) -> str:
        if served is None:
            raise HTTPStatusError(url, 404, "Not Found")
        return served

    asked = RequirementSources(
        requirement_files=sources,
        groups=tuple(groups),
        python=(3, 12, 1),
        markers=MARKERS,
        tags=TAGS,
    )
    selection = SelectionPolicy(formats=formats)
    return collect(asked, Policies(network=NetworkPolicy(), selection=selection), read, {}, listen)


def written(*packages: str, head: str = HEAD, name: str = "pylock.toml") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(head + "\n".join(packages) if packages else f"{head}packages = []\n")
    return name


def one(*packages: str) -> UserRequirement:
    (wanted,) = gather(written(*packages)).wanted
    return wanted


def locked(found: CollectedRequirements) -> str:
    return found.selection.locked[A].url


def test_a_wheel_becomes_a_pin_with_the_only_file_of_its_project() -> None:
    found = gather(written(package(files(ANY))))
    (wanted,) = found.wanted
    assert (str(wanted.requirement), wanted.link, str(wanted.origin)) == (
        "a==1.0",
        None,
        "pylock.toml",
    )
    assert [str(digest) for digest in wanted.digests] == ["sha256:ab"]
    assert found.selection.require_hashes
    link = found.selection.locked[A]
    assert (link.url, link.digests, link.page) == (
        f"https://h/{ANY}",
        wanted.digests,
        "pylock.toml",
    )


@pytest.mark.parametrize(
    ("names", "best"),
    [
        ((ANY, "a-1.0-cp312-cp312-linux_x86_64.whl"), "a-1.0-cp312-cp312-linux_x86_64.whl"),
        (("a-1.0-cp27-none-win32.whl", ANY), ANY),
        (("a-1.0-cp27-none-win32.whl",), "a-1.0.tar.gz"),
    ],
)
def test_the_file_is_the_best_for_the_target(names: tuple[str, ...], best: str) -> None:
    assert locked(gather(written(package(files(*names) + SDIST)))) == f"https://h/{best}"


def test_sources_are_taken_where_nothing_else_may_be() -> None:
    path = written(package(files(ANY) + SDIST))
    only = FormatControl(no_binary=frozenset({"a"}))
    assert locked(gather(path, formats=only)).endswith(".tar.gz")


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (f'[packages.archive]\nurl = "https://h/a.zip"\n{HASHES}', "https://h/a.zip"),
        (
            '[packages.vcs]\ntype = "git"\nurl = "https://h/r.git"\ncommit-id = "abc"\n'
            'subdirectory = "s"',
            "git+https://h/r.git@abc",
        ),
    ],
)
def test_a_direct_source_keeps_its_address(body: str, url: str) -> None:
    wanted = one(package(body))
    assert wanted.link is not None
    assert (wanted.link.url, wanted.name, str(wanted.origin)) == (url, "a", "pylock.toml")


@pytest.mark.parametrize("editable", ["true", "false"])
def test_a_folder_is_relative_to_the_lock_file(tmp_path: Path, editable: str) -> None:
    body = f'[packages.directory]\npath = "../p"\nsubdirectory = "s"\neditable = {editable}'
    (wanted,) = gather(written(package(body), name="d/pylock.toml")).wanted
    assert wanted.link is not None
    assert wanted.link.url == url_of_path(str(tmp_path / "p" / "s")) + "/"
    assert wanted.editable is (editable == "true")


def test_a_path_is_relative_to_the_lock_file_and_outranks_the_url(tmp_path: Path) -> None:
    body = f'[[packages.wheels]]\nurl = "https://h/x"\npath = "w/{ANY}"\nname = "{ANY}"\n{HASHES}'
    found = gather(written(package(body), name="d/pylock.toml"))
    assert locked(found) == url_of_path(str(tmp_path / "d" / "w" / ANY))


def test_a_path_of_a_lock_on_the_network_is_relative_to_its_address() -> None:
    body = f'[[packages.wheels]]\npath = "w/{ANY}"\n{HASHES}'
    found = gather("https://h/d/pylock.toml", served=HEAD + package(body))
    assert locked(found) == f"https://h/d/w/{ANY}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f'[[packages.wheels]]\npath = "/w/{ANY}"\n{HASHES}', "Absolute paths are not supported"),
        (f'[[packages.wheels]]\npath = "file:///{ANY}"\n{HASHES}', "outside its location"),
        (f'[[packages.wheels]]\npath = "https://k/{ANY}"\n{HASHES}', "outside its location"),
        ('[packages.directory]\npath = "."', "Directory entries are not supported in remote"),
    ],
)
def test_a_lock_on_the_network_does_not_reach_elsewhere(body: str, message: str) -> None:
    with pytest.raises(InstallationError, match=message):
        gather("https://h/pylock.toml", served=HEAD + package(body))


CHOICES = "".join(
    package(files(f"{name}-1.0-py3-none-any.whl"), name, f'marker = "{marker}"\n')
    for name, marker in {
        "x": "'x' in extras",
        "dev": "'dev' in dependency_groups",
        "usual": "'usual' in dependency_groups",
        "always": "sys_platform == 'linux'",
        "never": "sys_platform == 'win32'",
    }.items()
)
CHOICE_HEAD = (
    HEAD + 'extras = ["x"]\ndependency-groups = ["dev", "usual"]\ndefault-groups = ["usual"]\n'
)


@pytest.mark.parametrize(
    ("sources", "groups", "names"),
    [
        (["pylock.toml"], [], "usual always"),
        (["pylock.toml[x]"], [], "x usual always"),
        ([], [("pylock.toml", "dev")], "dev always"),
        ([], [("pylock.toml[X]", "Dev")], "x dev always"),
        (["pylock.toml"], [("./pylock.toml", "dev")], "dev usual always"),
        (["pylock.toml", "./pylock.toml[x]"], [], "x usual always"),
    ],
)
def test_everything_asked_of_one_lock_counts_together(
    sources: list[str], groups: list[tuple[str, str]], names: str
) -> None:
    written(CHOICES, head=CHOICE_HEAD)
    found = gather(*sources, groups=groups)
    assert [wanted.name for wanted in found.wanted] == names.split()


def test_locks_keep_their_place_among_files_and_those_of_groups_come_last() -> None:
    written(package(files(ANY)), name="pylock.a.toml")
    written(package(files("b-1.0-py3-none-any.whl"), "b"), name="pylock.b.toml")
    Path("r.txt").write_text("r\n")
    Path("s.txt").write_text("s\n")
    found = gather("r.txt", "pylock.a.toml", "s.txt", groups=[("pylock.b.toml", "g")])
    assert [wanted.name for wanted in found.wanted] == ["r", "a", "s", "b"]


def test_a_project_is_locked_once() -> None:
    written(package(files(ANY)), name="pylock.a.toml")
    written(package(files(ANY)), name="pylock.b.toml")
    with pytest.raises(InstallationError, match="Multiple locked links provided for a: https://h/"):
        gather("pylock.a.toml", "pylock.b.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "Invalid pylock file 'pylock.toml': "),
        (HEAD, "Invalid pylock file 'pylock.toml': Missing required value in 'packages'"),
        (HEAD.replace("1.0", "2.0") + "packages=[]", "pylock version 2.0 is not supported"),
        (
            HEAD + package(files("a-1.0-cp27-none-win32.whl")),
            "Cannot select requirements from pylock file 'pylock.toml': No wheel found",
        ),
        (
            HEAD + 'requires-python = ">3.12.1"\npackages = []',
            "does not satisfy the Python version",
        ),
        (HEAD + package(files(ANY)) + package(SDIST), "Multiple packages with the name 'a'"),
    ],
)
def test_a_lock_that_is_of_no_use_is_refused_in_pips_words(text: str, message: str) -> None:
    Path("pylock.toml").write_text(text)
    with pytest.raises(InstallationError) as caught:
        gather("pylock.toml")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("pylock.toml", "[Errno 2] No such file or directory: 'pylock.toml'"),
        ("https://h/pylock.toml", "404 Client Error: Not Found for url: https://h/pylock.toml"),
        (
            "file:///gone/pylock.toml",
            "404 Client Error: FileNotFoundError for url: file:///gone/pylock.toml",
        ),
    ],
)
def test_a_lock_that_cannot_be_read_is_named(source: str, message: str) -> None:
    with pytest.raises(InstallationError) as caught:
        gather(source)
    assert caught.value.message == f"Error reading pylock file {source!r}: {message}"


def test_a_newer_minor_version_is_told_and_read() -> None:
    emitted: list[str] = []
    gather(written(head=HEAD.replace("1.0", "1.7")), emitted=emitted)
    assert emitted[-1] == "pylock minor version 1.7 is not supported"
    assert emitted[0].startswith("Using pylock.toml as a requirements source is an experimental")
