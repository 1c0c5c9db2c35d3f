"""The report of one crystallization (spec/pipeline.md §6)."""

from __future__ import annotations

from typing import Any, ClassVar

from core.model.candidate import Candidate
from core.model.record import U32, Flag, Record, Text


class InputFormat(Record):
    """What kind of traces went in, and what of them was kept."""

    name: Text = "harn.crystallization.trace"
    version: U32 = 1
    required_fields: tuple[Text, ...] = ("id", "actions")
    preserved_fields: tuple[Text, ...] = ()


class SegmentSummary(Record):
    """How much of a synthesised workflow is deterministic."""

    deterministic_count: U32 = 0
    agentic_count: U32 = 0
    safe_to_automate: tuple[Text, ...] = ()
    requires_human_review: tuple[Text, ...] = ()
    plain_language: Text = ""


class RecoverySummary(Record):
    """How a synthesised workflow's run recovered from failures."""

    shell_failures_seen: U32 = 0
    recovery_advice_runs: U32 = 0
    failures_fed_into_agent: Flag = False
    failed_steps: tuple[Text, ...] = ()
    representation: Text = ""


class Report(Record):
    """Accepted and rejected candidates; the first accepted one is selected. `generated_at` is RFC 3339."""

    version: U32 = 1
    generated_at: Text = ""
    source_trace_count: U32 = 0
    excluded_trace_count: U32 = 0
    selected_candidate_id: Text | None = None
    candidates: tuple[Candidate, ...] = ()
    rejected_candidates: tuple[Candidate, ...] = ()
    warnings: tuple[Text, ...] = ()
    input_format: InputFormat = InputFormat()
    harn_code_path: Text | None = None
    eval_pack_path: Text | None = None
    segment_summary: SegmentSummary | None = None
    recovery_summary: RecoverySummary | None = None
    skill_candidates: tuple[Any, ...] | None = None
    rejected_skill_candidates: tuple[Any, ...] | None = None

    omitted_when_none: ClassVar[frozenset[str]] = frozenset(
        {"segment_summary", "recovery_summary", "skill_candidates", "rejected_skill_candidates"}
    )

    @property
    def selected(self) -> Candidate | None:
        """The selected candidate."""
        return next((c for c in self.candidates if c.id == self.selected_candidate_id), None)
