"""How one sample run is built: steps in, a whole trace with times, tokens and costs out.

Everything that looks random is drawn from sha256 of the run's id, so the same source gives the same bytes everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PRICES = {"gpt-4.1": (2.0, 8.0), "gpt-4.1-mini": (0.4, 1.6)}
"""USD per million input and output tokens."""


@dataclass(frozen=True)
class Step:
    """One step of a sample run; a tool step costs the model call that chose it."""

    name: str
    kind: str = "tool_call"
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: Any = None
    output: Any = None
    effects: tuple[dict[str, Any], ...] = ()
    capabilities: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    approval: dict[str, Any] | None = None
    tool_ms: tuple[int, int] = (40, 400)
    input_tokens: tuple[int, int] = (1800, 3200)
    output_tokens: tuple[int, int] = (40, 120)
    model: str = "gpt-4.1"
    waits: int = 0
    """Seconds before the step for which the agent waited for a person."""


def effect(kind: str, target: str, capability: str, mutation: str) -> dict[str, Any]:
    """A side effect without metadata."""
    return {"kind": kind, "target": target, "capability": capability, "mutation": mutation}


def pick(seed: str, low: int, high: int) -> int:
    """A number from low to high that depends on nothing but the seed."""
    return low + int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % (high - low + 1)


def hex_of(seed: str, length: int = 12) -> str:
    """Hex digits that depend on nothing but the seed: commits, receipt numbers."""
    return hashlib.sha256(seed.encode()).hexdigest()[:length]


def stamp(time: datetime) -> str:
    """A time as the traces write it: UTC, milliseconds, Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    """A time in 2026, UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def run(
    workflow: str,
    run_id: str,
    started: datetime,
    steps: list[Step],
    goal: str,
    success: list[str],
    *,
    receipts: list[dict[str, Any]] | None = None,
    allow: tuple[tuple[str, str], ...] = (),
    **metadata: Any,
) -> dict[str, Any]:
    """A whole run in the form of a crystallization trace."""
    actions: list[dict[str, Any]] = []
    now = started + timedelta(milliseconds=pick(run_id, 120, 980))
    for step in steps:
        now += timedelta(seconds=step.waits)
        made = _action(run_id, len(actions) + 1, step, now)
        actions.append(made)
        now += timedelta(milliseconds=made["duration_ms"] + made["cost"]["wall_ms"] + 25)
    trace: dict[str, Any] = {
        "version": 1,
        "id": run_id,
        "workflow_id": workflow,
        "started_at": stamp(started),
        "finished_at": stamp(now),
        "actions": actions,
    }
    if receipts is not None:
        trace["replay_run"] = {"run_id": run_id, "effect_receipts": receipts}
        trace["replay_allowlist"] = [{"path": path, "reason": reason} for path, reason in allow]
    return trace | {"metadata": {"goal": goal, "success_criteria": success, **metadata}}


def _action(run_id: str, number: int, step: Step, now: datetime) -> dict[str, Any]:
    seed, fuzzy = f"{run_id}/{number}", step.kind == "model_call"
    incoming, outgoing = pick(seed + "in", *step.input_tokens), pick(seed + "out", *step.output_tokens)
    price_in, price_out = PRICES[step.model]
    action: dict[str, Any] = {
        "id": f"{number:02}-{step.name}",
        "kind": step.kind,
        "name": step.name,
        "timestamp": stamp(now),
        "inputs": step.inputs,
        "observed_output": step.output,
        "parameters": step.parameters,
        "side_effects": list(step.effects),
        "capabilities": list(step.capabilities),
        "required_secrets": list(step.secrets),
        "approval": step.approval,
        "cost": {
            "model": step.model,
            "model_calls": 1,
            "input_tokens": incoming,
            "output_tokens": outgoing,
            "total_cost_usd": round((incoming * price_in + outgoing * price_out) / 1e6, 6),
            "wall_ms": 350 + outgoing * pick(seed + "speed", 11, 19),
        },
        "duration_ms": 0 if fuzzy else pick(seed + "tool", *step.tool_ms),
        "deterministic": not fuzzy,
        "fuzzy": fuzzy,
    }
    unused = [name for name in ("side_effects", "capabilities", "required_secrets") if not action[name]]
    return {name: value for name, value in action.items() if value is not None and name not in unused}
