"""What the comparison of receipts depends on (spec/pipeline.md §4), of a run that has a replay run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import orjson

from core.columns.facts import ReplayFacts
from core.model.jsontext import Json, canonical, plain
from core.model.text import is_blank
from core.model.trace import AllowRule, ReplayRun
from core.shadow.allowlist import OracleError, apply_rules

_SHORT = 2_000
"""Bytes of a replay run without its receipts, and of its rules, that are worth remembering: many runs share them."""


class Rules(NamedTuple):
    """Allowlist rules, and their canonical JSON."""

    each: Sequence[AllowRule]
    text: bytes


def rules_of(each: Sequence[AllowRule]) -> Rules:
    """Rules with their text."""
    return Rules(each, canonical([*each]))


def replay_facts(run: ReplayRun | None, rules: Sequence[AllowRule]) -> ReplayFacts | None:
    """What the comparison depends on; None without a replay run."""
    return None if run is None else facts_of_replay(plain(run), rules_of(rules))


def facts_of_replay(given: Mapping[str, Json], rules: Rules) -> ReplayFacts:
    """What the comparison depends on, of all fields of a replay run as plain JSON.

    The compared side is the run itself with another run id and other receipts. So what decides is the run once the
    rules are applied, and whether each rule matches outside the receipts, where both sides are the same.
    """
    run_id, receipts = given["run_id"], given["effect_receipts"]
    # A run that claims such an id could be the very same as the compared side.
    run = {**given, "run_id": run_id if run_id.startswith("shadow_") or is_blank(run_id) else "run"}
    applied = _applied(run, rules.each)
    kind = {
        "rules": orjson.Fragment(rules.text),
        "counts": {name: len(value) for name, value in given.items() if isinstance(value, list)},
        "run": applied,
        "others": orjson.Fragment(_others(canonical({**run, "effect_receipts": []}), rules)),
    }
    # A rule does to receipts what it does to them alone (core.promotion.behaviour.allowed_receipts).
    allowed = canonical(applied[-1]["effect_receipts"]).decode() if receipts else ""
    return ReplayFacts(run_id, blake2b(canonical(kind), digest_size=16).digest(), len(receipts), allowed)


def _others(run: bytes, rules: Rules) -> bytes:
    if len(run) + len(rules.text) > _SHORT:
        return canonical(_applied(orjson.loads(run), rules.each))
    return _remembered(run, rules.text)


@lru_cache(maxsize=1024)
def _remembered(run: bytes, rules: bytes) -> bytes:
    return canonical(_applied(orjson.loads(run), [AllowRule.decode(rule) for rule in orjson.loads(rules)]))


def _applied(value: Json, rules: Sequence[AllowRule]) -> list[Json]:
    """For each rule whether it matches, and at last what the run has become."""
    made: list[Json] = []
    for rule in rules:
        try:
            value, matched = apply_rules(value, [rule]), True
        except OracleError:
            matched = False
        made.append(matched)
    return [*made, value]
