"""What is kept of a run's receipts is what its witness says of them, and runs that compare alike are of one kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.columns.receipts import replay_facts
from core.model.jsontext import canonical
from core.promotion.behaviour import allowed_receipts
from tests.columns.making import made, run_fields

RULES = st.lists(
    st.fixed_dictionaries(
        {
            "path": st.sampled_from(
                [
                    "/effect_receipts/*/at",
                    "/effect_receipts/0",
                    "/effect_receipts",
                    "/*/0",
                    "/*",
                    "/",
                    "/event_log_entries/0",
                ]
            ),
            "reason": st.just("r"),
        }
    ),
    max_size=3,
)


@given(run_fields, RULES)
def test_receipts_are_what_rules_leave_of_them_alone(fields, rules):
    trace = made(fields | {"replay_allowlist": rules}, 1)
    found = replay_facts(trace.replay_run, trace.replay_allowlist)
    if trace.replay_run is None:
        assert found is None
        return
    left = allowed_receipts(trace.replay_run, trace.replay_allowlist)
    assert found.allowed == (canonical(left).decode() if trace.replay_run.effect_receipts else "")
    assert found.receipts == len(trace.replay_run.effect_receipts)


def kind(run_id: str) -> object:
    fields = {
        "replay_run": {"run_id": run_id, "effect_receipts": [{"id": 1}]},
        "replay_allowlist": [{"path": "/run_id", "reason": "another one for each run"}],
    }
    trace = made(fields, 1)
    found = replay_facts(trace.replay_run, trace.replay_allowlist)
    assert found is not None
    return found.kind


def test_a_run_without_an_id_is_of_another_kind_even_where_ids_may_differ() -> None:
    assert kind("r1") == kind("r2")
    assert kind(" ") != kind("r1")
    assert kind("shadow_r1") != kind("r1")
