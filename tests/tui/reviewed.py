"""A small app around the candidate's screens, and a world of runs that differ in every way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.screen import Screen

from core.live.reviewing import Outcome
from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.candidate import Candidate, Example
from core.model.errors import InputError
from core.model.signature import signatures
from core.model.trace import Trace
from core.shadow.compare import Pool, shadow_compare
from tests.tui import fakes
from tests.tui.seen import worked
from tui.app import AssayApp


class Held(AssayApp):
    """The real app with one screen opened at once; keeps what was copied and decided."""

    def __init__(self, reviewing: Any, screen: Screen[Any]) -> None:
        super().__init__(reviewing, clock=lambda: fakes.NOW)
        self._first = screen
        self.copied: list[str] = []
        self.outcomes: list[Outcome | None] = []
        self.animation_level = "none"

    def get_default_screen(self) -> Screen[Any]:
        """Nothing beneath, so that no picture shows the home screen through."""
        return Screen()

    def on_mount(self) -> None:
        self.push_screen(self._first, self.decided)

    def decided(self, outcome: Any) -> None:
        self.outcomes.append(outcome)
        if isinstance(outcome, Outcome):
            super().decided(outcome)

    def copy(self, text: str) -> None:
        self.copied.append(text)
        super().copy(text)


class Folder(fakes.FakeReviewing):
    """A live workspace whose runs are given; a run that is missing raises what a vanished file does."""

    def __init__(self, shown: Snapshot, traces: Mapping[str, Trace]) -> None:
        super().__init__(shown, Activity(phase="watching", done=9, total=9, watching="events"))
        self.held = dict(traces)

    def trace(self, trace_id: str) -> Trace:
        if trace_id not in self.held:
            raise InputError(f"runs/{trace_id}.json: no such file; it was removed or renamed")
        return self.held[trace_id]


def base_trace(number: int) -> Trace:
    """A run of three steps between two other actions; numbers 6, 7 and 8 differ."""
    trace = fakes.trace(f"trace_{number}")
    actions = list(trace.actions)
    output = {"ok": True, "version": "1.2.0", "files": ["Cargo.toml", "Cargo.lock", "README.md"], "log": LOG}
    actions[0] = actions[0].replace(parameters={"repo_path": "/src/a"}, observed_output={"read": 3})
    actions[1] = actions[1].replace(parameters={"repo_path": "/src/a", "version": "1.2.0"}, observed_output=output)
    if number in (6, 7):
        changed = output | {"version": "1.3.0", "log": LOG.replace("built in 3 s", "built in 4 s")}
        actions[1] = actions[1].replace(observed_output=changed)
    if number == 8:
        effect = actions[1].side_effects[0].replace(target="{repo_path}/package.json")
        actions[1] = actions[1].replace(side_effects=(effect,))
    actions = [a.replace(approval=s.approval) for a, s in zip(actions, fakes.version_bump_steps(), strict=True)]
    extra = fakes.trace().actions[0].replace(id="before", kind="note", name="plan", parameters={})
    return trace.replace(actions=(extra, *actions, extra.replace(id="after", name="wrap_up")))


LOG = "\n".join([*(f"compiling crate_{n}" for n in range(20)), "built in 3 s", *(f"testing {n}" for n in range(12))])


def world(examples: int = 4, runs: int = 9) -> tuple[Folder, CandidateView]:
    """A folder of nine runs, three of which differ in two ways, and the view that follows."""
    traces = {f"trace_{n}": base_trace(n) for n in range(runs)}
    first = traces["trace_0"]
    steps = list(fakes.version_bump_steps())
    steps[1] = steps[1].replace(expected_output=first.actions[2].observed_output)
    made: Candidate = fakes.candidate("version_bump", steps=tuple(steps), examples=examples)
    made = made.replace(
        sequence_signature=signatures(first)[1:4],
        examples=tuple(
            Example(trace_id=f"trace_{n}", source_hash=f"sha256:{n:064x}", start_index=1, action_ids=("a0", "a1", "a2"))
            for n in range(examples)
        ),
    )
    shadow = shadow_compare(made, Pool(tuple(traces.values())))
    made = made.replace(shadow=shadow)
    status = "needs_approval" if shadow.passed else "blocked"
    view = replace(fakes.view("version_bump", status, made=made), reasons=shadow.failures[:3])
    others = (fakes.view("triage_issue", "ready"), view, fakes.view("deploy_docs", "blocked"))
    return Folder(fakes.snapshot(*others), traces), view


def good_world() -> tuple[Folder, CandidateView]:
    """The same, with only runs that agree: it can be approved."""
    return world(runs=6)


async def settled(pilot: Any) -> None:
    """Wait until the workers are done and what they told is drawn."""
    for _ in range(2):
        await worked(pilot.app)
        await pilot.pause()


def words(app: Held) -> str:
    """What is on the screen, line after line."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def changed(folder: Folder, view: CandidateView) -> Snapshot:
    """The folder's snapshot with one view replaced."""
    views = tuple(view if v.lineage == view.lineage else v for v in folder.snapshot.candidates)
    return replace(folder.snapshot, candidates=views)
