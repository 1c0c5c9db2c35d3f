from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.live.snapshot import Activity, JournalView, Snapshot
from core.model.errors import WorkspaceError
from tests.tui.fakes import HOSTILE, NOW, FakeReviewing, candidate, decision, snapshot, step, view, views
from tests.tui.seen import home, seen, toasts
from tui import settings
from tui.app import AssayApp
from tui.screens.candidates import CandidatesScreen
from tui.screens.help import HelpScreen
from tui.screens.problems import ProblemsScreen

FIRST = views()[2]
CHANGED = replace(FIRST, candidate=FIRST.candidate.replace(confidence=0.5), evidence_digest="sha256:other")


def with_view(changed):
    return snapshot(*(changed if v.lineage == changed.lineage else v for v in views()))


async def test_it_draws_before_it_reads_and_closes_what_it_started(app, reviewing):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert reviewing.started
        assert not reviewing.closed
        assert isinstance(app.screen, CandidatesScreen)
    assert reviewing.closed


async def test_loading_shows_progress_with_a_rate(clock):
    reviewing = FakeReviewing(Snapshot(), Activity(phase="reading", done=0, total=1_204))
    app = AssayApp(reviewing, clock=clock)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        reviewing.tell(Activity(phase="reading", done=0, total=1_204))
        await pilot.pause()
        clock.now += 2
        reviewing.tell(Activity(phase="reading", done=680, total=1_204))
        await pilot.pause()
        lines = seen(app).splitlines()
        assert "reading 680 of 1,204, 340 a second, 1.5 s left" in lines[0]
        assert any("reading 680 of 1,204" in line for line in lines[5:])
        reviewing.push(snapshot())
        reviewing.tell(Activity(phase="watching", watching="polling"))
        await pilot.pause()
        assert "live (polling)" in seen(app)
        assert "rotate_keys" in seen(app)


async def test_the_header_counts_and_names_the_reviewer(app):
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        head = seen(app).splitlines()[0]
        for said in ("assay runs", "● live", "9 runs", "2 quarantined", "1 excluded", "1 settling", "ana@example.com"):
            assert said in head


async def test_a_broken_journal_is_a_red_banner_and_notices_are_shown(clock):
    shown = snapshot(journal=JournalView(faults=("line 3 was changed", "x")), notices=("first", "second", "third"))
    app = AssayApp(FakeReviewing(shown), clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        said = seen(app)
        assert "✗ The journal is damaged: line 3 was changed (and 1 more)" in said
        assert "! first" in said
        assert "and 2 more notices" in said
        assert app.screen.query(".banner.fault").first().styles.background != app.screen.styles.background
        app.reviewing.push(snapshot())
        await pilot.pause()
        assert "damaged" not in seen(app)
        assert not app.screen.query(".banner")


async def test_pause_freezes_the_view_and_counts_what_waits(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space")
        reviewing.push(with_view(replace(FIRST, label="renamed", status="ready")))
        await pilot.pause()
        assert "paused, 1 change waiting" in seen(app)
        assert "renamed" not in seen(app)
        assert app.snapshot is not reviewing.snapshot
        await pilot.press("space")
        await pilot.pause()
        assert "renamed" in seen(app)
        assert "paused" not in seen(app)


async def test_the_newest_snapshot_wins_when_they_come_in_bursts(app, reviewing):
    shown = []
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        home(app).show = shown.append
        for number in range(50):
            reviewing.push(snapshot(loaded=number))
        await pilot.pause()
    assert shown[-1].loaded == 49
    assert len(shown) < 50


async def test_a_decision_is_shown_even_while_paused(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space")
        from core.live.reviewing import Request

        outcome = reviewing.decide(Request("approve", FIRST.lineage, FIRST.behaviour_digest, "ana@example.com"))
        app.decided(outcome)
        await pilot.pause()
        assert next(v for v in app.snapshot.candidates if v.lineage == FIRST.lineage).status == "ready"
        assert app.standing.paused
        (told,) = toasts(app)
        assert "version_bump approved as ana@example.com" in told
        assert "crashpack: runs.assay/crashpacks/" in told
        assert "next that needs approval: nightly_report" in told
        app.decided(None)
        await pilot.pause()
        assert len(toasts(app)) == 1


async def test_drift_that_arrives_is_named_once(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert not toasts(app)
        drifted = snapshot(
            *(
                replace(v, status="drifted", reasons=("run 7 differs",)) if v.label == "triage_issue" else v
                for v in views()
            )
        )
        reviewing.push(drifted)
        reviewing.push(replace(drifted, loaded=10))
        await pilot.pause()
        assert toasts(app) == ["triage_issue drifted: run 7 differs"]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_at_home_is_one_key(app, key):
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert not app.is_running
    assert app.return_code == 0


async def test_q_goes_back_from_inner_screens(app):
    async with app.run_test() as pilot:
        await pilot.press("p")
        assert isinstance(app.screen, ProblemsScreen)
        await pilot.press("q")
        assert isinstance(app.screen, CandidatesScreen)
        assert app.is_running


async def test_help_lists_the_keys_that_work_here_and_the_words(app):
    async with app.run_test(size=(120, 100)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        said = seen(app)
        assert isinstance(app.screen, HelpScreen)
        for words in (
            "Approve the selected candidate",
            "Go to the next row",
            "Quit at once",
            "▲ drifted",
            "crashpack",
            "lineage",
        ):
            assert words in said
        assert said.count("Take back an earlier decision") == 1
        assert "Copy the path" not in said
        await pilot.press("escape")
        assert isinstance(app.screen, CandidatesScreen)
        await pilot.press("p", "question_mark")
        await pilot.pause()
        assert "Copy the path of the selected file" in seen(app)
        assert "Approve the selected" not in seen(app)


async def test_the_footer_fits_and_its_keys_can_be_clicked(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        foot = seen(app).splitlines()[-1]
        assert len(foot) <= 80
        assert "…" in foot
        assert foot.endswith("? Help")
        await pilot.resize_terminal(160, 24)
        await pilot.pause()
        foot = seen(app).splitlines()[-1]
        assert "…" not in foot
        assert "Space Pause" in foot
        await pilot.click("Keys", offset=(foot.index("Problems"), 0))
        await pilot.pause()
        assert isinstance(app.screen, ProblemsScreen)


async def test_the_palette_finds_candidates_actions_and_themes(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p", *"problems")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ProblemsScreen)
        await pilot.press("ctrl+p", *"assay-light")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert app.theme == "assay-light"


async def test_a_chosen_theme_is_remembered(app, reviewing, clock, settings_folder):
    async with app.run_test():
        app.choose_theme("assay-monochrome")
    assert AssayApp(reviewing, clock=clock).theme == "assay-monochrome"
    assert json.loads((settings_folder / "settings.json").read_text()) == {"theme": "assay-monochrome"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"theme": 3}', b'{"theme": "no such"}'])
async def test_spoiled_settings_mean_the_usual_theme(reviewing, clock, settings_folder, content):
    settings_folder.mkdir(parents=True)
    (settings_folder / "settings.json").write_bytes(content)
    assert AssayApp(reviewing, clock=clock).theme == "assay-dark"


async def test_settings_that_cannot_be_written_are_told(app, settings_folder):
    settings_folder.write_text("a file where the folder should be")
    async with app.run_test() as pilot:
        app.choose_theme("assay-light")
        await pilot.pause()
        assert app.theme == "assay-light"
        assert "cannot be remembered" in toasts(app)[0]


async def test_no_color_means_monochrome(reviewing, clock, monkeypatch):
    settings.remember(theme="assay-light")
    monkeypatch.setenv("NO_COLOR", "1")
    app = AssayApp(reviewing, clock=clock)
    assert app.theme == "assay-monochrome"
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        colours = {
            colour.triplet
            for strip in app.screen._compositor.render_strips()
            for filtered in [strip.apply_filter(app._filters[-1], app.screen.styles.background)]
            for segment in filtered
            for colour in (segment.style.color, segment.style.bgcolor)
            if segment.style and colour and colour.triplet
        }
        assert colours
        assert all(red == green == blue for red, green, blue in colours)


async def test_copying_says_what_it_did_and_no_more(app):
    async with app.run_test() as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == home(app).selected.lineage
        assert toasts(app) == [f"Sent to the terminal's clipboard (OSC 52): {app.clipboard}"]
        app.copy("x" * 100_000)
        await pilot.pause()
        assert "nothing was copied" in toasts(app)[1]
        assert len(app.clipboard) < 100


class Broken(FakeReviewing):
    def start(self, on_snapshot, on_activity):
        raise WorkspaceError("the journal cannot be locked")


async def test_a_workspace_that_refuses_to_start_ends_with_its_message(clock, capsys):
    app = AssayApp(Broken(), clock=clock)
    async with app.run_test() as pilot:
        await pilot.pause()
    assert app.return_code == 5
    app._print_error_renderables()
    assert "assay: the journal cannot be locked" in capsys.readouterr().err


async def test_a_fault_leaves_a_report_without_values(app, settings_folder, capsys):
    payload = "sk-live-0123456789"

    def fail(snapshot):
        local = payload
        raise KeyError(local)

    async def show_it():
        async with app.run_test() as pilot:
            await pilot.pause()
            home(app).show = fail
            app.reviewing.push(snapshot())
            await pilot.pause()

    with pytest.raises(KeyError):
        await show_it()
    assert app.return_code == 1
    app._print_error_renderables()
    told = capsys.readouterr().err
    (report,) = settings_folder.glob("crash-*.txt")
    text = report.read_text()
    assert payload not in told
    assert payload not in text
    assert "a fault of the program itself (KeyError)" in told
    assert report.name in told.replace("\n", "")
    assert "in fail" in text
    assert "raise KeyError(local)" in text
    assert report.stat().st_mode & 0o077 == 0


async def test_hostile_text_is_spelled_out_everywhere(clock):
    bad = view(
        HOSTILE,
        made=candidate(
            HOSTILE,
            steps=tuple(
                step(n, HOSTILE, HOSTILE, capabilities=(HOSTILE,), required_secrets=(HOSTILE,)) for n in (1, 2)
            ),
        ),
        cohort=HOSTILE,
        reasons=(HOSTILE,),
        warnings=(HOSTILE,),
        notes=(HOSTILE,),
    )
    bad = replace(bad, decisions=(decision(bad, actor=HOSTILE, reason=HOSTILE, time=HOSTILE),))
    problems = tuple(
        replace(p, unit=HOSTILE + str(n), rule=HOSTILE, reason=HOSTILE, place=HOSTILE, advice=HOSTILE)
        for n, p in enumerate(snapshot().problems)
    )
    shown = snapshot(
        bad, problems=problems, notices=(HOSTILE,), journal=JournalView(faults=(HOSTILE,), torn_tail=HOSTILE)
    )
    reviewing = FakeReviewing(shown, Activity(phase="watching", watching="events", trouble=HOSTILE))
    reviewing.reviewer = HOSTILE
    app = AssayApp(reviewing, clock=clock)
    raw = set("\x1b\x07\r\x9b\u202e")
    async with app.run_test(size=(200, 60)) as pilot:
        await pilot.pause()
        for keys in ((), ("ctrl+p", *"Open"), ("escape", "escape", "p"), ("y",), ("question_mark",)):
            await pilot.press(*keys)
            await pilot.pause(0.2)
            assert not raw & set(seen(app))
            assert app.is_running
        app.pop_screen()
        await pilot.pause()
        assert r"\e[31mred\e]52;c;aGk=\u{7} \u{202e}evil [red]x[/red] [@click=app.quit]q[/]" in seen(app)
        reviewing.push(replace(shown, candidates=()))
        await pilot.pause()
        assert not raw & set("".join(toasts(app)))
        for strip in app.screen._compositor.render_strips():
            assert all("click" not in str(segment.style and segment.style.meta) for segment in strip)


async def test_a_vanished_candidate_cannot_be_opened(app, reviewing):
    async with app.run_test() as pilot:
        await pilot.pause()
        app.open_candidate("lineage_gone")
        await pilot.pause()
        assert toasts(app) == ["This candidate is no longer listed."]
        assert isinstance(app.screen, CandidatesScreen)


async def test_ages_grow_with_the_clock(app, clock):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "1 min" in seen(app)
        clock.now = NOW + 3_600
        app.tick()
        await pilot.pause()
        assert "1 h" in seen(app)
