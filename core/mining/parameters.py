"""What a run of a workflow has to be given, read off its examples (spec/pipeline.md §2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.model.candidate import Parameter
from core.model.jsontext import Json, scalar_text
from core.model.text import identifier, lower
from core.model.trace import Action

_WELL_KNOWN = (
    ("version", "version"),
    ("repo_path", "repo_path"),
    ("repo", "repo_path"),
    ("branch_name", "branch_name"),
    ("branch", "branch_name"),
    ("release_target", "release_target"),
    ("target", "release_target"),
)
_SEPARATOR = re.compile(r"[.\[]")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Source:
    """One place that a parameter's values come from, with all value texts that were seen there."""

    name: str
    path: str
    texts: frozenset[str]


def declared(column: Iterable[Action], index: int) -> Iterator[Source]:
    """The scalar `parameters` of the actions of one step; `index` counts from 0."""
    texts: dict[str, set[str]] = {}
    for action in column:
        for key, value in action.parameters.items():
            if _is_scalar(value):
                texts.setdefault(key, set()).add(scalar_text(value))
    for key, seen in texts.items():
        yield Source(identifier(key), f"steps[{index}].parameters.{key}", frozenset(seen))


def varying(column: Sequence[Action]) -> Iterator[Source]:
    """The scalars inside the `inputs` of one step that all examples have and that are not the same in all."""
    listed = [dict(_scalars(action.inputs, "inputs")) for action in column]
    for path in _in_all(listed):
        texts = frozenset(texts_at[path] for texts_at in listed)
        if len(texts) > 1:
            yield Source(input_name(path), path, texts)


def merged(sources: Iterable[Source]) -> tuple[Parameter, ...]:
    """One parameter per name, sorted."""
    by_name: dict[str, list[Source]] = {}
    for source in sources:
        by_name.setdefault(source.name, []).append(source)
    return tuple(_parameter(name, by_name[name]) for name in sorted(by_name))


def _parameter(name: str, sources: Iterable[Source]) -> Parameter:
    listed = list(sources)
    return Parameter(
        name=name,
        source_paths=tuple(sorted({source.path for source in listed})),
        examples=tuple(sorted(frozenset[str]().union(*(source.texts for source in listed))))[:_SHOWN],
        required=True,
    )


def _in_all(listed: Sequence[Mapping[str, str]]) -> list[str]:
    """The paths that every example has."""
    first, *others = listed
    return [path for path in first if all(path in other for other in others)]


def _scalars(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """Every scalar inside a value: its path and its text."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _scalars(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _scalars(item, f"{path}[{index}]")
    else:
        yield path, scalar_text(value)


def input_name(path: str) -> str:
    """What a varying input is called: a well-known word in its path, else its last part."""
    lowered = lower(path)
    known = next((name for word, name in _WELL_KNOWN if word in lowered), None)
    return known or identifier(_SEPARATOR.split(path)[-1])


def _is_scalar(value: Json) -> bool:
    return not isinstance(value, dict | list)
