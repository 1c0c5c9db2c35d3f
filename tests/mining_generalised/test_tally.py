"""One look at a column says for every part that is left out what binding the rest says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.generalised import evidence
from core.mining.generalised.bindings import bind, columns
from core.mining.generalised.evidence import Pool, folds_of
from core.mining.generalised.mine import index_of, materials_of, propose
from core.mining.generalised.sheet import arguments
from core.mining.generalised.tally import Tally
from core.traces.decode import decode_trace
from tests.bench.runs import run_bytes


def runs(count, actions=8, first=0):
    return [decode_trace(run_bytes(5 * number + first, actions), f"{number}.json") for number in range(count)]


KNOWN, MATERIALS = materials_of(runs(60))
POOL = Pool(MATERIALS)
PATTERNS = sorted(index_of(POOL).frequent(3, 3))


def told(binding):
    """What a workflow needs of a binding, with shares that are the same but for rounding."""
    source = binding.source and replace(binding.source, missed=(), share=round(binding.source.share, 9))
    rounded = source and replace(source, mean_size=round(source.mean_size, 9), single=round(source.single, 9))
    return binding.step, binding.name, binding.kind, binding.constant, binding.longest, rounded


def test_there_is_something_to_compare():
    found = [
        Tally(pattern, argument, POOL, decisive=False).binding(None).kind
        for pattern in PATTERNS
        for argument in arguments(pattern, POOL.examples(pattern), {})
    ]
    assert {"free", "constant", "parameter"} <= set(found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PATTERNS), st.integers(1, 6), st.booleans(), st.randoms(use_true_random=False))
def test_every_part_left_out_is_as_binding_the_others(pattern, parts, decisive, chance):
    found = POOL.examples(pattern)
    votes = chance.choice([(1.0,), (1.0, 0.5, 1 / 3)])
    examples = tuple(replace(example, weight=chance.choice(votes)) for example in found)
    groups = [example.group for example in examples]
    part_of = folds_of(chance.sample(groups, max(1, len(groups) * 3 // 4)), parts)
    for column, argument in zip(columns(pattern, examples), arguments(pattern, examples, part_of), strict=True):
        tally = Tally(pattern, argument, POOL, decisive=decisive)
        assert told(tally.binding(None))[:4] == told(bind(pattern, column, column.rows, POOL, decisive=decisive))[:4]
        for part in range(parts):
            rows = [row for row in column.rows if part_of.get(row.example.group) != part]
            seen = tally.binding(part)
            if not rows:
                assert seen is None
                continue
            wanted = told(bind(pattern, column, rows, POOL, decisive=decisive))
            assert (*told(seen)[:4], told(seen)[5]) == (*wanted[:4], wanted[5])


def test_a_large_pool_is_judged_on_some_of_its_runs_and_finds_the_same_jobs(monkeypatch: pytest.MonkeyPatch):
    whole = propose(POOL, KNOWN, 3)
    monkeypatch.setattr(evidence, "LARGE", 50)
    monkeypatch.setattr(evidence, "MAX_JUDGED", 30)
    monkeypatch.setattr(evidence, "MAX_TRIALS", 40)
    large = Pool(MATERIALS)
    assert large.is_large
    assert len(large.trials(large.materials)) == 40
    assert len(large.examples(whole.chosen[0].fitted.pattern)) == 30
    assert {one.fitted.pattern[-1] for one in propose(large, KNOWN, 3).chosen} == {
        one.fitted.pattern[-1] for one in whole.chosen
    }
