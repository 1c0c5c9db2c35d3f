"""What a crashpack is about, whether it can be trusted, and what replaying and minimising it gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.content import Content

from core.crashpack.minimise import Minimised
from core.crashpack.replay import ReplayResult
from core.model.decision import Decision
from core.model.shares import percent
from core.model.text import plural, visible
from tui.views.line import Line, bullet, heading, labelled, paragraph, text
from tui.views.pack import Pack
from tui.views.pack_evidence import verdict_lines

_ABOUT = ("decision", "actor", "decided_at", "reason", "workflow", "candidate", "lineage", "cohort")
_RUNS = ("examples", "compared_runs", "passed_runs", "failed_runs")


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay as far as it has come."""

    running: bool = False
    result: ReplayResult | None = None
    trouble: str = ""
    """Why it could not be done at all."""

    @property
    def said(self) -> tuple[str, str]:
        """The state in a word or two, with its style."""
        if self.running:
            return "◐ replaying …", "$accent"
        if self.trouble:
            return "✗ could not be replayed", "$text-error bold"
        if self.result is None:
            return "○ not replayed yet", "$text-muted"
        return ("✓ same as recorded", "$text-success") if self.result.passed else ("✗ differs", "$text-error bold")


def overview_lines(pack: Pack, decision: Decision | None, replay: Replay, width: int) -> list[Line]:
    """The first page: what was decided, the verdicts, and whether every file is as it was left."""
    return [*_about(pack, width), *_verdicts(pack, width), *_trust(pack, decision, width), *_replayed(replay, width)]


def _about(pack: Pack, width: int) -> Iterator[Line]:
    facts = pack.contents.ledger.metadata if pack.contents.ledger else {}
    before, after = facts.get("status_before", ""), facts.get("status_after", "")
    yield from list(heading("What was decided"))[1:]
    for name in _ABOUT:
        if facts.get(name):
            yield from labelled(f"  {name.replace('_', ' ')}", Content(visible(facts[name])), width, 16)
    if before or after:
        told = f"{before.replace('_', ' ')} → {after.replace('_', ' ')}"
        yield from labelled("  status", Content(visible(told)), width, 16)
    runs = [f"{facts[name]} {name.removesuffix('_runs')}" for name in _RUNS if name in facts]
    if runs:
        yield from labelled("  runs", Content(visible(", ".join(runs))), width, 16)
    if not facts:
        yield Line(text("  The ledger holds no metadata, so the files have to speak for themselves.", "$text-muted"))


def _verdicts(pack: Pack, width: int) -> Iterator[Line]:
    yield from heading("What the oracles said then")
    if pack.contents.results is None:
        yield Line(text("  The journal cannot be read; see below.", "$text-error"))
        return
    yield from verdict_lines(pack.contents.results, width)


def _trust(pack: Pack, decision: Decision | None, width: int) -> Iterator[Line]:
    yield from heading("Whether it is as it was left")
    if not pack.problems:
        said = f"all {plural(len(pack.files), 'file')} are as files.sha256 records them"
        yield from bullet(text("  ✓ ", "$text-success"), text(said), width)
    for problem in pack.problems:
        yield from bullet(text("  ✗ ", "$text-error"), text(str(problem), "$text-error"), width)
    sign, style, told = vouched(pack, decision)
    yield from bullet(text(f"  {sign} ", style), text(told, "" if sign == "✓" else style), width)


def vouched(pack: Pack, decision: Decision | None) -> tuple[str, str, str]:
    """Whether the journal vouches for the crashpack: a sign, its style and a visible sentence."""
    if decision is None or decision.crashpack is None:
        return "!", "$text-warning", "no decision in the journal names it: nothing outside the folder vouches for it"
    if decision.crashpack.digest == pack.digest:
        return "✓", "$text-success", f"decision #{decision.seq} in the journal records this very content"
    recorded = visible(decision.crashpack.digest)
    told = f"decision #{decision.seq} in the journal records {recorded}, it is {pack.digest or 'unknown'} now"
    return "✗", "$text-error bold", told


def _replayed(replay: Replay, width: int) -> Iterator[Line]:
    yield from heading("Replay")
    said, style = replay.said
    yield from bullet(Content("  "), text(said, style), width)
    if replay.result is None and not replay.running:
        yield from paragraph(text("R judges everything again from the crashpack's own files and compares."), width, 2)


def replay_lines(replay: Replay, width: int) -> list[Line]:
    """What a replay gave: the verdict, the first difference, every check, and what could not be compared."""
    if replay.trouble:
        return list(paragraph(text(f"It could not be replayed: {visible(replay.trouble)}", "$text-error"), width))
    if replay.result is None:
        told = "R judges again what the oracles saw, compares the runs' copies anew, and names the first difference."
        return list(paragraph(text(told), width))
    return list(_result(replay.result, width))


def _result(result: ReplayResult, width: int) -> Iterator[Line]:
    if difference := result.first_difference:
        yield Line(text("It does not come out as recorded", "$text-error bold"))
        yield from heading("First difference")
        yield from bullet(text("  ✗ ", "$text-error bold"), text(visible(difference), "$text-error bold"), width)
    else:
        yield Line(text("Everything comes out as recorded", "$text-success bold"))
    passed = sum(check.passed for check in result.checks)
    yield from heading("Checks", f"{passed} of {len(result.checks)} as recorded")
    for check in result.checks:
        sign, style = ("✓", "$text-success") if check.passed else ("✗", "$text-error")
        told = Content.assemble((visible(check.name), "bold"), f"  {visible(check.text)}")
        yield from bullet(text(f"  {sign} ", style), told, width)
    if result.notes:
        yield from heading("Not compared", "no difference, but not vouched for either")
        for note in result.notes:
            yield from bullet(text("  · ", "$text-muted"), Content(visible(note)), width)


def minimised_words(made: Minimised) -> str:
    """What minimising did, in a sentence."""
    stats = made.stats
    if stats.original_length == stats.minimized_length:
        why = "no event shows a failure" if stats.attempts_made else "every event is needed"
        return f"{plural(stats.original_length, 'event')}, none dropped: {why}"
    return (
        f"{plural(stats.original_length, 'event')} → {stats.minimized_length:,}, "
        f"{percent(stats.reduction_percentage)} dropped in {plural(stats.attempts_made, 'attempt')}; the failure stays"
    )


def unread_lines(trouble: str, width: int) -> list[Line]:
    """What stands there while a crashpack is read, or when it cannot be."""
    if not trouble:
        return [Line(text("reading the files …", "$text-muted"))]
    advice = "`assay verify` names every crashpack that the journal records and what is wrong with it."
    told = paragraph(text(f"It cannot be read: {visible(trouble)}", "$text-error"), width)
    return [*told, Line(Content()), *bullet(text("→ ", "$accent"), text(advice), width)]


def unreduced_lines(width: int) -> list[Line]:
    """What stands there before the events are minimised."""
    told = "M drops every event that is not needed to show the failure, and lists what is left; no file is changed."
    return list(paragraph(text(told), width))
