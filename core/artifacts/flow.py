"""The steps of a generalised candidate as code: values with their sources, loops, choices, optional conversation.

A binding becomes a `let` in front of its step, `let user_id = step_1.output`, with the JSON pointer where the value
stands inside the output. What one of several values may be is `choose`, which a model or a person answers; what
nothing determines is an input of the pipeline. Names of variables are made from the arguments' names and unique.
A step is called with objects and lists as the runs have them; `zip({"id": ids, "qty": 1})` is a list of records, each
with the next value of each list and with every other value as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from core.artifacts.harn import bare, literal, string
from core.model.argument_names import Path, argument_at, is_list, path_of, pointer_of
from core.model.candidate import Candidate, Parameter, Step
from core.model.generalised import Binding, StepDetail
from core.model.text import identifier

RESERVED = (
    "call",
    "choose",
    "let",
    "log",
    "optional",
    "pipeline",
    "repeat",
    "return",
    "review_warnings",
    "task",
    "zip",
)
_STEP = re.compile(r"step_[0-9]+")
_SOURCE = re.compile(r"steps\[([0-9]+)\]\.parameters\.(.*)", re.DOTALL)


class Flow:
    """The variables of one workflow and the lines that set and use them."""

    def __init__(self, candidate: Candidate) -> None:
        self._taken: set[str] = set()
        self._inputs: dict[tuple[int, str], str] = {}
        self.parameters = tuple(self._input(parameter) for parameter in candidate.parameters)
        self._set: dict[str, str] = {}

    def before(self, step: Step) -> Iterator[str]:
        """What may stand in front of a step."""
        detail = step.detail or StepDetail()
        if detail.has_conversation:
            said = string(f"conversation before step {step.index}: {step.name}")
            yield "optional {"
            yield "  // conversation: a model or a person talks here in some runs"
            yield f"  review_warnings.push({said})"
            yield "}"

    def body(self, step: Step, head: Iterable[str], logged: str) -> Iterator[str]:
        """The step itself, between its comments and its log line; a loop where it repeats."""
        yield from head
        detail = step.detail or StepDetail()
        outside = dict(self._set)
        lines = [*self._bound(step, detail), logged]
        if not detail.is_loop:
            yield from lines
            return
        self._set = outside  # what is set in a loop is unknown behind it
        yield "repeat {"
        yield from (f"  {line}" for line in lines)
        yield "}"

    def _bound(self, step: Step, detail: StepDetail) -> Iterator[str]:
        given: list[tuple[Path, str]] = []
        for binding in detail.bindings:
            name = self._inputs.get((step.index, binding.name))
            if name is None:
                source = _source(binding)
                name = self._variable(binding.name, source, step.index)
                if self._set.get(name) != source or detail.is_loop:
                    self._set[name] = source
                    yield f"let {name} = {source}"
            given.append((path_of(binding.name), name))
        yield f"let step_{step.index} = call({string(step.name)}, {_object(given)})"

    def _input(self, parameter: Parameter) -> str:
        name = self._free(bare(parameter.name), 1)
        for path in parameter.source_paths:
            if found := _SOURCE.fullmatch(path):
                self._inputs[int(found[1]) + 1, found[2]] = name
        return name

    def _variable(self, argument: str, source: str, step: int) -> str:
        """The variable that holds a source already, else a new one named after the argument; a choice has its own."""
        base = identifier(argument)
        is_choice = source.startswith("choose(")
        alike = (name for name, held in self._set.items() if held == source and name.startswith(base))
        known = None if is_choice else next(alike, None)
        return known or self._free(base, step)

    def _free(self, base: str, step: int) -> str:
        name = f"value_{base}" if base[:1].isdigit() else base
        if name in self._taken or name in RESERVED or _STEP.fullmatch(name):
            name = f"{name}_{step}"
        while name in self._taken or _STEP.fullmatch(name):
            name += "_"
        self._taken.add(name)
        return name


def _object(given: Iterable[tuple[Path, str]]) -> str:
    """An object of values, with what is to stand inside of objects and lists there."""
    below: dict[str, list[tuple[Path, str]]] = {}
    for (key, *rest), value in given:
        below.setdefault(key or "", []).append((tuple(rest), value))
    return "{" + ", ".join(f"{string(key)}: {_form(key, held)}" for key, held in below.items()) + "}"


def _form(key: str, held: Sequence[tuple[Path, str]]) -> str:
    """What stands at one key; a choice where the runs have it in several forms."""
    forms = [value for path, value in held if path in ((), (None,))]
    if fields := [(path, value) for path, value in held if path and path[0] is not None]:
        forms.append(_object(fields))
    if records := [(path[1:], value) for path, value in held if len(path) > 1 and path[0] is None]:
        forms.append(f"zip({_object(records)})")
    return forms[0] if len(forms) == 1 else f"choose({string(key)}, [{', '.join(forms)}])"


def _source(binding: Binding) -> str:
    if binding.kind == "constant":
        value = literal(binding.constant)
        return f"choose({string(binding.name)}, {value})" if binding.varies else value
    if binding.step is None or binding.place is None:
        return "null"
    part, _, rest = binding.place.partition("/")
    held = f"step_{binding.step}.output" + (f".at({string('/' + rest)})" if rest else "")
    if part == "in":
        held = f"step_{binding.step}.input.at({string(pointer_of(argument_at(rest)))})"
    if binding.choice:
        return f"choose({string(binding.name)}, {held})"
    return f"[{held}]" if is_list(binding.name) else held
