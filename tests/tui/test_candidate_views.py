"""What the candidate's tabs compute, without a screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Savings
from core.model.decision import DecisionKind
from core.model.jsontext import plain
from core.model.trace import SideEffect
from core.promotion.savings import savings, step_savings
from core.shadow.differences import differences
from core.shadow.jsondiff import MISSING
from tests.tui import fakes
from tests.tui.reviewed import world
from tests.tui.test_diff_rows import values
from tui.views.amounts import measure
from tui.views.criteria import criteria
from tui.views.digests import short_digest
from tui.views.folding import fold
from tui.views.groups import group, places, said_places
from tui.views.json_tree import MAX_OPEN, tree
from tui.views.line import bullet, edged, labelled, paragraph
from tui.views.promotion import promotion_lines
from tui.views.saved import Ledger, totals
from tui.views.sections import sections
from tui.widgets.bars import bar

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=80)


def failing(number: int, *details: str) -> Any:
    return fakes.result(number, passed=False, details=details)


class TestGroups:
    def test_runs_that_differ_the_same_way_are_together_largest_first(self) -> None:
        known = {"trace_1": ("step 3 /version",), "trace_2": ("step 1",), "trace_3": ("step 3 /version",)}
        results = [fakes.result(0), *(failing(n, "x") for n in (1, 2, 3))]
        found = group(results, known)
        assert [g.title for g in found] == ["2 runs differ: step 3 /version", "1 run differs: step 1", "1 run agrees"]
        assert [[r.trace_id for r in g.results] for g in found] == [["trace_1", "trace_3"], ["trace_2"], ["trace_0"]]

    def test_before_a_run_is_read_its_details_group_it_but_for_action_ids(self) -> None:
        results = [failing(n, f"step 2 side effects differ for action a{n}") for n in range(3)]
        assert [g.title for g in group(results, {})] == ["3 runs differ: step 2 side effects differ"]

    def test_many_places_are_counted(self) -> None:
        known = {"trace_1": tuple(f"step {n}" for n in range(5))}
        assert group([failing(1)], known)[0].title == "1 run differs: step 0, step 1, step 2 and 2 more"

    @given(st.lists(st.tuples(st.booleans(), st.sampled_from(["a", "b", "c"])), max_size=30))
    def test_every_result_is_in_one_group(self, given_results: list[tuple[bool, str]]) -> None:
        results = [
            fakes.result(n) if passed else failing(n, detail) for n, (passed, detail) in enumerate(given_results)
        ]
        found = group(results, {})
        assert sorted(r.trace_id for g in found for r in g.results) == sorted(r.trace_id for r in results)
        assert len({g.key for g in found}) == len(found)
        assert all(all(r.passed == g.passed for r in g.results) for g in found)

    def test_hostile_details_are_spelled_out(self) -> None:
        assert "\x1b" not in "".join(said_places(failing(1, fakes.HOSTILE)))


class TestSections:
    def test_whole_values_stand_around_the_differences(self) -> None:
        folder, view = world()
        trace = folder.trace("trace_6")
        found = differences(view.candidate, trace, 1)
        (section,) = sections(view.candidate, trace, 1, found)
        assert section.expected == view.candidate.steps[1].expected_output
        assert section.observed == trace.actions[2].observed_output
        assert [(spot.pointer, spot.message) for spot in section.spots] == [("/log", ""), ("/version", "")]
        assert places(found) == ("step 2 /log", "step 2 /version")

    def test_side_effects_are_aligned_by_what_they_are(self) -> None:
        folder, view = world()
        trace = folder.trace("trace_0")
        mine = trace.actions[2].side_effects[0]
        extra = SideEffect(kind="a_note", target="first in order")
        actions = list(trace.actions)
        actions[2] = actions[2].replace(side_effects=(extra, mine))
        changed = trace.replace(actions=tuple(actions))
        found = differences(view.candidate, changed, 1)
        (section,) = sections(view.candidate, changed, 1, found)
        assert section.expected == [plain(mine)]
        assert section.observed == [plain(mine), plain(extra)]
        assert section.spots[0].message == "only in the run"
        actions[2] = actions[2].replace(side_effects=())
        gone = trace.replace(actions=tuple(actions))
        (section,) = sections(view.candidate, gone, 1, differences(view.candidate, gone, 1))
        assert section.observed == [MISSING]
        assert section.spots[0].message == "missing in the run"

    def test_a_run_that_ends_early_is_a_section_of_its_own(self) -> None:
        folder, view = world()
        trace = folder.trace("trace_0")
        short = trace.replace(actions=trace.actions[:3])
        (section,) = sections(view.candidate, short, 1, differences(view.candidate, short, 1))
        assert (section.title, section.expected, section.observed) == ("whole run · length", 3, 2)
        assert section.spots[0].message == "the run ends after 2 of 3 steps"

    def test_an_approval_that_is_gone_is_shown(self) -> None:
        folder, view = world()
        trace = folder.trace("trace_0")
        actions = tuple(action.replace(approval=None) for action in trace.actions)
        bare = trace.replace(actions=actions)
        (section,) = sections(view.candidate, bare, 1, differences(view.candidate, bare, 1))
        assert section.expected == {"required": True}
        assert section.observed is MISSING


class TestJsonTree:
    @given(values)
    def test_all_folds_opened_show_every_scalar(self, value: Any) -> None:
        toggled: frozenset[str] = frozenset()
        for _ in range(12):
            closed = {node.pointer for node in tree(value, toggled) if node.foldable and not node.opened}
            if not closed:
                break
            toggled ^= closed
        assert not [node for node in tree(value, toggled) if not node.opened]

    def test_a_huge_list_starts_folded_and_is_not_walked(self) -> None:
        class Unwalked(list[Any]):
            def __iter__(self) -> Any:
                raise AssertionError("walked")

        nodes = list(tree({"items": Unwalked([0] * (MAX_OPEN + 1))}))
        assert [node.text for node in nodes] == ["{", f'  "items": […] {MAX_OPEN + 1} items', "}"]

    def test_a_long_text_tells_its_length(self) -> None:
        nodes = list(tree({"text": "x" * 5_000}))
        assert nodes[1].text.endswith('…" 5,000 characters')
        opened = list(tree({"text": "x" * 5_000}, frozenset({"/text"})))
        assert "x" * 5_000 in opened[2].text


class TestSavings:
    def test_steps_add_up_to_the_candidates_savings(self) -> None:
        folder, view = world()
        windows = [folder.trace(e.trace_id).actions[1:4] for e in view.candidate.examples]
        ledger = Ledger(tuple((str(n), step_savings([w])) for n, w in enumerate(windows)), total=4)
        by_step, whole = totals(ledger), savings(windows)
        assert sum(s.input_tokens_avoided for s in by_step) == whole.input_tokens_avoided
        assert sum(s.remaining_model_calls for s in by_step) == whole.remaining_model_calls
        assert sum(s.estimated_cost_usd_avoided for s in by_step) == whole.estimated_cost_usd_avoided
        assert by_step == step_savings(windows)

    def test_bars_are_drawn_of_what_is_known(self) -> None:
        free = Savings(input_tokens_avoided=5, wall_ms_avoided=9)
        assert measure([free])[0] == "tokens"
        assert measure([Savings(wall_ms_avoided=9)])[0] == "wall time"
        assert measure([Savings()])[0] == "model calls"
        assert measure([free, Savings(estimated_cost_usd_avoided=0.1)])[0] == "cost"

    @given(st.floats(0, 1), st.integers(1, 80))
    def test_a_bar_is_full_only_for_all_of_it_and_empty_only_for_nothing(self, share: float, width: int) -> None:
        drawn = bar(share, width)
        assert len(drawn) <= width
        assert (drawn == "▇" * width) == (int(share * width) == width)
        assert (drawn == "") == (share == 0)


class TestLines:
    @given(texts, st.integers(2, 40), st.integers(0, 8))
    def test_folding_loses_nothing_and_fits(self, text: str, width: int, indent: int) -> None:
        pieces = fold(Content(text), width, indent)
        shift = min(indent, width // 2, width - 2)
        joined = pieces[0].plain + "".join(piece.plain[shift:] for piece in pieces[1:])
        assert joined == text
        assert all(cell_len(piece.plain) <= max(width, 2) for piece in pieces)

    def test_what_follows_combining_characters_is_kept(self) -> None:
        text = "e\u0301" * 30 + " and then: rm -rf /"
        assert "".join(piece.plain for piece in fold(Content(text), 20)).endswith("rm -rf /")

    @given(texts, st.integers(12, 60))
    def test_wrapping_loses_no_word_and_fits(self, text: str, width: int) -> None:
        for lines in (
            list(paragraph(Content(text), width, 2)),
            list(bullet(Content(" ! "), Content(text), width)),
            list(labelled("name", Content(text), max(width, 24), 12)),
        ):
            said = "".join(line.content.plain for line in lines).replace(" ", "")
            assert text.replace(" ", "") in said
            assert all(cell_len(line.content.plain) <= max(width, 24) for line in lines)

    def test_a_sign_stands_before_the_first_line_and_an_edge_before_all(self) -> None:
        said = Content("one two three four five six")
        lines = [line.content.plain.rstrip() for line in labelled("name", said, 24, 6, Content(" ✓ "))]
        assert lines == [" ✓ name  one two three", "         four five six"]
        beside = [line.content.plain.rstrip() for line in edged(Content(" │ "), labelled("name", said, 21, 6))]
        assert beside == [" │ name  one two three", " │       four five six"]


class TestCriteria:
    def test_each_criterion_says_what_is_and_what_is_needed(self) -> None:
        _, view = world()
        found = {item.name: item for item in criteria(view, fakes.snapshot().policy)}
        assert found["sample count"].met is True
        assert found["shadow comparison"].met is False
        assert found["shadow comparison"].actual == "6 of 9 runs agree"
        assert found["human approval"].met is None
        assert found["human approval"].actual == "0 recorded"

    def test_an_approval_of_another_behaviour_does_not_count(self) -> None:
        _, view = world()
        policy = fakes.snapshot().policy
        given = fakes.decision(view)
        assert criteria(replace(view, decisions=(given,)), policy)[-1].met is True
        other = given.replace(behaviour_digest="sha256:other")
        assert criteria(replace(view, decisions=(other,)), policy)[-1].met is None


def test_digests_are_short_enough_to_compare() -> None:
    assert short_digest("lineage_0123456789abcdef") == "lineage_01234567"
    assert short_digest("sha256:0123456789abcdef") == "01234567"


@pytest.mark.parametrize("kind", ["needs_work", "allow", "rename"])
def test_every_decision_leaves_a_bundle(kind: DecisionKind) -> None:
    _, view = world()

    def bundle(seen: CandidateView) -> str:
        lines = promotion_lines(seen, fakes.snapshot().policy, Path("runs.assay"), 120)
        (line,) = [said for line in lines if (said := line.content.plain.strip()).startswith("bundle ")]
        return line.removeprefix("bundle").strip()

    assert bundle(view) == "written with the first decision"
    assert bundle(replace(view, decisions=(fakes.decision(view, kind),))) == f"candidates/{view.lineage}/"
