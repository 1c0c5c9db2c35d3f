"""A found sequence as a workflow candidate, from columns: what core.mining.candidate makes of whole runs."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise

import numpy as np
import orjson

from core.columns import rows
from core.columns.again import Reader
from core.columns.begun import Begun
from core.columns.facts import Actions, scalars
from core.columns.library import Indexes, Library, Part, Parts, Volume, about, question
from core.columns.segment import NONE
from core.columns.texts import CUT, is_cut
from core.columns.windows import SHOWN, Kept, Least, Seen, Slot, StepSummary, Summary, savings_of, summary, together
from core.mining.candidate import Evidence, compose, id_begun, id_from
from core.mining.parameters import Source, input_name, merged
from core.mining.steps import divergent, is_fuzzy, step_of
from core.model.candidate import Candidate, Example, Parameter
from core.model.jsontext import Json, scalar_text
from core.model.late import Late
from core.model.options import Options
from core.model.signature import Signature
from core.model.text import identifier
from core.model.trace import Action, Trace

_NO_EXAMPLE = Example()
"""What examples are made from: values of columns need no second check."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Where a sequence stands in the runs that show it, in the order of their paths."""

    library: Library
    codes: tuple[int, ...]
    runs: Indexes
    """The library's numbers."""
    starts: Indexes
    """From 0."""
    begun: Begun = field(default_factory=Begun)
    """What is known of the digest over their runs."""

    @property
    def sequence(self) -> tuple[Signature, ...]:
        """The signatures."""
        return tuple(self.library.names.signatures[code] for code in self.codes)

    @cached_property
    def parts(self) -> Parts:
        """The runs by volume."""
        return self.library.split(self.runs)

    def about(self, part: Part) -> bytes:
        """Tells those in a volume from others."""
        volume, chosen, here = part
        if (made := self._about.get(volume)) is None:
            made = self._about[volume] = about(here, self.starts[chosen])
        return made

    @cached_property
    def _about(self) -> dict[Volume, bytes]:
        return {}

    @cached_property
    def asked(self) -> bytes:
        """The question what they have in common."""
        return asked_of(self.sequence)


def asked_of(sequence: Sequence[Signature]) -> bytes:
    """The question what the windows of a sequence have in common."""
    return question("summary", tuple(sequence))


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """A candidate, not yet compared or judged, and what it was made from."""

    candidate: Candidate
    windows: Windows
    summary: Summary


def build(windows: Windows, options: Options, mineable_count: int, read: Reader) -> Built:
    """The candidate of a sequence. Raises VanishedError."""
    made = summarised(windows)
    first = trace_at(windows.library, int(windows.runs[0]), read)
    start = int(windows.starts[0])
    actions = first.actions[start : start + len(windows.codes)]
    sources = [tuple(_sources(step, made.windows, index, windows, read)) for index, step in enumerate(made.steps)]
    forms = windows.library.names.actions
    columns = [
        [action, *(forms[form] for form in step.forms)] for action, step in zip(actions, made.steps, strict=True)
    ]
    steps = [
        step_of(
            action,
            index,
            fuzzy=is_fuzzy(column),
            refs={source.name for source in found},
            output=action.seen_output if len(step.outputs) == 1 else None,
        )
        for index, (action, column, step, found) in enumerate(
            zip(actions, columns, made.steps, sources, strict=True), 1
        )
    ]
    rejections = [
        divergent(index, action.name)
        for index, (action, step) in enumerate(zip(actions, made.steps, strict=True), 1)
        if len(step.effects) > 1
    ]
    candidate = compose(
        windows.sequence,
        steps,
        merged_sources(sources),
        Evidence(
            id=_id_of(windows),
            examples=examples_of(replace(windows)),  # which does not keep what was worked out about the windows
            goal=_goal(windows),
            success_criteria=tuple(windows.library.names.texts[number] for number in made.criteria),
            receipts=_receipts(windows, read),
            savings=savings_of(made),
        ),
        options,
        rejection_reasons=rejections,
        mineable_count=mineable_count,
    )
    return Built(candidate, windows, made)


def _id_of(windows: Windows) -> str:
    count, digest = windows.begun.taken_up(partial(id_begun, windows.sequence))
    for more, hashes in rows.hashed(windows.library, windows.runs, windows.parts, count):
        digest.update(hashes)
        count += more
        windows.begun.reached(count, digest)
    return id_from(digest)


def summarised(windows: Windows) -> Summary:
    """What the windows have in common."""
    return together([_seen_in(windows, part) for part in windows.parts], len(windows.codes))


def look_ahead(found: Sequence[Windows]) -> None:
    """Let the volumes find out what the windows of several sequences have in common, one volume after the other.

    Columns that lie in a file are then read once for all of them. The volumes remember it for `summarised`.
    """
    by_volume: dict[Volume, list[tuple[Windows, Part]]] = {}
    for windows in found:
        for part in windows.parts:
            by_volume.setdefault(part[0], []).append((windows, part))
    for asked in by_volume.values():
        for windows, part in asked:
            _seen_in(windows, part)


def _seen_in(windows: Windows, part: Part) -> Seen:
    """What the windows in a volume have in common."""
    volume, chosen, here = part
    starts = windows.starts[chosen]
    answer = partial(summary, volume, here, starts, len(windows.codes))
    found = volume.remembered(windows.asked, windows.about(part), answer)
    return Seen(volume, int(windows.runs[chosen[0]] - here[0]), found)


def trace_at(library: Library, run: int, read: Reader) -> Trace:
    """A run with its payloads. Raises VanishedError."""
    volume, row = library.place(run)
    return read.run(rows.unit(volume, row), rows.sha256(volume, row))


def examples_of(windows: Windows) -> Sequence[Example]:
    """The examples, made when they are looked at."""
    return Late(len(windows.runs), partial(_example, windows), partial(_examples, windows))


def _example(windows: Windows, index: int) -> Example:
    volume, row = windows.library.place(int(windows.runs[index]))
    start = int(windows.starts[index])
    return _NO_EXAMPLE.replace(
        trace_id=rows.trace_id(volume, row),
        source_hash=rows.source_hash(volume, row),
        start_index=start,
        action_ids=tuple(rows.action_ids(volume, row)[start : start + len(windows.codes)]),
    )


def _examples(windows: Windows) -> Iterator[Example]:
    """All examples at once."""
    library, runs, length = windows.library, windows.runs, len(windows.codes)
    ids, hashes = rows.trace_ids(library, runs), rows.source_hashes(library, runs)
    places = zip(ids, hashes, windows.starts.tolist(), rows.ids_of_actions(library, runs), strict=True)
    for trace_id, source_hash, start, actions in places:
        here = actions[start : start + length]
        yield _NO_EXAMPLE.replace(trace_id=trace_id, source_hash=source_hash, start_index=start, action_ids=here)


def _goal(windows: Windows) -> str | None:
    """The goal of the first run that states one or belongs to a workflow, else that workflow."""
    library, run = windows.library, int(windows.runs[0])
    volume, row = library.place(run)
    if volume.segment.run_goal[row] == NONE:
        stated = np.flatnonzero(library.gather("purpose", windows.runs, windows.parts))
        if not len(stated):
            return None
        volume, row = library.place(int(windows.runs[stated[0]]))
    goal = volume.segment.note("run_goal", row)
    return volume.segment.note("run_workflow_id", row) if goal is None else goal


def _receipts(windows: Windows, read: Reader) -> tuple[Json, ...]:
    """The receipts of the first run that has some."""
    if not any(volume.tells for volume, _, _ in windows.parts):
        return ()
    told = windows.runs[windows.library.gather("receipts", windows.runs, windows.parts) > 0]
    replay = trace_at(windows.library, int(told[0]), read).replay_run if len(told) else None
    return replay.effect_receipts if replay else ()


def _sources(step: StepSummary, count: int, index: int, windows: Windows, read: Reader) -> Iterator[Source]:
    """Where a step's parameters come from; of the texts seen only the least are told (core.mining.parameters)."""
    for path, slot in step.slots.items():
        kind, name = path[0], path[2:]
        if kind == "p":
            yield Source(identifier(name), f"steps[{index}].parameters.{name}", _least(slot, path, windows, read))
        elif slot.present == count and slot.several:
            yield Source(input_name(name), name, _least(slot, path, windows, read))


def _least(slot: Slot, path: str, windows: Windows, read: Reader) -> frozenset[str]:
    """The least texts of a place, as many as are shown."""

    by_bytes = {kept.text: (kept, base) for listed, base in slot.least for kept in listed}
    # Texts order as their UTF-8 does; those that begin alike and are cut have to be read to tell which comes first.
    ordered = sorted(by_bytes, key=_beginning)[: SHOWN + 1]
    if all(_beginning(one) != _beginning(two) for one, two in pairwise(ordered)):
        return frozenset(_text(*by_bytes[text], path, windows, read) for text in ordered[:SHOWN])

    def texts(listed: Least) -> Iterator[str]:
        return (_text(kept, listed.base, path, windows, read) for kept in listed.texts)

    found: list[str] = []
    for text in heapq.merge(*map(texts, slot.least)):
        if not found or text != found[-1]:
            found.append(text)
            if len(found) == SHOWN:
                break
    return frozenset(found)


def _beginning(kept: bytes) -> bytes:
    return kept[:CUT]


def _text(kept: Kept, base: int, path: str, windows: Windows, read: Reader) -> str:
    """A whole text, read again from its run where only the beginning was kept."""
    if not is_cut(kept.text):
        return kept.text.decode()

    def again() -> str:
        run = base + kept.row
        if read.facts is None:
            return value_texts(trace_at(windows.library, run, read).actions[kept.action])[path]
        volume, row = windows.library.place(run)
        return _value_text(read.facts(rows.unit(volume, row), rows.sha256(volume, row)).actions, kept.action, path)

    return windows.library.names.whole(kept.text, again)


def _value_text(actions: Actions, index: int, path: str) -> str:
    """A value of an action by its place."""
    names, paths = orjson.loads(actions.shapes[index])
    place: int = names.index(path[2:]) if path[0] == "p" else len(names) + paths.index(path[2:])
    return actions.value(sum(actions.column("count")[:index]) + place)


def value_texts(action: Action) -> dict[str, str]:
    """The texts of an action's scalars by place, as `Volume.paths` names them."""
    parameters = {f"p.{k}": scalar_text(v) for k, v in action.parameters.items() if not isinstance(v, dict | list)}
    return parameters | {f"i.{path}": text for path, text in scalars(action.inputs, "inputs")}


def merged_sources(sources: Iterable[Iterable[Source]]) -> tuple[Parameter, ...]:
    """One parameter per name."""
    return merged(source for step in sources for source in step)
