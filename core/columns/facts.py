"""What the engine keeps of one run once its payloads are left on disk: a value between decoding and columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

import orjson

from core.mining.exclude import Exclusion
from core.model.jsontext import Json, canonical, plain, scalar_text
from core.model.trace import Action, SideEffect, Usage

NONE_DIGEST = bytes(16)
"""The digest that stands for no output and for no side effects."""

Shape = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of an action's scalar parameters, and the paths of the scalars inside its inputs."""


NUMBERS = ("count", "calls", "read", "written", "wall", "duration")
"""The numbers of an action: how many of the values are its own, model calls, tokens in and out, the milliseconds that
it cost, and those that it took; 0 where that is not told."""


class Actions(NamedTuple):
    """The actions of a run as columns: references to what actions share, and their own numbers and small values.

    Numbers have 64 bits each. `Gathering` makes them of single actions.
    """

    forms: list[bytes]
    """What decides about each step besides side effects, values and outputs: JSON, see `form_of`."""
    shapes: list[bytes]
    """The names and paths of the scalars of each: JSON, see `shape_of`."""
    digests: bytes
    """Of each 16 bytes that tell canonical side effects apart, and 16 that tell apart what it gave out (`seen_output`).

    Zeros for none and for null.
    """
    values: bytes
    """The value texts of all actions in UTF-8, of each those of the parameters before those of the inputs."""
    ends: array[int]
    """Where each value text ends."""
    numbers: array[int]
    """Of each as many as `NUMBERS`, in that order."""
    usd: array[float]
    """What each cost."""

    def value(self, number: int) -> str:
        """A value text."""
        return self.values[self.ends[number - 1] if number else 0 : self.ends[number]].decode()

    def column(self, name: str) -> array[int]:
        """One of the `NUMBERS` of every action."""
        return self.numbers[NUMBERS.index(name) :: len(NUMBERS)]


class Gathering:
    """Makes columns of actions, one after the other."""

    def __init__(self) -> None:
        self._forms: list[bytes] = []
        self._shapes: list[bytes] = []
        self._digests: list[bytes] = []
        self._values: list[str] = []
        self._numbers = array("q")
        self._usd = array("d")

    def add(
        self,
        form: bytes,
        shape: bytes,
        effects: bytes,
        output: bytes,
        values: Sequence[str],
        numbers: tuple[int, int, int, int, int],
        usd: float,
    ) -> None:
        """Add an action, with the digests of its effects and its output, and the `NUMBERS` behind the first."""
        self._forms.append(form)
        self._shapes.append(shape)
        self._digests += (effects, output)
        self._values += values
        self._numbers.extend((len(values), *numbers))
        self._usd.append(usd)

    def actions(self) -> Actions:
        """All that were added."""
        values, digests = "".join(self._values).encode(), b"".join(self._digests)
        ends = array("q", accumulate(map(len, self._values)))
        if ends and ends[-1] < len(values):  # letters that take several bytes
            ends = array("q", accumulate(len(value.encode()) for value in self._values))
        return Actions(self._forms, self._shapes, digests, values, ends, self._numbers, self._usd)


class ReplayFacts(NamedTuple):
    """What the comparison of receipts depends on, of a run that has a replay run."""

    run_id: str
    kind: bytes
    """Runs of one kind compare alike with any candidate, but for the run's and the trace's id."""
    receipts: int
    """How many effect receipts there are."""
    allowed: str
    """The receipts as canonical JSON once what may differ is taken out; empty when there are none."""


class Spent(NamedTuple):
    """What a whole run cost (core.model.trace.Usage)."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    wall_ms: int = 0
    total_cost_usd: float = 0.0


def spent_of(usage: Usage) -> Spent:
    """What a run cost, as columns keep it."""
    return Spent(usage.model_calls, usage.input_tokens, usage.output_tokens, usage.wall_ms, usage.total_cost_usd)


class RunFacts(NamedTuple):
    """One normalised run without its payloads."""

    id: str
    source_hash: str
    workflow_id: str | None
    goal: str | None
    """`metadata.goal` when it is a string."""
    success_criteria: str | None
    """`metadata.success_criteria` when it is a string."""
    started_at: str | None
    finished_at: str | None
    spent: Spent
    actions: Actions
    action_ids: str
    """The ids of its actions: a JSON list."""
    backwards: bool
    """Whether the times of its actions go back."""
    exclusion: Exclusion | None = None
    """Why it may not be mined."""
    replay: ReplayFacts | None = None


def digest_of(value: Json) -> bytes:
    """16 bytes that tell a plain JSON value from every one that is not strictly the same (core.model.jsontext.same)."""
    return NONE_DIGEST if value is None else digest_of_text(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), value)


def digest_of_text(text: bytes, value: Json) -> bytes:
    """The same of a value whose canonical JSON is at hand."""
    if b"-0.0" in text:  # 0.0 and -0.0 are the same value
        text = canonical(_unsigned(value))
    return blake2b(text, digest_size=16).digest()


def _unsigned(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _unsigned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unsigned(item) for item in value]
    return 0.0 if isinstance(value, float) and value == 0 else value


def digest_of_effects(effects: Sequence[SideEffect]) -> bytes:
    """16 bytes that tell canonical side effects, metadata included, from every others; zeros for none."""
    return digest_of(plain(list(effects))) if effects else NONE_DIGEST


def lasting(text: bytes) -> bytes:
    """The same bytes in no more memory than they need.

    What orjson writes may stand in a buffer of 4 KB: much for what is kept of every name that was ever seen.
    """
    return bytes(memoryview(text))


def form_of(action: Action) -> bytes:
    """What of a normalised action decides about a step, without its values, outputs, side effects and metadata."""
    approval = action.approval
    return lasting(
        orjson.dumps(
            (
                action.kind,
                action.name,
                sorted(action.parameters),
                action.capabilities,
                action.required_secrets,
                None if approval is None else (approval.required, approval.boundary, approval.approver),
                action.deterministic,
                action.fuzzy,
            )
        )
    )


def shape_of(names: Sequence[str], paths: Sequence[str]) -> bytes:
    """The names of an action's scalar parameters and the paths of the scalars inside its inputs (`Shape`)."""
    return lasting(orjson.dumps((names, paths)))


@lru_cache(maxsize=65536)
def action_of(form: bytes) -> Action:
    """An action of a form, with everything that the form does not tell left empty."""
    kind, name, parameters, capabilities, secrets, approval, deterministic, fuzzy = orjson.loads(form)
    return Action.decode(
        {
            "kind": kind,
            "name": name,
            "parameters": dict.fromkeys(parameters),
            "capabilities": capabilities,
            "required_secrets": secrets,
            "approval": dict(zip(("required", "boundary", "approver"), approval, strict=True)) if approval else None,
            "deterministic": deterministic,
            "fuzzy": fuzzy,
        }
    )


def scalars(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """Every scalar inside a value: its path and its text."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from scalars(item, f"{path}[{index}]")
    else:
        yield path, scalar_text(value)
