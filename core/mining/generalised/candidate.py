"""What a reviewer is shown of a generalised candidate: a frozen record of everything that its runs say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.mining.generalised.confidence import Confidence
from core.mining.generalised.costs import Savings
from core.mining.generalised.fold import Facts
from core.mining.generalised.occurrence import Fitted, Mismatch
from core.mining.generalised.order import Link
from core.mining.generalised.patterns import Alignment, Pattern
from core.mining.generalised.records import Binding, StepTemplate
from core.mining.generalised.rounds import ONCE, Rounds
from core.model.jsontext import Json

Standing = Literal["holds", "differs", "otherwise", "unfinished", "absent"]
"""How a run stands to a workflow: it holds it as described; its steps occur but something differs; the job gets done
in another way; it was begun, but the job was not done; its first step does not occur."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an output is like in most examples; `share` is the share of the examples, each group with one vote."""

    value: Json
    share: float


@dataclass(frozen=True, slots=True)
class Between:
    """Something that may stand before a step without making it another workflow."""

    kind: Literal["talk", "tool", "idle", "try"]
    """Conversation or content; a tool that is skipped; a tool that does nothing; a failed try of the step itself."""
    name: str
    share: float
    """The share of the examples that have it."""
    most: int
    """How many of them an example has at most."""


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """One mandatory step; `index` counts from 1."""

    index: int
    kind: str
    name: str
    bindings: tuple[Binding, ...]
    effects: StepTemplate | None
    """Its side effects; None when it has none."""
    least: int
    most: int
    """How often it repeats in one run."""
    loop_share: float
    """The share of the examples in which it repeats."""
    before: tuple[Between, ...]
    """What may stand between the step before and this one."""
    shape: Expectation
    """What kind of output it gives (core.mining.generalised.shapes)."""
    output: Expectation | None
    """The output itself where nearly all examples agree."""
    approval_required: bool | None
    """Whether most examples ask somebody first; None when they say nothing."""
    boundary: str | None = None
    """The boundary that most approvals are asked at."""
    sometimes: tuple[tuple[str, int], ...] = ()
    """The arguments that only some of the supporting runs give at it, or not at each repetition, with how many do."""
    rounds: Rounds = ONCE
    doubtful: int = 0
    """Runs that come to the workflow's end and whose calls all count as failed, some of them by a status alone."""
    is_fuzzy: bool = False
    """Whether a model or a person does it in some example."""
    capabilities: tuple[str, ...] = ()
    required_secrets: tuple[str, ...] = ()


class Support(NamedTuple):
    """A run in which the workflow occurs as described."""

    trace_id: str
    source_hash: str
    group: str
    steps: tuple[tuple[int, ...], ...]
    """For each step the indexes of the run's actions (from 0) that stand for it."""
    action_ids: tuple[str, ...]
    outcome: bool | None
    """Whether the run says that it succeeded."""


class Compared(NamedTuple):
    """How one run stands to the workflow, and in what it differs."""

    trace_id: str
    source_hash: str
    standing: Standing
    steps: tuple[tuple[int, ...], ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    note: str = ""
    """For a run without the steps: where it left them."""
    at: Alignment = ()
    """The folded steps of a run that holds it."""


@dataclass(frozen=True, slots=True)
class GeneralisedCandidate:
    """A workflow that was induced from runs, with the evidence for and against it."""

    pattern: Pattern
    steps: tuple[WorkflowStep, ...]
    fitted: Fitted
    facts: Facts
    confidence: Confidence
    groups: int
    """How many groups of runs show the steps."""
    reruns: bool
    """Whether all runs are re-runs of one task, so that every run counts as a group."""
    link: Link
    """Whether the steps hang together by values, are determined completely, or partly both."""
    worth: float
    """What it is ranked by: (calls + 2) · share of bound arguments · confidence."""
    supports: tuple[Support, ...]
    near_misses: tuple[Compared, ...]
    """Runs in which the job gets done, but not as described."""
    unfinished: int
    """How many runs begin it and never do the job."""
    savings: Savings
    fault: str | None = None
    """Why it is no acceptable candidate; None when it is one."""

    @property
    def signature(self) -> tuple[str, ...]:
        """Kind and name of the mandatory steps, which make the lineage (spec/review.md, Words)."""
        return self.pattern

    @property
    def outcomes(self) -> tuple[int, int]:
        """How many of the supporting runs say that they succeeded, and how many say anything."""
        said = [support.outcome for support in self.supports if support.outcome is not None]
        return sum(said), len(said)
