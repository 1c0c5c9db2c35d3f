"""Divergences that a reviewer expects: allow rules of the workspace (spec/review.md, Allow rules)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from core.model.candidate import Step
from core.model.jsontext import plain
from core.model.record import U32, U64, Record, Text
from core.model.trace import AllowRule, ReplayRun
from core.shadow.allowlist import OracleError, apply_rules


class Waiver(Record):
    """One allow rule: a place that may differ, with the reason why."""

    seq: U64 = 0
    """The decision that made the rule."""
    step: U32 | None = None
    """The step (from 1) whose output the pointer leads into; None for the replay run, receipts above all."""
    step_name: Text | None = None
    """What that step does; a rule is about no other one, which another candidate of the cohort may have there."""
    pointer: Text = ""
    """A JSON pointer, `*` for every element, `/` for the whole output."""
    reason: Text = ""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"step_name"})

    def covers(self, step: int | None, pointer: str) -> bool:
        """Whether a difference at a place is expected: the place itself and everything below it."""
        if step != self.step:
            return False
        wanted, parts = _parts(self.pointer), _parts(pointer)
        return len(parts) >= len(wanted) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=False))

    def __str__(self) -> str:
        where = "replay run" if self.step is None else f"step {self.step} output"
        return f"{where} {self.pointer}: {self.reason} (rule {self.seq})"


def _parts(pointer: str) -> list[str]:
    return [] if pointer == "/" else pointer.removeprefix("/").split("/")


def covered(waivers: Iterable[Waiver], step: int | None, pointer: str) -> bool:
    """Whether some rule expects a difference at a place."""
    return any(waiver.covers(step, pointer) for waiver in waivers)


def about(waivers: Sequence[Waiver], steps: Sequence[Step]) -> tuple[Waiver, ...]:
    """The rules that are about a candidate with these steps."""
    names = {step.index: step.name for step in steps}
    return tuple(w for w in waivers if w.step is None or w.step_name in (None, names.get(w.step)))


def joined(
    allowlist: Sequence[AllowRule], waivers: Iterable[Waiver], runs: Sequence[ReplayRun]
) -> tuple[AllowRule, ...]:
    """A run's allowlist with the reviewers' rules that match in each of the runs; others would be errors."""
    values = [plain(run) for run in runs]
    rules = (AllowRule(path=w.pointer, reason=w.reason) for w in waivers if w.step is None)
    return (*allowlist, *(rule for rule in rules if all(_matches(value, rule) for value in values)))


def _matches(value: object, rule: AllowRule) -> bool:
    try:
        apply_rules(value, [rule])
    except OracleError:
        return False
    return True
