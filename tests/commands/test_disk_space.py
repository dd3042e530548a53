"""An installation that certainly does not fit on the disk ends before it begins, on real disks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipfast.environment.scheme import Scheme
from pipfast.transaction.disk_space import filesystem_type, shortage
from tests.kit.own_command import Ended, Shown, Workplace, add_index
from tests.kit.site import Reply, Site, serving
from tests.kit.wheels import Wheel, wheel

ONLY_ROOT = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a small disk"
)
BIG = wheel("big", "1.0", files={"big/data": bytes(4_000_000)}, compressed=False)
SMALL = wheel("small", "1.0")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """A workplace with an environment on a disk of 3 MiB."""
    place = Workplace(tmp_path)
    with _disk(place.env, "3m"):
        venv.create(place.env, with_pip=False)
        yield place


class _disk:  # noqa: N801 - used like a function
    """A mounted tmpfs."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        subprocess.run(command, check=True)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", str(self.folder)], check=True)


def install(place: Workplace, site: Site, *files: Wheel, sized: bool = True, **more: str) -> Ended:
    """Install `big` from an index that states sizes if `sized`."""
    index = add_index(site, "main", *(Shown(each, has_size=sized) for each in files))
    variables = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": index}
    return place.run("install", *(each.name for each in files), **(variables | more))


def asked_for_files(site: Site) -> list[str]:
    return [one.path for one in site.questions if one.path.endswith(".whl")]


@ONLY_ROOT
def test_what_cannot_fit_is_one_error_before_a_file_is_requested(
    place: Workplace, site: Site
) -> None:
    before = sorted(place.env.rglob("*"))
    ended = install(place, site, BIG)
    assert ended.code == 1
    pattern = (
        rf"ERROR: The disk of {re.escape(str(place.env))}\S* has [23]\.\d MB left, and what is to "
        r"be installed needs at least 4\.0 MB\n"
        r"hint: free space on that disk, or choose another folder; nothing was changed\n"
    )
    assert re.fullmatch(pattern, ended.err), ended.err
    assert sorted(place.env.rglob("*")) == before
    assert asked_for_files(site) == []


@ONLY_ROOT
def test_parity_mode_warns_and_tries(place: Workplace, site: Site) -> None:
    ended = install(place, site, BIG, PIPFAST_PIP_COMPAT="1", PIPFAST_FALLBACK="never")
    assert ended.code == 1
    assert ended.err.startswith("WARNING: The disk of ")
    assert "[Errno 28] No space left on device" in ended.err


@ONLY_ROOT
def test_nothing_is_said_of_what_fits_or_has_no_size(place: Workplace, site: Site) -> None:
    assert install(place, site, SMALL).err == ""
    ended = install(place, site, BIG, sized=False)
    assert ended.code == 1
    assert "needs at least" not in ended.err


@ONLY_ROOT
def test_files_that_the_store_shares_need_no_space(tmp_path: Path, site: Site) -> None:
    with _disk(tmp_path / "disk", "10m"):
        place = Workplace(tmp_path / "disk")
        place.make_env()
        assert install(place, site, BIG).code == 0
        other = place.folder / "other"
        venv.create(other, with_pip=False)
        (place.folder / "filler").write_bytes(bytes(_free(other) - 1_000_000))
        done = place.run("--python", str(other), "install", "big==1.0", PIP_NO_INDEX="",
                         PIP_INDEX_URL=f"{site.base}/main")  # fmt: skip
        assert done.code == 0, done.err


@ONLY_ROOT
def test_what_was_downloaded_to_resolve_is_removed_while_it_is_unpacked(
    tmp_path: Path, site: Site
) -> None:
    files = [
        wheel(f"part{number}", "1.0", files={f"p{number}": bytes(1_000_000)}, compressed=False)
        for number in range(6)
    ]
    with _disk(tmp_path / "disk", "10m"):
        place = Workplace(tmp_path / "disk")
        place.make_env()
        index = add_index(site, "main", *(Shown(each, has_size=True) for each in files))
        for each in files:
            site.pages[f"/main/files/{each.filename}.metadata"] = Reply(b"", 404)
        variables = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": index}
        names = [each.name for each in files]
        done = place.run("install", *names, PIPFAST_PIP_COMPAT="1", **variables)
        assert (done.code, [line for line in done.err.splitlines() if "disk" in line]) == (0, [])


def _free(folder: Path) -> int:
    facts = os.statvfs(folder)
    return facts.f_bfree * facts.f_frsize


def test_a_disk_that_may_compress_has_to_lack_a_multiple(tmp_path: Path) -> None:
    kinds = ("purelib", "platlib", "headers", "scripts", "data")
    scheme = Scheme(**dict.fromkeys(kinds, str(tmp_path / "absent")))
    facts = os.statvfs(tmp_path)
    free = facts.f_bfree * facts.f_frsize

    def lack(size: int, kind: str) -> bool:
        return shortage(scheme, size, lambda: size, lambda _: kind) is not None

    assert not lack(free // 2, "ext4")
    assert lack(free * 3 // 2, "ext4")
    assert not lack(free * 3 // 2, "btrfs")
    assert not lack(free * 3 // 2, "")
    assert lack(free * 3, "")
    assert shortage(scheme, free * 3, lambda: 0, lambda _: "ext4") is None


@ONLY_ROOT
def test_the_type_of_a_file_system_is_known(tmp_path: Path) -> None:
    with _disk(tmp_path / "disk", "1m"):
        assert filesystem_type((tmp_path / "disk").stat().st_dev) == "tmpfs"
    assert filesystem_type(os.makedev(4000, 4000)) == ""
