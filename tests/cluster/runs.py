"""Runs of several workflows with what agents leave besides: noise, divergence, copies, broken files."""

from __future__ import annotations

import random
from typing import Any

from tests.review.making import action


def varied(count: int) -> dict[str, Any]:
    """Runs by file, the same for the same count."""
    chance = random.Random(7)
    made: dict[str, Any] = {f"day-{number % 3}/run-{number:03d}.json": _run(number, chance) for number in range(count)}
    made["day-1/copy.json"] = made["day-0/run-003.json"]
    made["shadow/late.json"] = {**_run(count, chance), "id": "late"}
    made["day-2/broken.json"] = b'{"actions": ['
    made["day-2/blocked.json"] = {**_run(count + 1, chance), "metadata": {"policy_violation": True}}
    return made


def _run(number: int, chance: random.Random) -> dict[str, Any]:
    workflow = ("refund", "release", None)[number % 3]
    names = [f"{workflow}_{step}" for step in range(5)]
    if chance.random() < 0.3:
        names.insert(chance.randrange(5), "search")
    if chance.random() < 0.2:
        names.remove(chance.choice(names))
    order = f"W{chance.randrange(1000)}"
    actions = [
        action(place, name, parameters={"order": order}, observed_output={"state": chance.choice("aaaab")})
        for place, name in enumerate(names)
    ]
    actions[-1]["side_effects"] = [{"kind": "db_write", "target": f"order:{order}"}]
    return {"version": 1, "id": f"run-{number}", "actions": actions, **({"workflow_id": workflow} if workflow else {})}
