"""The review in plain lines says the same as the screens, and no answer ends it but quit."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest

import tui.views
from core.live.snapshot import Activity, JournalView
from core.mining.comparing import all_differences
from tests.tui import fakes
from tests.tui.fakes import FakeReviewing
from tests.tui.reviewed import Folder
from tests.tui.test_generalised import planted, snapshot
from tests.tui.test_ways import Said, talked
from tui.plain.ascii import ascii_only
from tui.plain.review import PlainReview
from tui.plain.talk import Talk


def test_it_tells_the_differences_that_generalised_mining_sees() -> None:
    shown, runs = snapshot("planted"), {run.id: run for run in planted()}
    (view,) = shown.candidates
    text = talked(Folder(shown, runs), f"diff {view.lineage}", "quit")
    told = re.findall(r"^  \d+\. (.*)$", text, re.MULTILINE)
    failing = [result.trace_id for result in view.candidate.shadow.traces if not result.passed]
    found = [d for trace_id in failing for d in all_differences(view.candidate, runs[trace_id], view.rules)]
    assert told == [f"step {d.step} {d.kind} at {d.pointer}" for d in found]
    assert "step 3 argument at /row" in told
    assert "signature at" not in text, "the same steps may begin anywhere and pass over others"


def test_a_difference_of_a_whole_run_names_no_step() -> None:
    shown, runs = snapshot("planted"), {run.id: run for run in planted()}
    (view,) = shown.candidates
    failing = next(result.trace_id for result in view.candidate.shadow.traces if not result.passed)
    runs[failing] = runs[failing].replace(actions=runs[failing].actions[:1])
    text = talked(Folder(shown, runs), f"diff {view.lineage}", "quit")
    assert "1. the run signature at /" in text


@pytest.mark.parametrize(
    "number", ["²", "٣", "9" * 5_000, "-1", "0"], ids=["raised", "of another script", "endless", "negative", "zero"]
)
def test_what_is_no_number_of_the_list_is_said_and_ends_nothing(number: str) -> None:
    text = talked(FakeReviewing(), f"show {number}", f"problems {number}", "status", "quit")
    assert f"{ascii_only(number)} names no candidate" in text
    assert text.count("9 runs, 8 candidates") == 2, "it goes on"


def test_the_journal_says_how_many_decisions_it_leaves_out() -> None:
    made = tuple(fakes.decision(fakes.view(), "reject", seq=seq) for seq in range(1, 24))
    text = talked(FakeReviewing(fakes.snapshot(journal=JournalView(made))), "journal", "quit")
    assert "\n4. " in text
    assert "\n3. " not in text.partition("\n4. ")[2]
    assert "... and 3 earlier ones; journal N tells one in full." in text


def test_nothing_counts_as_gone_before_everything_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.plain.review.PATIENCE", 0)
    gone = replace(fakes.view("rotate_keys", "drifted"), proposed=False)
    live = FakeReviewing(fakes.snapshot(gone, fakes.view()), Activity(phase="mining", total=9))
    said = Said("list", "quit")
    PlainReview(live, Talk(said.read, said.lines.append)).run()
    assert "1. version_bump" in said.text
    assert "rotate_keys" not in said.text


def test_every_sign_of_ours_has_a_plain_form() -> None:
    signs: set[str] = set()
    for file in Path(tui.views.__file__).parents[1].rglob("*.py"):
        if file.name != "picture.py":  # which draws all that there is
            tree = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
            said = {id(node.value) for node in tree if isinstance(node, ast.Expr)}  # docstrings
            texts = [node.value for node in tree if isinstance(node, ast.Constant) and id(node) not in said]
            signs |= {
                sign
                for text in texts
                if isinstance(text, str)
                for sign in text
                if sign.isprintable() and not sign.isascii()
            }
    assert "≥" in signs
    assert {sign for sign in signs if "\\u" in ascii_only(sign)} == set()
