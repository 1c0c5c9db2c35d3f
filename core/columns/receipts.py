"""What the comparison of receipts depends on (spec/pipeline.md §4), of a run that has a replay run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b

from core.columns.facts import ReplayFacts
from core.model.jsontext import Json, canonical, plain
from core.model.text import is_blank
from core.model.trace import AllowRule, ReplayRun
from core.shadow.allowlist import OracleError, apply_rules


def replay_facts(run: ReplayRun | None, rules: Sequence[AllowRule]) -> ReplayFacts | None:
    """What the comparison depends on; None without a replay run.

    The compared side is the run itself with another run id and other receipts. So what decides is the run once the
    rules are applied, and whether each rule matches outside the receipts, where both sides are the same.
    """
    if run is None:
        return None
    given: dict[str, Json] = plain(run)
    # A run that claims such an id could be the very same as the compared side.
    run_id = given["run_id"] if given["run_id"].startswith("shadow_") or is_blank(given["run_id"]) else "run"
    applied = list(_applied(given | {"run_id": run_id}, rules))
    kind = {
        "rules": plain([*rules]),
        "counts": {name: len(value) for name, value in given.items() if isinstance(value, list)},
        "run": applied,
        "others": list(_applied(given | {"run_id": run_id, "effect_receipts": []}, rules)),
    }
    # A rule does to receipts what it does to them alone (core.promotion.behaviour.allowed_receipts).
    allowed = canonical(applied[-1]["effect_receipts"]).decode() if run.effect_receipts else ""
    return ReplayFacts(run.run_id, blake2b(canonical(kind), digest_size=16).digest(), len(run.effect_receipts), allowed)


def _applied(value: Json, rules: Sequence[AllowRule]) -> Iterator[Json]:
    """For each rule whether it matches, and at last what the run has become."""
    for rule in rules:
        matched = False
        with suppress(OracleError):
            value, matched = apply_rules(value, [rule]), True
        yield matched
    yield value
