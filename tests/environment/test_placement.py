from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipfast.environment.externally_managed import ExternallyManaged
from pipfast.environment.interpreter import Interpreter
from pipfast.environment.placement import is_writable, place
from pipfast.errors import CommandError, InstallationError
from pipfast.model.events import Event
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.target import TargetPolicy
from tests.kit.texts import texts

Make = Callable[..., Interpreter]
posix = pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")


def test_an_environment_is_its_own_place(own: Interpreter) -> None:
    placed = place(own, TargetPolicy())
    assert placed.scheme == placed.layout == own.scheme
    assert placed.site_packages == own.sys_path
    assert not placed.user
    assert not placed.elsewhere


def test_a_folder_gets_packages_at_its_top_and_records_of_a_home(
    own: Interpreter, tmp_path: Path
) -> None:
    placed = place(own, TargetPolicy(target=str(tmp_path / "x")))
    folder = str(tmp_path / "x")
    assert (placed.scheme.purelib, placed.scheme.platlib, placed.scheme.data) == (folder,) * 3
    assert placed.scheme.scripts == str(tmp_path / "x" / "bin")
    assert placed.layout.purelib == str(tmp_path / "x" / "lib" / "python")
    assert placed.site_packages == ()
    assert not placed.warn_script_location


@posix
def test_a_prefix_takes_the_place_of_the_environments(own: Interpreter) -> None:
    scheme = place(own, TargetPolicy(prefix="/opt/x/../y")).scheme
    assert scheme.data == "/opt/y"
    assert scheme.purelib == f"/opt/y/lib/python{own.version}/site-packages"
    assert scheme.headers == f"/opt/y/include/site/python{own.version}"


@posix
def test_a_root_goes_before_every_path(own: Interpreter) -> None:
    scheme = place(own, TargetPolicy(root="/stage")).scheme
    assert scheme.purelib == "/stage" + own.scheme.purelib
    assert place(own, TargetPolicy(root="/stage", prefix="/p")).scheme.data == "/stage/p"


def test_the_user_site_is_taken_when_asked_for(plain: Make) -> None:
    python = plain()
    placed = place(python, TargetPolicy(user=True))
    assert placed.user
    assert placed.scheme == python.user_scheme


def test_the_user_site_is_taken_when_nothing_else_is_writable(
    plain: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipfast.environment.placement.is_writable", lambda path: False)
    emitted: list[Event] = []
    python = plain()
    assert place(python, TargetPolicy(), emitted.append).scheme == python.user_scheme
    assert texts(emitted) == [
        "Defaulting to user installation because normal site-packages is not writeable"
    ]
    assert not place(python, TargetPolicy(user=False)).user
    assert not place(plain(user_site_enabled=False), TargetPolicy()).user
    assert not place(python, TargetPolicy(target="x")).user


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (TargetPolicy(user=True, target="x"), "Can not combine '--user' and '--target'"),
        (
            TargetPolicy(user=True, prefix="x"),
            "Can not combine '--user' and '--prefix' as they imply different installation "
            "locations",
        ),
        (TargetPolicy(target="x", prefix="y"), "Cannot set --home and --prefix together"),
    ],
)
def test_places_that_exclude_each_other_are_pips_errors(
    plain: Make, policy: TargetPolicy, message: str
) -> None:
    with pytest.raises((CommandError, InstallationError)) as error:
        place(plain(), policy)
    assert error.value.message == message


def test_a_target_that_is_a_file_is_pips_error(own: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Target path exists but is not a directory"):
        place(own, TargetPolicy(target=str(tmp_path / "file")))


def test_a_closed_virtual_environment_has_no_user_site(own: Interpreter) -> None:
    with pytest.raises(InstallationError, match="not visible in this virtualenv"):
        place(replace(own, sees_system_site=False), TargetPolicy(user=True))


def test_a_python_without_user_site_has_none(plain: Make) -> None:
    with pytest.raises(InstallationError, match="are disabled for this Python"):
        place(plain(user_site_enabled=False), TargetPolicy(user=True))
    with pytest.raises(InstallationError, match="User base directory is not specified"):
        place(plain(user_scheme=None), TargetPolicy(user=True))


class TestExternallyManaged:
    """PEP 668."""

    @pytest.fixture
    def managed(self, plain: Make, tmp_path: Path) -> Interpreter:
        (tmp_path / "stdlib").mkdir()
        (tmp_path / "stdlib" / "EXTERNALLY-MANAGED").write_text(
            "[externally-managed]\nError=Use apt\n\n instead\n"
        )
        return plain()

    def test_a_managed_environment_is_left_alone(self, managed: Interpreter) -> None:
        with pytest.raises(ExternallyManaged) as error:
            place(managed, TargetPolicy())
        assert error.value.message.startswith(
            "error: externally-managed-environment\n\n"
            "× This environment is externally managed\n"  # noqa: RUF001 - pip's own sign
            "╰─> Use apt\n    \n    instead\n\nnote: If you believe"
        )
        assert "\n\nThis environment is externally managed\n\nUse apt\n" in error.value.plain

    def test_asking_for_the_user_site_does_not_open_it(self, managed: Interpreter) -> None:
        with pytest.raises(ExternallyManaged):
            place(managed, TargetPolicy(user=True))

    @pytest.mark.parametrize(
        "policy",
        [
            TargetPolicy(break_system_packages=True),
            TargetPolicy(root="x"),
            TargetPolicy(prefix="x"),
            TargetPolicy(target="x"),
        ],
    )
    def test_another_place_is_open(self, managed: Interpreter, policy: TargetPolicy) -> None:
        assert place(managed, policy).site_packages in ((), managed.sys_path)

    def test_a_report_without_an_install_is_open(self, managed: Interpreter) -> None:
        assert place(managed, TargetPolicy(), only_reported=True).scheme == managed.scheme

    def test_a_virtual_environment_of_it_is_open(self, managed: Interpreter) -> None:
        inside = replace(managed, prefix="/venv", sees_system_site=False)
        assert place(inside, TargetPolicy()).scheme == managed.scheme

    @pytest.mark.parametrize("text", ["", "[other]\n", "no section", "[externally-managed]\nx=y\n"])
    def test_a_marker_without_a_reason_gives_the_usual_one(
        self, managed: Interpreter, text: str
    ) -> None:
        Path(managed.stdlib, "EXTERNALLY-MANAGED").write_text(text)
        with pytest.raises(ExternallyManaged, match="environment under /usr is managed externally"):
            place(managed, TargetPolicy())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_without_write_bit_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    assert not is_writable(str(tmp_path / "not" / "there"))


def test_a_folder_that_would_be_made_is_as_writable_as_its_parent(tmp_path: Path) -> None:
    assert is_writable(str(tmp_path / "not" / "there"))
