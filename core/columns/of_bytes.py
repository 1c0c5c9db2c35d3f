"""The facts of a run straight from the bytes of its file, many times as fast as by way of the records.

Whatever is not plainly a well-formed, eligible trace is left to the slow way (core.traces.decode and
core.columns.of_trace), which alone decides what is an error and how it is told. Its actions are split in compiled code
where there is such (core.columns.compiled), else parsed. All ways are tested to be equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import le
from typing import NamedTuple

import msgspec
import orjson
from pydantic import ValidationError

from core.columns.facts import Actions, RunFacts, Spent
from core.columns.form import ActionForm, RestForm, RunForm
from core.columns.heads import Unusual as Unusual
from core.columns.heads import check_metadata, effects_of
from core.columns.of_trace import spent_of
from core.columns.parsing import Parsing
from core.columns.receipts import KNOWN, Rules, facts_of_replay, rules_of
from core.model.jsontext import Json, JsonError, parse, scalar_text
from core.model.sums import total, usd
from core.model.text import is_blank
from core.model.trace import Trace, Usage
from core.traces.bounds import LARGE, allowed, is_light, weight, weight_of_records
from core.traces.normalise import short_hash

try:
    from core.columns.compiled import Splitter, letters_in
    from core.columns.compiled import taken as taken
except ImportError:  # no compiler was there when this was installed
    Splitter = taken = None  # type: ignore[assignment, misc]
    from core.traces.bounds import letters_in

_NOTHING = Usage()
_REST = msgspec.json.Decoder(RestForm)


class _Read(NamedTuple):
    """A run whose actions are columns already."""

    rest: RestForm
    actions: Actions
    spent: Spent
    ids: str
    times: Sequence[str | None] | None
    """None where they do not go back."""


class FastFacts:
    """Facts of files, with what they have in common looked at once. Not for several threads at a time."""

    def __init__(self, *, compiled: bool = Splitter is not None) -> None:
        """`compiled` is whether to split first, and to parse only what cannot be split."""
        self._parsing = Parsing()
        self._splitter = Splitter(self._head_of, _effects_of, _canonical, _text_of, _id_of) if compiled else None

    def of(self, data: bytes, sha256: str) -> RunFacts:
        """The facts of a trace file. Raises Unusual."""
        heavy = 0 if len(data) <= LARGE or is_light(data, letters=letters_in) else weight(data)
        if heavy > allowed(len(data)):
            raise Unusual  # the slow way tells what is too much
        try:
            if not data.isascii():
                data.decode()
            read = None if heavy else self._split(data)
            rest, actions, spent, ids, times = self._parsed(data, heavy) if read is None else read
        except (UnicodeDecodeError, JsonError, msgspec.DecodeError, RecursionError):
            raise Unusual from None
        check_metadata(rest.metadata)
        source_hash = f"sha256:{sha256}" if rest.source_hash is None else rest.source_hash
        usage, rules = _usage(rest), _rules(rest)
        goal, criteria = rest.metadata.get("goal"), rest.metadata.get("success_criteria")
        return RunFacts(
            id=f"trace_{short_hash(source_hash)}" if is_blank(rest.id) else rest.id,
            source_hash=source_hash,
            workflow_id=rest.workflow_id,
            goal=goal if isinstance(goal, str) else None,
            success_criteria=criteria if isinstance(criteria, str) else None,
            started_at=rest.started_at,
            finished_at=rest.finished_at,
            spent=spent if usage == _NOTHING else spent_of(usage),
            actions=actions,
            action_ids=ids,
            backwards=False if times is None else _backwards(times),
            replay=None if rest.replay_run is None else facts_of_replay(msgspec.structs.asdict(rest.replay_run), rules),
        )

    def _split(self, data: bytes) -> _Read | None:
        """A run split in compiled code; None where that leaves it to others."""
        if self._splitter is None:
            return None
        try:
            actions, counted, ids, times, rest = self._splitter.split(data)
        except Unusual:
            return None
        # It was found to be JSON, without what `parse` reads in another way.
        return _Read(_REST.decode(rest), actions, Spent(*counted, usd(actions.usd)), ids, times)

    def _parsed(self, data: bytes, heavy: int) -> _Read:
        value = parse(data)
        run = msgspec.convert(value, RunForm)
        if heavy and heavy + weight_of_records(value) > allowed(len(data)):
            raise Unusual
        ids = orjson.dumps([_named(action.id, number) for number, action in enumerate(run.actions, 1)])
        times = [action.timestamp for action in run.actions]
        actions = self._parsing.actions(run.actions)
        return _Read(run, actions, _spent(actions), ids.decode(), times)

    def _head_of(self, text: bytes) -> tuple[bytes, bytes, bool, bool, int]:
        """The head of an action by its JSON text, and how many values it has. Raises Unusual."""
        try:
            action = msgspec.convert(parse(text), ActionForm)
        except (JsonError, msgspec.ValidationError, RecursionError):
            raise Unusual from None
        values: list[str] = []
        return *self._parsing.head(action, values), len(values)


def _effects_of(text: bytes) -> bytes:
    """The digest of side effects by their JSON text. Raises Unusual."""
    try:
        return effects_of(parse(text))
    except JsonError:
        raise Unusual from None


def _canonical(text: bytes) -> bytes:
    """Canonical JSON of a scalar; 0.0 and -0.0 are the same value."""
    made = orjson.dumps(orjson.loads(text))
    return b"0.0" if made == b"-0.0" else made


def _text_of(text: bytes) -> bytes:
    """The value text of a scalar by its JSON text."""
    return scalar_text(orjson.loads(text)).encode()


def _id_of(text: bytes, number: int) -> bytes:
    """The id of an action by its JSON text, as JSON; `number` counts from 1."""
    return orjson.dumps(_named(orjson.loads(text), number))


def _named(given: str, number: int) -> str:
    """The id of an action."""
    # A letter or digit at the front, and it is not blank: quicker than looking at all of it.
    return given if given and (given[0].isalnum() or not is_blank(given)) else f"action_{number}"


def _usage(run: RestForm) -> Usage:
    """What a run says that it cost as a whole. Raises Unusual."""
    if run.flow is None and run.usage == {}:
        return _NOTHING
    return _checked({"flow": run.flow, "usage": run.usage}).usage


def _rules(run: RestForm) -> Rules:
    """The allowlist rules of a run. Raises Unusual."""
    if run.replay_allowlist == ():
        return _NO_RULES
    text = orjson.dumps(run.replay_allowlist)
    return _known_rules(text) if len(text) <= KNOWN else _read_rules(text)


_NO_RULES = rules_of(())


@lru_cache(maxsize=1024)
def _known_rules(text: bytes) -> Rules:
    return _read_rules(text)


def _read_rules(text: bytes) -> Rules:
    return rules_of(_checked({"replay_allowlist": orjson.loads(text)}).replay_allowlist)


def _checked(fields: Mapping[str, Json]) -> Trace:
    """Some fields of a trace as records. Raises Unusual."""
    try:
        return Trace.model_validate(fields)
    except ValidationError:
        raise Unusual from None


def _spent(actions: Actions) -> Spent:
    """What all actions cost together, as core.traces.normalise sums it."""
    return Spent(
        total(actions.column("calls")),
        total(actions.column("read")),
        total(actions.column("written")),
        total(actions.column("wall") + actions.column("duration")),
        usd(actions.usd),
    )


def _backwards(times: Sequence[str | None]) -> bool:
    """Whether times go back. Raises Unusual for what is no plain time."""
    found = []
    try:
        for text in times:
            if text is not None:
                time = datetime.fromisoformat(text)
                if time.tzinfo is None:
                    raise Unusual
                found.append(time)
    except ValueError:
        raise Unusual from None
    if all(map(le, found, found[1:])):
        return False
    raise Unusual  # as seconds, which are coarser, they may be equal
