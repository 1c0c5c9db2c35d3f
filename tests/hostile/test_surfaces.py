"""No hostile text reaches a terminal, TOML, a shell script, a file path, HTML or SVG, or workflow text unescaped."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

import pexpect
import pytest
from markdown_it import MarkdownIt

from core.artifacts.workflow import candidate_workflow_text
from core.model.candidate import Candidate, Parameter
from core.model.jsontext import parse
from core.model.text import visible
from core.store.files import read_folder
from tests.cli.test_workspace_commands import assay
from tests.hostile.corpus import TEXTS
from tests.hostile.tokens import shape
from tests.hostile.world import World, world
from tests.tui.reviewed import Held, settled
from tui.screens.candidate import CandidateScreen
from tui.screens.candidates import CandidatesScreen
from tui.screens.crashpack import CrashpackScreen
from tui.screens.journal import JournalScreen
from tui.screens.problems import ProblemsScreen
from tui.screens.redaction import RedactionScreen
from tui.screens.trace import TraceScreen

_AT_ONCE = 12
CHUNKS = [list(TEXTS.values())[start : start + _AT_ONCE] for start in range(0, len(TEXTS), _AT_ONCE)]
PLAIN = [f"plain{number}" for number in range(_AT_ONCE)]


@pytest.fixture(scope="module", params=CHUNKS, ids=[f"texts-{index}" for index in range(len(CHUNKS))])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with (made := world(tmp_path_factory.mktemp("hostile"), request.param)).session:
        yield made


def is_safe(text: str) -> bool:
    """Whether text is safe on a terminal: nothing moves, hides or turns anything."""
    return visible(text, lines=True) == text


def unsafe(text: str) -> list[str]:
    return [line[:200] for line in text.split("\n") if not is_safe(line)]


class TestTerminal:
    COMMANDS: Sequence[Sequence[str]] = (
        ("list",),
        ("show", "LINEAGE"),
        ("diff", "LINEAGE"),
        ("savings",),
        ("check",),
        ("verify",),
        ("export", "LINEAGE", "--review"),
        ("export", "PACK", "--review"),
        ("reject", "LINEAGE", "--reason", "\x1b[2J", "--as", "bob@example.com"),
        ("show", "\x1b[2J"),
        ("approve", "LINEAGE", "--expect", "\x1b[2J\u202e", "--as", "x"),
        ("shadow", "BUNDLE"),
        ("validate", "BUNDLE"),
        ("atp", "validate", "FOLDER"),
        ("atp", "replay", "FOLDER"),
    )

    @pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
    def test_what_commands_print(self, command: Sequence[str], made: World) -> None:
        names = {
            "LINEAGE": made.view.lineage,
            "PACK": pack(made).name,
            "BUNDLE": str(bundle(made)),
            "FOLDER": str(pack(made)),
        }
        first, *rest = command
        given = [names.get(word, word) for word in rest]
        in_folder = names.keys().isdisjoint({"LINEAGE", "PACK"} & set(command)) and {"BUNDLE", "FOLDER"} & set(command)
        arguments = [first, *given] if in_folder else [first, str(made.traces), *given]
        result = assay(*arguments)
        told = f"{result.stdout}\n{result.stderr}\n{visible(str(result.exception), lines=True)}"
        assert told.strip()
        assert unsafe(told) == []

    def test_the_batch_commands(self, made: World, tmp_path: Path) -> None:
        result = assay("crystallize", "--from", made.traces, "--out-dir", tmp_path / "out", "--skills")
        assert unsafe(result.stdout + result.stderr) == []

    def test_errors_of_the_whole_program(self, tmp_path: Path) -> None:
        """As a process, for what the runner of tests catches itself."""
        (tmp_path / "traces").mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "tui", "show", str(tmp_path / "traces"), "\x1b]52;c;eA==\x07\u202e"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 3
        assert unsafe(done.stderr + done.stdout) == []

    def test_the_screens_on_a_real_terminal(self, tmp_path: Path) -> None:
        """What the program writes holds none of the texts' own controls, whatever is opened."""
        controls = [text for text in TEXTS.values() if not is_safe(text)][:_AT_ONCE]
        with (made := world(tmp_path, controls)).session:
            traces = str(made.traces)
        child = pexpect.spawn(
            sys.executable,
            ["-m", "tui", traces],
            dimensions=(50, 160),
            env={**os.environ, "TERM": "xterm-256color", "NO_COLOR": ""},
            timeout=60,
        )
        child.expect_exact(b"Approve", timeout=60)
        written = (child.before or b"") + drained(child, 0.5)
        for keys in ("\r", "2", "4", "5", "6", "\x1b", "p", "\x1b", "J", "\x11"):
            child.send(keys)
            written += drained(child)
        child.close(force=True)
        said = written.decode(errors="replace")
        assert "Divergences" in said
        for text in (text for text in TEXTS.values() if "\x1b" in text or "\x9b" in text):
            for control in re.findall("\x1b[^a-zA-Z]{1,12}[a-zA-Z]?|[\x80-\x9f]", text):
                if control not in OWN_CONTROLS:
                    assert control not in said
        assert "\u202e" not in said
        assert "\u200b" not in said


OWN_CONTROLS = {"\x1b[2J", "\x1b[H", "\x1b[9A", "\x1b]8;;\x07", "\x1b\\"}
"""What a terminal program may write itself."""


def drained(child: pexpect.spawn, first: float = 20.0) -> bytes:
    """All that comes until nothing has come for a while; seconds until the first of it has to come."""
    parts, patience = [], first
    while True:
        try:
            parts.append(child.read_nonblocking(65536, timeout=patience))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b"".join(parts)
        patience = 0.3


class TestPictures:
    # A small terminal shows less of the same: once is enough.
    @pytest.mark.parametrize(
        ("made", "size"), [*((texts, (160, 50)) for texts in CHUNKS), (CHUNKS[0], (80, 24))], indirect=["made"]
    )
    async def test_svg_of_every_screen_is_sound(self, made: World, size: tuple[int, int]) -> None:
        session, lineage = made.session, made.view.lineage
        trace_id = next(iter(session.snapshot.runs))
        screens = {
            CandidatesScreen(): (),
            CandidateScreen(session, lineage): ("1", "2", "3", "4", "5", "6"),
            CrashpackScreen(session, pack(made)): (),
            JournalScreen(): (),
            ProblemsScreen(): (),
            RedactionScreen.of_candidate(session, lineage): (),
            TraceScreen(session, trace_id, (0, 3), sequence=made.view.candidate.sequence_signature): (),
        }
        drawn = []
        for screen, tabs in screens.items():
            app = Held(session, screen)
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                for tab in tabs:
                    await pilot.press(tab)
                    await settled(pilot)
                    drawn.append(app.export_screenshot())
                if not tabs:
                    drawn.append(app.export_screenshot())
        assert len(set(drawn)) == 12
        for svg in drawn:
            root = ET.fromstring(svg)  # noqa: S314 - our own
            assert {element.tag.rpartition("}")[2] for element in root.iter()} <= SVG_TAGS
            assert unsafe(html.unescape("".join(root.itertext()))) == []
            assert "@click" not in "".join(value for each in root.iter() for value in each.attrib.values())


SVG_TAGS = {"svg", "style", "defs", "clipPath", "rect", "g", "text", "circle", "tspan"}


class TestFiles:
    def test_paths(self, made: World) -> None:
        for folder in (bundle(made), pack(made)):
            for name in read_folder(folder):
                assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", name), name
                assert len(name) < 200
        below = {path.relative_to(made.session.workspace).parts[0] for path in made.session.workspace.rglob("*")}
        assert below <= {
            *("journal.jsonl", "journal.head", "journal.checkpoint", "assay.toml", "redaction.key", "format.json"),
            *("lock", "candidates", "crashpacks", "tmp", "read-marks.json", "cache"),
        }

    def test_nothing_of_the_machine_is_handed_on(self, made: World) -> None:
        machine = str(made.traces.parent).encode()
        for folder in (bundle(made), pack(made)):
            assert [name for name, data in read_folder(folder).items() if machine in data] == []

    def test_the_eval_pack_is_toml(self, made: World) -> None:
        read = tomllib.loads((bundle(made) / "harn.eval.toml").read_text())
        assert list(read) == ["version", "id", "name", "package", "fixtures", "rubrics", "cases"]
        assert [each["kind"] for each in read["fixtures"]] == ["jsonl-trace"] * 3

    def test_the_workflow_has_the_structure_of_a_harmless_one(self, made: World) -> None:
        text = (bundle(made) / "workflow.harn").read_text()
        names = {step.name for step in made.view.candidate.steps}
        candidate = made.view.candidate
        plain = candidate.replace(
            name="plain",
            parameters=tuple(Parameter(name=f"p{index}") for index in range(len(candidate.parameters))),
            steps=tuple(step.replace(name="n", kind="k") for step in candidate.steps),
        )
        assert names
        assert shape(text) == shape(candidate_workflow_text(plain))
        assert unsafe(text) == []

    def test_the_shell_script_is_fixed_text(self, made: World) -> None:
        data = (pack(made) / "replay_command.sh").read_bytes()
        assert data.isascii()
        assert not re.search(rb"owned|evil|\x1b", data)
        assert subprocess.run(["bash", "-n"], input=data, check=False).returncode == 0

    def test_texts_of_a_crashpack_for_people(self, made: World) -> None:
        for name in ("pathlog", "quiclog", "repairlog", "manifest", "journal", "transfer.atp-trace"):
            assert unsafe((pack(made) / name).read_text()) == [], name

    def test_the_journal_is_one_json_value_a_line(self, made: World) -> None:
        data = (made.session.workspace / "journal.jsonl").read_bytes()
        lines = data.decode().split("\n")
        assert lines.pop() == ""
        for line in lines:
            assert isinstance(parse(line.encode()), dict)
            assert unsafe(line) == []

    def test_the_skill_is_markdown_without_surprises(self, made: World, tmp_path: Path) -> None:
        assay("crystallize", "--from", made.traces, "--out-dir", tmp_path / "out", "--skills")
        text = parse((tmp_path / "out/report.json").read_bytes()) if (tmp_path / "out/report.json").exists() else {}
        for skill in text.get("rejected_skill_candidates", []):
            told = skill["skill_markdown"]
            assert unsafe(told) == []
            kinds = {child.type for block in MarkdownIt("commonmark").parse(told) for child in block.children or []} | {
                block.type for block in MarkdownIt("commonmark").parse(told)
            }
            assert not kinds & {"html_block", "html_inline", "link_open", "image", "heading_setext"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_workflow_named_so_has_the_structure_of_any_other(text: str) -> None:
    hostile, plain = (
        Candidate(id=name, name=name or "x", parameters=(Parameter(name=name or "x"),)) for name in (text, "plain")
    )
    assert shape(candidate_workflow_text(hostile)) == shape(candidate_workflow_text(plain))


def bundle(made: World) -> Path:
    assert made.approved.bundle is not None
    return made.approved.bundle


def pack(made: World) -> Path:
    assert made.approved.crashpack is not None
    return made.approved.crashpack
