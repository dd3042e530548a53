"""Change inputs at random: bytes, tokens of the format, and parts of other inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

_NUMBERS = (b"0", b"-1", b"1e999", b"9" * 30, b"9" * 5000, b"\xc2\xb2", b"\xd9\xa3", b"NaN")
_ODD = (b"\0", b"\r", b"\n", b"\r\n", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\\", b'"', b"'")
_LONGEST = 1 << 16


def mutated(data: bytes, random: Random, words: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """Return `data` with one to six changes; it never becomes longer than 64 KiB."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        change = random.choice(_CHANGES)
        data = change(data, random, words, others)
        if len(data) > _LONGEST:
            data = data[:_LONGEST]
    return data


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    length = random.choice((0, 1, 2, 4, 8, 32, len(data)))
    return start, min(len(data), start + length)


def _flip(data: bytes, random: Random, *_: object) -> bytes:
    if not data:
        return b"\0"
    at = random.randrange(len(data))
    return data[:at] + bytes((data[at] ^ (1 << random.randrange(8)),)) + data[at + 1 :]


def _overwrite(data: bytes, random: Random, *_: object) -> bytes:
    if not data:
        return b"x"
    at = random.randrange(len(data))
    width = random.choice((1, 1, 2, 4))
    return data[:at] + random.randbytes(width) + data[at + width :]


def _cut(data: bytes, random: Random, *_: object) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _repeat(data: bytes, random: Random, *_: object) -> bytes:
    start, end = _span(data, random)
    times = random.choice((2, 3, 10, 100, 3000))
    return data[:start] + data[start:end] * times + data[end:]


def _move(data: bytes, random: Random, *_: object) -> bytes:
    start, end = _span(data, random)
    rest = data[:start] + data[end:]
    at = random.randint(0, len(rest))
    return rest[:at] + data[start:end] + rest[at:]


def _insert(data: bytes, random: Random, words: Sequence[bytes], _: object) -> bytes:
    at = random.randint(0, len(data))
    piece = random.choice((*words, *words, *_NUMBERS, *_ODD))
    return data[:at] + piece + data[at:]


def _replace(data: bytes, random: Random, words: Sequence[bytes], _: object) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice((*words, *words, *_NUMBERS, *_ODD)) + data[end:]


def _exchange(data: bytes, random: Random, words: Sequence[bytes], _: object) -> bytes:
    """Replace a word of the format by another one."""
    there = [word for word in words if word in data]
    if not there:
        return _insert(data, random, words, _)
    word = random.choice(there)
    at = random.choice([place for place in range(len(data)) if data.startswith(word, place)])
    return data[:at] + random.choice(words) + data[at + len(word) :]


def _splice(data: bytes, random: Random, _: object, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    start, end = _span(other, random)
    at, until = _span(data, random)
    return data[:at] + other[start:end] + data[until:]


def _lines(data: bytes, random: Random, _: object, others: Sequence[bytes]) -> bytes:
    """Exchange, repeat or add lines."""
    lines = data.splitlines(keepends=True) or [b""]
    more = random.choice(others).splitlines(keepends=True) or [b""]
    at = random.randrange(len(lines))
    choice = random.randrange(4)
    if choice == 0:
        lines[at] = random.choice(more)
    elif choice == 1:
        lines.insert(at, random.choice(more))
    elif choice == 2:
        lines.insert(at, lines[at])
    else:
        del lines[at]
    return b"".join(lines)


_CHANGES: tuple[Callable[..., bytes], ...] = (
    *(_flip, _overwrite, _cut, _repeat, _move),
    *(_insert, _replace, _exchange, _splice, _lines),
)
