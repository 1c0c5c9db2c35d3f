"""A run's actions as rows of a table, what their payloads are, and finding text in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from textual.content import Content

from core.live.snapshot import CandidateView
from core.mining.comparing import steps_in
from core.model.jsontext import Json, compact, same
from core.model.jsontext import plain as plain_json
from core.model.signature import Signature, occurrence, signatures
from core.model.text import lower, plural, visible
from core.model.trace import Action, Trace
from tui.format import NOTHING, duration, short, usd
from tui.text import flowed, plain, stacked
from tui.views.usage import price, time, tokens
from tui.widgets.table import Column

REST = "action"
"""The title of what an action has besides its payloads."""
PREVIEW = 300
"""Characters of an output that are looked at for its preview."""


LANES = (("┃", "$accent bold"), ("║", "$warning"), ("╎", "$success"), ("┊", "$primary"))
"""How the margins of windows are drawn; each has a sign of its own, as colour alone tells nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where a candidate's steps stand in the run: from `start` to `end` (exclusive), both from 0."""

    lineage: str
    label: str
    start: int
    end: int
    lane: int = 0
    """Which margin it has; windows that overlap never share one, as long as there are enough."""
    steps: tuple[tuple[int, ...], ...] = ()
    """For each step the indexes of the actions that stand for it; empty when they follow each other without a gap."""

    def step_of(self, index: int) -> int | None:
        """The step (from 0) for which an action stands."""
        if self.steps:
            return next((number for number, step in enumerate(self.steps) if index in step), None)
        return index - self.start if self.start <= index < self.end else None

    def action_of(self, step: int) -> int:
        """The index of the action that stands for a step (from 0)."""
        return self.steps[step][0] if step < len(self.steps) else self.start + step


@dataclass(frozen=True, slots=True)
class Act:
    """One action: its place in the run (from 0), and the windows in which it is."""

    index: int
    action: Action
    windows: tuple[Window, ...] = ()


def windows_of(
    trace: Trace, views: Iterable[CandidateView], first: tuple[int, int] | None, lineage: str = ""
) -> tuple[Window, ...]:
    """The windows of all candidates in a run, in lanes; `first` and its lineage are those that it was opened for."""
    found: list[Window] = []
    signed: list[tuple[Signature, ...]] = []
    opened = Window(lineage, "", *first) if first else None
    for view in views:
        if view.candidate.induction is not None:
            window = _scattered(trace, view)
            if opened and lineage and view.lineage == lineage:
                opened = window  # other actions may stand between its steps: it is never one stretch by its length
                continue
        else:
            start = first[0] if first and view.lineage == lineage else _start(trace, view, signed)
            length = len(view.candidate.sequence_signature)
            window = None if start is None else Window(view.lineage, view.label, start, start + length)
        if window is None:
            continue
        if opened and (view.lineage == lineage if lineage else (window.start, window.end) == first):
            opened = window
        else:
            found.append(window)
    found.sort(key=lambda window: (window.start, -window.end))
    return tuple(_laned([opened, *found] if opened else found))


def _scattered(trace: Trace, view: CandidateView) -> Window | None:
    """The window of a generalised candidate, from its first action to its last; others may stand between."""
    made = view.candidate
    if trace.id not in {*(e.trace_id for e in made.examples), *(r.trace_id for r in made.shadow.traces)}:
        return None
    steps = steps_in(made, trace)
    return Window(view.lineage, view.label, steps[0][0], steps[-1][-1] + 1, steps=steps) if steps else None


def _start(trace: Trace, view: CandidateView, signed: list[tuple[Signature, ...]]) -> int | None:
    """Where the window of a candidate begins; `signed` keeps the run's signatures once they were needed."""
    for example in view.candidate.examples:
        if example.trace_id == trace.id:
            return example.start_index
    if all(result.trace_id != trace.id for result in view.candidate.shadow.traces):
        return None
    if not signed:
        signed.append(signatures(trace))
    return occurrence(view.candidate.sequence_signature, signed[0])


def _laned(found: Sequence[Window]) -> Iterator[Window]:
    ends = [0] * len(LANES)
    for number, window in enumerate(found):
        # The first one is what the run was opened for: its lane is its own.
        free = [lane for lane in range(1 if number else 0, len(LANES)) if ends[lane] <= window.start]
        lane = free[0] if free else len(LANES) - 1
        ends[lane] = max(ends[lane], window.end)
        yield replace(window, lane=lane)


class Acts(Mapping[str, Act]):
    """All actions by key; a row is only made when it is looked at, as there may be 100,000."""

    def __init__(self, trace: Trace, windows: Sequence[Window] = ()) -> None:
        self._actions = trace.actions
        self._held: dict[int, list[Window]] = {}
        for window in windows:
            for index in range(window.start, min(window.end, len(trace.actions))):
                if window.step_of(index) is not None:
                    self._held.setdefault(index, []).append(window)

    def __getitem__(self, key: str) -> Act:
        """The row of a key. Raises KeyError."""
        number = key.removeprefix("a:")
        index = int(number) if number.isdecimal() and key.startswith("a:") else -1
        if not 0 <= index < len(self._actions):
            raise KeyError(key)
        return Act(index, self._actions[index], tuple(self._held.get(index, ())))

    def __iter__(self) -> Iterator[str]:
        """The keys, in the order of the actions."""
        return (f"a:{index}" for index in range(len(self._actions)))

    def __len__(self) -> int:
        """How many actions there are."""
        return len(self._actions)


def rows(trace: Trace, windows: Sequence[Window] = ()) -> Acts:
    """All actions by key."""
    return Acts(trace, windows)


def legend(windows: Sequence[Window], width: int) -> Content:
    """Which margin is whose: the sign, the candidate and its actions; as many as have room."""
    parts = [
        Content.assemble(LANES[w.lane], " ", plain(w.label), (f" {w.start + 1}-{w.end}", "$text-muted"))
        for w in windows
    ]
    lines = flowed(parts, width, Content("   "))
    if len(lines) < 2:
        return stacked(lines)
    room = next(n for n in range(len(parts), 0, -1) if len(flowed(parts[:n], width - 10, Content("   "))) == 1)
    more = Content.styled(f"   +{len(parts) - room} more", "$text-muted")
    return Content.assemble(Content("   ").join(parts[:room]), more if room < len(parts) else "")


def _mark(row: Act, _: int) -> Content:
    """The number of the step in the first window, and the margins of all."""
    if not row.windows:
        return Content("")
    by_lane = {window.lane: window for window in row.windows}
    drawn = Content("")
    for lane in range(max(by_lane) + 1):
        drawn += Content.styled(*LANES[lane]) if lane in by_lane else Content(" ")
        if lane == 0:
            step = by_lane[0].step_of(row.index) if 0 in by_lane else None
            drawn += Content.styled(f"{'' if step is None else step + 1:<2}", "$accent bold")
    return drawn


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
    return row.action.took_ms


def _time(row: Act, _: int) -> Content:
    said = row.action.duration_ms is not None or _duration(row)
    return plain(duration(_duration(row))) if said else plain(NOTHING, "$text-muted")


def _cost(row: Act, _: int) -> Content:
    cost = row.action.cost.total_cost_usd
    return plain(usd(cost)) if cost else plain(NOTHING, "$text-muted")


COLUMNS: tuple[Column[Act], ...] = (
    Column("window", "", _mark, 4, 6, 12, lambda r: r.index),
    Column("number", "#", lambda r, _: plain(str(r.index + 1), "$text-muted"), 4, 6, 11, lambda r: r.index, right=True),
    Column("kind", "kind", lambda r, _: plain(r.action.kind, "$text-muted"), 10, 16, 8, lambda r: r.action.kind),
    Column("name", "name", lambda r, _: plain(r.action.name, "bold"), 14, 32, 10, lambda r: r.action.name),
    Column("time", "time", _time, 9, 12, 6, _duration, right=True, falling=True),
    Column(
        "cost",
        "cost",
        _cost,
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


def columns(windows: Sequence[Window]) -> tuple[Column[Act], ...]:
    """The columns where the margins of all these windows have their room."""
    least = max((3 + window.lane for window in windows), default=0)
    return tuple(replace(c, least=max(c.least, least)) if c.key == "window" else c for c in COLUMNS)


def payloads(action: Action) -> list[tuple[str, Json]]:
    """Everything that an action carries, what people look for first on top; what is empty is left out."""
    whole = _told(plain_json(action))
    # Nothing is recorded of an amount that is 0: it is what stands where a file says nothing.
    if cost := {name: amount for name, amount in _told(whole.pop("cost")).items() if amount}:
        whole["cost"] = cost
    if action.side_effects:
        whole["side_effects"] = [_told(effect) for effect in whole["side_effects"]]
    if action.approval is not None:
        whole["approval"] = _told(whole["approval"])
    first = ("parameters", "inputs", "observed_output", "output", "side_effects", "approval", "cost", "metadata")
    rest = {key: value for key, value in whole.items() if key not in first}
    listed = [(key, whole[key]) for key in first if key in whole]
    if action.output is not None and same(whole.get("output"), whole.get("observed_output")):
        listed = [(key, value) for key, value in listed if key != "output"]
    return [*listed, (REST, rest)]


def _told(fields: dict[str, Json]) -> dict[str, Json]:
    """The fields of which something is told."""
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def summary(trace: Trace) -> Content:
    """The run in a line."""
    used = tokens(trace.usage)
    told = (
        "tokens unknown" if used is None else f"{short(used)} tokens",
        price(trace.usage) or "price unknown",
        time(trace.took_ms) or "time unknown",
    )
    return Content.assemble(
        (visible(trace.id), "bold"),
        (f"  {plural(len(trace.actions), 'action')}", ""),
        *((f"  {part}", "$text-muted") for part in told),
    )


def matches(trace: Trace, needle: str, cancelled: Callable[[], bool] = lambda: False) -> tuple[int, ...]:
    """The actions (from 0) in which a text occurs, in ids, names and payloads, as shown; capitals do not matter."""
    return tuple(_matching(trace.actions, lower(needle), cancelled)) if needle else ()


def _matching(actions: Sequence[Action], needle: str, cancelled: Callable[[], bool]) -> Iterator[int]:
    for index, action in enumerate(actions):
        if cancelled():
            return
        held = [value if title == REST else {title: value} for title, value in payloads(action)]
        if needle in lower(visible(compact(held).decode())):
            yield index
