"""The key reference is complete: nothing that a key does is left out, and what is written is what is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from textual.binding import Binding
from textual.dom import DOMNode

import tui
from tui.actions import ACTS
from tui.cli.main import main
from tui.keymap import PLACES, as_markdown, as_text, key_name, keys_of, reference

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
REGISTERED = {(act.keys, act.action) for act in ACTS}


def classes() -> Iterator[type[DOMNode]]:
    """Every screen, widget and app of the program."""
    for info in pkgutil.walk_packages(tui.__path__, "tui."):
        if info.name.endswith("__main__") or info.name.startswith("tui.samples"):
            continue
        module = importlib.import_module(info.name)
        for _, found in inspect.getmembers(module, inspect.isclass):
            if issubclass(found, DOMNode) and found.__module__ == info.name:
                yield found


CLASSES = list(classes())


def test_there_are_screens_to_look_at() -> None:
    assert len(CLASSES) > 20


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_no_binding_is_outside_the_registry(kind: type[DOMNode]) -> None:
    for binding in kind.__dict__.get("BINDINGS", ()):
        assert isinstance(binding, Binding)
        assert (binding.key, binding.action) in REGISTERED, f"{kind.__name__}: {binding.key} is in no reference"


def test_every_place_has_a_title_and_nothing_else_has() -> None:
    assert {act.where for act in ACTS} == set(PLACES)


def test_every_action_is_in_the_reference_once() -> None:
    rows = [(title, *row) for title, some in reference() for row in some]
    assert len(rows) == len(ACTS)
    for act in ACTS:
        assert (PLACES[act.where], keys_of(act), act.label, act.help) in rows
    assert all(act.help.endswith(".") and act.help[0].isupper() for act in ACTS)


def test_every_action_can_be_carried_out() -> None:
    methods = {name for kind in CLASSES for name in dir(kind) if name.startswith("action_")}
    for act in ACTS:
        name = act.action.partition("(")[0].rpartition(".")[2]
        assert f"action_{name}" in methods, act


def test_no_key_does_two_things_in_one_place() -> None:
    for place in PLACES:
        keys = [key.strip() for act in ACTS if act.where == place for key in act.keys.split(",")]
        assert len(keys) == len(set(keys)), place


def test_the_written_reference_is_the_registrys() -> None:
    written = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert written.rstrip("\n") == as_markdown().rstrip("\n"), "assay help keys --markdown > docs/keys.md"


def test_the_readme_names_only_keys_that_there_are() -> None:
    table = README.partition("### Keys")[2].partition("\n#")[0]
    named = re.findall(r"^\|[^|]*\| (.*) \|$", table, re.MULTILINE)
    assert named
    known = {key for act in ACTS for key in keys_of(act).split(" ")} | {act.display for act in ACTS}
    for key in (key for row in named[1:] for key in re.findall(r"`([^`]+)`", row)):
        assert key in known, f"{key} is no key of the program"


def test_keys_are_written_as_on_a_keyboard() -> None:
    told = {"ctrl+s": "Ctrl+S", "f1": "F1", "slash": "/", "left_square_bracket": "[", "n": "n", "N": "N", "f": "f"}
    assert {key: key_name(key) for key in told} == told


class TestCommand:
    def test_keys_as_text_and_as_markdown(self) -> None:
        assert CliRunner().invoke(main, ["help", "keys"]).output.strip() == as_text().strip()
        shown = CliRunner().invoke(main, ["help", "keys", "--place", "totals", "--markdown"]).output
        assert "## Savings of all candidates" in shown
        assert "## Journal" not in shown

    def test_words_and_commands(self) -> None:
        assert "crashpack" in CliRunner().invoke(main, ["help", "words"]).output
        assert "Usage: " in CliRunner().invoke(main, ["help"]).output

    @pytest.mark.parametrize("wrong", [["keys", "--place", "moon"], ["words", "--markdown"], ["nothing"]])
    def test_what_is_not_there_is_a_usage_error(self, wrong: list[str]) -> None:
        assert CliRunner().invoke(main, ["help", *wrong]).exit_code == 2
