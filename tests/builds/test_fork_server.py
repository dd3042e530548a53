from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipfast.builds import fork_server
from pipfast.builds.errors import MetadataFailed, PreparationFailed, WheelNotBuilt
from pipfast.builds.pyproject import Project
from pipfast.errors import Interrupted, PipfastError
from pipfast.model.events import Level
from pipfast.model.frozen_dataclass import replace
from pipfast.policy.build import BuildPolicy
from tests.builds.builds import BuildLog, RaisingBuilder, Remembering, builder, demo, found
from tests.kit.projects import BACKEND, written
from tests.kit.wheels import Wheel, wheel

pytestmark = pytest.mark.skipif(
    not fork_server.POSSIBLE, reason="nothing is forked on this platform"
)

INFO = "Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n"
HOOKS = f"""
import os, sys, warnings

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    os.mkdir(directory + "/demo-1.0.dist-info")
    with open(directory + "/demo-1.0.dist-info/METADATA", "w") as file:
        file.write("{INFO}")
    return "demo-1.0.dist-info"

def build_wheel(directory, config_settings=None, metadata_directory=None):
    raise SystemExit(7)
"""
SYSTEM = '[build-system]\nrequires = ["talking"]\nbuild-backend = "talking"\n'


def talking(code: str) -> Wheel:
    """A backend that runs `code` when it is imported, and knows ``requires()`` for its hook."""
    return wheel("talking", files={"talking.py": HOOKS + code})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return found(written(tmp_path / "demo", {"pyproject.toml": SYSTEM}))


@pytest.fixture(params=["forked", "plain"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of running hooks."""
    monkeypatch.setattr(fork_server, "POSSIBLE", request.param == "forked")
    return str(request.param)


SEEN = """
def get_requires_for_build_wheel(config_settings=None):
    import signal
    print(os.path.basename(os.getcwd()), sys.argv[1], len(sys.argv), os.environ.get("TOLD"))
    print(repr(sys.stdin.read()), sys.stdout.isatty(), sys.stdout.line_buffering)
    print(sys.stdout.seekable(), sys.stderr.seekable(), sys.stdout.reconfigure(errors="replace"))
    print(sys.modules["__main__"].__file__ == sys.argv[0], "main" in vars(sys.modules["__main__"]))
    print(signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL, os.getpgid(0) == os.getpid())
    print(sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self") else "")
    print("error output", file=sys.stderr)
    os.system("echo of a child")
    1 / 0
"""


def test_a_hook_sees_what_it_would_see_in_a_process_of_its_own(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = BuildPolicy(variables={"demo": {"TOLD": "by the user"}})
    output = {}
    for way in (True, False):
        monkeypatch.setattr(fork_server, "POSSIBLE", way)
        log, folder = BuildLog(), tmp_path / str(way)
        folder.mkdir()
        with (
            builder(folder, talking(SEEN), policy=policy) as build,
            pytest.raises(PreparationFailed),
        ):
            build.metadata(replaced(project), log)
        output[way] = unnamed(log.output(Level.ERROR), folder).splitlines()
    forked, plain = output[True], output[False]
    assert "      demo get_requires_for_build_wheel 3 by the user" in plain
    assert "      of a child" in plain
    assert forked == plain


def unnamed(text: str, folder: Path) -> str:
    """`text` without the names of temporary folders."""
    return re.sub(r"(pip-build-env|pip-build)-\w+", r"\1", text.replace(str(folder), ""))


def replaced(project: Project) -> Project:
    """The project, asked for by name."""
    return replace(project, name="demo")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("sys.exit(3)", 3),
        ("os._exit(5)", 5),
        ("os.kill(os.getpid(), 9)", -9),
        ("raise KeyError(1)", 1),
        ("sys.exit('why')", 1),
    ],
)
@pytest.mark.usefixtures("ways")
def test_the_end_of_a_hook_is_told_as_subprocess_tells_it(
    tmp_path: Path, project: Project, code: str, status: int
) -> None:
    log = BuildLog()
    hook = f"\ndef get_requires_for_build_wheel(config_settings=None):\n    {code}\n"
    with builder(tmp_path, talking(hook)) as build, pytest.raises(PreparationFailed):
        build.metadata(project, log)
    assert f"exit code: {status}\n" in log.output()


@pytest.mark.usefixtures("ways")
def test_a_failed_build_is_told_and_no_wheel_is_left(tmp_path: Path, project: Project) -> None:
    log = BuildLog()
    with builder(tmp_path, talking("")) as build, pytest.raises(WheelNotBuilt):
        build.wheel(replaced(project), tmp_path / "wheels", log)
    assert "exit code: 7\n" in log.output()
    assert log.output().endswith("\n  Failed building wheel for demo")
    assert not list((tmp_path / "wheels").iterdir())


COUNTING = """
with open(os.environ["COUNTS"], "a") as file:
    file.write("imported\\n")
state = []
def get_requires_for_build_wheel(config_settings=None):
    assert not state
    state.append(1)
    return []
"""


def test_a_backend_is_imported_once_and_every_hook_finds_it_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTS", str(tmp_path / "counts"))
    projects = [
        found(written(tmp_path / name, {"pyproject.toml": SYSTEM})) for name in ("one", "two")
    ]
    with builder(tmp_path, talking(COUNTING)) as build:
        for project in projects:
            build.metadata(project, BuildLog())
    assert (tmp_path / "counts").read_text() == "imported\n"


@pytest.mark.parametrize(
    "code",
    [
        "print('hello')",
        "warnings.warn('careful')",
        "import threading as t, time; t.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        "raise ImportError('gone')",
    ],
)
def test_a_backend_whose_import_leaves_a_trace_is_not_forked(
    tmp_path: Path, project: Project, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for way in (True, False):
        monkeypatch.setattr(fork_server, "POSSIBLE", way)
        log, folder = BuildLog(), tmp_path / str(way)
        folder.mkdir()
        with builder(folder, talking("\n" + code)) as build:
            error = failure(lambda: build.metadata(project, log))  # noqa: B023
        results.append((log.steps, unnamed(log.output(), folder), error))
    assert results[0] == results[1]


def failure(work: Callable[[], object]) -> str:
    try:
        work()
    except PipfastError as error:
        return error.message
    return ""


LATE = """
def get_requires_for_build_wheel(config_settings=None):
    import loud, quiet
    return []
"""


def test_what_hooks_import_is_learned_but_for_what_would_be_noticed(
    tmp_path: Path, project: Project
) -> None:
    files = {
        "talking.py": HOOKS + LATE,
        "loud.py": "import warnings\nwarnings.warn('careful')\n",
        "quiet.py": "",
    }
    memory = Remembering()
    for run in range(3):
        log, folder = BuildLog(), tmp_path / str(run)
        folder.mkdir()
        with builder(folder, wheel("talking", files=files), memory=memory) as build:
            build.metadata(project, log)
        assert "careful" in log.output(), f"run {run}"
    (kept,) = memory.entries.values()
    assert b'"quiet"' in kept.partition(b'"never"')[0]
    assert b'"loud"' in kept.partition(b'"never"')[2]


@pytest.fixture
def sleeper(tmp_path: Path) -> Project:
    return demo(tmp_path, needs=("kit-backend",), backend={"fails": {"build_wheel": "breed"}})


def awaited(path: Path) -> None:
    """Wait until a hook has started its child and gone to sleep."""
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError("no hook went to sleep")


def at_work_in(folder: Path) -> list[str]:
    """The processes that are at work in a folder."""
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append((process / "cmdline").read_text())
    return found


def is_left(folder: Path) -> bool:
    """Whether processes are at work in a folder for longer than it takes to end them."""
    for _ in range(100):
        if not at_work_in(folder):
            return False
        time.sleep(0.05)
    return True


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are not shown here")
@pytest.mark.usefixtures("ways")
def test_closing_ends_a_build_that_hangs(tmp_path: Path, sleeper: Project) -> None:
    build = builder(tmp_path, BACKEND)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            build.wheel(sleeper, tmp_path / "wheels", BuildLog())
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    awaited(sleeper.folder / "sleeping")
    assert len(at_work_in(sleeper.folder)) == 2
    build.close()
    thread.join(10)
    assert [type(error) for error in raised] == [Interrupted]
    assert not is_left(sleeper.folder)
    assert not list((tmp_path / "scratch").iterdir())
    assert not list((tmp_path / "wheels").iterdir())


KILLED = """
import sys
from pathlib import Path
from tests.builds.builds import BuildLog, builder, found
from tests.kit.projects import BACKEND, written
folder = Path(sys.argv[1])
with builder(folder, BACKEND) as build:
    build.wheel(found(folder / "demo"), folder / "wheels", BuildLog())
"""


@pytest.fixture
def run(tmp_path: Path, sleeper: Project) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(words, cwd=Path(__file__).parents[2], stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="processes are not shown here")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_struck_leaves_no_process_and_no_folder(
    tmp_path: Path, sleeper: Project, run: subprocess.Popen[bytes], sent: signal.Signals
) -> None:
    awaited(sleeper.folder / "sleeping")
    assert len(at_work_in(sleeper.folder)) == 2
    run.send_signal(sent)
    run.wait(10)
    assert not is_left(sleeper.folder)
    for _ in range(100):
        if not list((tmp_path / "scratch").iterdir()):
            return
        time.sleep(0.05)
    raise AssertionError("the scratch folder was left")


def test_a_failing_metadata_hook_is_told(tmp_path: Path) -> None:
    fails = {"fails": {"prepare_metadata_for_build_wheel": "exit"}}
    project, log = demo(tmp_path, needs=("kit-backend",), backend=fails), BuildLog()
    with builder(tmp_path, BACKEND) as build, pytest.raises(MetadataFailed):
        build.metadata(project, log)
    assert isinstance(build, RaisingBuilder)


OVER = """
with open(os.environ["COUNTS"], "a") as file:
    file.write("imported\\n")

def get_requires_for_build_wheel(config_settings=None):
    return ["extra"]

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    early = globals().get("extra")
    import extra
    with open(sys.argv[2] + "/modules.json", "w") as file:
        file.write('["extra"]')
    print(early, extra.__file__ in map("{}/extra.py".format, sys.path[-2:]))
    print(len(sys.meta_path), [os.path.basename(path) for path in sys.path])
    with open(os.environ["PYTHONPATH"] + "/sitecustomize.py") as file:
        print(os.path.dirname(extra.__file__) in file.read())
    raise SystemExit(4)
"""
EAGER = """
try:
    import extra
except ImportError:
    extra = "none at first"
"""


@pytest.mark.parametrize(("early", "imports"), [("", 1), (EAGER, 2)], ids=["late", "early"])
def test_what_a_backend_asks_for_is_seen_as_if_it_had_always_been_there(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch, early: str, imports: int
) -> None:
    wheels = talking(early + OVER), wheel("extra", files={"extra.py": "class extra: pass\n"})
    memory = Remembering()
    output: list[str] = []
    counts: list[int] = []
    for forked in (False, True, True):  # the last knows what the one before has imported
        monkeypatch.setattr(fork_server, "POSSIBLE", forked)
        log, folder = BuildLog(), tmp_path / str(len(output))
        folder.mkdir()
        monkeypatch.setenv("COUNTS", str(folder / "counts"))
        with builder(folder, *wheels, memory=memory) as build, pytest.raises(MetadataFailed):
            build.metadata(project, log)
        output.append(unnamed(log.output(), folder))
        counts.append(len((folder / "counts").read_text().splitlines()))
    assert "exit code: 4\n" in output[0]
    assert "none at first" not in output[0]
    assert output[1:] == output[:1] * 2
    assert counts == [2, imports, imports]
