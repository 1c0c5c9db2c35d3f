"""What is mined together, and the name by which decisions know a candidate."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.jsontext import canonical, sha256_hex
from core.model.trace import Trace
from core.promotion.lineage import CohortBy, cohort_of, lineage_id


@pytest.mark.parametrize(
    ("by", "metadata", "cohort"),
    [
        ("workflow_id", {"goal": "ship"}, "w"),
        ("goal", {"goal": "ship"}, "ship"),
        ("goal", {"goal": ""}, ""),
        ("goal", {"goal": 5}, None),
        ("goal", {}, None),
        ("none", {"goal": "ship"}, None),
    ],
)
def test_the_cohort_of_a_run(by: CohortBy, metadata: dict[str, Any], cohort: str | None) -> None:
    assert cohort_of(Trace(id="t", workflow_id="w", metadata=metadata), by) == cohort


def test_a_lineage_is_of_mode_cohort_and_sequence() -> None:
    """Decisions are found by it: it must never come out otherwise."""
    sequence = ("tool_call:build:", "tool_call:ship:version")
    told = canonical(["exact", "w", ["tool_call:build:", "tool_call:ship:version"]])
    assert lineage_id("exact", "w", sequence) == f"lineage_{sha256_hex(told)[:16]}"
    others = {lineage_id(*one) for one in (("generalised", "w", sequence), ("exact", None, sequence))}
    assert len(others | {lineage_id("exact", "w", sequence), lineage_id("exact", "w", sequence[::-1])}) == 4
