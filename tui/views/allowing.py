"""From a difference on the screen to the allow rule that would expect it (spec/review.md, Allow rules)."""

from __future__ import annotations

from core.live.snapshot import CandidateView
from core.model.jsontext import Json, compact
from core.model.text import plural
from core.shadow.jsondiff import MISSING
from core.shadow.waivers import Waiver
from tui.views.diff import Section, Spot

About = tuple[tuple[str, str], ...]
"""Facts to read before a decision, each a label and a text as it came."""

LONGEST = 240
"""Characters of a value that the dialog shows; the screen behind it has all."""


def why_not(section: Section, spot: Spot) -> str:
    """Why a difference cannot be allowed; empty when it can."""
    step, _, kind = section.key.partition(":")
    if spot.rule:
        return "A rule expects this already; the Promotion tab lists it and can withdraw it (x)."
    if kind == "receipts" and not spot.pointer.strip("/"):
        return "The whole replay run cannot be allowed to differ; select a place in it."
    if kind in ("output", "receipts"):
        # A trace may have a key that a rule would read as a wildcard; nobody who selects it means its neighbours.
        is_wide = "*" in spot.pointer.split("/")
        return (
            "In a rule the key * stands for every element; select the place above it, which says so." if is_wide else ""
        )
    told = {"side_effects": "side effects", "approval": "approval", "signature": "action", "argument": "values"}
    what = told.get(kind, "length")
    whose = "a run" if step == "None" else f"step {step}"
    return f"Only outputs and receipts may differ by rule, not the {what} of {whose}."


def asked(section: Section, spot: Spot, trace_id: str) -> tuple[dict[str, object], About]:
    """What the rule would record, and what to read before it is made."""
    step, _, kind = section.key.partition(":")
    detail: dict[str, object] = {"pointer": spot.pointer, "step": int(step) if kind == "output" else None}
    about = (
        ("place", f"{section.title} {spot.pointer}"),
        ("expected", _said(_at(section.expected, spot.pointer))),
        ("observed", f"{_said(_at(section.observed, spot.pointer))} in run {trace_id}"),
        ("covers", "the place and all below it; * stands for every element"),
    )
    return detail, about


def withdrawn(view: CandidateView, rule: Waiver) -> tuple[dict[str, object], About]:
    """What withdrawing a rule would record, and what to read before."""
    thanks = sum(str(rule) in (result.allowed or ()) for result in view.candidate.shadow.traces)
    runs = plural(thanks, "run agrees", "runs agree")
    effect = f"{runs} only thanks to allow rules like it and may differ again" if thanks else "no run needs it now"
    about = (("place", place(rule)), ("allowed as", rule.reason or "no reason given"), ("effect", effect))
    return {"rule": rule.seq}, about


def place(rule: Waiver) -> str:
    """Where a rule lets a run differ."""
    return f"{'replay run' if rule.step is None else f'step {rule.step} output'} {rule.pointer}"


def _at(value: Json, pointer: str) -> Json:
    """The value at a JSON pointer, MISSING when there is none."""
    for part in pointer[1:].split("/") if pointer.strip("/") else ():
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            return MISSING
    return value


def _said(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    text = compact(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
