from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.live.snapshot import Activity, JournalView
from core.model.errors import WorkspaceError
from tests.tui.fakes import HOSTILE, FakeReviewing, candidate, decision, snapshot, step, view
from tests.tui.seen import found, home, seen, toasts
from tui import settings
from tui.app import AssayApp
from tui.screens.problems import ProblemsScreen


class Broken(FakeReviewing):
    def start(self, on_snapshot, on_activity):
        raise WorkspaceError("the journal cannot be locked")


async def test_the_palette_finds_candidates_actions_and_themes(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p", *"problems")
        await found(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ProblemsScreen)
        await pilot.press("ctrl+p", *"assay-light")
        await found(pilot)
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
        sent = f"Sent to the terminal's clipboard (OSC 52): {app.clipboard}"
        assert toasts(app) == [f"{sent}\nTerminals do not confirm, and some ignore it."]
        app.copy("x" * 100_000)
        await pilot.pause()
        written = settings.folder() / "copied.txt"
        assert toasts(app)[1] == f"Too long for the terminal's clipboard; written to {written} instead."
        assert written.read_text() == "x" * 100_000
        assert written.stat().st_mode & 0o077 == 0
        assert len(app.clipboard) < 100


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
            await found(pilot)
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


async def test_who_leaves_before_the_first_screen_stands_meets_no_fault(reviewing, clock, settings_folder):
    app = AssayApp(reviewing, clock=clock)
    app.leave(143)
    await app.run_async(headless=True, size=(80, 24))
    assert (app.return_code, sorted(settings_folder.glob("crash*"))) == (143, [])
