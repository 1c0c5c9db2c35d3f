"""What a workflow is called in its program, whatever a reviewer types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.flow import RESERVED
from core.artifacts.names import program_name
from core.live.reviewing import Outcome, Request
from core.model.jsontext import parse
from core.session import Session
from tests.review.making import opened, releases


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ship_it", "ship_it"),
        ("ShipIt2", "ShipIt2"),
        ("Ship it", "ship_it"),
        ("get year 日本 très long …", "get_year_tr_s_long"),
        ('a() { call("rm") } pipeline b', "a_call_rm_pipeline_b"),
        ("日本", "workflow"),
        ("2nd try", "workflow_2nd_try"),
        ("_x_", "x"),
        ("call", "call_workflow"),
        ("Return!", "return_workflow"),
    ],
)
def test_a_name_is_an_identifier_in_the_program(typed: str, name: str) -> None:
    assert program_name(typed) == name


@given(st.text(max_size=40))
def test_whatever_is_typed_it_is_one_identifier_and_stays_so(typed: str) -> None:
    made = program_name(typed)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", made)
    assert made not in RESERVED
    assert program_name(made) == made


TYPED = 'a() { call("rm") } pipeline 日本'


def renamed(session: Session) -> Outcome:
    view = session.snapshot.candidates[0]
    return session.decide(Request("rename", view.lineage, "", "ann", "because", seen=view, detail={"name": TYPED}))


def test_a_renamed_workflow_is_a_valid_program_with_a_plain_package(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    view = renamed(session).view
    assert view.label == TYPED
    done = session.decide(Request("approve", view.lineage, view.behaviour_digest, "ann", "fine", seen=view))
    assert done.bundle is not None
    (head,) = [x for x in (done.bundle / "workflow.harn").read_text().splitlines() if x.startswith("pipeline")]
    assert head == "pipeline a_call_rm_pipeline(version) {"
    workflow = parse((done.bundle / "candidate.json").read_bytes())["workflow"]
    assert (workflow["name"], workflow["package_name"]) == ("a_call_rm_pipeline", "a-call-rm-pipeline")
    (again,) = opened(session.traces).snapshot.candidates
    assert (again.label, again.status, again.behaviour_digest) == (TYPED, "ready", view.behaviour_digest)


def test_so_is_a_generalised_one(tmp_path: Path) -> None:
    view = renamed(opened(releases(tmp_path / "traces"), mode="generalised")).view
    assert (view.label, view.candidate.name) == (TYPED, "a_call_rm_pipeline")
    assert view.candidate.promotion.package_name == "a-call-rm-pipeline"
