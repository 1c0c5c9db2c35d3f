from __future__ import annotations

import pytest

from core.model.trace import SideEffect
from core.promotion.confidence import confidence
from core.promotion.risk import risk_level


@pytest.mark.parametrize(
    ("examples", "mineable", "deterministic", "steps", "rejected", "expected"),
    [
        (5, 5, 3, 3, False, 0.99),
        (2, 4, 1, 2, False, 0.5),
        (1, 2, 0, 2, False, 0.325),
        (2, 2, 2, 2, True, 0.0),
        (0, 0, 2, 2, False, 0.0),
        (1, 1, 0, 0, False, 0.65),
    ],
)
def test_confidence(
    examples: int, mineable: int, deterministic: int, steps: int, rejected: bool, expected: float
) -> None:
    assert confidence(examples, mineable, deterministic, steps, rejected) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("kinds", "secrets", "risk"),
    [
        ([], [], "low"),
        (["git_ref"], [], "low"),
        (["FILE_WRITE"], [], "medium"),
        (["receipt_write"], [], "low"),
        (["git_ref"], ["TOKEN"], "medium"),
        (["git_ref", "message_send"], ["TOKEN"], "high"),
    ],
)
def test_risk(kinds: list[str], secrets: list[str], risk: str) -> None:
    assert risk_level([SideEffect(kind=kind, target="t") for kind in kinds], secrets) == risk
