from __future__ import annotations

from typing import Any

import pytest

from core.mining.exclude import eligible, exclusion
from tests.traces.building import action, run

EFFECT = [{"kind": "k", "target": "t"}]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("policy_violation", True),
        ("policy_violation", "UnResolved"),
        ("Policy_Violation_Unresolved", ["x"]),
        ("my_unresolved_policy_violation_2", True),
        ("policy_status", "UNRESOLVED"),
        ("POLICY_STATUS", "unresolved"),
    ],
)
def test_unresolved_policy_violations_exclude(key: str, value: Any) -> None:
    whole = exclusion(run("t", "a", metadata={key: value}))
    assert whole is not None
    assert (whole.rule, whole.action_id, whole.action_index, whole.place) == (
        "policy violation",
        None,
        None,
        f"metadata.{key}",
    )
    part = exclusion(run("t", "a", action("b", metadata={key: value})))
    assert part is not None
    assert (part.action_id, part.action_index, part.place) == ("b", 1, f"actions[1].metadata.{key}")
    assert '"b"' in part.reason
    assert key in part.reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("policy_violation", False),
        ("policy_violation", "resolved"),
        ("policy_violation", []),
        ("policy_violation", 1),
        ("policy_violation", {"a": 1}),
        ("policy_violations", True),
        ("policy_status", True),
        ("policy_status", ["unresolved"]),
        ("nested", {"policy_violation": True}),
    ],
)
def test_what_is_no_unresolved_violation(key: str, value: Any) -> None:
    assert exclusion(run("t", action("a", metadata={key: value}), metadata={key: value})) is None


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"metadata": {"nondeterministic_side_effect": True}}, "metadata.nondeterministic_side_effect"),
        ({"deterministic": False}, "deterministic"),
        ({"fuzzy": True}, "fuzzy"),
        (
            {"side_effects": [*EFFECT, {"kind": "x", "metadata": {"nondeterministic": True}}]},
            "side_effects[1].metadata.nondeterministic",
        ),
    ],
)
def test_nondeterministic_side_effects_exclude(fields: dict[str, Any], place: str) -> None:
    found = exclusion(run("t", "a", action("b", **{"side_effects": EFFECT} | fields)))
    assert found is not None
    assert (found.rule, found.action_id, found.place) == (
        "nondeterministic side effects",
        "b",
        f"actions[1].{place}",
    )
    assert found.advice


@pytest.mark.parametrize(
    "fields",
    [
        {"fuzzy": True},
        {"deterministic": False},
        {"side_effects": EFFECT},
        {"side_effects": EFFECT, "deterministic": True, "fuzzy": False},
        {"side_effects": EFFECT, "metadata": {"nondeterministic_side_effect": "true"}},
    ],
)
def test_without_both_a_side_effect_and_a_sign_a_run_is_mined(fields: dict[str, Any]) -> None:
    assert exclusion(run("t", action("a", **fields))) is None


def test_policy_violations_are_told_first() -> None:
    found = exclusion(
        run("t", action("a", side_effects=EFFECT, fuzzy=True), action("b", metadata={"policy_violation": True}))
    )
    assert found is not None
    assert found.rule == "policy violation"


def test_a_long_value_is_cut_in_the_reason() -> None:
    found = exclusion(run("t", metadata={"policy_violation": ["x" * 500]}))
    assert found is not None
    assert len(found.reason) < 200


def test_eligible_keeps_the_order() -> None:
    runs = [run("b"), run("x", metadata={"policy_violation": True}), run("a")]
    assert [kept.id for kept in eligible(runs)] == ["b", "a"]
