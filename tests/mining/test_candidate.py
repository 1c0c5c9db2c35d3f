from __future__ import annotations

from typing import Any

import pytest

from core.mining.candidate import build_candidate, candidate_id
from core.mining.cluster import artifact_type, workflow_name
from core.mining.exact import Found
from core.model.candidate import Candidate, Example, Step
from core.model.jsontext import sha256_hex
from core.model.options import Options
from core.model.signature import signatures
from core.model.trace import SideEffect, Trace
from tests.traces.building import action, run


def candidate(
    *runs: Trace, starts: tuple[int, ...] | None = None, length: int | None = None, **options: Any
) -> Candidate:
    """The candidate of a sequence that all runs hold."""
    first = (starts or (0,))[0]
    sequence = signatures(runs[0])[first : None if length is None else first + length]
    found = Found(sequence, tuple(enumerate(starts or (0,) * len(runs))))
    return build_candidate(found, runs, Options(**options), len(runs))


def both(one: dict[str, Any], other: dict[str, Any]) -> Candidate:
    return candidate(run("1", action("a", **one)), run("2", action("a", **other)))


def test_parameters_take_every_scalar() -> None:
    made = candidate(
        *(
            run(str(number), action("a", parameters={"Repo Path": value, "obj": {"x": 1}}))
            for number, value in enumerate(["z", 1, 1.0, True, None, "1", 1e16])
        )
    )
    (parameter,) = made.parameters
    assert (parameter.name, parameter.source_paths) == ("repo_path", ("steps[0].parameters.Repo Path",))
    assert parameter.examples == ("1", "1.0", "1e+16", "null", "true")
    assert made.steps[0].parameter_refs == ("repo_path",)


@pytest.mark.parametrize(
    ("one", "other", "name", "path"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "b", "inputs.a.b"),
        ([[1]], [[2]], "0", "inputs[0][0]"),
        ("x", "y", "inputs", "inputs"),
        ({"Conversion": 1}, {"Conversion": 2}, "version", "inputs.Conversion"),
        ({"branch": {"x": 1}}, {"branch": {"x": 2}}, "branch_name", "inputs.branch.x"),
        ({"target_repo": 1}, {"target_repo": 2}, "repo_path", "inputs.target_repo"),
        ({"日本": 1}, {"日本": 2}, "param", "inputs.日本"),
    ],
)
def test_inputs_that_vary_become_parameters(one: Any, other: Any, name: str, path: str) -> None:
    (parameter,) = both({"inputs": one}, {"inputs": other}).parameters
    assert (parameter.name, parameter.source_paths) == (name, (path,))


@pytest.mark.parametrize(("one", "other"), [({"a": 1}, {"a": "1"}), ({"a": 1}, {}), ({"a": 1}, {"a": {"b": 1}})])
def test_inputs_that_do_not_vary_or_are_not_in_all_do_not(one: Any, other: Any) -> None:
    assert both({"inputs": one}, {"inputs": other}).parameters == ()


def test_side_effects_must_be_strictly_the_same() -> None:
    def effects(value: object) -> dict[str, Any]:
        return {"side_effects": [{"kind": "k", "metadata": {"n": value}}]}

    assert both(effects(1), effects(1)).rejection_reasons == ()
    rejected = both(effects(1), effects(True))
    assert rejected.rejection_reasons == ("step 1 'a' has divergent side effects across examples",)
    assert rejected.confidence == 0.0
    assert both(effects(1), {}).rejection_reasons == rejected.rejection_reasons


def test_an_output_is_expected_only_when_all_show_it() -> None:
    same = both({"observed_output": {"a": 1}, "output": "x"}, {"output": {"a": 1}})
    assert same.expected_outputs == ({"a": 1},)
    assert both({"output": 1}, {"output": True}).expected_outputs == ()
    assert both({"output": 1}, {}).steps[0].expected_output is None


def test_one_fuzzy_example_makes_a_step_fuzzy() -> None:
    made = both({}, {"fuzzy": True})
    assert made.steps[0].segment == "fuzzy"
    assert made.warnings == ("step 1 'a' remains fuzzy and requires review/LLM handling",)
    model = candidate(run("1", action("m", kind="model_call", fuzzy=False)))
    assert model.steps[0].segment == "fuzzy"


def test_the_first_example_decides_the_rest() -> None:
    made = both(
        {
            "capabilities": ["", "b", "a"],
            "required_secrets": ["S"],
            "approval": {"required": True, "prompt": "1"},
            "deterministic": True,
        },
        {"capabilities": ["z"], "approval": {"prompt": "2"}},
    )
    (step,) = made.steps
    assert step.constants == {"deterministic": True, "kind": "tool_call", "name": "a"}
    assert step.preconditions == (
        "capability '' is available",
        "capability 'b' is available",
        "capability 'a' is available",
        "secret 'S' is configured",
        "human approval boundary is preserved",
    )
    assert (made.capabilities, made.required_secrets) == (("a", "b"), ("S",))
    assert [point.prompt for point in made.approval_points] == ["1"]


def test_examples_say_where_the_sequence_stands() -> None:
    made = candidate(run("1", "x", "a", "b"), run("2", "a", "b"), starts=(1, 0), length=2)
    assert made.examples == (
        Example(trace_id="1", source_hash="sha256:1", start_index=1, action_ids=("a", "b")),
        Example(trace_id="2", source_hash="sha256:2", start_index=0, action_ids=("a", "b")),
    )


def test_savings_count_each_example_even_with_equal_ids() -> None:
    made = candidate(run("same", action("a", duration_ms=1)), run("same", action("a", duration_ms=10)))
    assert made.savings.wall_ms_avoided == 11


def test_the_id_is_that_of_signatures_and_hashes() -> None:
    examples = (Example(source_hash="h1"), Example(source_hash="h2"))
    assert candidate_id(["s1", "é"], examples) == "candidate_" + sha256_hex("s1\0é\0h1\0h2\0".encode())[:16]


def test_receipts_are_those_of_the_first_run_that_has_any() -> None:
    runs = [
        Trace.decode({"id": name, "actions": [{"name": "a"}], "replay_run": replay})
        for name, replay in [("1", None), ("2", {"effect_receipts": []}), ("3", {"effect_receipts": [1]})]
    ]
    assert candidate(*runs).expected_receipts == (1,)


def test_what_runs_have_in_common() -> None:
    key = candidate(
        run("1", "a", action("f", kind="file_mutation"), action("o", kind="other"), metadata={"goal": 5}),
        run("2", "a", "f", "o", workflow_id="w", metadata={"success_criteria": "s", "goal": None}),
        run("3", "a", "f", "o", metadata={"success_criteria": ["no"], "goal": "later"}),
        starts=(0, 0, 0),
    ).cluster_key
    assert (key.goal, key.tool_sequence, key.success_criteria) == ("w", ("a", "f"), ("s",))


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        ({"kind": "Git_push"}, "git"),
        ({"kind": "file_write", "target": "a/b.PY"}, "file:PY"),
        ({"kind": "file", "target": "a.d/.bashrc"}, "file"),
        ({"kind": "file", "target": "x."}, "file:"),
        ({"kind": "file", "target": "a/.."}, "file"),
        ({"kind": "file", "target": "a.tar.gz/"}, "file:gz"),
        ({"kind": "receipt_x"}, "receipt"),
        ({"kind": "Publish"}, "package_publish"),
        ({"kind": "DB_write"}, "db_write"),
        ({}, "unknown"),
        ({"kind": "git", "metadata": {"artifact_type": "mine"}}, "mine"),
        ({"kind": "git", "metadata": {"artifact_type": " "}}, "git"),
        ({"kind": "git", "metadata": {"artifact_type": 1}}, "git"),
    ],
)
def test_artifact_types(effect: dict[str, Any], kind: str) -> None:
    assert artifact_type(SideEffect(**effect)) == kind


@pytest.mark.parametrize(
    ("names", "expected"),
    [(("Do RELEASE",), "crystallized_version_bump"), (("ver", "sion"), "crystallized_workflow")],
)
def test_a_workflow_without_a_name_gets_one(names: tuple[str, ...], expected: str) -> None:
    assert workflow_name([Step(name=name) for name in names]) == expected


def test_a_given_name_stays() -> None:
    assert candidate(run("1", "a"), workflow_name="").name == ""
