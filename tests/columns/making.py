"""Random runs that repeat, and libraries of them."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from hypothesis import strategies as st

from core.columns.encode import Encoder
from core.columns.library import Library
from core.columns.names import Names
from core.columns.of_trace import facts_of
from core.model.trace import Action, AllowRule, ReplayRun, Trace
from core.traces.normalise import normalise

LONG = "a text that is far too long to be kept as a whole by the columns, as prompts are: "

outputs = st.sampled_from([None, 0.0, -0.0, 1, 1.0, True, "1", {"a": [0.0]}, {"a": [-0.0]}, {"b": 1, "a": 2}])
effects = st.sampled_from(
    [
        [],
        [],
        [{"kind": "file", "target": "a.py"}],
        [{"kind": "file", "target": "a.py", "metadata": {"n": 0.0}}],
        [{"kind": "file", "target": "a.py", "metadata": {"n": -0.0}}],
        [{"kind": "git", "target": "x"}, {"kind": "file", "target": "b"}],
        [{"kind": " ", "target": ""}],
    ]
)
approvals = st.sampled_from(
    [None, None, {"required": True}, {"required": True, "approver": "me", "boundary": "b"}, {"prompt": "why"}]
)
values = st.sampled_from(["a", "b", "", 1, 1.0, True, None, LONG + "1", LONG + "2", LONG + "3", "é" * 40, ["n"]])
inputs = st.sampled_from([None, "x", [], {}]) | st.dictionaries(
    st.sampled_from(["version", "a", "a.b", "repo"]), values | st.dictionaries(st.just("b"), values), max_size=3
)
actions = st.fixed_dictionaries(
    {"kind": st.sampled_from(["tool_call", "tool_call", "model_call"]), "name": st.sampled_from("ab")},
    optional={
        "id": st.sampled_from(["", "i", "j"]),
        "timestamp": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "later", "12"]),
        "inputs": inputs,
        "output": outputs,
        "observed_output": outputs,
        "parameters": st.dictionaries(st.just("p"), values, max_size=1),
        "side_effects": effects,
        "approval": approvals,
        "capabilities": st.lists(st.sampled_from("xy"), max_size=2),
        "required_secrets": st.lists(st.sampled_from("xy "), max_size=2),
        "cost": st.fixed_dictionaries(
            {},
            optional={
                "model_calls": st.sampled_from([0, 1, 2**62]),
                "input_tokens": st.sampled_from([0, 7, -3]),
                "total_cost_usd": st.sampled_from([0.0, -0.0, 0.1, 0.2, 1e308]),
                "wall_ms": st.sampled_from([0, 5]),
            },
        ),
        "duration_ms": st.none() | st.integers(0, 9),
        "deterministic": st.none() | st.just(value=True),
        "fuzzy": st.none() | st.just(value=False),
    },
)
receipts = st.lists(st.sampled_from([{"n": 1}, {"n": 2}, {"at": 1, "n": 1}, {"at": 2, "n": 1}, 0.0, -0.0]), max_size=2)
rules = st.sampled_from(
    [
        {"path": "/run_id", "reason": "r"},
        {"path": "/effect_receipts/*/at", "reason": "r"},
        {"path": "/effect_receipts", "reason": "r"},
        {"path": "/*/0", "reason": "r"},
        {"path": "", "reason": "r"},
        {"path": "/event_log_entries/*", "reason": " "},
        {"path": "/event_log_entries/*", "reason": "r", "replacement": 1},
    ]
)
replays = st.none() | st.fixed_dictionaries(
    {"run_id": st.sampled_from(["r1", "r2", "", "shadow_x"])},
    optional={"effect_receipts": receipts, "event_log_entries": st.lists(st.integers(0, 1), max_size=1)},
)
run_fields = st.fixed_dictionaries(
    {"actions": st.lists(actions, max_size=7)},
    optional={
        "replay_run": replays,
        "replay_allowlist": st.lists(rules, max_size=2),
        "workflow_id": st.none() | st.sampled_from("vw"),
        "source_hash": st.sampled_from(["claimed", "sha256:" + "0f" * 32]),
        "started_at": st.none() | st.just("t"),
        "metadata": st.fixed_dictionaries(
            {}, optional={"goal": st.sampled_from(["g", "h", 1]), "success_criteria": st.sampled_from(["c", "d", 2])}
        ),
    },
)


def made(fields, number) -> Trace:
    """A normalised run with an id and a source hash of its own."""
    trace = Trace.decode({"id": f"run-{number}", **fields})
    return normalise(trace if trace.source_hash else trace.replace(source_hash=f"sha256:{digest(number)}"))


def digest(number) -> str:
    """The digest of the file that a run would have."""
    return sha256(str(number).encode()).hexdigest()


def library_of(traces, cuts=1) -> tuple[Library, dict[str, Trace]]:
    """Some runs in as many segments, under the units `NUMBER.json`; and the runs by unit."""
    library = Library(Names())
    for part in np.array_split(np.arange(len(traces)), cuts):
        encoder = Encoder()
        for number in part.tolist():
            encoder.add(f"{number:04d}.json", (1, 2, 3, number), digest(number), 10, facts_of(traces[number]))
        if encoder.size:
            library = library.adding(encoder.finish())
    return library, {f"{number:04d}.json": trace for number, trace in enumerate(traces)}


def action(name: str, **fields: object) -> Action:
    """An action."""
    return Action.decode({"id": name, "kind": "tool_call", "name": name, **fields})


__all__ = ["AllowRule", "ReplayRun", "action", "digest", "library_of", "made", "run_fields"]
