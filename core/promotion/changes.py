"""How one behaviour differs from another, in sentences a reviewer can act on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from core.model.jsontext import Json, compact, same
from core.model.record import JsonMap

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the behaviour that was approved and the present one."""

    where: str
    """`step 3 expected output`, `parameters`, …"""
    before: str
    after: str
    text: str
    """The difference as a sentence."""


def behaviour_changes(before: JsonMap, after: JsonMap) -> tuple[Change, ...]:
    """What changed between two behaviours (core.promotion.behaviour), steps first."""
    return (*_steps(before["steps"], after["steps"]), *_rest(before, after))


def _rest(before: JsonMap, after: JsonMap) -> Iterator[Change]:
    for key in ("name", "package_name", "parameters", "expected_receipts"):
        if not same(before[key], after[key]):
            yield _change(key.replace("_", " "), before[key], after[key])


def _steps(before: list[JsonMap], after: list[JsonMap]) -> Iterator[Change]:
    for number, (old, new) in enumerate(zip_longest(before, after), 1):
        if old is None or new is None:
            word = "is new" if old is None else "is gone"
            name = (new or old)["name"]
            yield Change(f"step {number}", _name(old), _name(new), f"step {number} {name!r} {word}")
            continue
        for key in sorted(old.keys() | new.keys()):
            if not same(old.get(key), new.get(key)):
                yield _change(f"step {number} {key.replace('_', ' ')}", old.get(key), new.get(key))


def _name(step: JsonMap | None) -> str:
    return "" if step is None else str(step["name"])


def _change(where: str, before: Json, after: Json) -> Change:
    old, new = _short(before), _short(after)
    return Change(where, old, new, f"{where} was {old} and is now {new}")


def _short(value: Json) -> str:
    if value is None:
        return "nothing"
    text = compact(value).decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
