"""What examples show at each step is told at one look, as it is told by one look after the other."""

from __future__ import annotations

import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mining.generalised.evidence import Example, Pool
from core.mining.generalised.mine import materials_of, mine_pool
from core.mining.generalised.observed import AGREES, agreed, observed, outputs_at
from core.mining.generalised.occurrence import Fitted, as_described, mismatches
from core.mining.generalised.patterns import aligned
from core.mining.generalised.shapes import misfits
from core.model.jsontext import Json, canonical, parse
from tests.mining_generalised.data import airline, retail

KNOWN, MATERIALS = materials_of(retail())
POOL = Pool(MATERIALS)
FOUND = [one.fitted for one in mine_pool(POOL, KNOWN, 5)]


def sent(fitted: Fitted) -> Fitted:
    """What arrives at another process."""
    made: Fitted = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - its own
    return made


def acts(example: Example, place: int):
    run = example.material.run
    return [run.trace.actions[index] for index in run.steps[example.at[place]].actions]


@pytest.mark.parametrize("fitted", FOUND, ids=lambda fitted: fitted.pattern[-1])
def test_every_step_shows_what_its_actions_say(fitted: Fitted) -> None:
    examples = POOL.examples(fitted.pattern)
    whole = sum(example.weight for example in examples)
    for place, seen in enumerate(observed(examples, len(fitted.pattern))):
        each = [(example, acts(example, place)) for example in examples]
        assert seen.whole == pytest.approx(whole)
        assert seen.repeats == {len(actions) for _, actions in each}
        looping = sum(example.weight for example, actions in each if len(actions) > 1)
        assert seen.loop_share == pytest.approx(looping / whole)
        said = [action.approval.required for _, actions in each for action in actions if action.approval]
        assert seen.asks is (2 * sum(said) >= len(said) if said else None)
        names = {name for _, actions in each for action in actions for name in action.capabilities}
        assert {name for one in seen.counts for name in one.capabilities} == names
        shape = seen.shape
        fitting = sum(
            example.weight / len(actions)
            for example, actions in each
            for action in actions
            if action.seen_output is not None and not list(misfits(shape.value, action.seen_output))
        )
        told = sum(e.weight / len(a) for e, a in each for action in a if action.seen_output is not None)
        assert shape.value is None or shape.share == pytest.approx(fitting / told)


def test_what_stands_before_a_step_is_counted_in_each_example() -> None:
    shown = [(POOL.examples(one.pattern), len(one.pattern)) for one in FOUND]
    examples, seen = next((e, first) for e, length in shown if (first := observed(e, length)[0]).before)
    whole = sum(example.weight for example in examples)
    for between in seen.before:
        having, most = 0.0, 0
        for example in examples:
            run = example.material.run
            step = run.steps[example.at[0]]
            stands = {"talk": step.talk, "idle": step.idle, "try": step.tries}[between.kind]
            names = Counter(run.trace.actions[i].name for i in stands if i > step.actions[0])
            having += example.weight * (names[between.name] > 0)
            most = max(most, names[between.name])
        assert (between.share, between.most) == (pytest.approx(having / whole), most)


@given(
    st.lists(st.tuples(st.sampled_from([1, 1.5, "x", None, {"a": 1}]), st.sampled_from([1.0, 0.5, 20.0])), min_size=1)
)
def test_outputs_agree_when_nearly_all_are_one(outputs: list[tuple[Json, float]]) -> None:
    whole = sum(weight for _, weight in outputs)
    weights: Counter[bytes] = Counter()
    for output, weight in outputs:
        weights[canonical(output)] += weight  # type: ignore[assignment]
    best = max(weights, key=lambda text: (weights[text], text))
    found = agreed(((canonical(output), weight) for output, weight in outputs), whole)
    if weights[best] / whole >= AGREES:
        assert found is not None
        assert (found.value, found.share) == (parse(best), pytest.approx(weights[best] / whole))
    else:
        assert found is None


def test_no_further_output_is_looked_at_once_too_many_differ() -> None:
    looked = []

    def outputs():
        for number in range(1000):
            looked.append(number)
            yield canonical(number), 1.0

    assert agreed(outputs(), 1000.0) is None
    assert len(looked) < 60


def test_outputs_come_with_the_votes_of_their_examples() -> None:
    examples = POOL.examples(FOUND[0].pattern)
    assert sum(weight for _, weight in outputs_at(examples, 0)) == pytest.approx(sum(e.weight for e in examples))


def test_what_is_as_described_has_no_mismatches_and_what_is_not_has() -> None:
    _, others = materials_of(airline()[:20])
    seen = set()
    for fitted in [*FOUND, sent(FOUND[0])]:
        for material in (*MATERIALS, *others):
            for at in aligned(material.shape, fitted.pattern):
                described = as_described(material, at, fitted)
                assert described is (mismatches(material, at, fitted) == ())
                seen.add(described)
    assert seen == {True, False}


def test_a_fitted_pattern_is_sent_without_what_was_worked_out_from_it() -> None:
    fitted = FOUND[0]
    assert fitted.checks
    other = sent(fitted)
    assert other == fitted
    assert vars(other).keys() == {"pattern", "bindings", "templates"}
