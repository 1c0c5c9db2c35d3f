"""Where the values of a step stand in earlier ones, and how much there is to choose from, against plain look-ups."""

from __future__ import annotations

import json
from math import sqrt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.generalised.evidence import Pool
from core.mining.generalised.mine import materials_of
from core.mining.generalised.order import link_z
from core.traces.decode import decode_trace
from tests.mining_generalised.data import retail

scalars = st.sampled_from([1, 2, True, None, "a", "b", "W1", "x" * 500])
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.sampled_from("pq"), scalars, max_size=2)
calls = st.fixed_dictionaries(
    {
        "kind": st.just("tool_call"),
        "name": st.sampled_from(["f", "f", "g"]),
        "parameters": st.dictionaries(st.sampled_from(["i", "j", "k"]), values, max_size=3),
        "observed_output": values,
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(calls, min_size=1, max_size=6))
def test_links_and_what_is_given_are_as_plain_look_ups_say(actions: list[dict[str, Any]]) -> None:
    told = [{"id": str(n), **action} for n, action in enumerate(actions)]
    (material,) = materials_of(
        [decode_trace(json.dumps({"version": 1, "id": "t", "actions": told}).encode(), "t.json")]
    )[1]
    steps = range(len(material.run.steps))
    for step in steps:
        for source in steps:
            at = material.places(source)
            sizes = {place: 0 for found in at.values() for place in found}
            for found in at.values():
                for place in found:
                    sizes[place] += 1
            wanted = {}
            for name, texts in material.arguments[step].items():
                each = [at.get(text, frozenset()) for text in texts]
                if each and (common := frozenset.intersection(*each)):
                    wanted[name] = common
            assert material.links(source, step) == wanted
            assert material.links(source, step) is material.links(source, step)
            assert material.sizes(source) == sizes
            (given,) = material.given((source,), step)
            assert given == {name: {place: sizes[place] for place in found} for name, found in wanted.items()}


def test_how_far_a_link_is_in_order_is_told_of_every_run_that_has_it() -> None:
    (known, materials) = materials_of(retail())
    pool = Pool(materials)
    symbols = [symbol for symbol in pool.by_symbol if symbol in known.writers][:3]
    told = [
        (source, place, taker, name, link_z(pool, source, place, taker, name))
        for taker in symbols
        for source in pool.by_symbol
        for name in {name for run in pool.by_symbol[taker] for at in run.steps_of[taker] for name in run.arguments[at]}
        for place in (f"in/{name}", "out/*", "out/user_id", "out/items/*/item_id")
    ]
    assert {z > 0 for *_, z in told} == {False, True}
    for source, place, taker, name, z in told:
        assert z == plain_z(pool, source, place, taker, name)


def plain_z(pool: Pool, source: str, place: str, taker: str, name: str) -> float:
    """How far the first taker of each run that has a giver is behind one, in standard deviations over chance."""
    groups: dict[str, list[tuple[float, float]]] = {}
    for run in pool.by_symbol[taker]:
        for at in run.steps_of[taker]:
            texts, steps = run.arguments[at].get(name, ()), run.steps_of.get(source, ())
            givers = [s for s in steps if s != at and texts and all(place in run.places(s).get(t, ()) for t in texts)]
            if givers:
                share = len(givers) / (len(givers) + 1)
                groups.setdefault(pool.group(run), []).append((float(givers[0] < at), share))
                break
    excess = variance = 0.0
    for found in groups.values():
        chance = sum(p for _, p in found) / len(found)
        excess += sum(o for o, _ in found) / len(found) - chance
        variance += chance * (1 - chance)
    return excess / sqrt(variance) if variance else 0.0
