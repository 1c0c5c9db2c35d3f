"""One run as a candidate, without anything that repeats (spec/pipeline.md §7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.crystallize import DEFAULTS, assess, report_on
from core.mining.candidate import assemble
from core.mining.parameters import declared, merged
from core.mining.steps import is_fuzzy, step_of
from core.model.candidate import Candidate, Parameter, Step
from core.model.errors import InputError
from core.model.options import Options
from core.model.report import InputFormat, RecoverySummary, Report, SegmentSummary
from core.model.signature import signatures
from core.model.text import is_blank
from core.model.trace import Action, Trace
from core.traces.normalise import normalise
from core.traces.times import EPOCH

PRESERVED = (
    "ordered actions",
    "deterministic events",
    "agentic events",
    "tool/shell observations",
    "recovery advice",
    "release metadata",
    "source hashes",
)
"""What of the run a synthesised candidate keeps."""

ROLLBACK_TARGET = "keep source trace and previous package version"
"""What to go back to, for a synthesised candidate."""


def synthesize(
    trace: Trace,
    options: Options = DEFAULTS,
    *,
    extra_parameters: Sequence[Parameter] = (),
    segment_summary: SegmentSummary | None = None,
    recovery_summary: RecoverySummary | None = None,
    now: str = EPOCH,
) -> Report:
    """The report on all of one run as a workflow.

    Extra parameters replace found ones of the same name; the summaries are passed through. `now` is RFC 3339. Raises
    InputError for a run without actions.
    """
    run = normalise(trace)
    if not run.actions:
        raise InputError("synthesize_candidate_from_trace requires a trace with at least one action")
    built = _candidate(run, options, extra_parameters)
    assessed = assess(built, (run,), options, now, min_examples=1, rollback_target=ROLLBACK_TARGET)
    report: Report = report_on(
        (assessed,), now=now, source_trace_count=1, input_format=InputFormat(preserved_fields=PRESERVED)
    )
    return report.replace(segment_summary=segment_summary, recovery_summary=recovery_summary)


def _candidate(run: Trace, options: Options, extra: Sequence[Parameter]) -> Candidate:
    given = {parameter.name for parameter in extra}
    found = merged(source for index, action in enumerate(run.actions) for source in declared((action,), index))
    parameters = (*(parameter for parameter in found if parameter.name not in given), *extra)
    return assemble(
        signatures(run),
        [_step(action, index) for index, action in enumerate(run.actions)],
        sorted(parameters, key=lambda parameter: parameter.name),
        (run,),
        (0,),
        options,
        mineable_count=1,
    )


def _step(action: Action, index: int) -> Step:
    return step_of(
        action,
        index + 1,
        fuzzy=is_fuzzy((action,)),
        refs={source.name for source in declared((action,), index)},
        output=action.seen_output,
        notes=tuple(_notes(action)),
    )


def _notes(action: Action) -> Iterator[str]:
    """What a reviewer should know about a step that failed, recovered or gives advice."""
    if action.kind == "shell_failure" or action.metadata.get("success") is False:
        yield (
            f"shell/tool step '{action.name}' failed in the source trace; reviewer should confirm whether "
            "deterministic recovery is possible before promotion."
        )
    hint = action.metadata.get("recovery_hint")
    if isinstance(hint, str) and not is_blank(hint):
        yield f"recovery hint from source trace: {hint}"
    if action.kind == "agent_recovery_advice":
        yield "agent-authored recovery advice; treat as advisory, never as deterministic truth."
