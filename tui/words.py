"""What a word, a glyph and a colour stand for: the same everywhere, and never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from core.live.snapshot import ProblemState, Risk
from core.model.candidate import Segment
from core.model.decision import DecisionKind, Signed, Status


@dataclass(frozen=True, slots=True)
class Sign:
    """How one value is shown."""

    glyph: str
    """One cell."""
    word: str
    style: str
    """A style of textual.content: a theme variable, and bold where the eye should go."""
    meaning: str
    """A sentence for the glossary."""

    def __str__(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"


STATUS: dict[Status, Sign] = {
    "drifted": Sign(
        "▲", "drifted", "$error bold", "Approved, and now a criterion fails or mining no longer proposes it."
    ),
    "stale": Sign("≠", "stale", "$warning bold", "Approved, and since then the behaviour changed: look again."),
    "needs_approval": Sign("●", "needs approval", "$accent", "Everything holds; a person has to decide."),
    "blocked": Sign("■", "blocked", "$text-muted", "A criterion fails; the reasons say which and what would fix it."),
    "ready": Sign("✓", "ready", "$success", "Approved by enough people, and every criterion holds."),
    "needs_work": Sign("↩", "needs work", "$warning", "A reviewer sent it back with a reason."),
    "rejected": Sign("✗", "rejected", "$error", "A reviewer said no; it counts until revoked or changed."),
}
"""The standing of a lineage (spec/review.md, Status)."""

SECTIONS: tuple[tuple[str, tuple[Status, ...]], ...] = (
    ("Drifted or stale", ("drifted", "stale")),
    ("Needs approval", ("needs_approval",)),
    ("Blocked", ("blocked",)),
    ("Ready", ("ready",)),
    ("Needs work", ("needs_work",)),
    ("Rejected", ("rejected",)),
)
"""The order in which the home screen lists: what asks for a person first."""

RISK: dict[Risk, Sign] = {
    "low": Sign("▂", "low", "$text-muted", "Nothing reaches outside the run and no secret is needed."),
    "medium": Sign("▄", "medium", "$warning", "It needs a secret or changes something inside."),
    "high": Sign("▆", "high", "$error bold", "It changes things that others see; approving asks to type its name."),
}
"""How much an approval can break."""

SEGMENT: dict[Segment, Sign] = {
    "deterministic": Sign("▪", "deterministic", "$success", "The same inputs gave the same outputs in every example."),
    "fuzzy": Sign("◇", "fuzzy", "$warning", "A model or a person decides what comes out."),
}
"""Whether a step can run without judgement."""

PROBLEM: dict[ProblemState, Sign] = {
    "quarantined": Sign("✗", "quarantined", "$error", "The file does not load; it leaves when it becomes good."),
    "excluded": Sign("○", "excluded", "$warning", "The run loads and is set aside by a rule, so it is not mined."),
    "settling": Sign("…", "settling", "$text-muted", "The file is still being written and is tried again."),
}
"""Why a file or run is not mined."""

PASSED = Sign("✓", "agrees", "$success", "The run did what the workflow says.")
SIGNED: dict[Signed, Sign] = {
    "trusted": Sign("✓", "trusted", "$success", "Signed with a key that the policy trusts."),
    "signed": Sign("✓", "signed", "$text-muted", "Signed, and the signature holds; the policy does not name the key."),
    "unsigned": Sign("○", "unsigned", "$text-muted", "Recorded without a signature."),
    "bad": Sign(
        "✗", "bad signature", "$error bold", "The signature does not fit: the line or its signature was changed."
    ),
}
"""What a decision's signature is worth."""

BY_RULE = Sign("≈", "by rule", "$accent", "The run agrees only because an allow rule says that it may differ.")
FAILED = Sign("✗", "differs", "$error", "The run did something else than the workflow says.")

DECISION: dict[DecisionKind, str] = {
    "approve": "approved",
    "reject": "rejected",
    "needs_work": "sent back",
    "revoke": "revoked an earlier decision",
    "rename": "renamed",
    "allow": "allowed a divergence",
    "withdraw": "withdrew an allow rule",
}
"""What an actor did, as it stands in a sentence."""

KIND: dict[DecisionKind, Sign] = {
    "approve": Sign("✓", "approve", "$success", "Somebody promoted the candidate; it left a crashpack."),
    "reject": Sign("✗", "reject", "$error", "Somebody said no; it left a crashpack that shows why."),
    "needs_work": Sign("↩", "needs work", "$warning", "Somebody sent the candidate back."),
    "revoke": Sign("↶", "revoke", "$error", "Somebody took back an earlier decision."),
    "rename": Sign("≡", "rename", "$accent", "Somebody gave the workflow another name."),
    "allow": Sign("≈", "allow", "$accent", "Somebody said that a place may differ: an allow rule."),
    "withdraw": Sign("≉", "withdraw", "$warning", "Somebody withdrew an allow rule."),
}
"""The kinds of decision, as the journal lists them."""

GLOSSARY: tuple[tuple[str, str], ...] = (
    ("candidate", "A sequence of steps that repeats across agent runs and could become a workflow."),
    ("lineage", "What stays the same candidate for you while its evidence grows; decisions belong to it."),
    ("cohort", "Runs that are mined together, by default those with the same workflow id."),
    ("run", "One execution of an agent, read from a file of the traces folder."),
    ("runs 5/9", "The workflow occurs in 5 of the 9 mined runs of its cohort."),
    (
        "sample count",
        "All runs that speak for or against a candidate: those that it was mined from, and those below shadow/.",
    ),
    ("steps 3 ◇1", "Three steps, one of them fuzzy."),
    ("shadow ✓12 ✗1", "Compared with 13 runs without executing anything: 12 agree, 1 differs."),
    ("shadow ✓12≈3", "Twelve runs agree, three of them only because an allow rule says that they may differ."),
    (
        "confidence",
        "From 0 to 1: how probable a new run does this job as described; in mode exact, how common the sequence is.",
    ),
    ("saves", "What all example runs together would have saved: US dollars, tokens (in and out), waiting time."),
    ("crashpack", "The evidence folder that an approval or rejection leaves behind; it can be replayed anywhere."),
    ("allow rule", "A place in the output that may differ, with the reason why."),
    ("journal", "Every decision in order, each chained to the one before, so that a change is found."),
)
"""Words that are neither a status nor a risk."""


def glossary() -> tuple[tuple[str, str], ...]:
    """Every word of the screens with its meaning, signs first."""
    signs = (*STATUS.values(), *RISK.values(), *SEGMENT.values(), *PROBLEM.values(), PASSED, BY_RULE, FAILED)
    signs += tuple(KIND.values())
    risks = {id(sign) for sign in RISK.values()}
    named = tuple((f"{sign} risk" if id(sign) in risks else str(sign), sign.meaning) for sign in signs)
    return named + GLOSSARY
