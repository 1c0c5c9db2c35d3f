"""The steps of a generalised candidate as code: values with their sources, loops, choices, optional conversation.

A binding becomes a `let` in front of its step, `let user_id = step_1.output`, with the JSON pointer where the value
stands inside the output. What one of several values may be is `choose`, which a model or a person answers; what
nothing determines is an input of the pipeline. Names of variables are made from the arguments' names and unique.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.artifacts.harn import bare, literal, string
from core.model.candidate import Candidate, Parameter, Step
from core.model.generalised import Binding, StepDetail
from core.model.text import identifier

RESERVED = ("call", "choose", "let", "log", "optional", "pipeline", "repeat", "return", "review_warnings", "task")
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
        lines = [*self._bound(step, detail), logged]
        if not detail.is_loop:
            yield from lines
            return
        yield "repeat {"
        yield from (f"  {line}" for line in lines)
        yield "}"

    def _bound(self, step: Step, detail: StepDetail) -> Iterator[str]:
        given = []
        for binding in detail.bindings:
            name = self._inputs.get((step.index, binding.name))
            if name is None:
                source = _source(binding)
                name = self._variable(binding.name, source, step.index)
                if self._set.get(name) != source or detail.is_loop:
                    self._set[name] = source
                    yield f"let {name} = {source}"
            given.append(f"{string(binding.name)}: {name}")
        yield f"let step_{step.index} = call({string(step.name)}, {{{', '.join(given)}}})"

    def _input(self, parameter: Parameter) -> str:
        name = self._free(bare(parameter.name), 1)
        for path in parameter.source_paths:
            if found := _SOURCE.fullmatch(path):
                self._inputs[int(found[1]) + 1, found[2]] = name
        return name

    def _variable(self, argument: str, source: str, step: int) -> str:
        """The variable that holds a source already, else a new one named after the argument."""
        base = identifier(argument)
        known = next((name for name, held in self._set.items() if held == source and name.startswith(base)), None)
        return known or self._free(base, step)

    def _free(self, base: str, step: int) -> str:
        name = f"value_{base}" if base[:1].isdigit() else base
        if name in self._taken or name in RESERVED or _STEP.fullmatch(name):
            name = f"{name}_{step}"
        while name in self._taken or _STEP.fullmatch(name):
            name += "_"
        self._taken.add(name)
        return name


def _source(binding: Binding) -> str:
    if binding.kind == "constant":
        return literal(binding.constant)
    if binding.step is None or binding.place is None:
        return "null"
    part, _, pointer = binding.place.partition("/")
    held = f"step_{binding.step}.{'input' if part == 'in' else 'output'}"
    if pointer:
        held += f".at({string('/' + pointer)})"
    return f"choose({string(binding.name)}, {held})" if binding.choice else held
