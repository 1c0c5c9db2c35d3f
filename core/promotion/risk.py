"""How much harm a promoted workflow could do (spec/artifacts.md, risk_level)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from core.model.effects import is_external
from core.model.trace import SideEffect

RiskLevel = Literal["low", "medium", "high"]


def risk_level(side_effects: Iterable[SideEffect], required_secrets: Iterable[str]) -> RiskLevel:
    """High when it reaches others and holds secrets, medium with one of the two, else low."""
    reasons = any(map(is_external, side_effects)) + any(True for _ in required_secrets)
    return ("low", "medium", "high")[reasons]
