from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.eval_pack import eval_pack_text
from core.model.candidate import Candidate, Example, Promotion
from tests.artifacts.making import HOSTILE


def test_plain_names():
    made = eval_pack_text(
        Candidate(
            id="c1",
            name="flow",
            examples=(Example(trace_id="t1"),),
            promotion=Promotion(package_name="flow-package", version="0.1.0"),
        )
    )
    assert (
        made
        == """version = 1
id = "flow-package-crystallization"
name = "flow crystallization shadow evals"

[package]
name = "flow-package"
version = "0.1.0"

[[fixtures]]
id = "t1"
kind = "jsonl-trace"
trace_id = "t1"

[[rubrics]]
id = "shadow-determinism"
kind = "deterministic"

[[rubrics.assertions]]
kind = "crystallization-shadow"
expected = { candidate_id = "c1", pass = true }

[[cases]]
id = "flow-shadow"
name = "flow shadow replay"
rubrics = ["shadow-determinism"]
severity = "blocking"
"""
    )


@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=3))
def test_it_is_toml_and_reads_back(name: str, package: str, trace_ids: list[str]):
    candidate = Candidate(
        id=name,
        name=name,
        examples=tuple(Example(trace_id=trace_id) for trace_id in trace_ids),
        promotion=Promotion(package_name=package),
    )
    read = tomllib.loads(eval_pack_text(candidate).encode().decode())

    if not any(map(_has_half, [name, package, *trace_ids])):
        assert read["package"]["name"] == package
        assert [fixture["id"] for fixture in read.get("fixtures", [])] == trace_ids
        assert read["rubrics"][0]["assertions"][0]["expected"] == {"candidate_id": name, "pass": True}
    assert [case["severity"] for case in read["cases"]] == ["blocking"]


def _has_half(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
