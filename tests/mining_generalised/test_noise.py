"""Noise gives no candidates, and what is planted in it is found."""

from __future__ import annotations

import random

import pytest

from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import accepted, materials_of
from core.mining.generalised.order import link_of
from core.model.trace import Trace
from tests.mining_generalised.data import candidates, names, retail
from tests.mining_generalised.noise import FAMILIES, PLANTED, releasing, silent

SEEDS = range(4)


def all_accepted(traces: list[Trace]) -> list[tuple[str, ...]]:
    """Every acceptable pattern, also those that selection would leave out."""
    known, materials = materials_of(traces)
    return [one.fitted.pattern for one in accepted(Pool(materials), known.writers, 5)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_accepted_in_noise(family: str, seed: int) -> None:
    assert all_accepted(FAMILIES[family](random.Random(seed), retail())) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", ["uniform", "zipf", "shared_ids", "markov"])
def test_nothing_is_accepted_in_noise_without_effects(family: str, seed: int) -> None:
    assert all_accepted([silent(trace) for trace in FAMILIES[family](random.Random(seed), ())]) == []


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("family", ["uniform", "zipf", "shared_ids", "markov"])
def test_a_planted_workflow_is_found_and_nothing_else(family: str, plant: str) -> None:
    for seed, count in ((0, 5), (1, 8), (2, 14)):
        draw = random.Random(seed)
        made, wanted = PLANTED[plant]
        runs = FAMILIES[family](draw, ()) + made(draw, count)
        assert [names(one) for one in candidates(runs)] == [wanted]


@pytest.mark.parametrize("family", ["uniform", "zipf", "shared_ids", "markov"])
def test_a_routine_that_partly_takes_what_is_given_is_found_and_nothing_else(family: str) -> None:
    for seed in SEEDS:
        draw = random.Random(seed)
        runs = FAMILIES[family](draw, ()) + releasing(draw, 12)
        (found,) = candidates(runs)
        assert names(found) == ("checkout", "bump", "test", "publish")
        assert link_of(found.fitted.pattern, found.fitted.bindings) == "implied"


def test_a_routine_that_passes_nothing_on_and_takes_what_is_given_is_none() -> None:
    draw = random.Random(1)
    runs = releasing(draw, 14)
    actions = [one.actions for one in runs]
    mixed = [run.replace(actions=(*actions[n][:3], actions[(n + 5) % len(runs)][3])) for n, run in enumerate(runs)]
    assert candidates(mixed) == []


def test_a_workflow_that_only_reads_is_found_where_nothing_writes() -> None:
    made, wanted = PLANTED["deploying"]
    draw = random.Random(1)
    found = candidates([silent(trace) for trace in made(draw, 12)])
    assert [names(one) for one in found] == [wanted]
