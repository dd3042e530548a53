"""`pipfast why` with requirements: the reasons against newer releases, on loopback indexes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.own_command import Ended, Shown, Workplace, add_index
from tests.kit.site import Site, serving
from tests.kit.wheels import Sdist, sha256, wheel

PYTHON = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": ""})


def newer(ended: Ended) -> list[str]:
    """The lines about newer releases."""
    assert (ended.code, ended.err) == (0, "")
    return [line.strip() for line in ended.lines[ended.lines.index("Newer releases:") + 1 :]]


def test_reasons_of_files_with_what_to_change(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "1.1", tag="cp27-cp27m-win32"),
        wheel("demo", "1.2", python=">=3.99"),
        wheel("demo", "1.3", python=">=3.99"),
        Shown(wheel("demo", "1.4"), yanked="broken"),
        wheel("demo", "2.0rc1"),
        Shown(wheel("demo", "2.0"), uploaded="2030-01-01T00:00:00Z"),
        Sdist(name="demo", version="2.1"),
        Shown(wheel("demo", "1.5", python=">=3.99"), yanked=True),
    )
    options = ["--uploaded-prior-to", "2025-01-01T00:00:00Z", "--only-binary", "demo"]
    ended = place.run("why", "demo", "demo", "-i", url, *options)
    tag = ended.out.partition("win32 only; this is ")[2].partition("\n")[0]
    assert tag.startswith("cp3")
    assert newer(ended) == [
        "2.1: has an sdist only, which --only-binary excludes",
        "to get 2.1: add --no-binary demo",
        "2.0: uploaded 2030-01-01T00:00:00Z, which --uploaded-prior-to excludes",
        "to get 2.0: give a later --uploaded-prior-to",
        "2.0rc1: pre-release",
        "to get 2.0rc1: require demo==2.0rc1, or add --all-releases demo",
        f"1.5: needs Python >=3.99; this is {PYTHON}; yanked",
        "to get 1.5: use Python >=3.99; require demo==1.5 if you know why it was yanked",
        "1.4: yanked: broken",
        "to get 1.4: require demo==1.4 if you know why it was yanked",
        f"1.2 to 1.3 (2 releases): needs Python >=3.99; this is {PYTHON}",
        "to get 1.3: use Python >=3.99",
        f"1.1: has wheels for win32 only; this is {tag}",
        "to get 1.1: use one of these platforms, or a release that has a file for this one",
    ]


def test_limits_are_named_with_who_has_them(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        *(wheel("demo", version) for version in ("1.0", "2.0", "3.0", "4.0")),
        wheel("app", "1.0", "demo<4"),
        wheel("app", "0.9"),
    )
    (place.folder / "r.txt").write_text("# first\napp\ndemo<3\n")
    (place.folder / "c.txt").write_text("demo<2\n")
    ended = place.run("why", "demo", "-r", "r.txt", "-c", "c.txt", "-i", url)
    assert ended.lines[:4] == [
        "demo 1.0 is chosen (demo-1.0-py3-none-any.whl); it is required by",
        "  your constraint demo<2 (-c c.txt (line 1))",
        "  your requirement demo<3 (-r r.txt (line 3))",
        "  app 1.0 requires demo<4 (requested: -r r.txt (line 2))",
    ]
    mine = "demo<2 (your constraint, -c c.txt (line 1))"
    loosen = "loosen your constraint demo<2 in -c c.txt (line 1)"
    also = "demo<3 (your requirement, -r r.txt (line 3))"
    loosen_also = "loosen your requirement demo<3 in -r r.txt (line 3)"
    other = "use app 0.9 in place of app 1.0, which requires demo<4"
    assert newer(ended) == [
        f"4.0: excluded by {mine}, {also}, demo<4 of app 1.0",
        f"to get 4.0: {loosen}, and {loosen_also}, and {other}",
        f"3.0: excluded by {mine}, {also}",
        f"to get 3.0: {loosen}, and {loosen_also}",
        f"2.0: excluded by {mine}",
        f"to get 2.0: {loosen}",
    ]


def test_what_the_resolver_rejected_is_a_conflict(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0", "base>=2"),
        wheel("demo", "2.1", "deep"),
        wheel("deep", "1.0", "base>=2"),
        wheel("base", "1.0"),
        wheel("base", "2.0"),
    )
    assert newer(place.run("why", "demo", "demo", "base<2", "-i", url)) == [
        "2.1: needs base>=2 (through deep 1.0); that conflicts with base<2 (your requirement)",
        "to get 2.1: loosen your requirement base<2",
        "2.0: needs base>=2; that conflicts with base<2 (your requirement)",
        "to get 2.0: loosen your requirement base<2",
    ]


def test_advice_that_does_not_help_is_not_given(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0"),
        wheel("demo", "3.0", "base>=9"),
        wheel("app", "1.0", "demo<2"),
        wheel("app", "0.9", "demo<2"),
        wheel("base", "1.0"),
    )
    lines = newer(place.run("why", "demo", "demo<3", "app", "-i", url))
    assert lines[1] == "to get 3.0: not possible: it leads to base>=9, which no release satisfies"
    assert lines[3] == (
        "to get 2.0: not possible, even with your other requirements loosened: app 1.0 requires "
        "demo<2, and app 0.9 requires demo<2"
    )


def test_advice_names_every_requirement_that_is_in_the_way(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0", "base>=2"),
        wheel("app", "1.0", "demo<2"),
        wheel("app", "2.0"),
        *(wheel("base", version) for version in ("1.0", "2.0")),
        wheel("extra", "1.0"),
        wheel("extra", "2.0"),
    )
    words = ["demo", "demo<2", "base<2", "app==1.0", "extra==1.0", "-i", url]
    lines = newer(place.run("why", *words))
    assert lines == [
        "2.0: excluded by demo<2 (your requirement), demo<2 of app 1.0",
        "to get 2.0: loosen your requirement demo<2, and use app 2.0 in place of app 1.0, which "
        "requires demo<2; loosen your requirement base<2, and loosen your requirement app==1.0",
    ]
    followed = ["demo", "demo", "base", "app==2.0", "extra==1.0", "-i", url]
    assert place.run("why", *followed).lines[0].startswith("demo 2.0 is chosen")


def test_a_requirement_far_from_the_conflict_may_be_the_one(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0"),
        wheel("app", "1.0", "demo<2"),
        wheel("app", "2.0"),
        wheel("suite", "1.0", "app==1.0"),
        wheel("suite", "2.0", "app==2.0"),
        wheel("extra", "1.0"),
    )
    words = ["demo", "demo", "suite==1.0", "extra==1.0", "-i", url]
    assert newer(place.run("why", *words)) == [
        "2.0: excluded by demo<2 of app 1.0",
        "to get 2.0: use app 2.0 in place of app 1.0, which requires demo<2; loosen your "
        "requirement suite==1.0",
    ]


def test_what_only_a_build_could_tell_is_not_tried(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        Sdist(name="demo", version="2.0"),
    )
    shown = place.run("why", "demo", "demo<2", "-i", url, "--json").out
    assert '"advice": "loosen your requirement demo<2"' in shown
    assert '"tried": null' in shown


FOLLOWED = [
    ("2.1", ["demo", "--only-binary", "demo"], ["demo", "--no-binary", "demo"]),
    (
        "2.0",
        ["base", "demo", "--no-binary", "demo"],
        ["base", "demo", "--no-binary", "demo", "--only-binary", "demo"],
    ),
    (
        "1.9",
        ["demo", "--uploaded-prior-to", "2025-01-01T00:00:00Z"],
        ["demo", "--uploaded-prior-to", "2031-01-01T00:00:00Z"],
    ),
    ("2.2rc1", ["demo"], ["demo==2.2rc1"]),
    ("2.2rc1", ["demo"], ["demo", "--all-releases", "demo"]),
    (
        "2.2rc1",
        ["demo", "--only-final", "demo"],
        ["demo", "--only-final", "demo", "--all-releases", "demo"],
    ),
    ("1.8", ["demo<1.8"], ["demo==1.8"]),
    ("2.1", ["demo", "--prefer-binary"], ["demo"]),
    ("2.0", ["demo", "base<2"], ["demo", "base"]),
]
"""A release that was passed over, the words that do so, and the words after the advice."""


@pytest.mark.parametrize(("version", "words", "followed"), FOLLOWED)
def test_following_the_advice_gives_the_release(
    site: Site, place: Workplace, version: str, words: list[str], followed: list[str]
) -> None:
    url = add_index(
        site,
        "main",
        Sdist(name="demo", version="0.9"),
        wheel("demo", "1.0"),
        Shown(wheel("demo", "1.8"), yanked="broken"),
        Shown(wheel("demo", "1.9"), uploaded="2030-01-01T00:00:00Z"),
        Shown(wheel("demo", "2.0", "base>=2"), uploaded="2030-01-01T00:00:00Z"),
        Shown(Sdist(name="demo", version="2.1"), uploaded="2030-01-01T00:00:00Z"),
        Shown(wheel("demo", "2.2rc1"), uploaded="2030-01-01T00:00:00Z"),
        wheel("base", "1.0"),
        wheel("base", "2.0"),
    )
    # Newer ones hide what is looked for.
    others = {"1.9": ["demo<2"], "2.0": ["demo!=2.1"]}.get(version, [])
    lines = newer(place.run("why", "demo", *words, *others, "-i", url, "-v"))
    advice = next(line for line in lines if line.startswith(f"to get {version}: "))
    changes = set(followed) - set(words) - {"base", "demo", "2031-01-01T00:00:00Z"}
    assert [word for word in changes if word not in advice] == []
    chosen = place.run("why", "demo", *followed, *others, "-i", url).lines[0]
    assert chosen.startswith(f"demo {version} is chosen")


def test_a_stored_resolution_is_not_used(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0", "base>=2"),
        wheel("base", "1.0"),
        wheel("base", "2.0"),
    )
    line = ["demo", "base<2", "-i", url]
    for _ in range(2):  # the first one stores it
        assert place.run("install", "--dry-run", "-I", *line).code == 0
    assert newer(place.run("why", "demo", *line))[0].startswith("2.0: needs base>=2; ")


def test_releases_of_an_index_that_is_not_used(site: Site, place: Workplace) -> None:
    first = add_index(site, "first", wheel("demo", "1.0"))
    second = add_index(site, "second", wheel("demo", "1.0"), wheel("demo", "2.0"))
    words = ["why", "demo", "demo", "-i", first, "--extra-index-url", second]
    page = f"{second}/demo/"
    assert newer(place.run(*words))[0] == (f"2.0: on {page} only, and {first}/demo/ comes first")
    assert "PIPFAST_INDEX_STRATEGY=best-match" in newer(place.run(*words))[1]
    followed = place.run(*words, PIPFAST_INDEX_STRATEGY="best-match")
    assert followed.lines[0].startswith("demo 2.0 is chosen")
    assert followed.lines[-1] == "It is the newest release."


def test_hashes_and_preferred_wheels(site: Site, place: Workplace) -> None:
    old = wheel("demo", "1.0")
    url = add_index(site, "main", old, wheel("demo", "2.0"), Sdist(name="demo", version="3.0"))
    (place.folder / "r.txt").write_text(f"demo --hash sha256:{sha256(old.content)}\n")
    ended = place.run("why", "demo", "-r", "r.txt", "--no-require-hashes", "-i", url)
    assert (
        newer(ended)[0]
        == "2.0 to 3.0 (2 releases): none of its files has a hash that the requirement gives"
    )
    ended = place.run("why", "demo", "demo", "--prefer-binary", "-i", url)
    assert newer(ended) == [
        "3.0: has no wheel for this platform, and --prefer-binary is given",
        "to get 3.0: leave out --prefer-binary",
    ]


def test_metadata_that_cannot_be_used(site: Site, place: Workplace) -> None:
    url = add_index(
        site,
        "main",
        wheel("demo", "1.0"),
        wheel("demo", "2.0", "broken (>=>1)"),
        wheel("demo", "3.0", metadata_version="3.1"),
    )
    found = newer(place.run("why", "demo", "demo", "-i", url))
    assert found[0] == "3.0: its file name has the version 3.0, its metadata 3.1"
    assert found[2].startswith("2.0: invalid metadata: ")


def test_each_release_has_a_line_with_v(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", *(wheel("demo", f"{each}.0") for each in (1, 2, 3)))
    lines = newer(place.run("why", "demo", "demo<2", "-i", url, "-v"))
    assert [line.partition(":")[0] for line in lines] == ["3.0", "2.0", "to get 3.0"]


def test_a_direct_reference_decides(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", wheel("demo", "1.0"), wheel("demo", "2.0"))
    file = f"{url}/files/demo-1.0-py3-none-any.whl"
    ended = place.run("why", "demo", f"demo @ {file}", "-i", url)
    assert ended.lines == [
        f"demo 1.0 is chosen ({file}); it is required by",
        f"  your requirement demo @ {file}",
        "A direct reference decides; no other release is considered.",
    ]


def test_nothing_is_installed_and_a_foreign_target_counts(site: Site, place: Workplace) -> None:
    place.make_env()
    before = sorted(place.env.rglob("*"))
    url = add_index(site, "main", wheel("demo", "1.0"), wheel("demo", "2.0", python=">=3.99"))
    foreign = ["--python-version", "3.99", "--only-binary", ":all:"]
    assert newer(place.run("why", "demo", "demo", "-i", url)) != []
    ended = place.run("why", "demo", "demo", "-i", url, *foreign)
    assert ended.lines[0].startswith("demo 2.0 is chosen")
    assert sorted(place.env.rglob("*")) == before


def test_a_project_that_is_not_part_of_it_ends_with_1(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", wheel("demo", "1.0"))
    ended = place.run("why", "other", "demo", "-i", url)
    assert (ended.code, ended.lines) == (1, ["other is not part of the resolution"])
    ended = place.run("why", "other", "demo", "-i", url, "--json")
    assert (ended.code, ended.document["chosen_version"]) == (1, None)


def test_a_resolution_that_fails_is_its_own_error(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", wheel("demo", "1.0"))
    ended = place.run("why", "demo", "demo>1", "-i", url)
    assert ended.code == 1
    assert "ERROR: No matching distribution found for demo>1\n" in ended.err


def test_the_json_document_has_every_release(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", *(wheel("demo", f"{each}.0") for each in (1, 2, 3)))
    found = place.run("why", "demo", "demo<2", "-i", url, "--json").document
    limit = {"requirement": "demo<2", "dependent": "", "place": "", "is_constraint": False}
    assert (found["chosen_version"], found["limits"]) == ("1.0", [limit])
    assert found["newer"] == [
        {
            "version": version,
            "reasons": [
                {
                    "kind": "excluded-by",
                    "text": "excluded by demo<2 (your requirement)",
                    "limits": [limit],
                }
            ],
            "advice": "loosen your requirement demo<2",
            "tried": "resolves" if version == "3.0" else None,
        }
        for version in ("3.0", "2.0")
    ]


def test_the_last_resolution_is_explained_from_anywhere(site: Site, place: Workplace) -> None:
    url = add_index(site, "main", wheel("demo", "1.0"), wheel("demo", "2.0"))
    assert place.run("why", "demo", "--last").err.startswith("ERROR: there is no last resolution")
    (place.folder / "r.txt").write_text("demo<2\n")
    assert place.run("install", "--dry-run", "-r", "r.txt", "-i", url).code == 0
    found = place.run("why", "demo", "--last")
    assert found.lines[0].startswith(
        f"Resolving again: pipfast install --dry-run -r r.txt -i {url}"
    )
    assert found.lines[0].endswith(f", in {place.folder})")
    assert newer(found)[0] == "2.0: excluded by demo<2 (your requirement, -r r.txt (line 1))"


@pytest.mark.parametrize("where", ["://user:secret@", "?token=secret", "-C"])
def test_credentials_of_the_last_resolution_are_not_stored(
    site: Site, place: Workplace, where: str
) -> None:
    url = add_index(site, "main", wheel("demo", "1.0"))
    words = ["-C", "api-key=secret", "-i", url]
    if where != "-C":
        words = ["-i", url.replace("://", where) if "@" in where else f"{url}{where}"]
    place.run("install", "--dry-run", "demo", *words)
    ended = place.run("why", "demo", "--last")
    assert ended.code == 1
    assert "its credentials are not stored" in ended.err
    assert "secret" not in ended.err
    for path in (place.cache / "pipfast").rglob("last/*"):
        assert b"secret" not in path.read_bytes()
