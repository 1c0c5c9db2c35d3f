"""Commands that work on files at once, without a workspace: `crystallize`, `synthesize`, `trajectory`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from core.artifacts.output import Outputs, Written, outputs
from core.artifacts.skill import with_skills
from core.crystallize import crystallize as mine
from core.mining.exclude import exclusion
from core.model.candidate import Candidate, Parameter
from core.model.errors import NothingFound
from core.model.jsontext import pretty
from core.model.record import Record
from core.model.report import RecoverySummary, Report, SegmentSummary
from core.model.text import visible
from core.model.trace import Trace
from core.store.files import write_file, write_folder
from core.synthesize import synthesize as synthesize_one
from core.traces.decode import decode_record
from core.traces.errors import TraceError
from core.traces.load import load_folder, load_json, load_trace
from core.traces.turns import USUAL_SEGMENTS, SegmentOptions, load_turns
from core.trajectory import ingest
from tui.cli.batch_options import bundle_options, min_examples, output_paths, pipeline_options, with_options
from tui.cli.kinds import NUMBER, PATH, TEXT

NO_CANDIDATE = "no safe crystallization candidate was proposed"
_LISTED = 10
_SEGMENTS = "traces.json"

R = TypeVar("R", bound=Record)


@click.command()
@click.option("--from", "source", required=True, type=PATH, metavar="FOLDER", help="Mine all .json files below it.")
@click.option(
    "--shadow-from",
    "shadows",
    multiple=True,
    type=PATH,
    metavar="FOLDER",
    help="Compare these runs with the candidate without mining them; may be repeated.",
)
@click.option(
    "--skills",
    is_flag=True,
    help="Also make skills; SKILL.md is written when runs agree that were not mined (--shadow-from).",
)
@min_examples
@with_options
def crystallize(source: str, shadows: tuple[str, ...], skills: bool, **given: Any) -> None:
    """Mine the runs below a folder for the one workflow that repeats best.

    Writes the workflow, a report, an eval pack and a bundle. Exit 1, after writing, when nothing was selected.
    """
    paths = output_paths(given, source, *shadows)
    traces = load_folder(source)
    shadow_traces = tuple(trace for folder in shadows for trace in load_folder(folder))
    if not shadows:
        _mention_shadow_folder(source)
    report = mine(traces, pipeline_options(given), shadow_traces, now=_now())
    _tell_excluded((*traces, *shadow_traces))
    if skills:
        report = with_skills(report, (*traces, *shadow_traces))
    _mention_namesakes((*traces, *shadow_traces))
    _finish(report, (*traces, *shadow_traces), paths, given)


@click.command()
@click.option("--trace", "source", required=True, type=PATH, metavar="FILE", help="The run.")
@click.option("--extra-parameters", type=PATH, metavar="FILE", help="A JSON list of parameters to add or replace.")
@click.option("--segment-summary", type=PATH, metavar="FILE", help="A JSON segment summary for the report.")
@click.option("--recovery-summary", type=PATH, metavar="FILE", help="A JSON recovery summary for the report.")
@with_options
def synthesize(
    source: str,
    extra_parameters: str | None,
    segment_summary: str | None,
    recovery_summary: str | None,
    **given: Any,
) -> None:
    """Make a workflow of all of one run.

    Writes the workflow, a report, an eval pack and a bundle. Exit 1, after writing, when it was rejected.
    """
    paths = output_paths(given, source, extra_parameters, segment_summary, recovery_summary)
    trace = load_trace(source)
    report = synthesize_one(
        trace,
        pipeline_options(given),
        extra_parameters=_parameters(extra_parameters),
        segment_summary=_record(SegmentSummary, segment_summary, "segment summary {}"),
        recovery_summary=_record(RecoverySummary, recovery_summary, "recovery summary {}"),
        now=_now(),
    )
    _finish(report, (trace,), paths, given)


@click.command()
@click.option("--turns", required=True, type=PATH, metavar="FILE", help="A JSON list of the session's turns.")
@click.option("--session", required=True, type=TEXT, metavar="ID", help="The session's id; traces are named after it.")
@click.option("--workflow-id", type=TEXT, metavar="ID", help="The workflow id that the traces get.")
@click.option(
    "--similarity",
    type=NUMBER,
    default=USUAL_SEGMENTS.similarity,
    show_default=True,
    metavar="NUMBER",
    help="How alike (0 to 1) adjacent turns of a segment are at least.",
)
@click.option(
    "--min-segment",
    type=click.IntRange(1),
    default=USUAL_SEGMENTS.shortest,
    show_default=True,
    metavar="N",
    help="Turns that a segment has at least.",
)
@click.option(
    "--max-segment",
    type=click.IntRange(1),
    default=USUAL_SEGMENTS.longest,
    show_default=True,
    metavar="N",
    help="Turns that a segment has at most.",
)
@min_examples
@with_options
def trajectory(
    turns: str,
    session: str,
    workflow_id: str | None,
    similarity: float,
    min_segment: int,
    max_segment: int,
    **given: Any,
) -> None:
    """Make a workflow of the stretches of like turns in an agent's session.

    Writes the workflow, a report, an eval pack, a bundle and, with --out-dir, the segments as traces.json. Exit 1 when
    there is nothing to crystallise or, after writing, when nothing was selected.
    """
    paths = output_paths(given, turns, also=_SEGMENTS)
    found = ingest(
        load_turns(turns),
        session,
        pipeline_options(given),
        segmenting=SegmentOptions(similarity, min_segment, max_segment),
        workflow_id=workflow_id,
        now=_now(),
    )
    if found is None:
        raise NothingFound(
            f"nothing to crystallise in {turns}: no {min_segment} or more successful turns in a row are alike"
        )
    if given["out_dir"] is not None:
        write_file(Path(given["out_dir"]) / _SEGMENTS, pretty(found.traces))
    _finish(found.report, found.traces, paths, given)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _record(kind: type[R], path: str | None, what: str) -> R | None:
    return None if path is None else decode_record(kind, load_json(path, what=what), path, what=what)


def _parameters(path: str | None) -> tuple[Parameter, ...]:
    what = "extra parameters {}"
    if path is None:
        return ()
    value = load_json(path, what=what)
    if not isinstance(value, list):
        raise TraceError(path, "decode", "expected a list of parameters", what=what)
    return tuple(decode_record(Parameter, item, path, what=what) for item in value)


def _finish(report: Report, traces: Sequence[Trace], paths: Outputs, given: dict[str, Any]) -> None:
    """Write everything, say what was found. Raises NothingFound when nothing was selected."""
    written = outputs(report, traces, paths, bundle_options(given))
    for path, data in written.files.items():
        write_file(Path(path), data)
    if paths.bundle is not None:
        write_folder(Path(paths.bundle), written.bundle, last=written.last)
    for line in (*_summary(report), *_skills(report)):
        click.echo(visible(line))
    for path in (*written.files, *([paths.bundle] if paths.bundle else [])):
        click.echo(f"wrote {visible(path)}")
    _mention_leftovers(written, paths)
    if report.selected is None:
        raise NothingFound(NO_CANDIDATE)


def _summary(report: Report) -> Iterator[str]:
    selected = report.selected
    if selected is not None:
        yield f"selected {selected.name} ({selected.id})"
        yield from _described(selected, report.source_trace_count)
    for candidate in report.rejected_candidates:
        yield f"rejected {candidate.name} ({candidate.id})"
        yield from _described(candidate, report.source_trace_count)
    if not (report.candidates or report.rejected_candidates):
        yield f"no sequence of actions repeats in enough of the {report.source_trace_count} runs"


def _skills(report: Report) -> Iterator[str]:
    for skill in (*(report.skill_candidates or ()), *(report.rejected_skill_candidates or ())):
        gate = skill.replay_gate
        yield f"skill {skill.name} ({skill.id}): {gate.decision} by the replay gate"
        yield from (f"    {failure}" for failure in gate.failures[:_LISTED])


def _described(candidate: Candidate, mined: int) -> Iterator[str]:
    criteria = candidate.promotion.criteria
    steps = len(candidate.steps)
    fuzzy = sum(step.segment == "fuzzy" for step in candidate.steps)
    passed = sum(result.passed for result in candidate.shadow.traces)
    yield f"  steps       {steps}{f', {fuzzy} of them fuzzy' if fuzzy else ''}"
    yield f"  examples    {len(candidate.examples)} of {mined} runs"
    yield f"  shadow      {passed} of {candidate.shadow.compared_traces} compared runs agree"
    yield f"  confidence  {candidate.confidence:.2f}"
    yield f"  status      {criteria.status}"
    yield from (f"    {reason}" for reason in criteria.reasons)
    yield from (f"    {reason}" for reason in candidate.rejection_reasons[:_LISTED])
    if (more := len(candidate.rejection_reasons) - _LISTED) > 0:
        yield f"    and {more} more reasons for the rejection"


def _tell_excluded(traces: Sequence[Trace]) -> None:
    """Say which runs were set aside, and why."""
    found = [(trace.id, why) for trace in traces if (why := exclusion(trace)) is not None]
    for trace_id, why in found[:_LISTED]:
        click.echo(visible(f"set aside {trace_id}: {why.reason}"))
    if len(found) > _LISTED:
        click.echo(f"set aside {len(found) - _LISTED} more")


def _mention_shadow_folder(source: str) -> None:
    folder = Path(source) / "shadow"
    if folder.is_dir():
        _note(
            f"{folder} is mined like everything below {source}; to compare its runs without mining them, "
            "move it elsewhere and name it with --shadow-from"
        )


def _mention_namesakes(traces: Sequence[Trace]) -> None:
    """Say of which runs the bundle keeps the first of several, which may not be the one that agrees."""
    several = {trace_id: count for trace_id, count in Counter(trace.id for trace in traces).items() if count > 1}
    first = {trace.id: trace for trace in reversed(traces)}
    for trace_id, count in list(several.items())[:_LISTED]:
        _note(f"{count} runs have the id {trace_id}; a bundle keeps only the first, {first[trace_id].source}")
    if (more := len(several) - _LISTED) > 0:
        _note(f"{more} more ids are those of several runs")


def _mention_leftovers(written: Written, paths: Outputs) -> None:
    """Say which files of an earlier run are still there and do not belong to this one."""
    if paths.eval_pack is not None and paths.eval_pack not in written.files and Path(paths.eval_pack).exists():
        _note(f"{paths.eval_pack} is from an earlier run")
    if paths.bundle is not None:
        folder = Path(paths.bundle)
        left = [path for path in folder.rglob("*") if path.is_file()]
        names = sorted({path.relative_to(folder).as_posix() for path in left} - written.bundle.keys())
        if names:
            _note(f"{folder} also holds files that are not of this bundle: {', '.join(names[:5])}")


def _note(text: str) -> None:
    click.echo(f"assay: note: {visible(text)}", err=True)
