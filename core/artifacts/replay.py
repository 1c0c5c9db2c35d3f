"""Shadow replay of a bundle: its candidate against its fixtures, nothing else (spec/artifacts.md).

Values that were redacted agree with themselves only, so the candidate is redacted like the fixtures before they are
compared, and what that leaves uncompared is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.artifacts.bundle import MINIMUM_RULES
from core.artifacts.manifest import Manifest
from core.artifacts.read import BundleError, Files, read_fixtures, read_manifest, read_report
from core.artifacts.redact import PLAIN
from core.mining.comparing import shadow_compare
from core.mining.exclude import eligible
from core.model.candidate import Candidate, ShadowReport
from core.model.jsontext import Json, plain, same
from core.model.redaction_marks import redacted_by
from core.model.trace import Trace
from core.shadow.compare import expects_output, failed, missing


@dataclass(frozen=True, slots=True)
class Replay:
    """What replaying a bundle showed."""

    candidate_id: str
    """The manifest's."""
    shadow: ShadowReport
    as_recorded: bool
    """Whether the result is the one that the report holds."""
    not_compared: tuple[str, ...]
    """Places that take part in the comparison but hold a redacted value."""

    @property
    def passed(self) -> bool:
        """Whether the candidate still describes its runs, as recorded."""
        return self.shadow.passed and self.as_recorded


def replay_bundle(files: Files, folder: str) -> Replay:
    """Compare a bundle's selected candidate with its fixtures; `folder` is the bundle's path as given.

    Raises BundleError, or the trace loader's error for a fixture.
    """
    manifest = read_manifest(files, folder)
    selected = read_report(files, folder).selected
    if selected is None:
        raise BundleError(f"bundle {folder} has no selected candidate to replay")
    withheld = {source.trace_id for source in manifest.source_traces if source.fixture_path is None}
    fixtures = list(read_fixtures(files, folder, manifest))
    if set(manifest.redaction.rules) <= set(MINIMUM_RULES):
        # Only the copies were redacted; of a safe bundle the report was as well, by rules that may be a workspace's.
        selected, fixtures = PLAIN.payloads(selected), list(map(PLAIN.payloads, fixtures))
    candidate = _without(selected, withheld)
    fixtures = _in_order(fixtures, candidate.shadow)
    shadow = shadow_compare(candidate, fixtures, manifest.allow_rules or ())
    if candidate.induction is not None and withheld:
        # Whether the whole passes is a matter of how many of all runs agree, and some are not at hand.
        shadow = shadow.replace(passed=candidate.shadow.passed, failures=candidate.shadow.failures)
    return Replay(
        candidate_id=manifest.candidate_id,
        shadow=shadow,
        as_recorded=same(_comparable(shadow), _comparable(candidate.shadow)),
        not_compared=(*_withheld(withheld, manifest), *_redacted(candidate, fixtures)),
    )


def _without(candidate: Candidate, withheld: set[str]) -> Candidate:
    """The candidate as recorded, but for the runs of which the bundle says that it holds no copy."""
    if not withheld:
        return candidate
    recorded = candidate.shadow
    traces = tuple(result for result in recorded.traces if result.trace_id not in withheld)
    untold = {failure for trace_id in withheld for failure in (failed(trace_id), missing(trace_id))}
    failures = tuple(failure for failure in recorded.failures if failure not in untold)
    return candidate.replace(
        examples=tuple(example for example in candidate.examples if example.trace_id not in withheld),
        shadow=ShadowReport(passed=not failures, compared_traces=len(traces), failures=failures, traces=traces),
    )


def _in_order(fixtures: Sequence[Trace], recorded: ShadowReport) -> list[Trace]:
    """The runs that may be compared, in the order of the recorded comparison, others after them."""
    places = {result.trace_id: place for place, result in enumerate(recorded.traces)}
    return sorted(eligible(fixtures), key=lambda trace: places.get(trace.id, len(places)))


def _comparable(shadow: ShadowReport) -> Json:
    """A report with only how many rules helped each run: a secret in a rule's reason is told otherwise on its own."""
    helped = (
        result.replace(allowed=(str(len(result.allowed)),)) if result.allowed else result for result in shadow.traces
    )
    return plain(shadow.replace(traces=tuple(helped)))


def _withheld(withheld: set[str], manifest: Manifest) -> Iterator[str]:
    if withheld:
        yield f"{len(withheld)} of {len(manifest.source_traces)} runs have no copy in the bundle"


def _redacted(candidate: Candidate, fixtures: Sequence[Trace]) -> Iterator[str]:
    for step in candidate.steps:
        if expects_output(step):
            yield from _told(f"step {step.index} output at {{}} is redacted", step.expected_output)
        yield from _told(f"step {step.index} side effects at {{}} are redacted", plain(step.side_effects))
    yield from _told("expected receipts at {} are redacted", plain(candidate.expected_receipts))
    for trace in fixtures:
        receipts = plain(trace.replay_run.effect_receipts) if trace.replay_run else None
        for note in _told("receipts at {} are redacted", receipts):
            yield f"trace {trace.id} {note}"


def _told(sentence: str, value: Json) -> Iterator[str]:
    for place, rule in redacted_by(value):
        yield sentence.format(place) + (f" by {rule}" if rule else "")
