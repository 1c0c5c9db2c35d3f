"""What a crashpack's own copies of the runs say: the behaviour and the shadow comparison, derived again.

Pure, and used both when a pack is built (to record the answer) and when it is replayed (to compare with it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from core.crashpack.oracles import RecordedState
from core.mining.comparing import shadow_compare, steps_in
from core.mining.generalised.values import value_at
from core.model.candidate import Candidate, ShadowReport
from core.model.jsontext import Json, plain
from core.model.record import U32, JsonMap, Record, Text
from core.model.redaction_marks import redacted_by, redaction_report
from core.model.trace import Trace
from core.promotion.behaviour import behaviour_digest
from core.shadow.compare import expects_output
from core.shadow.waivers import Waiver

CANDIDATE = "candidate.json"
"""The candidate as it stood, redacted."""

FIXTURES = "fixtures/"
"""The folder of the runs' redacted copies."""


class Rederived(Record):
    """What was derived from the redacted copies."""

    behaviour_digest: Text = ""
    shadow: ShadowReport = ShadowReport()
    fixtures: U32 = 0
    """Runs whose copies were used."""
    of: U32 = 0
    """Runs that were compared when the decision was made."""
    not_compared: tuple[Text, ...] = ()
    """What redaction took out of the comparison, each a place and why."""


class Redactions(Record):
    """What was taken out of a crashpack's copies of the candidate and its runs."""

    key_id: Text = ""
    """Names the key of the marks' hashes; empty when they have none."""
    rules: dict[Text, U32] = {}
    """Places by rule id."""


class RunRef(Record):
    """A run that was compared when the decision was made."""

    trace_id: Text = ""
    source_hash: Text = ""
    path: Text | None = None
    """Where its redacted copy is in the crashpack; None when only its hash went along."""


class DecisionState(RecordedState):
    """The `state.json` of a decision's crashpack."""

    decision: Text = ""
    lineage: Text = ""
    cohort: Text = ""
    mode: Text = ""
    status_before: Text = ""
    status_after: Text = ""
    behaviour_digest: Text = ""
    """Of the runs as they are; the one derived from redacted copies is in `rederived`."""
    evidence_digest: Text = ""
    policy_digest: Text = ""
    journal_head: Text = ""
    """The journal's end, `SEQ:DIGEST`, just before the decision; no older journal can be put back unnoticed."""
    behaviour: JsonMap = Field(default_factory=dict)
    """What was decided on, redacted."""
    rules: tuple[Waiver, ...] = ()
    """The allow rules in force."""
    runs: tuple[RunRef, ...] = ()
    """Every run that took part, in the order of the comparison."""
    rederived: Rederived = Rederived()
    redaction: Redactions | None = None
    """None when nothing was taken out, or by a program that did not count."""


def redactions(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """The places of a decision's crashpack out of which something was taken, by rule id: those of its copies."""
    return redaction_report({n: data for n, data in files.items() if n == CANDIDATE or n.startswith(FIXTURES)})


def rederive(candidate: Candidate, runs: Sequence[Trace], of: int, rules: Sequence[Waiver] = ()) -> Rederived:
    """Derive behaviour and shadow report from redacted runs.

    `of` is how many runs were compared originally, `rules` are the allow rules that were in force then.
    """
    present = {trace.id for trace in runs}
    known = candidate.replace(examples=tuple(e for e in candidate.examples if e.trace_id in present))
    return Rederived(
        behaviour_digest=behaviour_digest(known, runs),
        shadow=shadow_compare(known, runs, rules),
        fixtures=len(runs),
        of=of,
        not_compared=tuple(dict.fromkeys((*_not_compared(known), *_arguments(known, runs)))),
    )


def _not_compared(candidate: Candidate) -> Iterator[str]:
    for step in candidate.steps:
        if expects_output(step):
            yield from _told(f"step {step.index} expected output", step.expected_output)
        yield from _told(f"step {step.index} side effects", plain(step.side_effects))
    yield from _told("expected receipts", plain(candidate.expected_receipts))


def _arguments(candidate: Candidate, runs: Sequence[Trace]) -> Iterator[str]:
    """Bound arguments of a generalised candidate that redaction took out of some run."""
    bound = [
        (step, binding.name)
        for step in candidate.steps
        if step.detail is not None
        for binding in step.detail.bindings
        if binding.kind != "free"
    ]
    for trace in runs if bound else ():
        places = steps_in(candidate, trace)
        for step, name in bound if places else ():
            for index in places[step.index - 1]:
                action = trace.actions[index]
                yield from _told(f"step {step.index} {name}", value_at(action, name))


def _told(what: str, value: Json) -> Iterator[str]:
    for place, rule in redacted_by(value):
        yield f"{what} at {place}: redacted" + (f" by {rule}, only keyed hashes agree or differ" if rule else "")
