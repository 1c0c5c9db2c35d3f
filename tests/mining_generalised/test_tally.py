"""One look at a column says for every part that is left out what binding the rest says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.generalised import evidence
from core.mining.generalised.bindings import bind
from core.mining.generalised.evidence import Pool
from core.mining.generalised.groups import folds_of
from core.mining.generalised.mine import index_of, materials_of, propose
from core.mining.generalised.sheet import Rows, arguments, weighed
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
    examples = tuple(example._replace(weight=chance.choice(votes)) for example in found)
    groups = [example.group for example in examples]
    part_of = folds_of(chance.sample(groups, max(1, len(groups) * 3 // 4)), parts)
    for argument in arguments(pattern, examples, part_of):
        tally = Tally(pattern, argument, POOL, decisive=decisive)
        whole = told(bind(pattern, argument, POOL, decisive=decisive))
        assert told(tally.binding(None))[:4] == whole[:4]
        assert tally.steady is None or told(tally.steady)[:4] == whole[:4]
        for part in range(parts):
            left = rows_of(argument, {example.group: part_of.get(example.group) == part for example in examples})
            seen = tally.binding(part)
            if left is None:
                assert seen is None
                assert tally.steady is None
                continue
            wanted = told(bind(pattern, left, POOL, decisive=decisive))
            assert (*told(seen)[:4], told(seen)[5]) == (*wanted[:4], wanted[5])
            if tally.steady is not None:
                assert essence(tally.steady) == essence(seen)


def rows_of(argument, without):
    """What the examples of the other groups say about an argument; None when there are none."""
    kept = [index for index, example in enumerate(argument.rows.examples) if not without[example.group]]
    rows = Rows([argument.rows.examples[index] for index in kept], [0 for _ in kept])
    kinds = [
        kind._replace(
            weight=weighed(
                [0 for i in kept if argument.kind_of[i] == number],
                [rows.weights[place] for place, i in enumerate(kept) if argument.kind_of[i] == number],
            ),
        )
        for number, kind in enumerate(argument.kinds)
    ]
    texts, kind_of = [argument.texts[index] for index in kept], [argument.kind_of[index] for index in kept]
    used = {number: place for place, number in enumerate(dict.fromkeys(kind_of))}
    return (
        replace(
            argument,
            rows=rows,
            texts=texts,
            kinds=[kinds[number] for number in used],
            kind_of=[used[n] for n in kind_of],
        )
        if kept
        else None
    )


def essence(binding):
    """What runs are compared with."""
    source = binding.source and (binding.source.step, binding.source.place)
    return binding.step, binding.name, binding.kind, binding.constant, source


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
