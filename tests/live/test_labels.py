"""Labels tell what a candidate does, and tell it from the others in the list (spec/review.md, Labels)."""

from __future__ import annotations

import pytest

from core.live.labels import base_label, unique_labels
from core.model.candidate import Candidate, Step
from core.model.trace import SideEffect


def made(*steps: tuple[str, str]) -> Candidate:
    """A candidate of steps, each with its name and the kind of its side effect, if it has one."""
    listed = (
        Step(index=at, kind="tool_call", name=name, side_effects=(SideEffect(kind=kind),) if kind else ())
        for at, (name, kind) in enumerate(steps, 1)
    )
    return Candidate(name="crystallized_workflow", steps=tuple(listed))


@pytest.mark.parametrize(
    ("steps", "label"),
    [
        ((), "crystallized_workflow"),
        ((("read", ""),), "read"),
        ((("read", ""), ("think", ""), ("answer", "")), "read → answer"),
        ((("read", ""), ("note", "memo"), ("answer", "")), "read → note"),
        ((("read", ""), ("save", "file"), ("note", "memo")), "read → save"),
        ((("read", ""), ("post", "http_post"), ("save", "file"), ("answer", "")), "read → post"),
        ((("post", "http_post"), ("push", "git_publish"), ("check", "")), "post → push"),
    ],
)
def test_a_label_is_how_it_begins_and_what_it_does(steps: tuple[tuple[str, str], ...], label: str) -> None:
    assert base_label(made(*steps)) == label


def test_only_labels_that_are_equal_within_a_cohort_tell_all_steps() -> None:
    wanted = {"lineage_a": ("go → end", "w"), "lineage_b": ("go → end", "w"), "lineage_c": ("go → end", "v")}
    whole = {"lineage_a": "go → left → end", "lineage_b": "go → right → end", "lineage_c": "go → on → end"}
    assert unique_labels(wanted, whole) == {
        "lineage_a": "go → left → end",
        "lineage_b": "go → right → end",
        "lineage_c": "go → end",
    }


def test_what_is_still_equal_is_told_apart_by_cohort_then_by_lineage() -> None:
    wanted = {"lineage_0123456789": ("go", "w"), "lineage_9876543210": ("go", "w"), "lineage_c": ("go", "")}
    assert unique_labels(wanted) == {
        "lineage_0123456789": "go · w · 012345",
        "lineage_9876543210": "go · w · 987654",
        "lineage_c": "go",
    }
