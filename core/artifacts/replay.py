"""Shadow replay of a bundle: its candidate against its fixtures, nothing else (spec/artifacts.md).

Values that were redacted agree with themselves only, so the candidate is redacted like the fixtures before they are
compared, and what that leaves uncompared is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.artifacts.read import BundleError, Files, read_fixtures, read_manifest, read_report
from core.artifacts.redact import PLAIN, redacted_places
from core.model.candidate import Candidate, ShadowReport
from core.model.jsontext import plain, same
from core.model.trace import Trace
from core.shadow.compare import expects_output, shadow_compare


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
    candidate = PLAIN.payloads(selected)
    fixtures = [PLAIN.payloads(trace) for trace in read_fixtures(files, folder, manifest)]
    shadow = shadow_compare(candidate, fixtures)
    return Replay(
        candidate_id=manifest.candidate_id,
        shadow=shadow,
        as_recorded=same(plain(shadow), plain(candidate.shadow)),
        not_compared=tuple(_not_compared(candidate, fixtures)),
    )


def _not_compared(candidate: Candidate, fixtures: Sequence[Trace]) -> Iterator[str]:
    for step in candidate.steps:
        if expects_output(step):
            for place in redacted_places(step.expected_output):
                yield f"step {step.index} output at {place} is redacted"
        for place in redacted_places(plain(step.side_effects)):
            yield f"step {step.index} side effects at {place} are redacted"
    for place in redacted_places(plain(candidate.expected_receipts)):
        yield f"expected receipts at {place} are redacted"
    for trace in fixtures:
        if trace.replay_run and (trace.replay_run.effect_receipts or candidate.expected_receipts):
            for place in redacted_places(plain(trace.replay_run)):
                yield f"trace {trace.id}: replay run at {place} is redacted"
