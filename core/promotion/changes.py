"""How one behaviour differs from another, in sentences a reviewer can act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from core.model.candidate import Candidate
from core.model.jsontext import Json, compact, plain, same, scalar_text
from core.model.record import JsonMap
from core.promotion.detail_changes import detail_changes

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


Apart = Callable[[int], tuple[int, int]]
"""How many of how many runs give another output at a step (from 1) than the one that was approved."""


def behaviour_changes(before: JsonMap, after: JsonMap, apart: Apart | None = None) -> tuple[Change, ...]:
    """What changed between two behaviours (core.promotion.behaviour), steps first."""
    return (*_steps(before["steps"], after["steps"], apart), *_rest(before, after))


def failing_changes(candidate: Candidate) -> tuple[Change, ...]:
    """In what, and in how many of the compared runs, a candidate is not borne out; of the shadow report alone."""
    failing = [result.details for result in candidate.shadow.traces if not result.passed]
    total = len(candidate.shadow.traces)
    if candidate.induction is not None:
        details = Counter(detail for some in failing for detail in dict.fromkeys(some))
        ordered = sorted(details.items(), key=lambda item: (-item[1], item[0]))
        return tuple(_counted(detail, detail, number, total) for detail, number in ordered)

    def count(start: str) -> int:
        return sum(any(detail.startswith(start) for detail in details) for details in failing)

    def found() -> Iterator[Change]:
        if number := count("action sequence signature changed") + count("candidate sequence extends past"):
            yield _counted("steps", "the steps are others", number, total)
        for step in candidate.steps:
            at, expected = f"step {step.index}", _short(plain(step.expected_output))
            if number := count(f"{at} deterministic output differs"):
                yield _counted(f"{at} expected output", f"{at} expects {expected}", number, total, expected)
            if number := count(f"{at} side effects differ"):
                yield _counted(f"{at} side effects", f"{at} has other side effects", number, total)
            if number := count(f"{at} approval boundary differs"):
                yield _counted(f"{at} approval", f"{at} has another approval point", number, total)
        if number := count("receipt replay"):
            yield _counted("receipts", "the receipts are others", number, total)

    return tuple(found())


def _counted(where: str, told: str, number: int, total: int, before: str = "") -> Change:
    runs = _runs(number, total)
    return Change(where, before, runs, f"{told}: {runs}")


def _runs(number: int, total: int) -> str:
    """`2 of 9 runs differ`."""
    return f"{number} of {total} run{'s' * (total != 1)} {'differs' if number == 1 else 'differ'}"


def _rest(before: JsonMap, after: JsonMap) -> Iterator[Change]:
    for key in ("name", "package_name", "parameters", "expected_receipts"):
        if not same(before[key], after[key]):
            yield _change(key.replace("_", " "), before[key], after[key])


def _steps(before: list[JsonMap], after: list[JsonMap], apart: Apart | None) -> Iterator[Change]:
    for number, (old, new) in enumerate(zip_longest(before, after), 1):
        if old is None or new is None:
            word = "is new" if old is None else "is gone"
            name = (new or old)["name"]
            yield Change(f"step {number}", _name(old), _name(new), f"step {number} {name!r} {word}")
            continue
        for key in sorted(old.keys() | new.keys()):
            if same(old.get(key), new.get(key)):
                continue
            if key == "detail":
                yield from (Change(*told) for told in detail_changes(number, old.get(key) or {}, new.get(key) or {}))
            elif key == "expected_output":
                yield _output(number, old.get(key), new.get(key), apart)
            else:
                yield _change(f"step {number} {key.replace('_', ' ')}", old.get(key), new.get(key))


def _output(number: int, before: Json, after: Json, apart: Apart | None) -> Change:
    """Another expected output: what was approved and what is expected now, and how many runs differ from the former."""
    where, (old, new) = f"step {number} expected output", _pair(before, after)
    if before is None:
        return Change(where, old, new, f"step {number} expects {new} now, where nothing was expected")
    told = f"step {number} expects {old} no more" + (f", but {new}" if after is not None else "")
    return Change(where, old, new, told + (f": {_runs(*apart(number))}" if apart else ""))


def _name(step: JsonMap | None) -> str:
    return "" if step is None else str(step["name"])


def _change(where: str, before: Json, after: Json) -> Change:
    old, new = _pair(before, after)
    return Change(where, old, new, f"{where} was {old} and is now {new}")


def _pair(before: Json, after: Json) -> tuple[str, str]:
    """Two different values in short; the text `1` and the number 1 are told apart by the quotes."""
    old, new = _short(before), _short(after)
    return (old, new) if old != new else (_short(before, quoted=True), _short(after, quoted=True))


def _short(value: Json, *, quoted: bool = False) -> str:
    if value is None:
        return "nothing"
    text = compact(value).decode() if quoted else scalar_text(value)
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}`"
