from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag
from packaging.utils import NormalizedName

from pipfast.errors import InstallationError
from pipfast.index.candidates import Candidates
from pipfast.index.evaluate import CandidateEvaluator, RankedCandidate
from pipfast.index.filenames import grouped
from pipfast.model.digest import Digest
from pipfast.model.file_row import FileRow
from pipfast.policy.selection import ALL, FormatControl, ReleaseControl, SelectionPolicy

DEMO = NormalizedName("demo")
TAGS = (Tag("cp311", "cp311", "linux_x86_64"), Tag("py3", "none", "any"))
PLAIN = SelectionPolicy()


@dataclass(frozen=True)
class Place:
    groups: list[tuple[str, list[FileRow]]]
    url: str = "https://index.example/simple/demo/"
    prefix: str = ""

    @property
    def versions(self) -> Sequence[str]:
        return [version for version, _ in self.groups]

    def rows(self, position: int) -> list[FileRow]:
        return self.groups[position][1]


def row(
    name: str,
    place: str = "h",
    *,
    digests: Sequence[str] = (),
    python: str | None = None,
    yanked: str | None = None,
    uploaded: str | None = None,
) -> FileRow:
    url = f"https://{place}/{name}"
    return FileRow(url, list(digests), python, yanked, upload_time=uploaded)


def found(*places: list[FileRow], policy: SelectionPolicy = PLAIN) -> Candidates:
    sources = [Place(grouped(rows, DEMO)) for rows in places]
    return Candidates(DEMO, sources, CandidateEvaluator(TAGS, (3, 11, 7), policy), policy)


def order(
    of: Candidates, specifier: str = "", digests: Sequence[Digest] = (), *, whole: bool = False
) -> list[str]:
    chosen = of.candidates(SpecifierSet(specifier), digests)
    return [c.link.url if whole else c.link.filename for c in chosen]


def sdists(*versions: str) -> Candidates:
    return found([row(f"demo-{version}.tar.gz") for version in versions])


def numbers(of: Candidates, specifier: str = "") -> list[str]:
    return [name[5:-7] for name in order(of, specifier)]


@pytest.mark.parametrize(
    ("specifier", "chosen"),
    [
        ("", ["1.10", "1.9"]),
        (">1.9", ["1.10"]),
        (">1.10", ["2.0rc1"]),
        (">=2.0rc1", ["2.0rc1"]),
        (">=0.5a1", ["2.0rc1", "1.10", "1.9"]),
        ("==2.0rc1", ["2.0rc1"]),
        ("===1.9", ["1.9"]),
        (">3", []),
    ],
)
def test_a_prerelease_counts_when_it_is_named_or_alone(specifier: str, chosen: list[str]) -> None:
    assert numbers(sdists("1.9", "2.0rc1", "1.10"), specifier) == chosen


@pytest.mark.parametrize(
    ("control", "chosen"),
    [
        (ReleaseControl(all_releases=frozenset({ALL})), ["2.0rc1", "1.0"]),
        (ReleaseControl(pre=True), ["2.0rc1", "1.0"]),
        (ReleaseControl(only_final=frozenset({"demo"})), ["1.0"]),
    ],
)
def test_release_control_outranks_the_rule(control: ReleaseControl, chosen: list[str]) -> None:
    rows = [row("demo-1.0.tar.gz"), row("demo-2.0rc1.tar.gz")]
    assert numbers(found(rows, policy=SelectionPolicy(releases=control))) == chosen


def test_only_final_leaves_nothing_of_a_project_without_final_versions() -> None:
    policy = SelectionPolicy(releases=ReleaseControl(only_final=frozenset({ALL})))
    assert order(found([row("demo-2.0rc1.tar.gz")], policy=policy)) == []


@pytest.mark.parametrize(
    ("specifier", "chosen"),
    [
        ("==1.0", ["1.0+cu118", "1.0+cpu", "1.0"]),
        ("<=1.0", ["1.0+cu118", "1.0+cpu", "1.0"]),
        ("~=1.0", ["1.0+cu118", "1.0+cpu", "1.0"]),
        ("==1.0.*", ["1.0+cu118", "1.0+cpu", "1.0"]),
        (">1.0", []),
        ("!=1.0", []),
        ("===1.0", ["1.0"]),
        ("==1.0+cpu", ["1.0+cpu"]),
    ],
)
def test_local_versions_count_as_packaging_counts_them(specifier: str, chosen: list[str]) -> None:
    assert numbers(sdists("1.0", "1.0+cpu", "1.0+cu118"), specifier) == chosen


def test_of_one_version_the_best_tag_wins_then_the_build_then_the_wheel() -> None:
    names = [
        "demo-1.0.tar.gz",
        "demo-1.0-2-py3-none-any.whl",
        "demo-1.0-10-py3-none-any.whl",
        "demo-1.0-py3-none-any.whl",
        "demo-1.0-cp311-cp311-linux_x86_64.whl",
    ]
    assert order(found([row(name) for name in names])) == [
        names[4],
        names[2],
        names[1],
        names[3],
        names[0],
    ]


def test_of_equals_the_last_place_wins() -> None:
    name = "demo-1.0-py3-none-any.whl"
    both = found([row(name, "first")], [row(name, "last")])
    assert order(both, whole=True) == [f"https://last/{name}", f"https://first/{name}"]


def test_yanked_files_come_last_and_final_ones_still_hide_prereleases() -> None:
    rows = [
        row("demo-2.0.tar.gz", yanked="broken"),
        row("demo-1.0.tar.gz"),
        row("demo-3.0rc1.tar.gz"),
    ]
    assert numbers(found(rows)) == ["1.0", "2.0"]
    assert numbers(found([rows[0], rows[2]])) == ["2.0"]


def test_preferring_binaries_outranks_the_version_but_not_the_yank() -> None:
    rows = [
        row("demo-3.0.tar.gz"),
        row("demo-2.0-py3-none-any.whl"),
        row("demo-4.0-py3-none-any.whl", yanked=""),
    ]
    chosen = order(found(rows, policy=SelectionPolicy(prefer_binary=True)))
    assert [name[5:8] for name in chosen] == ["2.0", "3.0", "4.0"]


def test_files_with_a_wanted_digest_come_first_and_others_go() -> None:
    wanted = Digest("sha256", "aa")
    rows = [
        row("demo-1.0.tar.gz", digests=["sha256:aa"]),
        row("demo-2.0.tar.gz", digests=["sha256:bb"]),
        row("demo-3.0.tar.gz"),
    ]
    assert order(found(rows), "", [wanted]) == ["demo-1.0.tar.gz", "demo-3.0.tar.gz"]


def test_where_no_file_has_the_wanted_digest_all_stay() -> None:
    rows = [row(f"demo-{v}.0.tar.gz", digests=["sha256:bb"]) for v in (1, 2)]
    assert order(found(rows), "", [Digest("sha256", "aa")]) == [
        "demo-2.0.tar.gz",
        "demo-1.0.tar.gz",
    ]


REASONS = [
    (row("demo-1.0-cp27-none-any.whl"), PLAIN, "none of the wheel's tags (cp27-none-any) are"),
    (row("demo-1.0-x-py3-none-any.whl"), PLAIN, "invalid wheel filename"),
    (
        row("demo-1.0.tar.gz"),
        SelectionPolicy(formats=FormatControl(only_binary=frozenset({ALL}))),
        "No sources permitted for demo",
    ),
    (
        row("demo-1.0-py3-none-any.whl"),
        SelectionPolicy(formats=FormatControl(no_binary=frozenset({"demo"}))),
        "No binaries permitted for demo",
    ),
    (row("demo-1.0-py3.9.tar.gz"), PLAIN, "Python version is incorrect"),
    (row("demo-1.0.zip", "h/macosx10"), PLAIN, "macosx10 one"),
    (row("demo-1.0.tar.gz", python=">=3.12,<4"), PLAIN, "1.0 Requires-Python <4,>=3.12"),
]


@pytest.mark.parametrize(("file", "policy", "because"), REASONS, ids=[r[2] for r in REASONS])
def test_a_refusal_has_the_reason_of_pip(
    file: FileRow, policy: SelectionPolicy, because: str
) -> None:
    of = found([file], policy=policy)
    assert order(of) == []
    assert of.refused()[0].because.startswith(because)


@pytest.mark.parametrize("python", ["nonsense", ">=3.11", "==3.11.*", None])
def test_a_requires_python_that_fits_or_cannot_be_read_is_no_obstacle(python: str | None) -> None:
    assert order(found([row("demo-1.0.tar.gz", python=python)])) == ["demo-1.0.tar.gz"]


def test_requires_python_can_be_ignored() -> None:
    policy = SelectionPolicy(ignore_requires_python=True)
    assert order(found([row("demo-1.0.tar.gz", python=">=99")], policy=policy))


def test_a_file_must_have_been_uploaded_before_the_moment() -> None:
    policy = SelectionPolicy(uploaded_prior_to=datetime(2024, 1, 1, tzinfo=timezone.utc))
    rows = [
        row("demo-1.0.tar.gz", uploaded="2023-12-31T23:59:59Z"),
        row("demo-2.0.tar.gz", uploaded="2024-01-01T00:00:00.000000Z"),
    ]
    assert order(found(rows, policy=policy)) == ["demo-1.0.tar.gz"]


def test_an_index_must_tell_the_time_of_the_upload() -> None:
    policy = SelectionPolicy(uploaded_prior_to=datetime(2024, 1, 1, tzinfo=timezone.utc))
    with pytest.raises(InstallationError, match="does not provide upload-time metadata"):
        found([row("demo-1.0.tar.gz")], policy=policy).evaluate_all()


def test_versions_are_told_in_ascending_order_and_yanked_ones_apart() -> None:
    rows = [
        row("demo-1.10.tar.gz"),
        row("demo-1.9.tar.gz"),
        row("demo-1.9.zip", yanked=""),
        row("demo-2.0a1.tar.gz"),
    ]
    of = found(rows)
    assert of.versions() == ("1.9", "1.10", "2.0a1")
    assert of.yanked() == ("1.9",)


class Counting(CandidateEvaluator):
    judged = 0

    def evaluate(self, *words: object) -> object:  # type: ignore[override]
        self.judged += 1
        return super().evaluate(*words)  # type: ignore[arg-type]


def test_a_candidate_that_nobody_looks_at_is_not_judged() -> None:
    judge = Counting(TAGS, (3, 11, 7), PLAIN)
    rows = [row(f"demo-{minor}.0.tar.gz") for minor in range(100)]
    of = Candidates(DEMO, [Place(grouped(rows, DEMO))], judge, PLAIN)
    assert next(of.candidates(SpecifierSet(""))).link.filename == "demo-99.0.tar.gz"
    assert judge.judged == 1


VERSIONS = st.lists(
    st.from_regex(r"[0-3]\.[0-3](a1|rc2|\.post1|\.dev1|\+cpu)?", fullmatch=True), max_size=12
)
SPECIFIERS = st.sampled_from(["", ">=1", "<2", "==1.*", ">=1.0a1", "!=1.1", "~=1.0", "===1.1"])


@given(VERSIONS, SPECIFIERS)
def test_what_fits_is_what_packaging_says_in_descending_order(
    versions: list[str], specifier: str
) -> None:
    from packaging.version import Version

    every = sorted({Version(text) for text in versions}, reverse=True)
    expected = [str(v) for v in SpecifierSet(specifier).filter(every)]
    assert numbers(sdists(*versions), specifier) == expected


@given(st.lists(VERSIONS, max_size=3), SPECIFIERS)
def test_several_places_offer_together_what_one_place_would(
    places: list[list[str]], specifier: str
) -> None:
    apart = [[row(f"demo-{v}.tar.gz") for v in versions] for versions in places]
    together = found([file for rows in apart for file in rows])
    assert sorted(set(numbers(found(*apart), specifier))) == sorted(numbers(together, specifier))


file_names = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["demo", "Demo", "other", "a-b/demo", "x.zip#demo", "x.zip?demo"]),
    st.sampled_from(["-1.0", "-nonsense", "", "-1.0-1", "-1.0-x"]),
    st.sampled_from(
        ["-py3-none-any", "-py2.py3-none-any", "-CP311-cp311-linux_X86_64", "-cp27-none-win32",
         "-py3-none-win32.any", "-none-any", "-py3--any", "-3py-none-any", "-py3%2Dnone-any",
         "-py2%2Epy3-none-any"]
    ),
    st.sampled_from([".whl", ".tar.gz", ".WHL"]),
)  # fmt: skip


@given(file_names)
@example("x.zip#demo-1.0-cp27-none-win32.whl")
@example("demo-1.0-py2%2Epy3-none-any.whl")
def test_a_file_is_accepted_where_evaluation_says_so(name: str) -> None:
    judge = CandidateEvaluator(TAGS, (3, 11, 7), PLAIN)
    verdict = judge.evaluate(row(name), "", "https://i.test/demo/", DEMO)
    accepted = judge.accepted(row(name), "", "https://i.test/demo/", DEMO)
    assert accepted == (verdict if isinstance(verdict, RankedCandidate) else None)
