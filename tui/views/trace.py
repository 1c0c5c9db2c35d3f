"""A run's actions as rows of a table, what their payloads are, and finding text in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from core.model.jsontext import Json, compact
from core.model.jsontext import plain as plain_json
from core.model.text import lower, visible
from core.model.trace import Action, Trace
from tui.format import NOTHING, duration, plural, short, usd
from tui.text import plain
from tui.widgets.table import Column

PREVIEW = 300
"""Characters of an output that are looked at for its preview."""


@dataclass(frozen=True, slots=True)
class Act:
    """One action: its place in the run (from 0), and its place in the matched window, if it is there."""

    index: int
    action: Action
    step: int | None


def rows(trace: Trace, window: tuple[int, int] | None) -> dict[str, Act]:
    """All actions by key; `window` is start and end (exclusive)."""
    start, end = window or (0, 0)
    return {
        f"a:{index}": Act(index, action, index - start if start <= index < end else None)
        for index, action in enumerate(trace.actions)
    }


def _mark(row: Act, _: int) -> Content:
    if row.step is None:
        return Content("")
    return plain(f"┃{row.step + 1}", "$accent bold")


def _preview(row: Act, _: int) -> Content:
    seen = row.action.seen_output
    if seen is None:
        return plain(NOTHING, "$text-muted")
    said = seen[:PREVIEW] if isinstance(seen, str) else compact(seen)[:PREVIEW].decode(errors="replace")
    return plain(said)


def _effects(row: Act, _: int) -> Content:
    effects = row.action.side_effects
    if not effects:
        return plain(NOTHING, "$text-muted")
    more = f" +{len(effects) - 1}" if len(effects) > 1 else ""
    return plain(f"{effects[0].kind} {effects[0].target}{more}", "$text-warning")


def _duration(row: Act) -> int:
    return row.action.cost.wall_ms + (row.action.duration_ms or 0)


COLUMNS: tuple[Column[Act], ...] = (
    Column("window", "", _mark, 3, 4, 12, lambda r: r.index),
    Column("number", "#", lambda r, _: plain(str(r.index + 1), "$text-muted"), 4, 6, 11, lambda r: r.index, right=True),
    Column("kind", "kind", lambda r, _: plain(r.action.kind, "$text-muted"), 10, 16, 8, lambda r: r.action.kind),
    Column("name", "name", lambda r, _: plain(r.action.name, "bold"), 14, 32, 10, lambda r: r.action.name),
    Column("time", "time", lambda r, _: plain(duration(_duration(r))), 9, 12, 6, _duration, right=True, falling=True),
    Column(
        "cost",
        "cost",
        lambda r, _: plain(usd(r.action.cost.total_cost_usd)),
        8,
        9,
        5,
        lambda r: r.action.cost.total_cost_usd,
        right=True,
        falling=True,
    ),
    Column("effects", "side effects", _effects, 14, 40, 7, lambda r: len(r.action.side_effects), falling=True),
    Column("output", "output", _preview, 16, 120, 9, lambda r: r.index),
)


def payloads(action: Action) -> list[tuple[str, Json]]:
    """Everything that an action carries, what people look for first on top; what is empty is left out."""
    whole = plain_json(action)
    first = ("parameters", "inputs", "observed_output", "output", "side_effects", "approval", "cost", "metadata")
    rest = {key: value for key, value in whole.items() if key not in first and value not in (None, [], {})}
    listed = [(key, whole[key]) for key in first if whole[key] not in (None, [], {})]
    if len(listed) > 1 and action.output is not None and whole["output"] == whole["observed_output"]:
        listed = [(key, value) for key, value in listed if key != "output"]
    return [*listed, ("action", rest)]


def summary(trace: Trace, window: tuple[int, int] | None) -> Content:
    """The run in a line."""
    usage = trace.usage
    place = f"  steps at actions {window[0] + 1} to {window[1]}" if window else ""
    return Content.assemble(
        (visible(trace.id), "bold"),
        (f"  {plural(len(trace.actions), 'action')}", ""),
        (f"  {short(usage.input_tokens + usage.output_tokens)} tokens", "$text-muted"),
        (f"  {usd(usage.total_cost_usd)}  {duration(usage.wall_ms)}", "$text-muted"),
        (place, "$accent"),
    )


def matches(trace: Trace, needle: str, cancelled: Callable[[], bool] = lambda: False) -> tuple[int, ...]:
    """The actions (from 0) in which a text occurs, in ids, names and payloads, as shown; capitals do not matter."""
    return tuple(_matching(trace.actions, lower(needle), cancelled)) if needle else ()


def _matching(actions: Sequence[Action], needle: str, cancelled: Callable[[], bool]) -> Iterator[int]:
    for index, action in enumerate(actions):
        if cancelled():
            return
        if needle in lower(visible(compact(action).decode())):
            yield index
