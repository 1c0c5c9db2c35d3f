"""Every target on its seeds, and on seeds that were changed at random; `make fuzz` looks much longer and cleverer."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.__main__ import NAMES
from tests.fuzz.targets import TARGETS, seeds

_MUTATIONS = 150
_PIECES = (
    b"\0",
    b"\xff",
    b'"',
    b"\\",
    b"[",
    b"{",
    b"}",
    b"]",
    b"null",
    b"-0",
    b"1e999",
    b"\n",
    b"\xef\xbb\xbf",
    b"[redacted]",
)


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """A seed with a few bytes flipped, cut out, doubled, or exchanged with a piece of another."""
    made = bytearray(data[:20_000])
    for _ in range(chance.randint(1, 4)):
        at, length = chance.randint(0, len(made)), chance.choice((1, 1, 4, 64, 1024))
        match chance.randint(0, 4):
            case 0 if made:
                made[at % len(made)] ^= 1 << chance.randint(0, 7)
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = made[at : at + length]
            case 3:
                made[at:at] = chance.choice(_PIECES)
            case _:
                start = chance.randint(0, len(other))
                made[at : at + length] = other[start : start + length]
    return bytes(made)


def test_the_targets_are_those_that_are_run() -> None:
    assert tuple(TARGETS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_seeds(name: str) -> None:
    for seed in seeds(name):
        TARGETS[name](seed)


@pytest.mark.parametrize("name", NAMES)
def test_changed_seeds(name: str) -> None:
    chance, given = random.Random(f"assay {name}"), seeds(name)
    for _ in range(_MUTATIONS):
        TARGETS[name](mutated(chance.choice(given), chance.choice(given), chance))
