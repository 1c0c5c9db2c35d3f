"""Runs in which nothing repeats but by chance, and planted workflows to be found among them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.model.trace import Trace
from core.traces.normalise import normalise

Noise = Callable[[random.Random, Sequence[Trace]], list[Trace]]

RUNS = 100


def action(
    name: str, parameters: Mapping[str, Any], output: Any, target: str | None = None, **more: Any
) -> dict[str, Any]:
    """One tool call as JSON; a target makes it a write."""
    effects = [] if target is None else [{"kind": "db_write", "target": target, "capability": "db", "mutation": name}]
    return {
        "kind": "tool_call",
        "name": name,
        "parameters": dict(parameters),
        "inputs": dict(parameters),
        "observed_output": output,
        "side_effects": effects,
        **more,
    }


def run(name: str, actions: Sequence[Mapping[str, Any]], **more: Any) -> Trace:
    """A normalised run."""
    return normalise(Trace.decode({"id": name, "workflow_id": "w", "actions": list(actions), **more}))


def token(draw: random.Random) -> str:
    """A value that hardly ever comes twice."""
    return f"v{draw.randrange(10**8)}"


def uniform(draw: random.Random, _: Sequence[Trace]) -> list[Trace]:
    """Tools drawn at random, few of them writing, with values that nobody shares."""
    return [
        run(f"u{n}", [_call(draw, f"tool{draw.randrange(8)}", draw.random() < 0.2) for _ in range(draw.randint(4, 12))])
        for n in range(RUNS)
    ]


def _call(draw: random.Random, name: str, writes: bool) -> dict[str, Any]:
    value = token(draw)
    name = f"write_{name}" if writes else name
    return action(name, {"id": value}, {"got": token(draw), "n": draw.randrange(5)}, f"row:{value}" if writes else None)


def zipf(draw: random.Random, _: Sequence[Trace]) -> list[Trace]:
    """A few tools in most places, the frequent ones writing to fixed or named places, values from a small set."""
    tools = [f"tool{n}" for n in range(7)]
    weights = [1 / (n + 1) for n in range(7)]
    made = []
    for n in range(RUNS):
        actions = []
        for name in draw.choices(tools, weights, k=draw.randint(4, 12)):
            value = f"k{draw.randrange(6)}"
            target = {"tool1": f"row:{value}", "tool2": "the log"}.get(name)
            actions.append(action(name, {"key": value}, {"state": f"k{draw.randrange(6)}"}, target))
        made.append(run(f"z{n}", actions))
    return made


def shared_ids(draw: random.Random, _: Sequence[Trace]) -> list[Trace]:
    """Every tool of a run is given, and returns, one of the run's few ids; the order means nothing."""
    made = []
    for n in range(RUNS):
        ids = [token(draw) for _ in range(draw.randint(1, 2))]
        actions = []
        for _ in range(draw.randint(4, 10)):
            name, value = f"tool{draw.randrange(6)}", draw.choice(ids)
            target = f"row:{value}" if name in ("tool0", "tool1") else None
            actions.append(action(name, {"id": value}, {"id": value, "other": ids[-1]}, target))
        made.append(run(f"s{n}", actions))
    return made


def markov(draw: random.Random, _: Sequence[Trace]) -> list[Trace]:
    """One tool leads to another with high probability, but no value is passed on."""
    tools = [f"tool{n}" for n in range(6)]
    after = {name: draw.sample(tools, 2) for name in tools}
    made = []
    for n in range(RUNS):
        name, actions = draw.choice(tools), []
        for _ in range(draw.randint(4, 10)):
            value = token(draw)
            target = f"row:{value}" if name in ("tool0", "tool3") else None
            actions.append(action(name, {"id": value}, {"next": token(draw)}, target))
            name = after[name][0] if draw.random() < 0.8 else draw.choice(tools)
        made.append(run(f"m{n}", actions))
    return made


def fixed_values(draw: random.Random, _: Sequence[Trace]) -> list[Trace]:
    """Tools without parameters or with always the same, in random order, writing to fixed places."""
    made = []
    for n in range(RUNS):
        actions = []
        for _ in range(draw.randint(3, 9)):
            name = f"tool{draw.randrange(6)}"
            given = {} if name in ("tool0", "tool4") else {"mode": "fast"}
            actions.append(action(name, given, {"ok": True}, f"file:{name}" if name in ("tool0", "tool1") else None))
        made.append(run(f"f{n}", actions, metadata={"n": n}))
    return made


def shuffled(draw: random.Random, real: Sequence[Trace]) -> list[Trace]:
    """Real runs, each with its actions in another order."""
    made = []
    for trace in real:
        actions = list(trace.actions)
        draw.shuffle(actions)
        made.append(trace.replace(actions=tuple(actions)))
    return made


def resampled(draw: random.Random, real: Sequence[Trace]) -> list[Trace]:
    """Runs as long as the real ones, each action taken from any of them."""
    every = [action for trace in real for action in trace.actions]
    return [trace.replace(actions=tuple(draw.choices(every, k=len(trace.actions)))) for trace in real]


def swapped(draw: random.Random, real: Sequence[Trace]) -> list[Trace]:
    """Real runs in their order, each action replaced by the same tool's action of any run: order without data."""
    by_name: dict[tuple[str, bool], list[Any]] = {}
    for trace in real:
        for one in trace.actions:
            by_name.setdefault((one.name, bool(one.side_effects)), []).append(one)
    return [
        trace.replace(actions=tuple(draw.choice(by_name[a.name, bool(a.side_effects)]) for a in trace.actions))
        for trace in real
    ]


FAMILIES: Mapping[str, Noise] = {
    made.__name__: made for made in (uniform, zipf, shared_ids, markov, fixed_values, shuffled, resampled, swapped)
}


def silent(trace: Trace) -> Trace:
    """A run without its effects."""
    return trace.replace(actions=tuple(action.replace(side_effects=()) for action in trace.actions))


def _chatter(draw: random.Random) -> list[dict[str, Any]]:
    return [_call(draw, f"tool{draw.randrange(6)}", False) for _ in range(draw.randint(0, 1))]


def closing(draw: random.Random, count: int) -> list[Trace]:
    """Look something up, choose one of what came back and write it, with chatter between."""
    made = []
    for n in range(count):
        customer, rows = token(draw), [token(draw) for _ in range(draw.randint(2, 4))]
        chosen = draw.choice(rows)
        steps = [
            action("find_customer", {"mail": token(draw)}, {"customer": customer}),
            action("list_rows", {"customer": customer}, {"rows": [{"id": row} for row in rows]}),
            action("close_row", {"row": chosen}, {"done": True}, f"row:{chosen}"),
        ]
        made.append(run(f"closing {n}", [one for step in steps for one in (*_chatter(draw), step)]))
    return made


def applying(draw: random.Random, count: int) -> list[Trace]:
    """Two steps, the second uses what the first returned."""
    made = []
    for n in range(count):
        ref = token(draw)
        steps = [action("lookup", {"name": token(draw)}, {"ref": ref}), action("apply", {"ref": ref}, {}, f"ref:{ref}")]
        made.append(run(f"applying {n}", [one for step in steps for one in (*_chatter(draw), step)]))
    return made


def archiving(draw: random.Random, count: int) -> list[Trace]:
    """A loop over what was listed, talk, a constant and a choice."""
    talk = {"kind": "model_call", "name": "say", "output": "Sure?", "observed_output": "yes"}
    made = []
    for n in range(count):
        project, items = token(draw), [token(draw) for _ in range(draw.randint(2, 5))]
        chosen = draw.choice(items)
        reads = [*items[: draw.randint(0, 3)], chosen]
        actions = [
            action("open_project", {"path": token(draw)}, {"project": project}),
            action("list_items", {"project": project}, {"items": items}),
            *(action("read_item", {"item": item}, {"item": item, "body": token(draw)}) for item in reads),
            *[talk] * draw.randint(0, 2),
            action("archive", {"item": chosen, "mode": "soft"}, {"ok": True}, f"item:{chosen}"),
        ]
        made.append(run(f"archiving {n}", actions))
    return made


def deploying(draw: random.Random, count: int) -> list[Trace]:
    """Steps that only share what the workflow is given."""
    made = []
    for n in range(count):
        repo = token(draw)
        actions = [
            action("check", {"repo": repo}, {"ok": True}),
            action("build", {"repo": repo}, {"log": token(draw)}),
            action("deploy", {"repo": repo}, {"ok": True}, f"deploy:{repo}"),
        ]
        made.append(run(f"deploying {n}", actions))
    return made


PLANTED: Mapping[str, tuple[Callable[[random.Random, int], list[Trace]], tuple[str, ...]]] = {
    "closing": (closing, ("find_customer", "list_rows", "close_row")),
    "applying": (applying, ("lookup", "apply")),
    "archiving": (archiving, ("open_project", "list_items", "read_item", "archive")),
    "deploying": (deploying, ("check", "build", "deploy")),
}
"""Workflows that are there, with the names of their steps."""


def releasing(draw: random.Random, count: int) -> list[Trace]:
    """A routine whose version is given twice, as number and as tag, with steps that neither give nor take."""
    made = []
    for n in range(count):
        version = f"{draw.randrange(9)}.{draw.randrange(99)}.{draw.randrange(99)}"
        actions = [
            action("checkout", {"branch": f"release/{version}"}, {"ok": True}),
            action("bump", {"version": version}, {"ok": True}),
            action("test", {"suite": "all"}, {"failed": 0}),
            action("publish", {"version": version, "tag": f"v{version}"}, {"ok": True}, "registry"),
        ]
        made.append(run(f"releasing {n}", actions))
    return made
