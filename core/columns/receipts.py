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
from core.shadow.allowlist import OracleError, applied

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
    rules are applied, and whether each rule matches outside the receipts, where both sides are the same. A rule does
    to receipts what it does to them alone (core.promotion.behaviour.allowed_receipts), and so to what is beside them.
    """
    run_id, receipts = given["run_id"], given["effect_receipts"]
    # Without an id there is nothing to compare, and a run that claims such a one could be the very same as the other
    # side: whatever rules make of it.
    telling = run_id if run_id.startswith("shadow_") or is_blank(run_id) else "run"
    others = {**given, "run_id": telling}
    others["effect_receipts"] = []
    left, matched = _applied({"effect_receipts": receipts}, rules.each)
    allowed = canonical(left["effect_receipts"])
    kind = blake2b(_kind_of(canonical(others), rules.text), digest_size=16)
    kind.update(canonical([telling, len(receipts), matched]) + allowed)
    return ReplayFacts(run_id, kind.digest(), len(receipts), allowed.decode() if receipts else "")


def _kind_of(run: bytes, rules: bytes) -> bytes:
    """What a replay run without its receipts decides, by canonical JSON of it and of its rules."""
    return _remembered(run, rules) if len(run) + len(rules) <= _SHORT else _decided(run, rules)


@lru_cache(maxsize=1024)
def _remembered(run: bytes, rules: bytes) -> bytes:
    return _decided(run, rules)


def _decided(run: bytes, rules: bytes) -> bytes:
    given, each = orjson.loads(run), [AllowRule.decode(rule) for rule in orjson.loads(rules)]
    counts = {name: len(value) for name, value in given.items() if isinstance(value, list)}
    return blake2b(canonical([orjson.Fragment(rules), counts, *_applied(given, each)]), digest_size=16).digest()


def _applied(value: Json, rules: Sequence[AllowRule]) -> tuple[Json, list[bool]]:
    """What rules leave of a value, and whether each of them matches."""
    matched = []
    for rule in rules:
        try:
            value, found = applied(value, rule)
        except OracleError:
            found = False
        matched.append(found)
    return value, matched
