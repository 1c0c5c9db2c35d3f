"""The error of a file of runs that cannot be used."""

from __future__ import annotations

from typing import Literal

from core.model.errors import InputError

Stage = Literal["read", "parse", "decode", "recognise"]
"""How far reading came: the bytes, the JSON, the record's form, or knowing which kind of record it is."""

TRACE = "crystallization trace {}"
RUN_RECORD = "run record {} as crystallization input"
TURNS = "agent turns {}"


class TraceError(InputError):
    """A file of runs, or one that goes with them, that cannot be used (messages: spec/traces.md, Loading).

    `label` is the path as given, `place` where in the file (`line 3 column 7`, `actions[2].cost`, `byte 9`; empty
    for all of it), `reason` what is wrong there. `what` says what was read, with `{}` for the path.
    """

    def __init__(self, label: str, stage: Stage, reason: str, place: str = "", *, what: str = TRACE) -> None:
        super().__init__(_message(label, stage, reason, place, what))
        self.label, self.stage, self.reason, self.place = label, stage, reason, place


def _message(label: str, stage: Stage, reason: str, place: str, what: str) -> str:
    if stage == "recognise":
        return f"{label} {reason}"
    if place:
        reason = f"{reason} at {place}" if stage == "parse" else f"{place}: {reason}"
    return f"failed to {stage} {what.replace('{}', label)}: {reason}"
