"""The README stays true: what it tells to type exists, what it shows is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.cli.exits import Exit
from tui.cli.main import COMMANDS, SOFTWARE_FAULT, main
from tui.cli.output import UNWRITTEN

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = {page.name: page.read_text("utf-8") for page in sorted((ROOT / "docs").glob("*.md"))}
BLOCKS = [block for text in (README, *PAGES.values()) for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
LINES = [line for block in BLOCKS for line in block.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("assay ")])
def test_commands_and_their_options_exist(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    if words[0] not in COMMANDS:
        words.insert(0, "review")
    command, options = words[0], [word for word in words if word.startswith("--")]
    depth = 2 if command in ("atp", "keys", "effects") else 1
    shown = CliRunner().invoke(main, [*words[:depth], "--help"])
    assert shown.exit_code == 0
    for option in options:
        assert option in shown.output


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert {"demo", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_pages_are_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    assert set(PAGES) == {Path(path).name for path in linked if path.startswith("docs/")}
    assert all((ROOT / path).exists() for path in linked)


def test_pictures_are_there() -> None:
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert shown
    for path in shown:
        assert (ROOT / path).is_file(), path


@pytest.mark.parametrize("text", [README, CliRunner().invoke(main, ["--help"]).output], ids=["README", "help"])
def test_exit_codes_are_told(text: str) -> None:
    told = text.partition("Exit codes:")[2]
    for code in (*Exit, SOFTWARE_FAULT, UNWRITTEN, 128):
        assert re.search(rf"\s{int(code)}\s", told), code


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_says_what_it_is_for(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert shown.output.startswith("Usage: ")
    assert len(shown.output.splitlines()) > 4
