"""The main flow by keys only, by mouse only, and at every size; jump mode; the review in plain lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from core.live.reviewing import Refused
from core.live.snapshot import Activity, Snapshot
from tests.tui.fakes import HOSTILE, NOW, FakeReviewing, problems, snapshot, view, views
from tests.tui.reviewed import good_world, settled, world
from tests.tui.seen import label, seen
from tui.app import AssayApp
from tui.plain.ascii import ascii_only
from tui.plain.review import PlainReview
from tui.plain.talk import Talk
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.screens.jump import JumpScreen, labels
from tui.screens.problems import ProblemsScreen


def live_app(folder):
    app = AssayApp(folder, clock=lambda: NOW)
    app.animation_level = "none"
    return app


def place(app, text):
    """Where a text stands on the screen."""
    for y, line in enumerate(seen(app).splitlines()):
        if text in line:
            return line.index(text), y
    raise AssertionError(f"{text} is not on the screen:\n{seen(app)}")


async def click(app, pilot, text, times=1):
    x, y = place(app, text)
    await pilot.click(offset=(x + 1, y), times=times)
    await settled(pilot)


async def test_from_list_to_rejection_by_keys_only():
    folder, _ = world()
    app = live_app(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"version", "enter", "enter")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)
        await pilot.press("2", "n", "r")
        await settled(pilot)
        await pilot.press(*"three runs differ", "ctrl+s")
        await settled(pilot)
        (request,) = folder.requests
        assert (request.kind, request.reason, request.seen.label) == ("reject", "three runs differ", "version_bump")


async def test_from_list_to_rejection_by_mouse_only():
    folder, _ = world()
    app = live_app(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await click(app, pilot, "version_bump", times=2)
        assert isinstance(app.screen, CandidateScreen)
        await click(app, pilot, "2 Divergences")
        assert "expected, from" in seen(app)
        await click(app, pilot, "Reject")
        assert isinstance(app.screen, DecisionDialog)
        app.screen.query_one("#reason", Input).value = "three runs differ"
        await pilot.pause()
        await pilot.click("#confirm")
        await settled(pilot)
        (request,) = folder.requests
        assert (request.kind, request.seen.label) == ("reject", "version_bump")


@pytest.mark.parametrize("keys", [(), ("slash", *"bump"), ("enter", "2"), ("enter", "2", "r"), ("p",), ("o",), ("f",),
                                  ("v", "r"), ("question_mark",), ("ctrl+p",)], ids="-".join)  # fmt: skip
async def test_every_size_at_every_moment(keys):
    folder, _ = good_world() if keys == () else world()
    app = live_app(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("down", *keys)
        await settled(pilot)
        focused, chosen = app.focused, label(app)
        for width, height in ((80, 24), (40, 10), (200, 60), (20, 5), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert app.is_running
            assert all(len(line) <= width for line in seen(app).splitlines())
        assert app.focused is focused
        assert label(app) == chosen


async def test_typed_text_focus_and_scroll_stay_while_data_changes():
    folder, _ = world()
    app = live_app(folder)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        await pilot.press("slash", *"ver")
        folder.push(snapshot(*reversed(folder.snapshot.candidates)))
        await settled(pilot)
        field = app.screen.query_one("#filter-field", Input)
        assert field.has_focus
        assert field.value == "ver"
        await pilot.press(*"sion")
        await settled(pilot)
        assert app.screen.bar.text == "version"


async def test_letters_jump_to_rows_and_tabs():
    folder, _ = world()
    app = live_app(folder)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.screen, JumpScreen)
        target = next(n for n, t in app.screen._targets.items() if t.y == place(app, "deploy_docs")[1])
        await pilot.press(*target)
        await settled(pilot)
        assert label(app) == "deploy_docs"
        await pilot.press("enter", "f")
        await settled(pilot)
        tab = next(n for n, t in app.screen._targets.items() if t.y == place(app, "2 Divergences")[1])
        assert tab
        tabs = [n for n, t in app.screen._targets.items() if t.y == place(app, "2 Divergences")[1]]
        await pilot.press(*tabs[1])
        await settled(pilot)
        assert app.screen.query_one("ContentSwitcher").current == "divergences"
        await pilot.press("f", "escape")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)


@pytest.mark.parametrize("number", [0, 1, 26, 27, 100, 676])
def test_no_label_is_the_beginning_of_another(number):
    made = labels(number)
    assert len(set(made)) == number
    assert len({len(name) for name in made}) <= 1


async def test_pause_works_on_every_screen_and_letters_stay_text(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "P")
        await pilot.pause()
        assert app.standing.paused
        assert isinstance(app.screen, ProblemsScreen)
        await pilot.press("P", "slash", "P", "f", "enter")
        await pilot.pause()
        assert not app.standing.paused
        assert app.screen.bar.text == "Pf"


class Said:
    """Answers what it was given, one line after the other, and keeps what was told."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.lines: list[str] = []

    def read(self, question):
        self.lines.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0) + "\n"

    @property
    def text(self):
        return "\n".join(self.lines)


def talked(reviewing, *answers):
    """Everything that a plain review says."""
    said = Said(*answers)
    start = reviewing.start

    def started(on_snapshot, on_activity):
        start(on_snapshot, on_activity)
        on_activity(Activity("watching", watching="events"))

    reviewing.start = started
    PlainReview(reviewing, Talk(said.read, said.lines.append), lambda: NOW).run()
    assert said.text.isascii()
    return said.text


def test_plain_lists_tells_and_explains():
    text = talked(FakeReviewing(), "help", "show 3", "brief 3", "problems", "problems 2", "journal", "words", "quit")
    for part in (
        "1. rotate_keys: drifted, risk high",
        "3. version_bump: needs approval",
        "write_release_notes",
        "runs/broken.json",
        "Correct the file or remove it",
        "No decision has been recorded yet.",
        "needs approval: Everything holds",
    ):
        assert part in text


def test_plain_approves_only_what_is_confirmed_word_by_word():
    folder, seen_view = good_world()
    told = talked(folder, "approve " + seen_view.lineage)
    assert not folder.requests
    yes = ["yes"] * 9
    warnings = len(folder.snapshot.view(seen_view.lineage).warnings)
    assert "Promote version_bump" in told
    talked(folder, f"approve {seen_view.lineage}", *yes[:warnings], "read it", "approvee", "quit")
    assert not folder.requests
    text = talked(folder, f"approve {seen_view.lineage}", *yes[:warnings], "read it", "approve", "journal", "quit")
    assert [(r.kind, r.reason, r.behaviour_digest) for r in folder.requests] == [
        ("approve", "read it", seen_view.behaviour_digest)
    ]
    assert "Recorded. version_bump approved as ana@example.com" in text


def test_plain_numbers_belong_to_the_list_that_was_told():
    reviewing = FakeReviewing()
    said = Said("brief 3", "quit")
    read = said.read

    def moving(question):
        if said.answers and said.answers[0].startswith("brief"):
            reviewing.push(snapshot(*reversed([v for v in views() if v.label != "rotate_keys"])))
        return read(question)

    reviewing.start = lambda on_snapshot, on_activity: on_activity(Activity("watching", watching="events"))
    PlainReview(reviewing, Talk(moving, said.lines.append), lambda: NOW).run()
    assert "version_bump" in said.lines[-2]


@pytest.mark.parametrize(
    ("activity", "told"),
    [
        (Activity("starting"), "Still starting"),
        (Activity("reading", 600, 3_000), "Still reading, 600 of 3,000 files so far"),
        (Activity("mining", total=3_000), "Still looking for repeated steps in 3,000 runs"),
    ],
)
def test_plain_says_nothing_of_runs_before_the_first_look_is_over(activity, told, monkeypatch):
    monkeypatch.setattr("tui.plain.review.PATIENCE", 0)
    said = Said("list", "status", "quit")
    PlainReview(FakeReviewing(Snapshot(), activity), Talk(said.read, said.lines.append), lambda: NOW).run()
    assert said.text.count(told) == 3
    assert "Nothing repeats" not in said.text
    assert "0 candidates" not in said.text


def test_plain_says_that_a_first_look_goes_on(monkeypatch):
    monkeypatch.setattr("tui.plain.review.PATIENCE", 0)
    left = "Still looking for repeated steps in 40 runs: there may be more candidates."
    for shown, activity, told, lines in (
        (snapshot(*views()), Activity("mining", total=40), left, 4),
        (replace(snapshot(), unranked=40), Activity("mining", total=40), left, 4),
        (replace(snapshot(*views()), unranked=3), Activity("watching"), "3 runs not ranked yet.", 2),
        (snapshot(*views()), Activity("watching"), "Still looking", 0),
        (snapshot(*views()), Activity("mining"), "Still looking", 0),
    ):
        said = Said("list", "status", "quit")
        PlainReview(FakeReviewing(shown, activity), Talk(said.read, said.lines.append), lambda: NOW).run()
        assert said.text.count(told) == lines, "it begins with both"
        assert "Nothing repeats" not in said.text


def test_plain_tells_refusals_and_what_is_no_command():
    reviewing = FakeReviewing()
    reviewing.refusal = Refused(("its behaviour changed",), stale=True)
    text = talked(reviewing, "reject 1", "no good", "reject", "xyz", "r", "show 99", "list risk:huge", "quit")
    assert "its behaviour changed" in text
    assert "xyz is no command" in text
    assert "r could be runs, reject, revoke" in text
    assert "99 names no candidate" in text
    assert "`risk:huge` is none of low, medium, high" in text


def test_plain_differences_are_told_with_their_places():
    folder, seen_view = world()
    text = talked(folder, f"diff {seen_view.lineage}", f"runs {seen_view.lineage}", "quit")
    assert "/version" in text
    assert 'expected: "1.2.0"' in text
    assert 'observed: "1.3.0"' in text
    assert "trace_6: differs" in text


def test_plain_spells_everything_out():
    bad = replace(view(HOSTILE, "blocked"), reasons=(HOSTILE,), label=HOSTILE + "é")
    shown = snapshot(bad, problems=tuple(replace(p, unit=HOSTILE, reason=HOSTILE) for p in problems()))
    text = talked(FakeReviewing(shown), "show 1", "brief 1", "problems", "problems 1", "evidence 1", "quit")
    assert not set("\x1b\x07\r\x9b\u202e") & set(text)
    assert r"\u{e9}" in text
    assert ascii_only("a→b\x1b") == r"a->b\e"
