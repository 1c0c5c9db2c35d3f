"""`assay shot`: pictures of screens without a terminal, safe whatever the runs say."""

from __future__ import annotations

import shutil
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from core.live.reviewing import Refused, Request
from core.model.errors import InputError
from tests.samples_source import SAMPLES
from tests.tui import fakes
from tests.tui.reviewed import settled, world
from tests.tui.seen import toasts
from tui import picture
from tui.app import AssayApp
from tui.cli import shot as command
from tui.cli.main import main
from tui.read_only import WHY, ReadOnly, Still, barred
from tui.shooting import SCREENS, is_key, shot

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shot") / "traces"
    shutil.copytree(SAMPLES / "release", folder)
    return folder


def ran(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in ("shot", *arguments)])


def said(svg: str) -> str:
    return " ".join("".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text"))  # noqa: S314


class TestPictures:
    def test_a_screen_is_drawn_at_the_size_that_is_asked_for(self, traces, tmp_path):
        out = tmp_path / "a.svg"
        done = ran(traces, "--screen", "savings", "--size", "100x20", "--out", out)
        assert done.exit_code == 0, done.output
        svg = out.read_text()
        assert "3\xa0Savings" in said(svg)
        assert "url(" not in svg.replace('url("#', "").replace("url(#", "")
        assert svg.count("clip-path id") or "line-19" in svg

    def test_names_of_the_command_are_the_screens(self):
        assert tuple(SCREENS) == command.NAMES

    def test_every_screen_can_be_drawn(self, traces, tmp_path):
        for name in ("home", "approve", "run", "totals", "problems", "journal", "help"):
            done = ran(traces, "--screen", name, "--out", tmp_path / f"{name}.svg")
            assert done.exit_code == 0, (name, done.output)
        assert "nobody\xa0(read-only)" in said((tmp_path / "home.svg").read_text())
        assert "read-only" in said((tmp_path / "approve.svg").read_text())

    def test_keys_are_pressed_and_decide_nothing(self, traces, tmp_path):
        workspace = tmp_path / "ws"
        keys = [part for key in ("tab", "space", "ctrl+s") for part in ("--press", key)]
        done = ran(traces, "--screen", "approve", *keys, "--workspace", workspace, "--out", tmp_path / "a.svg")
        assert done.exit_code == 0, done.output
        assert not list(workspace.rglob("crashpacks/*"))
        assert not [p for p in workspace.rglob("journal.jsonl") if p.stat().st_size]

    def test_what_is_not_there_is_named(self, traces, tmp_path):
        out = tmp_path / "a.svg"
        assert "no crashpack yet" in str(ran(traces, "--screen", "crashpack", "--out", out).exception)
        assert "no theme 'pink'" in str(ran(traces, "--theme", "pink", "--out", out).exception)
        assert "is no key" in str(ran(traces, "--press", "nonsense", "--out", out).exception)
        assert ran(traces, "--out", tmp_path / "a.gif").exit_code == 2
        for size in ("10x10", "120", "9999x9999", "x"):
            assert ran(traces, "--size", size, "--out", out).exit_code == 2
        assert not out.exists()

    def test_keys_have_names(self):
        assert all(map(is_key, ("n", "enter", "ctrl+s", "question_mark", "+", "f1")))
        assert not is_key("foo")

    def test_without_the_library_png_says_what_to_install(self, monkeypatch):
        monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
        with pytest.raises(InputError, match=r"assay\[picture\]"):
            picture.png("<svg/>")

    def test_without_a_font_png_says_what_to_install(self, tmp_path):
        pytest.importorskip("resvg_py")
        with pytest.raises(InputError, match="fonts-dejavu-core"):
            picture.png("<svg/>", tmp_path)

    def test_png_is_png(self, traces, tmp_path):
        pytest.importorskip("resvg_py")
        if picture.best_font(picture.FONT_FOLDERS) is None:
            pytest.skip("no font")
        assert ran(traces, "--out", tmp_path / "a.png").exit_code == 0
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


class TestHostileText:
    async def test_text_from_runs_cannot_become_part_of_the_svg(self):
        evil = '</text><script>alert(1)</script><image href="http://x.example/"/>\x1b]8;;http://x\x07 ￾￿ ‮ \x9b'
        view = fakes.view(evil, made=fakes.candidate(evil))
        app = AssayApp(Still(fakes.FakeReviewing(fakes.snapshot(view))), clock=lambda: fakes.NOW)
        svg = await shot(app, (160, 30), "overview", view.lineage, ())
        tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}  # noqa: S314
        assert tags <= {"svg", "style", "defs", "clipPath", "rect", "g", "text", "circle"}
        assert "<script" in said(svg).replace("\xa0", " ")

    def test_what_xml_does_not_know_is_replaced(self):
        assert picture.clean("<t>\ufffe\uffff\x00\ud800ok</t>") == "<t>" + "\ufffd" * 4 + "ok</t>"


class TestReadOnly:
    def test_everything_shows_and_nothing_is_decided(self):
        folder, view = world()
        quiet = ReadOnly(folder)
        assert quiet.trace("trace_0") == folder.trace("trace_0")
        with pytest.raises(FileNotFoundError):
            quiet.raw("runs/t0.json", 1)
        with pytest.raises(Refused, match="read-only"):
            quiet.decide(Request("approve", view.lineage, view.behaviour_digest, "ana"))
        assert not folder.requests
        assert (barred(quiet), barred(folder)) == (WHY, "")

    @pytest.mark.parametrize("opens", ["", "candidate", "crashpack"])
    async def test_nothing_can_be_written_from_any_screen(self, opens, tmp_path):
        """Exports ask for any path; where nobody was let in to decide, they must not even ask."""
        folder, view = world()
        folder.workspace = tmp_path
        app = AssayApp(ReadOnly(folder), clock=lambda: fakes.NOW)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            if opens == "candidate":
                app.open_candidate(view.lineage)
            if opens == "crashpack":
                app.open_crashpack("candidate_x-001")
            await settled(pilot)
            before = app.screen
            await pilot.press("E")
            await settled(pilot)
            assert app.screen is before
            assert any("Nothing is written" in told for told in toasts(app))

    async def test_many_at_once_are_refused_before_a_reason_is_typed(self):
        folder, _ = world()
        app = AssayApp(ReadOnly(folder), clock=lambda: fakes.NOW)
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(pilot)
            await pilot.press("v", "v", "r")
            await settled(pilot)
            await pilot.press(*"why", "ctrl+s")
            await settled(pilot)
        assert folder.requests == []
