"""The journal screen: every decision live, filtered, with the state of the chain and the ways onward."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.live.reviewing import Request
from core.live.snapshot import JournalView
from core.model.decision import CrashpackRef, Decision
from tests.tui import fakes
from tests.tui.seen import found, list_of, seen, toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.candidates import CandidatesScreen
from tui.screens.journal import JournalScreen
from tui.views.journal import Entry, accepts, chain_lines, completions, entries

WIDE, NARROW = (160, 40), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])
READY, BLOCKED = fakes.view("triage_issue", "ready"), fakes.view("deploy_docs", "blocked")


def decisions() -> tuple[Decision, ...]:
    """Five decisions of three people on three candidates, one of which is not listed any more."""
    gone = fakes.view("old_flow")
    pack = CrashpackRef(name="candidate_x-001", digest="sha256:" + "a" * 64)
    return (
        fakes.decision(READY, seq=1, crashpack=pack, signed="trusted", keyid="c" * 64),
        fakes.decision(BLOCKED, "reject", seq=2, actor="bo@example.com", reason="deploys on Fridays", crashpack=pack),
        fakes.decision(gone, "needs_work", seq=3, reason="name the branch", detail={"label": "old_flow"}),
        fakes.decision(BLOCKED, "allow", seq=4, actor="cy@example.com", detail={"pointer": "/at", "scope": "lineage"}),
        fakes.decision(READY, "revoke", seq=5, reason="wrong branch", time="2026-09-21T14:00:00Z"),
    )


def reviewing(*listed: Decision, **changes: Any) -> fakes.FakeReviewing:
    journal = JournalView(listed or decisions(), **changes)
    return fakes.FakeReviewing(fakes.snapshot(READY, BLOCKED, journal=journal))


def opened(live: fakes.FakeReviewing | None = None) -> AssayApp:
    return AssayApp(live or reviewing(), clock=lambda: fakes.NOW)


def journal(app: AssayApp) -> JournalScreen:
    assert isinstance(app.screen, JournalScreen)
    return app.screen


def listed(app: AssayApp) -> list[str]:
    return [key for key in list_of(app).keys if not key.startswith("#")]


@SIZES
async def test_every_decision_is_listed_newest_first(size: tuple[int, int]) -> None:
    app = opened()
    async with app.run_test(size=size) as pilot:
        await pilot.press("J")
        await pilot.pause()
        assert listed(app) == ["d:5", "d:4", "d:3", "d:2", "d:1"]
        said = seen(app)
        chain = "✓ 5 decisions, every line follows the one before it; 1 trusted, 4 unsigned"
        for part in (chain, "↶ revoke", "≈ allow", "↩ needs work", "✗ reject", "✓ approve"):
            assert part in said
        assert "triage_issue" in said
        assert "old_flow" in said


async def test_the_selected_decision_is_told_in_full() -> None:
    app = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("J", "end")
        await pilot.pause()
        told = app.screen.query_one("#decision").text  # type: ignore[attr-defined]
        for part in (
            "#1",
            "ana@example.com",
            "read every step",
            "✓ trusted by key",
            "candidate_x-001",
            READY.lineage,
        ):
            assert part in told
        await pilot.press("up", "up")
        await pilot.pause()
        told = app.screen.query_one("#decision").text  # type: ignore[attr-defined]
        assert "the candidate is not listed any more" in told
        assert "only approvals and rejections leave one" in told
        assert '"label": "old_flow"' in told


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("actor:bo", [2]),
        ("kind:needs", [3]),
        ("kind:reject", [2]),
        ("kind:allowed", [4]),
        ("candidate:triage", [5, 1]),
        ("FRIDAYS", [2]),
        ("branch", [5, 3]),
        ("branch kind:revoke", [5]),
        ("branch !kind:revoke", [3]),
        (chr(34) + "kind:needs work" + chr(34), [3]),
        (READY.lineage, [5, 1]),
        ("#4", [4]),
        ("nobody", []),
        ("", [5, 4, 3, 2, 1]),
    ],
)
def test_filters_by_actor_candidate_kind_and_words(wanted: str, left: list[int]) -> None:
    rows = entries(reviewing().snapshot)
    assert [entry.decision.seq for entry in rows.values() if accepts(entry, wanted)] == left


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("", []),
        ("branch ", []),
        ("c", ["candidate:"]),
        ("branch kind:RE", ["branch kind:reject", "branch kind:revoke", "branch kind:rename"]),
        ("actor:", ["actor:bo@example.com", "actor:Ana"]),
        ("actor:A", ["actor:Ana"]),
        ("actor:a", ["actor:Ana"]),
        ("actor:Ana", []),
    ],
)
def test_completions_offer_fields_kinds_and_who_decided(written: str, offered: list[str]) -> None:
    actors = ("Ana", "two words", fakes.HOSTILE, "bo@example.com")
    made = (fakes.decision(READY, seq=seq, actor=actor) for seq, actor in enumerate(actors, 1))
    assert completions(written, entries(reviewing(*made).snapshot).values()) == offered


async def test_a_filter_narrows_as_it_is_written_and_escape_clears() -> None:
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "slash", *"branch c")
        await pilot.pause()
        assert listed(app) == ["d:5", "d:3"]
        assert "2 of 5" in seen(app)
        await pilot.press("enter", "down")
        assert journal(app).selected.decision.seq == 3  # type: ignore[union-attr]
        await pilot.press("slash", *"zz")
        await pilot.pause()
        assert "No decision matches branch czz" in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert len(listed(app)) == 5
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, CandidatesScreen)


async def test_decisions_of_others_arrive_live_and_the_selection_stays() -> None:
    live = reviewing()
    app = opened(live)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "down", "down")
        await pilot.pause()
        assert journal(app).selected.decision.seq == 3  # type: ignore[union-attr]
        line = next(n for n, text in enumerate(seen(app).splitlines()) if text.startswith("▌"))
        more = tuple(fakes.decision(BLOCKED, "needs_work", seq=n, actor="di@example.com") for n in (6, 7))
        live.push(replace(live.snapshot, journal=JournalView((*decisions(), *more))))
        await pilot.pause()
        assert listed(app)[:3] == ["d:7", "d:6", "d:5"]
        assert journal(app).selected.decision.seq == 3  # type: ignore[union-attr]
        entries_ = journal(app)._entries
        assert [e.decision.seq for e in entries_.values() if e.new] == [7, 6]
        assert seen(app).count(" new ") == 2
        assert next(n for n, text in enumerate(seen(app).splitlines()) if text.startswith("▌")) - line in (0, 2)
        app._clock = lambda: fakes.NOW + 11
        app.tick()
        await pilot.pause()
        assert not any(e.new for e in journal(app)._entries.values())


async def test_pausing_freezes_it_but_the_own_decision_is_shown() -> None:
    live = reviewing()
    app = opened(live)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "space")
        live.push(replace(live.snapshot, journal=JournalView((*decisions(), fakes.decision(READY, seq=6)))))
        await pilot.pause()
        assert len(listed(app)) == 5
        app.decided(live.decide(Request("needs_work", BLOCKED.lineage, "", "ana@example.com", "no")))
        await pilot.pause()
        assert listed(app)[0] == "d:7"


async def test_enter_opens_the_candidate_and_the_way_back_leads_here() -> None:
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CandidateScreen)
        assert app.screen.lineage == BLOCKED.lineage
        await pilot.press("escape")
        await pilot.pause()
        assert journal(app).selected.decision.seq == 4  # type: ignore[union-attr]
        await pilot.press("down", "enter")
        await pilot.pause()
        journal(app)
        assert toasts(app) == ["This candidate is no longer listed."]


async def test_it_opens_again_from_what_was_opened_from_it() -> None:
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J")
        for _ in range(2):
            await pilot.press("enter")
            assert isinstance(app.screen, CandidateScreen)
            await pilot.press("J")
            journal(app)
        for expected in (CandidateScreen, JournalScreen, CandidateScreen, JournalScreen, CandidatesScreen):
            await pilot.press("escape")
            assert isinstance(app.screen, expected)


async def test_a_decision_without_a_crashpack_says_so() -> None:
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "c")
        await pilot.pause()
        journal(app)
        assert toasts(app) == ["It left no crashpack: only approvals and rejections leave one."]
        await pilot.press("end", "c")
        await pilot.pause()
        assert type(app.screen).__name__ == "CrashpackScreen"
        assert app.screen.folder.name == "candidate_x-001"  # type: ignore[attr-defined]


async def test_sorting_by_keys_and_by_the_head() -> None:
    app = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("J", "S")
        await pilot.pause()
        assert listed(app) == ["d:1", "d:2", "d:3", "d:4", "d:5"]
        await pilot.press("s", "s")
        await pilot.pause()
        assert listed(app)[-2:] == ["d:2", "d:4"], "by actor: ana, bo, cy"


@SIZES
async def test_faults_and_a_torn_line_say_what_to_do(size: tuple[int, int]) -> None:
    faults = ("line 4 was changed: it is not the one that was recorded", "line 6 holds decision 7")
    app = opened(reviewing(*decisions()[:3], faults=faults, torn_tail="12 bytes of a last line"))
    async with app.run_test(size=size) as pilot:
        await pilot.press("J")
        await pilot.pause()
        said = " ".join(seen(app).split())
        assert "✗ line 4 was changed" in said
        assert "✗ line 6 holds decision 7" in said
        assert "3 decisions before it can be relied on and are listed" in said
        assert "`assay verify runs` checks every line" in said
        assert len(listed(app)) == 3
        assert app.screen.query_one("#chain").has_class("fault")


def test_a_torn_line_alone_loses_nothing() -> None:
    said = " ".join(line.plain for line in chain_lines(JournalView(decisions(), torn_tail="12 bytes"), "runs", 200))
    assert "✓ 5 decisions" in said
    assert "A crash cut the last line short: 12 bytes. No decision is lost by it" in said


async def test_an_empty_journal_says_how_to_fill_it() -> None:
    app = opened(fakes.FakeReviewing(fakes.snapshot()))
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J")
        await pilot.pause()
        assert "No decision has been recorded yet" in seen(app)
        await pilot.press("enter", "c", "y")
        journal(app)


async def test_a_decision_is_copied_as_json() -> None:
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J", "y")
        await pilot.pause()
        assert '"kind": "revoke"' in app.clipboard


def test_a_renamed_candidate_is_listed_under_its_present_name() -> None:
    old = fakes.decision(READY, detail={"label": "its_former_name"})
    (entry,) = entries(fakes.snapshot(READY, journal=JournalView((old,)))).values()
    assert entry == Entry(old, "triage_issue", True)


@SIZES
async def test_hostile_text_is_spelled_out(size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE
    bad = fakes.decision(
        READY,
        actor=evil,
        reason=evil,
        time=evil,
        host=evil,
        program=evil,
        lineage=evil,
        detail={evil: evil, "label": evil},
        crashpack=CrashpackRef(name=evil, digest=evil),
    )
    app = opened(reviewing(bad, faults=(evil,), torn_tail=evil))
    async with app.run_test(size=size) as pilot:
        await pilot.press("J")
        await pilot.pause()
        said = seen(app) + app.screen.query_one("#decision").text  # type: ignore[attr-defined]
        await pilot.press("c", "ctrl+p", *"crashpack")
        await found(pilot)
        said += seen(app) + "".join(toasts(app))
        assert app.is_running
    assert not set("\x1b\x07\r\x9b\u202e") & set(said)
    assert "[red]x[/red]" in said


async def test_ten_thousand_decisions_are_drawn_only_where_they_are_seen() -> None:
    many = tuple(fakes.decision(READY, seq=n) for n in range(1, 10_001))
    app = opened(reviewing(*many))
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("J")
        await pilot.pause()
        lines = list_of(app)
        painted: list[str] = []
        paint = lines._paint
        lines._paint = lambda key, width: painted.append(key) or paint(key, width)  # type: ignore[func-returns-value]
        await pilot.press("end")
        await pilot.pause()
        assert journal(app).selected.decision.seq == 1  # type: ignore[union-attr]
        assert 0 < len(set(painted)) <= 24
