"""Runs such as agents leave behind: several workflows, noise between the steps, some divergence, 7 to 8 KB each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

WORKFLOWS = ("refund", "release", "triage", "onboarding", "billing")
"""One cohort each."""

_WORDS = [
    "order",
    "customer",
    "shipment",
    "invoice",
    "address",
    "payment",
    "return",
    "carrier",
    "warehouse",
    "label",
    "status",
    "pending",
    "approved",
    "draft",
    "review",
    "branch",
    "commit",
    "change",
    "request",
    "ticket",
    "owner",
    "region",
    "account",
    "summary",
    "detail",
    "balance",
    "policy",
    "notice",
    "window",
]
_NOISE = ("list_files", "search_docs", "think", "read_note", "ping", "get_time", "lookup_user")
_PER_FOLDER = 1000


def write_runs(folder: Path, count: int, actions: int, *, first: int = 0) -> None:
    """Write `count` runs of about `actions` actions below a folder, a thousand files to a sub-folder."""
    for number in range(first, first + count):
        place = folder / f"day-{number // _PER_FOLDER:04d}"
        if number % _PER_FOLDER == 0 or number == first:
            place.mkdir(parents=True, exist_ok=True)
        (place / f"run-{number:06d}.json").write_bytes(run_bytes(number, actions))


def newest(folder: Path) -> Path:
    """The sub-folder that new runs come into."""
    return max(place for place in folder.iterdir() if place.name.startswith("day-"))


def run_bytes(number: int, actions: int) -> bytes:
    """The file of one run; the same number gives the same bytes."""
    return orjson.dumps(run(number, actions))


def run(number: int, actions: int) -> dict[str, Any]:
    """One run as plain JSON."""
    chance = random.Random(number)
    workflow = WORKFLOWS[number % len(WORKFLOWS)]
    order, user = f"W{chance.randrange(10**7):07d}", f"user_{chance.randrange(20_000):05d}"
    steps = list(_steps(workflow, actions, chance))
    made = [_action(number, place, name, workflow, order, user, chance) for place, name in enumerate(steps)]
    return {
        "version": 1,
        "id": f"{workflow}-{number:07d}",
        "workflow_id": workflow,
        "started_at": _time(number, 0),
        "finished_at": _time(number, len(made)),
        "actions": made,
        "metadata": {"goal": f"{workflow} for a customer", "success": chance.random() < 0.9, "region": "eu-west"},
        **(_replay(number) if workflow == "release" else {}),
    }


def _steps(workflow: str, actions: int, chance: random.Random) -> Iterator[str]:
    """The names of a run's steps: the workflow's own, three in ten runs with something else between, or less."""
    own = [f"{workflow}_{index:03d}" if index % 6 else "respond" for index in range(actions)]
    if chance.random() < 0.3:
        for _ in range(chance.randint(1, 1 + actions // 12)):
            own[chance.randrange(len(own))] = chance.choice(_NOISE)
    if chance.random() < 0.1:
        del own[chance.randrange(len(own))]
    yield from own


def _action(
    number: int, place: int, name: str, workflow: str, order: str, user: str, chance: random.Random
) -> dict[str, Any]:
    if name == "respond":
        return _respond(number, place, chance)
    diverges = chance.random() < 0.002
    made = {
        "id": f"a{place}",
        "kind": "tool_call",
        "name": name,
        "timestamp": _time(number, place),
        "inputs": {"order_id": order, "query": _text(chance, 4), "options": {"limit": place, "verbose": False}},
        "observed_output": {"status": "changed" if diverges else "ok", "log": _LOG, "step": place},
        "parameters": {"order_id": order, "user_id": user},
        "capabilities": [f"{workflow}.call"],
        "cost": {"total_cost_usd": 0.0001, "wall_ms": 20},
        "duration_ms": chance.randrange(5, 900),
        "deterministic": True,
        "fuzzy": False,
        "metadata": {"attempt": 1, "host": "worker-7"},
    }
    if place % 5 == 3:
        made["side_effects"] = [{"kind": "db_write", "target": f"table:{workflow}", "mutation": "update"}]
    if place % 11 == 7:
        made["approval"] = {"prompt": "continue?", "approver": "lead", "required": True, "boundary": workflow}
    if name in _NOISE:
        made["observed_output"] = {"text": _text(chance, 20)}
    return made


def _respond(number: int, place: int, chance: random.Random) -> dict[str, Any]:
    return {
        "id": f"a{place}",
        "kind": "model_call",
        "name": "respond",
        "timestamp": _time(number, place),
        "inputs": {"prompt": f"You are a helpful agent of the desk. {_text(chance, 30)}"},
        "observed_output": _text(chance, 30),
        "cost": {
            "model": "large-1",
            "model_calls": 1,
            "input_tokens": chance.randrange(200, 4000),
            "output_tokens": chance.randrange(20, 400),
            "total_cost_usd": chance.randrange(1, 400) / 10_000,
            "wall_ms": chance.randrange(300, 4000),
        },
        "fuzzy": True,
    }


def _replay(number: int) -> dict[str, Any]:
    return {
        "replay_run": {
            "run_id": f"run-{number}",
            "effect_receipts": [{"kind": "db_write", "table": "release", "at": _time(number, 3), "rows": 1}],
            "event_log_entries": [{"event": "started"}, {"event": "ended", "ok": True}],
        },
        "replay_allowlist": [
            {"path": "/run_id", "reason": "allocated per execution"},
            {"path": "/effect_receipts/*/at", "reason": "time of the write"},
        ],
    }


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


_LOG = "a line of output that a tool gives, " * 4


def _time(number: int, seconds: int) -> str:
    """So many seconds after the run with a number began."""
    began = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number % 40_000, seconds=seconds)
    return began.isoformat(timespec="milliseconds").replace("+00:00", "Z")
