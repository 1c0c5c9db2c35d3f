"""Where the values of a step stand in earlier ones, and how much there is to choose from, against plain look-ups."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.mining.generalised.mine import materials_of
from core.traces.decode import decode_trace

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
                for place in sizes:
                    assert material.stands(source, place, texts) == (bool(texts) and all(place in one for one in each))
            assert material.links(source, step) == wanted
            assert material.links(source, step) is material.links(source, step)
            assert material.sizes(source) == sizes
            (given,) = material.given((source,), step)
            assert given == {name: {place: sizes[place] for place in found} for name, found in wanted.items()}
