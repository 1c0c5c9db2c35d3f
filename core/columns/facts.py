"""What the engine keeps of one run once its payloads are left on disk: a value between decoding and columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple, Protocol

import orjson

from core.mining.exclude import Exclusion
from core.model.jsontext import Json, canonical, plain, scalar_text
from core.model.trace import Action, SideEffect

NONE_DIGEST = bytes(16)
"""The digest that stands for no output and for no side effects."""

Shape = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of an action's scalar parameters, and the paths of the scalars inside its inputs."""


class Costs(Protocol):
    """What an action cost."""

    @property
    def model_calls(self) -> int:
        """How often a model was called."""

    @property
    def input_tokens(self) -> int:
        """Tokens read."""

    @property
    def output_tokens(self) -> int:
        """Tokens written."""

    @property
    def total_cost_usd(self) -> float:
        """USD."""

    @property
    def wall_ms(self) -> int:
        """Milliseconds."""


class Actions(NamedTuple):
    """The actions of a run as columns: references to what actions share, and their own numbers and small values.

    Each has an entry an action, but for `values`. Arrays are of 64 bits. `Gathering` makes them of single actions.
    """

    forms: list[bytes]
    """What decides about a step besides side effects, values and outputs: JSON, see `form_of`."""
    effects: bytes
    """16 bytes an action that tell canonical side effects apart; zeros for none."""
    outputs: bytes
    """16 bytes an action that tell apart what it gave out (`seen_output`); zeros for null."""
    shapes: list[bytes]
    """The names and paths of its scalars: JSON, see `shape_of`."""
    values: bytes
    """The value texts of all actions in UTF-8, of each those of the parameters before those of the inputs."""
    ends: array[int]
    """Where each value text ends."""
    counts: array[int]
    """How many of the values are an action's."""
    model_calls: array[int]
    input_tokens: array[int]
    output_tokens: array[int]
    total_cost_usd: array[float]
    wall_ms: array[int]
    duration_ms: array[int]
    """Milliseconds, 0 when it is not told."""

    def value(self, number: int) -> str:
        """A value text."""
        return self.values[self.ends[number - 1] if number else 0 : self.ends[number]].decode()


class Gathering:
    """Makes columns of actions, one after the other."""

    def __init__(self) -> None:
        self._forms: list[bytes] = []
        self._shapes: list[bytes] = []
        self._effects: list[bytes] = []
        self._outputs: list[bytes] = []
        self._values: list[bytes] = []
        self._counts = array("q")
        self._costs: list[Costs] = []
        self._durations = array("q")

    def add(
        self,
        form: bytes,
        shape: bytes,
        effects: bytes,
        output: bytes,
        values: Iterable[str],
        costs: Costs,
        duration_ms: int | None,
    ) -> None:
        """Add an action."""
        before = len(self._values)
        self._values += [value.encode() for value in values]
        self._counts.append(len(self._values) - before)
        self._forms.append(form)
        self._shapes.append(shape)
        self._effects.append(effects)
        self._outputs.append(output)
        self._costs.append(costs)
        self._durations.append(duration_ms or 0)

    def actions(self) -> Actions:
        """All that were added."""
        costs = self._costs
        return Actions(
            self._forms,
            b"".join(self._effects),
            b"".join(self._outputs),
            self._shapes,
            b"".join(self._values),
            array("q", accumulate(map(len, self._values))),
            self._counts,
            array("q", [cost.model_calls for cost in costs]),
            array("q", [cost.input_tokens for cost in costs]),
            array("q", [cost.output_tokens for cost in costs]),
            array("d", [cost.total_cost_usd for cost in costs]),
            array("q", [cost.wall_ms for cost in costs]),
            self._durations,
        )


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


def form_of(action: Action) -> bytes:
    """What of a normalised action decides about a step, without its values, outputs, side effects and metadata."""
    approval = action.approval
    return orjson.dumps(
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


def shape_of(names: Sequence[str], paths: Sequence[str]) -> bytes:
    """The names of an action's scalar parameters and the paths of the scalars inside its inputs (`Shape`)."""
    return orjson.dumps((names, paths))


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
