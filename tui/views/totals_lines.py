"""The lines of the screen of all savings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.model.shares import percent
from core.model.text import plural, visible
from tui import words
from tui.format import NOTHING
from tui.text import arrowed, fitted
from tui.views.amounts import ROWS, Told, cost, standing, together
from tui.views.line import Line, bullet, heading, paragraph, text
from tui.views.totals import COUNTED, Group, Part, Totals, monthly, summed
from tui.widgets.bars import STYLES, TEXTURES, bar_row, divided

VIEW = "c:"
"""How the keys of lines begin that stand for a candidate; its lineage follows."""
NEXT = "n:"
"""The same, in the list of what can be approved now."""
SHOWN_NEXT = 5
LEGEND: dict[Group, str] = dict(zip(COUNTED, TEXTURES, strict=True))


def totals_lines(found: Totals, width: int) -> list[Line]:
    """The whole screen."""
    if not found.parts:
        why = "Nothing would be saved yet: no candidate is listed, or all were rejected. `q` goes back to the list."
        return [Line(Content()), *paragraph(text(why), width, 2)]
    return [
        *_together(found, width),
        *_next(found, width),
        *_cohorts(found, width),
        *_candidates(found, width),
    ]


def _titled(width: int, said: str, note: str) -> Iterator[Line]:
    """A title with its note beside it, or below it where there is no room."""
    if len(said) + len(note) + 2 <= width:
        yield from heading(said, note)
        return
    yield from heading(said)
    yield from paragraph(text(note, "$text-muted"), width, 2)


def _together(found: Totals, width: int) -> Iterator[Line]:
    name, value, _ = found.measure
    yield from _titled(width, "Saved by all candidates together", "by the runs that were observed")
    titles = "".join(f"{title:>15}" for title in (*COUNTED, "all"))
    yield Line(text(f"  {'':12}{titles}", "$text-muted"))
    groups = [found.of(group) for group in COUNTED]
    sums = [summed(parts) for parts in (*groups, found.parts)]
    counts = "".join(f"{len(parts):>15,}" for parts in (*groups, found.parts))
    yield Line(text(f"  {'candidates':12}{counts}"))
    for label, amount, tell, _ in ROWS:
        row = [
            text(f"{_sum(parts, label, amount(saved) or 0, tell):>15}", style)
            for saved, parts, style in zip(sums, (*groups, found.parts), (*[""] * 3, "bold"), strict=True)
        ]
        yield Line(Content.assemble(f"  {label:12}", *row))
    yield Line(Content())
    whole, room = value(sums[-1]), min(max(width - 4, 8), 72)
    parts = [value(saved) for saved in sums[:3]]
    yield Line(Content.assemble("  ", divided(parts, whole, room)))
    legend = [
        Content.assemble((f"{LEGEND[group]} ", style), f"{group} {percent(part / whole if whole > 0 else 0.0)}   ")
        for group, part, style in zip(COUNTED, parts, STYLES, strict=True)
    ]
    yield Line(Content.assemble("  ", *legend, (f"of {name}", "$text-muted")))
    yield from _notes(found, width)


def _notes(found: Totals, width: int) -> Iterator[Line]:
    if found.shared:
        said = (
            f"{plural(found.shared, 'candidate stands', 'candidates stand')} on actions of others. An action counts "
            "once, for the candidate that has come further; the rest is a mean of its runs (≈)."
        )
        yield from bullet(text("  ! ", "$text-warning"), text(said), width)
    if unknown := sum(cost(part.view.candidate.savings) is None for part in found.parts):
        said = f"{plural(unknown, 'candidate')} of unknown cost: no call records a price, so none is counted."
        yield from bullet(text("  ! ", "$text-warning"), text(said), width)
    if found.rejected:
        said = f"{plural(found.rejected, 'rejected candidate')} not counted."
        yield from bullet(text("  · ", "$text-muted"), text(said, "$text-muted"), width)


def _next(found: Totals, width: int) -> Iterator[Line]:
    name, value, _ = found.measure
    waiting = found.next
    yield from _titled(
        width,
        "The best next approval",
        f"what can be approved now, by {name} {'at the observed rate' if found.daily else 'of the observed runs'}",
    )
    if not waiting:
        said = "Nothing can be approved now: nothing waits, or a criterion fails (the list says which)."
        yield from paragraph(text(said, "$text-muted"), width, 2)
        return
    best = waiting[0]
    yield from paragraph(_worth(best, found), width, 2)
    top = max((value(part.saved) for part in waiting), default=0.0)
    for part in waiting[:SHOWN_NEXT]:
        yield _row(part, value(part.saved), top, found, width, NEXT)
    if len(waiting) > SHOWN_NEXT:
        yield Line(text(f"    and {len(waiting) - SHOWN_NEXT:,} more, below", "$text-muted"))


def _sum(parts: Sequence[Part], name: str, amount: float, tell: Told) -> str:
    """What candidates save together; those whose actions all count elsewhere say nothing about it."""
    return together([p.view.candidate.savings for p in parts if p.own], name, amount, tell) if parts else NOTHING


def _worth(part: Part, found: Totals) -> Content:
    view, (name, value, tell) = part.view, found.measure
    told_so = f" would have saved {_sum([part], name, value(part.saved), tell)}"
    told_so += f" in {plural(len(view.candidate.examples), 'run')}"
    if (month := monthly(part, value)) is not None and part.ahead is not None:
        told_so += f", and about {_sum([part], name, month, tell)} in 30 days {part.ahead.basis}"
    risk = words.RISK[view.risk]
    warned = f", {plural(len(view.warnings), 'warning')} to weigh" if view.warnings else ""
    return Content.assemble((visible(view.label), "bold"), told_so, ". ", (f"{risk} risk", risk.style), warned, ".")


def _cohorts(found: Totals, width: int) -> Iterator[Line]:
    name, value, tell = found.measure
    yield from _titled(
        width, "By cohort", f"bars: {name}; {', '.join(f'{LEGEND[group]} {group}' for group in COUNTED)}"
    )
    label_width = min(28, max(width // 4, 12))
    sums = {cohort: [value(summed(found.of(group, cohort))) for group in COUNTED] for cohort in found.cohorts}
    top = max((sum(parts) for parts in sums.values()), default=0.0)
    said = {
        cohort: [
            _sum(found.of(group, cohort), name, amount, tell)
            for group, amount in zip((*COUNTED, None), (*parts, sum(parts)), strict=True)
        ]
        for cohort, parts in sums.items()
    }
    longest = max((len(amount) for row in said.values() for amount in row), default=0)
    numbers = max(10 if width < 90 else 12, longest + 1)
    titles = "".join(f"{title:>{numbers}}" for title in (*COUNTED, "all"))
    room = min(max(width - label_width - 4 * numbers - 6, 4), 50)
    yield Line(text(f"  {'':{label_width}} {'':{room}}  {titles}", "$text-muted"))
    for cohort, parts in sums.items():
        beside = "".join(f"{amount:>{numbers}}" for amount in said[cohort])
        label = fitted(Content(visible(cohort) or "(no cohort)"), label_width)
        yield Line(Content.assemble("  ", label, " ", divided(parts, top, room), "  ", beside))


def _candidates(found: Totals, width: int) -> Iterator[Line]:
    name, value, _ = found.measure
    yield from _titled(width, "By candidate", f"bars: {name} of all observed runs, ~ at their rate; Enter reads one")
    top = max((value(part.view.candidate.savings) for part in found.parts), default=0.0)
    for part in found.parts:
        yield _row(part, value(part.view.candidate.savings), top, found, width, VIEW)


def _row(part: Part, saved: float, top: float, found: Totals, width: int, kind: str) -> Line:
    view, (measured, value, tell) = part.view, found.measure
    sign = words.STATUS[view.status]
    state = f"{sign.word:>15}" if width >= 100 else ""
    label_width = min(44, max(width // 3, 16))
    name = arrowed(view.label, label_width - 4)
    label = Content.assemble("  ", (f"{sign.glyph} ", sign.style), (name, "bold" if kind == NEXT else ""))
    own = [view.candidate.savings]
    known, _ = standing(own, measured)
    amount = f"{'≈ ' if part.own < 1 and kind == NEXT and known else ''}{together(own, measured, saved, tell)}"
    month = monthly(part, value)
    ahead = f"~{together(own, measured, month, tell)}/30 d" if month and known else ""
    numbers = f"{amount:>10} {ahead:>15}{state}"
    share = saved / top if top > 0 else 0.0
    return Line(bar_row(label, share, numbers, width, label_width=label_width), f"{kind}{view.lineage}")
