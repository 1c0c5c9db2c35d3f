"""A found sequence as a workflow candidate, not yet compared or judged (spec/pipeline.md §2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, Self

from core.mining.cluster import cluster_key_of, criteria_of, goal_of, workflow_name
from core.mining.exact import Found
from core.mining.parameters import Source, declared, merged, varying
from core.mining.steps import common_output, divergence, fuzzy_warning, is_fuzzy, step_of
from core.model.candidate import Candidate, Example, Parameter, Savings, Step
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json
from core.model.options import Options
from core.model.signature import Signature
from core.model.text import sorted_strings
from core.model.trace import Action, Trace
from core.promotion.confidence import confidence
from core.promotion.savings import savings

Window = tuple[Action, ...]
"""The actions of one example that stand for the candidate's steps."""


def build_candidate(found: Found, traces: Sequence[Trace], options: Options, mineable_count: int) -> Candidate:
    """The candidate of a found sequence.

    `traces` are the normalised runs that were mined, in the same order; `mineable_count` says of how many runs the
    examples are a share. Shadow report and promotion are filled by `core.crystallize.assess`.
    """
    runs = [traces[run] for run, _ in found.examples]
    starts = [start for _, start in found.examples]
    windows = [_window(run, start, len(found.sequence)) for run, start in zip(runs, starts, strict=True)]
    columns = list(zip(*windows, strict=True))
    sources = [(*declared(column, index), *varying(column)) for index, column in enumerate(columns)]
    steps = [
        step_of(
            column[0],
            index,
            fuzzy=is_fuzzy(column),
            refs={source.name for source in found_here},
            output=common_output(column),
        )
        for index, (column, found_here) in enumerate(zip(columns, sources, strict=True), 1)
    ]
    rejections = [reason for index, column in enumerate(columns, 1) if (reason := divergence(column, index))]
    return assemble(
        found.sequence,
        steps,
        merged(_flat(sources)),
        runs,
        starts,
        options,
        rejection_reasons=rejections,
        mineable_count=mineable_count,
    )


def assemble(
    sequence: Sequence[Signature],
    steps: Sequence[Step],
    parameters: Sequence[Parameter],
    runs: Sequence[Trace],
    starts: Sequence[int],
    options: Options,
    *,
    rejection_reasons: Sequence[str] = (),
    mineable_count: int,
) -> Candidate:
    """A candidate from its steps and the runs that show them, each from its start (from 0)."""
    windows = [_window(run, start, len(sequence)) for run, start in zip(runs, starts, strict=True)]
    examples = tuple(map(_example, runs, starts, windows))
    evidence = Evidence(
        id=candidate_id(sequence, examples),
        examples=examples,
        goal=goal_of(runs),
        success_criteria=criteria_of(runs),
        receipts=next(filter(None, map(_receipts, runs)), ()),
        savings=savings(windows),
    )
    return compose(
        sequence,
        steps,
        parameters,
        evidence,
        options,
        rejection_reasons=rejection_reasons,
        mineable_count=mineable_count,
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all examples of a candidate together say, but for its steps."""

    id: str
    examples: Sequence[Example]
    goal: str | None
    success_criteria: Sequence[str]
    receipts: Sequence[Json]
    savings: Savings


def compose(
    sequence: Sequence[Signature],
    steps: Sequence[Step],
    parameters: Sequence[Parameter],
    evidence: Evidence,
    options: Options,
    *,
    rejection_reasons: Sequence[str] = (),
    mineable_count: int,
) -> Candidate:
    """A candidate from its steps and what its examples say, wherever both come from."""
    side_effects = canonical_side_effects(effect for step in steps for effect in step.side_effects)
    certain = sum(step.segment == "deterministic" for step in steps)
    count = len(evidence.examples)
    made = Candidate(
        id=evidence.id,
        name=workflow_name(steps) if options.workflow_name is None else options.workflow_name,
        confidence=confidence(count, mineable_count, certain, len(steps), bool(rejection_reasons)),
        cluster_key=cluster_key_of(evidence.goal, evidence.success_criteria, steps, side_effects),
        sequence_signature=tuple(sequence),
        parameters=tuple(parameters),
        steps=tuple(steps),
        capabilities=tuple(sorted_strings(name for step in steps for name in step.capabilities)),
        required_secrets=tuple(sorted_strings(name for step in steps for name in step.required_secrets)),
        approval_points=tuple(step.approval for step in steps if step.approval is not None),
        side_effects=side_effects,
        expected_outputs=tuple(step.expected_output for step in steps if step.expected_output is not None),
        expected_receipts=tuple(evidence.receipts),
        warnings=tuple(fuzzy_warning(step) for step in steps if step.segment == "fuzzy"),
        rejection_reasons=tuple(rejection_reasons),
        savings=evidence.savings,
    )
    # Of many runs the examples are made when they are looked at (core.model.late), so they are taken as they are.
    return made.replace(examples=evidence.examples)


class Digest(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Go on with some bytes."""

    def copy(self) -> Self:
        """The same, apart."""

    def hexdigest(self) -> str:
        """The digest of what it has seen."""


def candidate_id(sequence: Iterable[Signature], examples: Iterable[Example]) -> str:
    """`candidate_` and 16 hex digits of the sha256 over signatures and source hashes; changes with the evidence."""
    digest = id_begun(sequence)
    for example in examples:
        digest.update(example.source_hash.encode() + b"\0")
    return id_from(digest)


def id_begun(sequence: Iterable[Signature]) -> Digest:
    """The digest that the id is made from, to be gone on with by the examples' source hashes, a NUL behind each."""
    return sha256(b"".join(text.encode() + b"\0" for text in sequence))


def id_from(digest: Digest) -> str:
    """The id when all examples are in the digest."""
    return f"candidate_{digest.hexdigest()[:16]}"


def _window(run: Trace, start: int, length: int) -> Window:
    return run.actions[start : start + length]


def _example(run: Trace, start: int, window: Window) -> Example:
    return Example(
        trace_id=run.id,
        source_hash=run.source_hash or "",
        start_index=start,
        action_ids=tuple(action.id for action in window),
    )


def _flat(sources: Iterable[Iterable[Source]]) -> Iterable[Source]:
    return (source for step in sources for source in step)


def _receipts(run: Trace) -> tuple[Json, ...]:
    return run.replay_run.effect_receipts if run.replay_run else ()
