"""Random command lines for a world."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from compat.worlds.words import Words
from tests.kit.wheels import Built, Wheel

Files = dict[str, str]
Step = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What commands refer to: files, what is installed, and the names of indexes."""

    words: Words
    files: tuple[Built, ...]
    installed: tuple[Wheel, ...]
    indexes: tuple[str, ...]

    @property
    def draw(self) -> random.Random:
        """The source of randomness."""
        return self.words.draw


def steps(known: Known, files: Files) -> tuple[Step, ...]:
    """Return one to three command lines; files that they need are added to `files`."""
    number = known.draw.choice((1, 1, 2, 2, 3))
    first = known.draw.choices((_install, _other), (4, 1))[0]
    rest = [known.draw.choices((_install, _other), (2, 3))[0] for _ in range(number - 1)]
    return tuple(each(known, files) for each in (first, *rest))


def _other(known: Known, files: Files) -> Step:
    return known.draw.choices(
        (_listing, _uninstall, _download, _wheel, _index, _lock), (5, 2, 2, 1, 1, 1)
    )[0](known, files)


def _sources(known: Known) -> list[str]:
    """Return the options that name indexes and locations."""
    draw, words = known.draw, []
    if "other" in known.indexes and draw.random() < 0.9:
        words += ["--extra-index-url", "<other>"]
    if draw.random() < 0.5:
        words += ["-f", "<links>"]
    if draw.random() < 0.04:
        words += ["--no-index"]
    return words


def _selection(known: Known) -> list[str]:
    """Return options that select files."""
    draw, name = known.draw, known.words.name
    rare: tuple[Callable[[], list[str]], ...] = (
        lambda: ["--pre"],
        lambda: ["--no-deps"],
        lambda: ["--only-binary", draw.choice((":all:", name()))],
        lambda: ["--no-binary", name()],
        lambda: ["--prefer-binary"],
        lambda: ["--ignore-requires-python"],
        lambda: ["--uploaded-prior-to", "2024-06-01"],
        lambda: ["--all-releases", draw.choice((":all:", name()))],
        lambda: ["--only-final", draw.choice((":all:", name()))],
    )
    return [word for each in rare if draw.random() < 0.06 for word in each()]


def _requirements(known: Known, files: Files) -> list[str]:
    """Return requirements as arguments, in files, with constraints, or all with hashes."""
    draw, words = known.draw, known.words
    if draw.random() < 0.1:
        return _hashed(known, files)
    requirements = [words.requirement() for _ in range(draw.choice((1, 1, 2, 3)))]
    found: list[str] = []
    if draw.random() < 0.25:
        path = f"requirements-{len(files)}.txt"
        cut = draw.randint(0, len(requirements) - 1)
        files[path] = "".join(f"{line}\n" for line in requirements[cut:])
        requirements, found = requirements[:cut], ["-r", path]
    if draw.random() < 0.2:
        path = f"constraints-{len(files)}.txt"
        lines = [f"{words.bounded()}\n" for _ in range(draw.randint(1, 3))]
        files[path] = "".join(lines)
        found += ["-c", path]
    return [*found, *(_direct(known, line) for line in requirements)]


def _direct(known: Known, line: str) -> str:
    """Return the requirement, or rarely a direct reference to a file of an index."""
    draw = known.draw
    if draw.random() > 0.05 or not known.files:
        return line
    file = draw.choice(known.files)
    url = f"<{draw.choice(known.indexes)}-files>/{file.filename}"
    return url if draw.random() < 0.5 else f"{file.project} @ {url}"


def _hashed(known: Known, files: Files) -> list[str]:
    draw, lines = known.draw, []
    for file in draw.sample(known.files, min(len(known.files), draw.randint(1, 4))):
        version = getattr(file, "version", "1.0")
        digest = "1" * 64 if draw.random() < 0.05 else file.sha256
        text = f"{known.words.spelt(file.project)}=={version}"
        lines.append(f"{text} --hash=sha256:{digest}\n" if draw.random() < 0.93 else f"{text}\n")
    path = f"requirements-{len(files)}.txt"
    files[path] = "".join(lines)
    return ["-r", path, *(["--require-hashes"] if draw.random() < 0.4 else [])]


def _install(known: Known, files: Files) -> Step:
    draw = known.draw
    rare: tuple[list[str], ...] = (
        *(["-U"], ["-U"], ["-U", "--upgrade-strategy", "eager"], ["--force-reinstall"]),
        *(["--ignore-installed"], ["--no-compile"], ["--no-cache-dir"], ["-q"], ["--user"]),
        *(["--no-warn-conflicts"], ["--target", "target"], ["--prefix", "prefix"]),
        *(["--dry-run"], ["--dry-run", "--report", "report.json"], ["--report", "report.json"]),
        *(["--dry-run", "--ignore-installed", "--report", "report.json"],),
    )
    words = ["install", *_sources(known), *_selection(known)]
    words += [word for each in rare if draw.random() < 0.06 for word in each]
    if "--target" in words and "--prefix" in words:  # docs/differences.md
        words = [word for word in words if word not in ("--prefix", "prefix")]
    return (*words, *_requirements(known, files))


def _download(known: Known, files: Files) -> Step:
    words = ["download", "-d", "downloaded", *_sources(known), *_selection(known)]
    if known.draw.random() < 0.2:
        words += ["--only-binary", ":all:", "--platform", known.draw.choice(("win_amd64", "any"))]
        words += ["--python-version", known.draw.choice(("3.10", "3.12", "2.7"))]
    return (*words, *_requirements(known, files))


def _wheel(known: Known, files: Files) -> Step:
    words = ["wheel", "-w", "wheels", *_sources(known), *_selection(known)]
    return (*words, *_requirements(known, files))


def _lock(known: Known, files: Files) -> Step:
    words = ["lock", "-o", "pylock.toml", *_sources(known), *_selection(known)]
    return (*words, *_requirements(known, files))


def _uninstall(known: Known, files: Files) -> Step:
    del files
    names = {known.words.name() for _ in range(known.draw.randint(1, 3))}
    return ("uninstall", "-y", *sorted(names))


def _index(known: Known, files: Files) -> Step:
    del files
    pre = ["--pre"] if known.draw.random() < 0.3 else []
    return ("index", "versions", *_sources(known), *pre, known.words.name())


def _listing(known: Known, files: Files) -> Step:
    del files
    draw, name = known.draw, known.words.name
    return draw.choice(
        (
            *(("list",), ("list", "--format", "json"), ("list", "--not-required"), ("freeze",)),
            *(("list", "--outdated", *_sources(known)), ("check",), ("show", name(), name())),
            *(("list", "--uptodate", *_sources(known)), ("list", "--pre", "--outdated")),
            *(
                ("show", "-f", name()),
                ("freeze", "--all"),
                ("inspect",),
                ("list", "--format=freeze"),
            ),
        )
    )
