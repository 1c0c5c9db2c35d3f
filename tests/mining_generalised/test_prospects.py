"""What patterns could be at best is never less than what they are, and few of them have to be judged."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.mining.generalised import mine
from core.mining.generalised.evidence import Pool, passed_on
from core.mining.generalised.fold import Facts
from core.mining.generalised.jobs import Jobs
from core.mining.generalised.judge import Mined
from core.mining.generalised.links import Material, Texts
from core.mining.generalised.mine import accepted, ending, materials_of, propose
from core.mining.generalised.prospects import Prospects
from core.mining.generalised.select import Claim
from core.traces.decode import decode_trace
from tests.bench.runs import run_bytes
from tests.mining_generalised.data import retail


def generated(count: int, actions: int) -> tuple[Facts, Sequence[Material]]:
    return materials_of(decode_trace(run_bytes(5 * n, actions), f"{n}.json") for n in range(count))


POOLS = {"retail": materials_of(retail()), "generated": generated(40, 12), "long": generated(50, 40)}
"""Materials of runs, with what is known of their tools."""


@pytest.mark.parametrize("name", POOLS)
def test_a_candidate_is_never_more_than_it_could_be(name: str) -> None:
    known, materials = POOLS[name]
    pool = Pool(materials)
    jobs = Jobs(pool)
    could = Prospects(pool, known.writers, jobs)
    at_best = {one.pattern: one for item in ending(pool, known.writers, 5) if (one := could.of(*item)) is not None}
    found = accepted(pool, known.writers, 5)
    assert found
    for one in found:
        best = at_best[one.pattern]
        assert one.share <= best.share
        assert all(mean <= most for mean, most in zip(one.trials.means, best.means, strict=True))
        assert set(jobs.explained(one.fitted).jobs) <= set(best.explains.jobs)


@pytest.mark.parametrize("name", POOLS)
def test_judging_all_patterns_would_propose_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known, materials = POOLS[name]
    lazily = propose(Pool(materials), known, 5)
    select = mine.select

    def eagerly(claims: Sequence[Claim], closer: object, jobs: int, most: int) -> list[int]:
        assert callable(closer)
        found: list[Claim | None] = [*claims]
        for index in range(len(claims)):
            while (one := found[index]) is not None and not one.is_sure:
                found[index] = closer(index)
        return select([one or Claim(0.0, claims[i].explains, True) for i, one in enumerate(found)], closer, jobs, most)

    monkeypatch.setattr(mine, "select", eagerly)
    pool = Pool(materials)
    whole = propose(pool, known, 5)
    assert whole.chosen == lazily.chosen
    assert whole.rejected == lazily.rejected
    assert set(lazily.judged) <= set(whole.judged)


def test_most_patterns_of_long_runs_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    known, materials = POOLS["long"]
    monkeypatch.setattr(mine, "ENOUGH_TRIALS", 100)
    pool = Pool(materials)
    found = propose(pool, known, 5)
    assert len(found.judged) < len(ending(pool, known.writers, 5)) / 2
    assert any(isinstance(one, Mined) for one in found.judged.values())


def test_some_trials_tell_enough_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    known, materials = POOLS["generated"]
    whole = propose(Pool(materials), known, 5)
    monkeypatch.setattr(mine, "ENOUGH_TRIALS", 40)
    some = propose(Pool(materials), known, 5)
    assert len(some.judged) < len(whole.judged)
    assert {one.pattern[-1] for one in some.chosen} == {one.pattern[-1] for one in whole.chosen}


def test_what_is_passed_on_is_found_wherever_it_stands_before() -> None:
    for material in POOLS["retail"][1][:20]:
        sequence = material.run.sequence
        names = {name for given in material.arguments for name in given}
        for source in set(sequence):
            for name in names:
                found: dict[Texts, set[str]] = {}
                for taker, given in enumerate(material.arguments):
                    for giver in range(taker):
                        if sequence[giver] == source and name in given:
                            at = material.links(giver, taker).get(name, frozenset())
                            found.setdefault(given[name], set()).update(at)
                assert dict(passed_on(material, source, name)) == {texts: at for texts, at in found.items() if at}
