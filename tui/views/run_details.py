"""Everything that is known of one run behind a candidate: what it is for, how it compares, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Divergence, OracleReport
from core.model.jsontext import compact
from core.model.text import plural
from core.model.trace import Usage
from tui import words
from tui.format import count
from tui.text import plain, shortened
from tui.views.line import Line, bullet, heading, labelled, paragraph, text
from tui.views.runs import Evidence
from tui.views.usage import price, time, tokens

_WIDE = 12
_LONGEST = 240
"""Cells of a value in a divergence; the divergences tab shows all of it."""


def run_lines(view: CandidateView, row: Evidence | None, width: int) -> list[Line]:
    """The selected run."""
    if row is None:
        return list(paragraph(text("Select a run to read about it.", "$text-muted"), width))
    return [*_what(view, row, width), *_verdict(row, width), *_oracle(row, width), *_known(row, width)]


def _what(view: CandidateView, row: Evidence, width: int) -> Iterator[Line]:
    yield from paragraph(plain(row.trace_id, "bold"), width)
    example = next((e for e in view.candidate.examples if e.trace_id == row.trace_id), None)
    if example is None:
        told = "compared only: a run in which the steps occur, and from which nothing was mined"
        yield from labelled("role", text(told), width, _WIDE)
        return
    of = f" of {count(row.run.actions)}" if row.run else ""
    indexes = [index for step in example.aligned(max(len(example.action_ids), 1)) for index in step]
    which = _places(indexes or [example.start_index])
    yield from labelled("role", text(f"example: mined, and compared; {which}{of} match"), width, _WIDE)


def _places(indexes: Sequence[int]) -> str:
    """Actions by their numbers (from 1), three and more in a row as one stretch: `actions 3 to 5, 7 and 9`."""
    parts: list[str] = []
    # What stands in a row is as far from its place in the list as its neighbours.
    for _, row in groupby(enumerate(sorted(indexes)), lambda found: found[1] - found[0]):
        numbers = [f"{index + 1:,}" for _, index in row]
        parts += [f"{numbers[0]} to {numbers[-1]}"] if len(numbers) > 2 else numbers
    listed = " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
    return f"action{'s' if len(indexes) > 1 else ''} {listed}"


def _verdict(row: Evidence, width: int) -> Iterator[Line]:
    result = row.result
    if result is None:
        yield from labelled("verdict", text("not among the runs that are compared now", "$text-warning"), width, _WIDE)
        return
    sign = words.FAILED if not result.passed else words.BY_RULE if result.allowed else words.PASSED
    receipts = f", {plural(result.compared_receipts, 'receipt')} compared" if result.compared_receipts else ""
    said = Content.assemble((str(sign), sign.style), (f"  {sign.meaning.removesuffix('.')}{receipts}", "$text-muted"))
    yield from labelled("verdict", said, width, _WIDE)
    for detail in result.details:
        yield from bullet(text(f"{'':{_WIDE}}✗ ", "$text-error"), plain(detail), width)
    for rule in result.allowed or ():
        yield from bullet(text(f"{'':{_WIDE}}≈ ", "$text-accent"), plain(f"by rule: {rule}"), width)


def _oracle(row: Evidence, width: int) -> Iterator[Line]:
    report = row.result.replay_oracle if row.result else None
    if report is None:
        return
    held = text("as expected", "$text-success") if report.passed else text("not as expected", "$text-error")
    said = Content.assemble(plain(f"{report.name}: expects a {report.expectation}, "), held)
    yield from labelled("replay", said, width, _WIDE)
    if compared := _counts(report):
        yield from labelled("", text(f"compared: {compared}", "$text-muted"), width, _WIDE)
    if report.divergence is not None:
        yield from _divergence(report.divergence, width)


def _counts(report: OracleReport) -> str:
    """What both sides of a replay hold, where they hold anything: `2 effect receipts, 1 / 0 llm interactions`."""
    first, second = (counts.wire() for counts in (report.first_run_counts, report.second_run_counts))
    parts = []
    for name, number in first.items():
        if number or second[name]:
            both = f"{number:,}" if number == second[name] else f"{number:,} / {second[name]:,}"
            parts.append(f"{both} {name.replace('_', ' ')}")
    return ", ".join(parts)


def _divergence(found: Divergence, width: int) -> Iterator[Line]:
    yield from labelled("first", plain(f"{found.path}  {found.message}"), width, _WIDE)
    for sign, value, style in (("-", found.left, "$text-error"), ("+", found.right, "$text-success")):
        said = shortened(compact(value).decode(), _LONGEST)
        yield from bullet(text(f"{'':{_WIDE}}{sign} ", style), text(said, style), width)


def _known(row: Evidence, width: int) -> Iterator[Line]:
    yield from heading("The run")
    yield from labelled("hash", plain(row.source_hash), width, _WIDE)
    if row.run is None:
        yield from labelled(
            "file", text("gone: it was removed, or it does not load any more", "$text-error"), width, _WIDE
        )
        return
    run = row.run
    yield from labelled("file", plain(run.unit), width, _WIDE)
    yield from labelled(
        "cohort", plain(run.cohort or "none") + text("  shadow run" if run.shadow else ""), width, _WIDE
    )
    yield from labelled("began", plain(run.started_at or "it does not say"), width, _WIDE)
    yield from labelled("ended", plain(run.finished_at or "it does not say"), width, _WIDE)
    yield from labelled("cost", text(_usage(run.usage)), width, _WIDE)


def _usage(usage: Usage) -> str:
    used = f"{count(usage.input_tokens)} tokens in, {count(usage.output_tokens)} out"
    parts = (
        price(usage) or "price unknown",
        plural(usage.model_calls, "model call"),
        "tokens unknown" if tokens(usage) is None else used,
        time(usage.wall_ms) or "time unknown",
    )
    return ", ".join(parts)
