"""The facts of a run straight from the bytes of its file, many times as fast as by way of the records.

Whatever is not plainly a well-formed, eligible trace is left to the slow way (core.traces.decode and
core.columns.of_trace), which alone decides what is an error and how it is told. Its actions are split in compiled code
where there is such (core.columns.compiled), else parsed. All ways are tested to be equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import le
from typing import TYPE_CHECKING

import msgspec
import orjson

from core.columns.facts import Actions, Gathering, RunFacts, Spent
from core.columns.form import ActionForm, ReplayForm, RunForm
from core.columns.heads import Unusual as Unusual
from core.columns.heads import effects_of
from core.columns.parsing import Parsing
from core.columns.receipts import facts_of_replay
from core.columns.rest import Rest, Rests, rest_of
from core.model.jsontext import JsonError, parse, scalar_text
from core.model.sums import total, usd
from core.model.text import is_blank
from core.traces.bounds import LARGE, allowed, is_light, weight, weight_of_records
from core.traces.normalise import short_hash

if TYPE_CHECKING:
    from core.columns.encode import Encoder

try:
    from core.columns.compiled import Splitter, letters_in
    from core.columns.compiled import taken as taken
except ImportError:  # no compiler was there when this was installed
    Splitter = taken = None  # type: ignore[assignment, misc]
    from core.traces.bounds import letters_in

_REPLAY = msgspec.json.Decoder(ReplayForm | None)

_LEFT = Gathering().actions()
"""What stands for actions that are left with who split them."""

Own = tuple[str | None, str | None, str | None, ReplayForm | None]
"""What a run tells of itself alone, besides its actions: id, beginning, end and replay run."""


class FastFacts:
    """Facts of files, with what they have in common looked at once. Not for several threads at a time."""

    def __init__(self, *, compiled: bool = Splitter is not None) -> None:
        """`compiled` is whether to split first, and to parse only what cannot be split."""
        self._parsing, self._rests = Parsing(), Rests()
        self._splitter = Splitter(self._head_of, _effects_of, _canonical, _text_of, _id_of) if compiled else None

    def add(
        self, encoder: Encoder, unit: str, stamp: tuple[int, int, int, int], data: bytes, sha256: str, *, sure: bool
    ) -> bool:
        """Add the run of a trace file to columns (`Encoder.add`); whether that could be done without the slow way."""
        try:
            run = self._of(data, sha256, stays=True)
        except Unusual:
            return False
        split = self._splitter if run.actions is _LEFT else None
        encoder.add(unit, stamp, sha256, len(data), run, sure=sure, split=split)
        return True

    def of(self, data: bytes, sha256: str) -> RunFacts:
        """The facts of a trace file. Raises Unusual."""
        return self._of(data, sha256, stays=False)

    def _of(self, data: bytes, sha256: str, *, stays: bool) -> RunFacts:
        """The same; where it `stays`, actions that were split are left with the splitter."""
        heavy = 0 if len(data) <= LARGE or is_light(data, letters=letters_in) else weight(data)
        if heavy and heavy > allowed(len(data)):
            raise Unusual  # the slow way tells what is too much
        try:
            return (None if heavy else self._split(data, sha256, stays)) or self._parsed(data, sha256, heavy)
        except (UnicodeDecodeError, JsonError, msgspec.DecodeError, RecursionError):
            raise Unusual from None

    def _split(self, data: bytes, sha256: str, stays: bool) -> RunFacts | None:
        """The facts of a run split in compiled code; None where that leaves it to others. Raises as `of` catches."""
        if self._splitter is None:
            return None
        try:
            actions, counted, ids, times, (name, started, finished, replay), rest = self._splitter.split(data, stays)
        except Unusual:
            return None
        # It was found to be JSON, without what `parse` reads in another way.
        own = name, started, finished, None if replay is None else _REPLAY.decode(replay)
        calls, read, written, wall, amounts = counted
        spent = Spent(calls, read, written, wall, usd(amounts))
        return _facts(sha256, own, self._rests.of(rest), actions or _LEFT, spent, ids, times)

    def _parsed(self, data: bytes, sha256: str, heavy: int) -> RunFacts:
        if not data.isascii():
            data.decode()
        value = parse(data)
        run = msgspec.convert(value, RunForm)
        if heavy and heavy + weight_of_records(value) > allowed(len(data)):
            raise Unusual
        ids = orjson.dumps([_named(action.id, number) for number, action in enumerate(run.actions, 1)])
        times = [action.timestamp for action in run.actions]
        actions = self._parsing.actions(run.actions)
        own = run.id, run.started_at, run.finished_at, run.replay_run
        return _facts(sha256, own, rest_of(run), actions, _spent(actions), ids.decode(), times)

    def _head_of(self, text: bytes) -> tuple[bytes, bytes, bool, bool, int]:
        """The head of an action by its JSON text, and how many values it has. Raises Unusual."""
        try:
            action = msgspec.convert(parse(text), ActionForm)
        except (JsonError, msgspec.ValidationError, RecursionError):
            raise Unusual from None
        values: list[str] = []
        return *self._parsing.head(action, values), len(values)


def _facts(
    sha256: str,
    own: Own,
    rest: Rest,
    actions: Actions,
    spent: Spent,
    ids: str,
    times: Sequence[str | None] | None,
) -> RunFacts:
    """The facts of a run from what it tells; times are None where they do not go back. Raises Unusual."""
    name, started, finished, replay = own
    source_hash = f"sha256:{sha256}" if rest.source_hash is None else rest.source_hash
    return RunFacts(  # by place, for it is made very often
        name if name and _is_told(name) else f"trace_{short_hash(source_hash)}",
        source_hash,
        rest.workflow_id,
        rest.goal,
        rest.success_criteria,
        started,
        finished,
        rest.spent or spent,
        actions,
        ids,
        False if times is None else _backwards(times),
        None,
        None if replay is None else facts_of_replay(msgspec.structs.asdict(replay), rest.rules),
    )


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
    return given if given and _is_told(given) else f"action_{number}"


def _is_told(name: str) -> bool:
    """Whether a name is not blank."""
    return name[0].isalnum() or not is_blank(name)  # mostly there is no need to look at all of it


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
