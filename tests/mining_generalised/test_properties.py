"""What must not matter does not matter, and what must does."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.mining.generalised.candidate import GeneralisedCandidate
from core.model.trace import Action, Trace
from tests.mining_generalised.data import candidates, names, retail
from tests.mining_generalised.noise import FAMILIES, RUNS, closing, run, token


def mixed(seed: int = 0) -> list[Trace]:
    """A planted workflow among noise."""
    draw = random.Random(seed)
    return FAMILIES["uniform"](draw, ())[: RUNS // 4] + closing(draw, 20)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_runs_does_not_matter(seed: int) -> None:
    shuffled = list(retail())
    random.Random(seed).shuffle(shuffled)
    assert candidates(shuffled) == candidates(retail())


def test_exact_copies_of_runs_add_no_confidence() -> None:
    copies = [trace.replace(id=f"{trace.id} again") for trace in retail() for _ in range(2)]
    before, after = candidates(retail()), candidates([*retail(), *copies])
    known = {one.pattern: one.confidence for one in before}
    shared = [one for one in after if one.pattern in known]
    assert len(shared) >= len(before) - 1
    for one in shared:
        assert one.confidence.groups == known[one.pattern].groups
        assert one.confidence.value == pytest.approx(known[one.pattern].value, abs=0.02)


def test_copies_of_re_runs_are_one_run() -> None:
    base = closing(random.Random(3), 4)
    copies = [trace.replace(id=f"{trace.id} {n}") for trace in base for n in range(5)]
    assert candidates(copies) == []


def test_one_agents_runs_alone_give_candidates() -> None:
    agent = [trace for trace in retail() if "with-preconditions" in trace.id]
    assert len(agent) == 30
    assert candidates(agent)


@pytest.mark.parametrize("family", ["uniform", "zipf", "shared_ids", "markov"])
def test_noise_runs_added_leave_the_candidates(family: str) -> None:
    noise = [trace.replace(workflow_id=retail()[0].workflow_id) for trace in FAMILIES[family](random.Random(5), ())]
    before, after = candidates(retail()), candidates([*retail(), *noise])
    assert [plain(one) for one in after] == [plain(one) for one in before]


def plain(candidate: GeneralisedCandidate) -> GeneralisedCandidate:
    """A candidate without the facts about tools that it does not use."""
    return replace(candidate, facts=candidates_facts)


candidates_facts = candidates(retail())[0].facts


def renamed(trace: Trace, rename: Callable[[str], str]) -> Trace:
    """A run with all its tools, parameters and effect kinds called otherwise."""

    def keys(value: Any) -> Any:
        return {rename(key): item for key, item in value.items()} if isinstance(value, dict) else value

    def one(action: Action) -> Action:
        effects = tuple(e.replace(kind=rename(e.kind), mutation=rename(e.mutation or "")) for e in action.side_effects)
        return action.replace(
            name=rename(action.name),
            parameters=keys(action.parameters),
            inputs=keys(action.inputs),
            side_effects=effects,
        )

    return trace.replace(actions=tuple(map(one, trace.actions)))


def test_names_of_tools_and_parameters_do_not_matter() -> None:
    def rename(name: str) -> str:
        return f"x_{name}"

    before = candidates(retail())
    after = candidates([renamed(trace, rename) for trace in retail()])
    assert {tuple(map(rename, names(one))) for one in before} == {names(one) for one in after}
    assert sorted(one.confidence.value for one in before) == sorted(one.confidence.value for one in after)


def test_huge_outputs_and_texts_change_nothing() -> None:
    def swollen(trace: Trace) -> Trace:
        rows = [{"n": n, "text": "x" * 1000} for n in range(2000)]
        actions = tuple(
            action.replace(observed_output=action.observed_output | {"zz": rows})
            if isinstance(action.observed_output, dict)
            else action
            for action in trace.actions
        )
        return trace.replace(actions=actions)

    assert [names(one) for one in candidates(list(map(swollen, mixed())))] == [
        names(one) for one in candidates(mixed())
    ]


def test_adversarial_repeats_end_in_time_and_give_nothing() -> None:
    draw = random.Random(2)
    write = {"kind": "tool_call", "name": "w", "side_effects": [{"kind": "write", "target": "x"}]}

    def loop(length: int) -> list[dict[str, Any]]:
        return [
            {"kind": "tool_call", "name": f"t{n % 4}", "parameters": {"id": token(draw)}, "observed_output": "ok"}
            for n in range(length)
        ]

    assert candidates([run(f"r{n}", [*loop(400 - n), write, *loop(n), write]) for n in range(12)]) == []


def test_text_that_somebody_wrote_is_not_automated() -> None:
    def written(trace: Trace, length: int) -> Trace:
        def one(action: Action) -> Action:
            if not action.side_effects:
                return action
            note = f"{trace.id} " + "word " * length
            return action.replace(parameters=action.parameters | {"note": note})

        return trace.replace(actions=tuple(map(one, trace.actions)))

    assert candidates([written(trace, 2) for trace in mixed()])
    assert candidates([written(trace, 40) for trace in mixed()]) == []


def test_an_effect_that_no_parameter_explains_is_not_accepted() -> None:
    draw = random.Random(4)
    made = []
    for trace in closing(draw, 20):
        *rest, last = trace.actions
        effect = last.side_effects[0].replace(target=f"row:{token(draw)}")
        made.append(trace.replace(actions=(*rest, last.replace(side_effects=(effect,)))))
    assert candidates(made) == []


def test_no_runs_no_candidates() -> None:
    assert candidates([]) == []
    assert candidates([run("empty", [])] * 1) == []
