"""`pipfast shim` in real virtual environments."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import site
import subprocess
import sys
import venv
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

import pipfast
from pipfast.model.version import PIP_VERSION
from pipfast.report import shim_program
from tests.kit.wheels import Wheel, wheel

PRINTS_NAME = "print('the pip from before')\n"


def real_pip(version: str) -> Wheel:
    """A wheel that stands for a real pip."""
    files = {"pip/__init__.py": "", "pip/__main__.py": PRINTS_NAME, "pip/cli.py": "main = print\n"}
    data = {"scripts/pip-from-before": "#!/bin/sh\n"}  # virtualenv has such a script
    scripts = {"pip": "pip.cli:main"}
    return Wheel(name="pip", version=version, files=files, scripts=scripts, data=data)


class Environment:
    """A virtual environment in `folder`, and the wheels that its pip finds."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "env"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self.python = self.root / "bin" / "python"
        self.variables = {
            "PATH": os.defpath,
            "HOME": str(folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PIPFAST_PIP_COMPAT": "1",
        }
        venv.create(self.root, with_pip=False)

    def offer(self, *files: Wheel) -> None:
        for each in files:
            (self.wheels / each.filename).write_bytes(each.content)

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def pipfast(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pipfast", *words)

    def shim(self, *options: str) -> str:
        done = self.pipfast("shim", *options, str(self.root))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pip(self, *words: str) -> str:
        done = self.run(self.python, "-m", "pip", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install_real_pip(self, version: str = "1.0") -> None:
        self.offer(real_pip(version))
        done = self.pipfast("--python", str(self.root), "install", f"pip=={version}")
        assert done.returncode == 0, done.stderr

    def content(self) -> dict[str, bytes]:
        """All files but bytecode, which contains times."""
        files = (path for path in self.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}

    def rows(self) -> list[list[str]]:
        """RECORD of pip without digests of bytecode."""
        [record] = self.site.glob("pip-*.dist-info/RECORD")
        return list(csv.reader(record.read_text().splitlines()))

    @property
    def site(self) -> Path:
        [folder] = self.root.glob("lib/python*/site-packages")
        return folder


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


@pytest.fixture(scope="module")
def shimmed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with a shim; tests leave it as it is."""
    env = Environment(tmp_path_factory.mktemp("shimmed"))
    env.shim()
    return env


@pytest.mark.parametrize(
    "command",
    [
        ("bin/python", "-m", "pip", "list"),
        ("bin/python", "-I", "-m", "pip", "list"),
        ("bin/pip", "list"),
        ("bin/pip3", "list"),
        (f"bin/pip3.{sys.version_info[1]}", "list"),
        ("bin/python", "-c", "import pip, sys; sys.exit(pip.main(['list']))"),
        (
            "bin/python",
            "-c",
            "import sys; from pip._internal.cli.main import main; sys.exit(main(['list']))",
        ),
        ("bin/python", "-c", "import sys, pip._internal as i; sys.exit(i.main(['list']))"),
    ],
)
def test_every_way_to_run_pip_runs_pipfast(shimmed: Environment, command: tuple[str, ...]) -> None:
    program = shimmed.root / command[0]
    refused = shimmed.run(program, *command[1:], PIPFAST_FALLBACK="wrong")  # pip would ignore it
    assert refused.returncode == 3
    assert "invalid value for fallback" in refused.stderr


def test_options_of_the_interpreter_apply_to_pip(shimmed: Environment, tmp_path: Path) -> None:
    info = tmp_path / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    seen = shimmed.run(shimmed.python, "-m", "pip", "freeze", PYTHONPATH=str(tmp_path))
    isolated = shimmed.run(shimmed.python, "-I", "-m", "pip", "freeze", PYTHONPATH=str(tmp_path))
    assert (seen.stdout, isolated.stdout) == ("extra==1.0\n", "")


@pytest.mark.parametrize("words", [(), ("--help",), ("help",)])
def test_the_help_names_the_program_that_was_run(
    shimmed: Environment, words: tuple[str, ...]
) -> None:
    shown = " ".join(shimmed.pip(*words).split())  # a long path is wrapped
    assert f"{shimmed.python} -m pip <command>" in shown


def test_other_modules_of_pip_are_those_of_the_real_one(shimmed: Environment) -> None:
    code = (
        "import os, pip, pip._internal.cli.main_parser as cli, pip._vendor.certifi as certifi\n"
        "from pip._internal.req import parse_requirements\n"
        "from pip._internal.network.session import PipSession\n"
        "from pip._internal.utils._log import getLogger\n"
        "getLogger('pip').verbose('a level that pip defines')\n"
        "open('r.txt', 'w').write('demo>=1\\n')\n"
        "[one] = parse_requirements('r.txt', session=PipSession())\n"
        "os.remove('r.txt')\n"
        "print(one.requirement, pip.__version__, os.path.exists(certifi.where()))"
    )
    done = shimmed.run(shimmed.python, "-c", code)
    assert (done.stdout, done.stderr) == (f"demo>=1 {PIP_VERSION} True\n", "")


def test_the_environment_is_coherent(shimmed: Environment) -> None:
    version = ".".join(map(str, sys.version_info[:2]))
    line = f"pip {PIP_VERSION} from {shimmed.site / 'pip'} (python {version})\n"
    assert (shimmed.pip("--version"), shimmed.pip("-V")) == (line, line)
    assert shimmed.pip("freeze", "--all") == f"pip=={PIP_VERSION}\n"
    assert shimmed.pip("check") == "No broken requirements found.\n"
    [described] = json.loads(shimmed.pip("inspect"))["installed"]
    assert described["metadata"]["version"] == PIP_VERSION
    assert "direct_url" not in described
    for path, digest, size in shimmed.rows():
        content = (shimmed.site / path).read_bytes()
        if digest:
            found = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={found}", str(len(content)))
    listed = {(shimmed.site / path).resolve() for path, *_ in shimmed.rows()}
    assert set(shimmed.site.rglob("*.py")) <= listed


def test_programs_that_look_for_vendored_modules_find_them(shimmed: Environment) -> None:
    code = "from pip._vendor import DEBUNDLED, rich; from pip._vendor.packaging import version; "
    done = shimmed.run(shimmed.python, "-c", f"{code}print(DEBUNDLED)")
    assert (done.stdout, done.stderr) == ("False\n", "")
    assert any(row[0] == "pip/_vendor/__init__.py" for row in shimmed.rows())


def test_show_prints_the_project_urls_and_classifiers_of_pip(shimmed: Environment) -> None:
    shown = shimmed.pip("show", "--verbose", "pip").splitlines()
    assert "  Source, https://github.com/pypa/pip" in shown
    assert "  Intended Audience :: Developers" in shown


def test_pip_installs_and_uninstalls_in_its_own_environment(env: Environment) -> None:
    env.offer(wheel("demo", "1.0"))
    env.shim()
    assert env.pip("install", "demo").endswith("Successfully installed demo-1.0\n")
    assert (env.site / "demo-1.0.dist-info" / "INSTALLER").read_text() == "pip\n"
    env.pip("uninstall", "-y", "demo", "pip")
    assert list(env.site.iterdir()) == []
    assert not (env.root / "bin" / "pip").exists()


def test_remove_puts_back_the_pip_from_before(env: Environment) -> None:
    env.install_real_pip()
    before, rows = env.content(), env.rows()
    assert "it replaces pip 1.0" in env.shim()
    assert env.shim() == f"{env.root}: pip {PIP_VERSION} is pipfast now; it replaces pip 1.0\n"
    assert env.shim("--remove") == f"{env.root}: pip 1.0 is back\n"
    assert (env.content(), env.rows()) == (before, rows)
    assert env.pip() == "the pip from before\n"


def facts(root: Path) -> dict[str, tuple[int, int, object]]:
    """Permissions, time and content of all files, and of the folders that contain pip alone."""
    found: dict[str, tuple[int, int, object]] = {}
    for path in root.rglob("*"):
        status = path.lstat()
        content: object = None
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = path.read_bytes()
        elif not path.is_relative_to(root / "lib") or path.name == "site-packages":
            continue  # folders of everybody have the time of the last change
        found[str(path.relative_to(root))] = status.st_mode, status.st_mtime_ns, content
    return {name: one for name, one in found.items() if name not in shared(root)}


def shared(root: Path) -> set[str]:
    """The folders above site-packages."""
    [site] = root.glob("lib/python*/site-packages")
    return {str(path.relative_to(root)) for path in site.parents if path.is_relative_to(root)}


@pytest.mark.parametrize("pip", ["stand-in", "real"])
def test_remove_leaves_the_environment_as_it_was(env: Environment, pip: str) -> None:
    if pip == "stand-in":
        env.install_real_pip()
        info = env.site / "pip-1.0.dist-info"
        for name, text in (("INSTALLER", "uv\n"), ("direct_url.json", '{"url": "file:///x"}')):
            (info / name).write_text(text)
        (info / "REQUESTED").unlink()
        record = info / "RECORD"
        rows = [row for row in record.read_text().splitlines() if "REQUESTED" not in row]
        record.write_text("\n".join([*rows, "pip-1.0.dist-info/direct_url.json,,", ""]))
        (env.root / "bin" / "pip3").unlink(missing_ok=True)
        (env.site / "pip" / "cli.py").chmod(0o600)
        os.utime(env.site / "pip" / "cli.py", ns=(10**18, 10**18))
        [bytecode] = (env.site / "pip" / "__pycache__").glob("cli.*.pyc")
        bytecode.unlink()
    else:
        done = env.run(env.python, "-m", "ensurepip")
        assert done.returncode == 0, done.stderr
    before = facts(env.root)
    env.shim()
    assert facts(env.root) != before
    env.shim()  # twice, and once by another pipfast
    env.shim("--remove")
    after = facts(env.root)
    assert {name for name in before | after if before.get(name) != after.get(name)} == set()


def test_remove_leaves_no_pip_where_there_was_none(env: Environment) -> None:
    before, exactly = env.content(), facts(env.root)
    env.shim()
    assert env.shim("--remove") == f"{env.root}: the shim is removed\n"
    assert env.content() == before
    assert facts(env.root) == exactly
    assert env.shim("--remove") == f"{env.root}: there is no shim\n"


def test_a_pip_that_could_not_be_put_back_is_kept(env: Environment) -> None:
    env.install_real_pip()
    (env.site / "pip" / "cli.py").unlink()
    before = env.content()
    done = env.pipfast("shim", str(env.root))
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be put back later, so it is kept" in done.stderr
    assert env.content() == before


def test_another_release_of_pip_replaces_the_shim(env: Environment) -> None:
    env.shim()
    assert "already satisfied" in env.pip("install", "--upgrade", "pip")
    assert "already satisfied" in env.pip("install", f"pip=={PIP_VERSION}")
    env.offer(real_pip("99.0"))
    done = env.run(env.python, "-m", "pip", "install", "--upgrade", "pip")
    assert done.stdout.endswith("Successfully installed pip-99.0\n")
    assert done.stderr == (
        "WARNING: pip 99.0 has replaced the shim of pipfast; "
        f"'pipfast shim {env.root}' makes it anew\n"
    )
    assert env.pip() == "the pip from before\n"
    assert not (env.site / "pip" / "_shim.py").exists()
    done = env.pipfast("shim", "--status", str(env.root))
    assert (done.returncode, done.stdout) == (1, f"{env.root}: pip 99.0, no shim\n")


def test_the_history_has_the_words_of_the_user(env: Environment) -> None:
    env.shim()
    env.shim("--remove")
    shown = env.pipfast("--python", str(env.root), "history").stdout.splitlines()
    assert [line.partition("shim")[2] for line in shown if "shim" in line and "/env" in line][
        -2:
    ] == [
        f" --remove {env.root}",
        f" {env.root}",
    ]


def test_ensurepip_keeps_the_shim(env: Environment) -> None:
    pytest.importorskip("ensurepip")
    env.shim()
    before = env.content()
    done = env.run(env.python, "-m", "ensurepip", "--upgrade")
    assert done.returncode == 0, done.stderr
    assert {name: data for name, data in env.content().items() if name in before} == before
    assert "pipfast of" in env.shim("--status")


def test_an_environment_with_pipfast_keeps_its_pip(env: Environment) -> None:
    env.offer(wheel("pipfast", "1.0"))
    env.install_real_pip()
    done = env.pipfast("--python", str(env.root), "install", "pipfast")
    assert done.returncode == 0, done.stderr
    before = env.content()
    done = env.pipfast("shim", str(env.root))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"ERROR: {env.root} contains pipfast, which needs the real pip there\n"
    assert env.content() == before


def test_the_environment_that_runs_pipfast_keeps_its_pip(env: Environment) -> None:
    env.install_real_pip()
    before = env.content()
    paths = os.pathsep.join([str(Path(pipfast.__path__[0]).parent), *site.getsitepackages()])
    done = env.run(env.python, "-m", "pipfast", "shim", str(env.root), PYTHONPATH=paths)
    assert (done.returncode, done.stdout) == (1, "")
    assert "contains pipfast, which needs the real pip there" in done.stderr
    assert env.content() == before


def test_status_tells_whether_the_shim_works(env: Environment) -> None:
    done = env.pipfast("shim", "--status", str(env.root))
    assert (done.returncode, done.stdout) == (1, f"{env.root}: no pip\n")
    env.shim()
    assert env.shim("--status") == f"{env.root}: pip {PIP_VERSION} is pipfast of {sys.executable}\n"


def test_the_real_pip_runs_where_pipfast_is_gone(env: Environment) -> None:
    env.install_real_pip()
    env.shim()
    move_pipfast_away(env)
    done = env.run(env.python, "-m", "pip", "list")
    assert (done.returncode, done.stdout) == (0, "the pip from before\n")
    assert done.stderr.startswith("WARNING: pipfast is no longer at /gone/python; running ")
    status = env.pipfast("shim", "--status", str(env.root))
    assert (status.returncode, status.stdout) == (
        1,
        f"{env.root}: pip {PIP_VERSION} is pipfast which is no longer at /gone/python\n",
    )
    env.shim()
    assert env.pip("freeze", "--all") == f"pip=={PIP_VERSION}\n"
    assert "is back" in env.shim("--remove")


def test_the_real_pip_runs_where_the_folder_of_pipfast_is_gone(
    env: Environment, tmp_path: Path
) -> None:
    env.install_real_pip()
    tools = tmp_path / "tools"
    shutil.copytree(pipfast.__path__[0], tools / "pipfast")
    done = env.run(sys.executable, tools / "pipfast", "shim", str(env.root))
    assert done.returncode == 0, done.stderr
    assert env.run(env.python, "-m", "pip", "freeze", "--all").stdout == f"pip=={PIP_VERSION}\n"
    tools.rename(tmp_path / "moved")  # its Python stays where it was
    done = env.run(env.python, "-m", "pip", "list")
    assert (done.returncode, done.stdout) == (0, "the pip from before\n")
    assert done.stderr.startswith("WARNING: pipfast is no longer at ")
    done = env.run(sys.executable, tmp_path / "moved" / "pipfast", "shim", str(env.root))
    assert done.returncode == 0, done.stderr
    assert env.run(env.python, "-m", "pip", "freeze", "--all").stdout == f"pip=={PIP_VERSION}\n"


def test_ensurepip_keeps_a_shim_whose_pipfast_is_gone(env: Environment) -> None:
    pytest.importorskip("ensurepip")
    env.shim()
    move_pipfast_away(env)
    done = env.run(env.python, "-m", "pip", "list")
    assert done.returncode == 0, done.stderr  # ensurepip's wheel of pip
    assert done.stderr.startswith("WARNING: pipfast is no longer at /gone/python; running ")
    done = env.run(env.python, "-m", "ensurepip", "--upgrade")
    assert done.returncode == 0, done.stderr
    assert "no longer at" in env.pipfast("shim", "--status", str(env.root)).stdout
    env.offer(real_pip("99.0"))
    done = env.run(env.python, "-m", "pip", "install", "--force-reinstall", "pip")
    assert done.returncode == 0, done.stderr
    assert env.pip() == "the pip from before\n"
    assert "no shim" in env.pipfast("shim", "--status", str(env.root)).stdout


def test_a_moved_environment_keeps_its_shim(env: Environment, tmp_path: Path) -> None:
    env.shim()
    moved = env.root.rename(tmp_path / "elsewhere")
    env.root.mkdir()  # where programs are started
    done = env.run(moved / "bin" / "python", "-m", "pip", "freeze", "--all")
    assert (done.returncode, done.stdout) == (0, f"pip=={PIP_VERSION}\n"), done.stderr


def move_pipfast_away(env: Environment) -> None:
    [mark] = env.site.glob("pip-*.dist-info/pipfast_shim.txt")
    for file in (mark, env.site / "pip" / "__init__.py"):
        file.write_text(file.read_text().replace(sys.executable, "/gone/python"))


def test_without_any_other_pip_the_error_says_how_to_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "__file__", str(tmp_path / "os.py"))  # a Python without ensurepip
    shim = shim_program.Shim("/gone/python", "/gone", "")
    assert shim.run(["list"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        "ERROR: This pip runs pipfast, which is no longer at /gone/python\n"
        f"hint: run 'pipfast shim {sys.prefix}' with the pipfast to use, or "
        f"'pipfast shim --remove {sys.prefix}'\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ((), 2, "needs a folder of an environment"),
        (("--purge", "x"), 2, "no such option of shim: --purge"),
        (("--remove", "--status", "x"), 2, "takes one of --remove, --status and --seed"),
        (("--seed",), 2, "takes one folder"),
        (("nowhere/at/all",), 1, "Could not locate Python interpreter nowhere/at/all"),
        ((sys.prefix,), 1, "contains pipfast, which needs the real pip there"),
    ],
)
def test_bad_command_lines_are_refused(
    shimmed: Environment, words: tuple[str, ...], code: int, error: str
) -> None:
    done = shimmed.pipfast("shim", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert error in done.stderr
    assert "Traceback" not in done.stderr


def test_one_bad_environment_does_not_keep_others_from_a_shim(env: Environment) -> None:
    done = env.pipfast("shim", "nowhere/at/all", str(env.root))
    assert done.returncode == 1
    assert done.stdout.startswith(f"{env.root}: pip {PIP_VERSION} is pipfast now")


def test_help_is_its_own_and_pip_does_not_have_the_command(shimmed: Environment) -> None:
    assert shimmed.pipfast("shim", "--help").stdout.startswith("Usage:\n  pipfast shim <")
    done = shimmed.run(shimmed.python, "-m", "pip", "shim", "x")
    assert done.returncode == 1
    assert done.stderr.startswith('ERROR: unknown command "shim"')


def test_virtualenv_makes_environments_with_a_seed(tmp_path: Path, shimmed: Environment) -> None:
    pytest.importorskip("virtualenv")
    seeds = str(tmp_path / "seeds")
    first, second = (
        shimmed.pipfast("shim", "--seed", seeds),
        shimmed.pipfast("shim", "--seed", seeds),
    )
    assert first.stdout == second.stdout
    [seed] = (tmp_path / "seeds").iterdir()
    assert str(seed) in first.stdout
    variables = {"VIRTUALENV_EXTRA_SEARCH_DIR": seeds}  # this is enough
    options = ("--app-data", str(tmp_path / "app"), "--no-periodic-update", "--no-setuptools")
    root = tmp_path / "made"
    made = shimmed.run(sys.executable, "-m", "virtualenv", *options, root, **variables)
    assert made.returncode == 0, made.stderr
    python = root / "bin" / "python"
    read = "from importlib.metadata import version; print(version('pip'))"
    assert shimmed.run(python, "-c", read).stdout == f"{PIP_VERSION}\n"
    inspected = shimmed.run(python, "-I", "-m", "pip", "inspect").stdout
    assert json.loads(inspected)["installed"][0]["metadata"]["version"] == PIP_VERSION
    wanted = shimmed.run(
        python, "-m", "pip", "install", f"pip=={PIP_VERSION}", f"pip<={PIP_VERSION},>26.2"
    )
    assert wanted.returncode == 0, wanted.stderr
    assert "already satisfied" in wanted.stdout
    status = shimmed.pipfast("shim", "--status", str(root))
    assert status.returncode == 0, status.stdout
