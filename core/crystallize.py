"""From runs to a report: mine, compare, judge (spec/pipeline.md). No files, no clock: time is an argument."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.mining.candidate import build_candidate
from core.mining.comparing import shadow_compare
from core.mining.exact import best_sequence
from core.mining.exclude import eligible
from core.mining.generalised.shadow import Look
from core.model.candidate import Candidate
from core.model.errors import InputError
from core.model.options import Options
from core.model.report import InputFormat, Report
from core.model.signature import signatures
from core.model.trace import Trace
from core.promotion.promote import ROLLBACK_TARGET, promote
from core.shadow.compare import Pool
from core.shadow.waivers import Waiver
from core.traces.normalise import normalise
from core.traces.times import EPOCH

DEFAULTS = Options()
"""What holds when nothing is asked for."""

PRESERVED = (
    "ordered actions",
    "tool calls",
    "model calls",
    "human approvals",
    "file mutations",
    "external API calls",
    "observed outputs",
    "costs",
    "timestamps",
    "source hashes",
    "Flow provenance references",
)
"""What of the runs a mined candidate keeps."""


def crystallize(
    traces: Sequence[Trace],
    options: Options = DEFAULTS,
    shadow_traces: Sequence[Trace] = (),
    *,
    now: str = EPOCH,
) -> Report:
    """The report on the one sequence that repeats best across the runs.

    `shadow_traces` are compared and never mined; `now` is RFC 3339. Raises InputError when there are too few runs.
    """
    needed = options.needed_examples
    if len(traces) < needed:
        raise InputError(f"crystallize requires at least {needed} traces, got {len(traces)}")
    mineable = eligible(map(normalise, traces))
    compared = eligible(map(normalise, shadow_traces))
    if len(mineable) < needed:
        raise InputError(
            f"crystallize requires at least {needed} eligible traces, got {len(mineable)} "
            f"(excluded {len(traces) - len(mineable)})"
        )
    found = best_sequence([signatures(trace) for trace in mineable], needed)
    built = [build_candidate(found, mineable, options, len(mineable))] if found else []
    pool = Pool((*mineable, *compared))
    return report_on(
        (assess(candidate, pool, options, now) for candidate in built),
        now=now,
        source_trace_count=len(mineable),
        excluded_trace_count=len(traces) + len(shadow_traces) - len(mineable) - len(compared),
        input_format=InputFormat(preserved_fields=PRESERVED),
    )


def assess(
    candidate: Candidate,
    pool: Sequence[Trace] | Pool,
    options: Options,
    created_at: str,
    *,
    min_examples: int | None = None,
    rollback_target: str = ROLLBACK_TARGET,
    waivers: Sequence[Waiver] = (),
    held_out: Collection[str] | None = None,
    looking: Look | None = None,
) -> Candidate:
    """A built candidate with its shadow report and promotion record.

    `pool` holds the normalised, eligible runs, mined ones before shadow ones; `created_at` is RFC 3339;
    `min_examples` replaces the options', `waivers` are divergences that reviewers expect; `held_out` and `looking` are
    those of core.mining.comparing.
    """
    default = candidate.name.replace("_", "-")
    return promote(
        candidate.replace(shadow=shadow_compare(candidate, pool, waivers, held_out=held_out, looking=looking)),
        options,
        created_at=created_at,
        package_name=default if options.package_name is None else options.package_name,
        rollback_target=rollback_target,
        min_examples=min_examples,
    )


def report_on(
    candidates: Iterable[Candidate],
    *,
    now: str,
    source_trace_count: int,
    excluded_trace_count: int = 0,
    input_format: InputFormat,
) -> Report:
    """The report that accepts, ranks and selects among assessed candidates (spec/pipeline.md §6)."""
    listed = list(candidates)
    accepted = sorted(
        (candidate for candidate in listed if not candidate.rejection_reasons),
        key=lambda candidate: (-candidate.confidence, -len(candidate.steps)),
    )
    return Report(
        generated_at=now,
        source_trace_count=source_trace_count,
        excluded_trace_count=excluded_trace_count,
        selected_candidate_id=accepted[0].id if accepted else None,
        candidates=tuple(accepted),
        rejected_candidates=tuple(candidate for candidate in listed if candidate.rejection_reasons),
        input_format=input_format,
    )
