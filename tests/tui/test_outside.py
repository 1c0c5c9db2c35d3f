"""What leads out of the program: the clipboard, the editor, and finding the place in a file."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.jsontext import pretty
from tests.tui.fakes import FakeReviewing, snapshot, trace
from tests.tui.seen import seen, toasts, worked
from tui import clipboard, editing
from tui.app import AssayApp
from tui.editing import NoEditor, Spot
from tui.places import locate, path_of, spot_of
from tui.screens.raw import RawScreen
from tui.widgets.raw import RawText


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A folder of programs, the only ones that are found; each writes what it was given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name: str, body: str = "") -> None:
        path, program = folder / name, tmp_path / f"{name}.py"
        program.write_text(
            "import sys, pathlib\ndata = sys.stdin.buffer.read()\n"
            f"pathlib.Path({str(tmp_path / 'taken')!r}).write_bytes(data)\n{body}\n"
        )
        # The first line of a script takes no path with a space in it.
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return make


@pytest.mark.parametrize(
    ("env", "platform", "found"),
    [
        ({"WAYLAND_DISPLAY": "w"}, "linux", ["wl-copy"]),
        ({"DISPLAY": ":0"}, "linux", ["xclip", "xsel"]),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", ["wl-copy", "xclip", "xsel"]),
        ({}, "linux", []),
        ({}, "darwin", ["pbcopy"]),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", ["clip.exe"]),
    ],
)
def test_programs_that_could_reach_the_clipboard(tools, env, platform, found):
    for name in ("wl-copy", "xclip", "xsel", "pbcopy", "clip.exe"):
        tools(name)
    assert [command[0] for command in clipboard.programs({**env, "PATH": os.environ["PATH"]}, platform)] == found


def test_a_program_that_confirms_is_named(tools, tmp_path, monkeypatch):
    tools("wl-copy")
    monkeypatch.setenv("WAYLAND_DISPLAY", "w")
    copied = clipboard.copy("naïve\x1b", lambda _: None, tmp_path)
    assert (copied.way, copied.told) == ("program", r"Copied with wl-copy: naïve\e")
    assert (tmp_path / "taken").read_bytes() == "naïve\x1b".encode()


def test_a_program_that_fails_gives_way_to_the_terminal(tools, tmp_path, monkeypatch):
    tools("xclip", "sys.exit(1)")
    monkeypatch.setenv("DISPLAY", ":0")
    sent: list[str] = []
    copied = clipboard.copy("text", sent.append, tmp_path)
    assert copied.way == "terminal"
    assert "Terminals do not confirm" in copied.told
    assert sent == ["text"]


def test_nowhere_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    copied = clipboard.copy("x" * 100_000, lambda _: None, tmp_path / "file")
    assert copied.way == "nowhere"
    assert "nothing was copied" in copied.told


async def test_copying_with_a_program_is_told_from_the_background(app, tools, monkeypatch):
    tools("wl-copy")
    monkeypatch.setenv("WAYLAND_DISPLAY", "w")
    async with app.run_test() as pilot:
        await pilot.press("y")
        await worked(app)
        await pilot.pause()
        assert toasts(app)[0].startswith("Copied with wl-copy: lineage_")


@pytest.mark.parametrize(
    ("given_", "line"),
    [
        ("vim", ["vim", "+7", "/r/a b.json"]),
        ("nvim -u NONE", ["nvim", "-u", "NONE", "+7", "/r/a b.json"]),
        ("/usr/bin/nano -l", ["/usr/bin/nano", "-l", "+7", "/r/a b.json"]),
        ("hx", ["hx", "/r/a b.json:7:3"]),
        ("code --wait", ["code", "--wait", "--goto", "/r/a b.json:7:3"]),
        ("'my editor'", ["my editor", "/r/a b.json"]),
    ],
)
def test_editors_are_told_the_line_in_their_own_way(given_, line, tmp_path):
    from pathlib import Path

    assert editing.command({"EDITOR": given_}, Path("/r/a b.json"), Spot(7, 3)) == line
    assert editing.command({"VISUAL": given_, "EDITOR": "ed"}, Path("/r/a b.json"), Spot(7, 3)) == line


@pytest.mark.parametrize("env", [{}, {"EDITOR": "  "}, {"EDITOR": "vim 'x"}])
def test_without_an_editor_it_says_what_to_do(env, tmp_path):
    with pytest.raises(NoEditor, match="EDITOR"):
        editing.command(env, tmp_path)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)),
       st.booleans())  # fmt: skip
def test_every_value_is_found_where_it_stands(value, indented):
    text = json.dumps(value, indent=2 if indented else None, ensure_ascii=indented)
    lines = text.split("\n")

    def check(part, path):
        spot = locate(text, path)
        rest = "\n".join([lines[spot.line - 1][spot.column - 1 :], *lines[spot.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == part
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, item in items:
            check(item, (*path, key))

    check(value, ())


@given(st.text(), st.text())
def test_places_in_anything_are_never_an_error(text, place):
    spot = spot_of(text, place)
    assert spot.line >= 1
    assert spot.column >= 1


def test_places_as_problems_say_them():
    text = '{\n  "actions": [\n    {},\n    {"cost": null}\n  ]\n}'
    assert spot_of(text, "line 3 column 7") == (3, 7)
    assert spot_of(text, "actions[1].cost") == (4, 14)
    assert spot_of(text, "/actions/1/cost") == (4, 14)
    assert spot_of(text, "action build") == (1, 1)
    assert path_of("/a~1b/0") == ("a/b", 0)


def test_a_key_that_reads_like_a_line_is_a_key():
    text = '{\n  "a": 1,\n  "b": {\n    "line 1": 2\n  }\n}'
    assert spot_of(text, "/b/line 1") == (4, 15)
    assert spot_of(text, "b.line 1") == (4, 15)


@pytest.mark.parametrize(
    "key", ["²", "٣", "9" * 5_000, "01"], ids=["raised", "of another script", "endless", "led by 0"]
)
def test_a_key_that_is_no_index_is_a_key(key):
    text = json.dumps({"a": [0, {key: 1}]}, indent=1, ensure_ascii=False)
    assert path_of(f"/a/1/{key}") == ("a", 1, key)
    assert spot_of(text, f"/a/1/{key}") == spot_of(text, f"a[1].{key}") == (5, len(f'   "{key}": 1'))
    assert spot_of(text, f"line {key}") == spot_of(text, f"line 1 column {key}") == (1, 1)
    assert spot_of(text, f"a[1][{key}]").line in (4, 5)


@pytest.fixture
def folder(tmp_path):
    reviewing = FakeReviewing(snapshot())
    reviewing.traces = tmp_path
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "broken.json").write_text('{\n  "a": 1,\n  oh \x1b[31m no\n}\n' + "x" * 3_000 + "needle\n")
    (tmp_path / "runs" / "t0.json").write_bytes(pretty(trace()))
    return reviewing


async def test_a_broken_file_is_shown_at_the_place_and_searched(folder, clock):
    app = AssayApp(folder, clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "enter")
        await worked(app)
        await pilot.pause()
        assert isinstance(app.screen, RawScreen)
        raw = app.screen.query_one(RawText)
        assert raw.line == 3
        assert r"oh \e[31m no" in seen(app)
        assert "\x1b" not in seen(app)
        await pilot.press("slash", *"needle", "enter")
        await pilot.pause()
        assert "1 line matches needle" in toasts(app)[-1]
        assert raw.line == 5
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert raw.line == 5
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard.startswith("runs/broken.json:5: xxx")
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, RawScreen)


async def test_a_file_that_is_gone_is_said(folder, clock):
    app = AssayApp(folder, clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "down", "o")
        await worked(app)
        await pilot.pause()
        assert "runs/odd.json cannot be read: No such file" in seen(app)
        await pilot.press("e")
        await pilot.pause()
        assert toasts(app)


async def test_the_editor_gets_the_file_and_the_line(folder, clock, monkeypatch):
    monkeypatch.setenv("EDITOR", "vim -n")
    app = AssayApp(folder, clock=clock)
    lines: list[list[str]] = []
    monkeypatch.setattr(AssayApp, "run_outside", lambda self, line: lines.append(line) or "vim ended with code 1")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "e")
        await pilot.pause()
        assert lines == [["vim", "-n", "+3", str(folder.traces / "runs/broken.json")]]
        assert toasts(app) == ["vim ended with code 1"]


async def test_where_no_program_can_take_over_it_is_said(folder, clock, monkeypatch):
    app = AssayApp(folder, clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "e")
        await pilot.pause()
        assert "No editor is set" in toasts(app)[-1]
        monkeypatch.setenv("VISUAL", "vim")
        await pilot.press("e")
        await pilot.pause()
        assert "An editor cannot be opened from here" in toasts(app)[-1]


def test_an_editor_that_is_not_there_or_fails_is_told():
    assert "cannot be started" in editing.run(["/nowhere/vim"])
    assert editing.run([sys.executable, "-c", "raise SystemExit(3)"]).endswith("ended with code 3")
    assert editing.run([sys.executable, "-c", ""]) == ""


EDITOR = """
import os, signal, sys
os.kill(os.getppid(), signal.SIGINT)
sys.exit(7 if signal.getsignal(signal.SIGINT) is signal.default_int_handler else 1)
"""
"""An editor in which somebody presses Ctrl+C; it tells whether that does there what it always does."""


def test_keys_that_interrupt_are_the_editors_while_it_has_the_terminal():
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(1))
    try:
        said = editing.run([sys.executable, "-c", EDITOR])
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (said, came) == (f"{sys.executable} ended with code 7", [1])
