"""A run as folded steps: glue, talk, idle tools, failed tries and loops taken out of the sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from sys import intern
from typing import NamedTuple

from core.mining.generalised.said import Said, Told, said_by, together
from core.mining.generalised.signs import failed, is_empty, is_fuzzy, is_glue, took
from core.mining.generalised.values import Arguments, arguments
from core.model.approval_points import points_of
from core.model.jsontext import canonical, compact, sha256_hex
from core.model.outlined import is_unresolved
from core.model.trace import Action, Trace
from core.traces.times import runs_backwards

Symbol = str
"""`KIND:NAME`, with a `!` before it for a try that failed: names end in all sorts of signs, kinds begin with none."""

LONGEST_BLOCK = 3
"""How many steps a repeated block has at most."""


class Folded(NamedTuple):
    """One step of a folded run; all numbers are indexes into the run's actions, from 0."""

    symbol: Symbol
    actions: tuple[int, ...]
    """The repetitions, in order; one when it does not repeat."""
    effect: bool = False
    """Whether it changed something outside the run."""
    failed: bool = False
    tries: tuple[int, ...] = ()
    """Failed tries that a success of the same tool followed."""
    glue: tuple[int, ...] = ()
    """Model calls that only chose this step."""
    talk: tuple[int, ...] = ()
    """Conversation and content that stand between the step before and this one."""
    idle: tuple[int, ...] = ()
    """Tools before it that change nothing and return nothing."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing but glue stands between it and the step before."""
        return not (self.talk or self.idle or self.tries)


@dataclass(frozen=True)
class Run:
    """A run with its folded steps; equal runs are found by `content`, runs of one task by `group`."""

    trace: Trace
    steps: tuple[Folded, ...]
    tail: tuple[int, ...]
    """What stands behind the last step: talk, glue and idle tools."""
    group: str
    content: str
    given: dict[int, Arguments] = field(default_factory=dict, compare=False, repr=False)
    """What is known already of its actions' arguments, by index."""
    said: dict[int, Said] = field(default_factory=dict, compare=False, repr=False)
    """The same of what else they say."""
    outputs: dict[int, bytes] = field(default_factory=dict, compare=False, repr=False)
    """The same of the texts of their short outputs."""
    told: dict[tuple[int, ...], Told] = field(default_factory=dict, compare=False, repr=False)
    """The same of what the actions of a step say, by these."""

    @cached_property
    def sequence(self) -> tuple[Symbol, ...]:
        """The symbols of the steps."""
        return tuple(step.symbol for step in self.steps)

    def arguments(self, index: int) -> Arguments:
        """The arguments of one action, worked out once."""
        if (known := self.given.get(index)) is None:
            known = self.given[index] = arguments(self.trace.actions[index])
        return known

    def says(self, index: int) -> Said:
        """What one action says besides its values, worked out once."""
        if (known := self.said.get(index)) is None:
            action = self.trace.actions[index]
            known = self.said[index] = said_by(action, action.approval)
        return known

    def tells(self, actions: tuple[int, ...]) -> Told:
        """What the actions of a step say besides their values, worked out once."""
        if (known := self.told.get(actions)) is None:
            names = tuple([tuple(self.arguments(index)) for index in actions])
            known = self.told[actions] = together(tuple(map(self.says, actions)), names)
        return known

    @cached_property
    def times(self) -> Sequence[int]:
        """The milliseconds that each action took, as far as that is recorded; a run is asked for each workflow."""
        return tuple(map(took, self.trace.actions))

    @cached_property
    def points(self) -> Sequence[int]:
        """The actions at which somebody has to be asked."""
        return points_of(self.trace.actions)

    @cached_property
    def unresolved(self) -> Sequence[int]:
        """Those of them at which nobody approved."""
        actions = self.trace.actions
        return tuple(index for index in self.points if is_unresolved(actions[index].approval))

    def output(self, index: int) -> bytes:
        """The output of one action as canonical JSON; a short one is worked out once, and equal ones are one object."""
        if (known := self.outputs.get(index)) is None:
            known = canonical(self.trace.actions[index].seen_output)
            if len(known) <= _SHORT:
                known = self.outputs[index] = _same(known)
        return known

    @cached_property
    def is_backwards(self) -> bool:
        """Whether its times go back."""
        return runs_backwards(self.trace)


_SHORT = 512
"""Bytes of an output's text that is kept, for it is likely to come again; longer ones would take too much memory."""


@lru_cache(maxsize=4096)
def _same(text: bytes) -> bytes:
    return text


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the tools over all runs: which ever had an effect, and which never do anything."""

    writers: frozenset[str]
    idle: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run says about its tools, by `KIND:NAME`; it can be added to others and taken away."""

    effects: frozenset[str]
    answers: frozenset[str]
    tools: frozenset[str]


def seen(trace: Trace) -> Seen:
    """What a run contributes to the facts."""
    effects, answers, tools = set[str](), set[str](), set[str]()
    for action in trace.actions:
        if not is_fuzzy(action):
            tools.add(name := f"{action.kind}:{action.name}")
            if action.side_effects:
                effects.add(name)
            if name not in answers and not is_empty(action.seen_output):
                answers.add(name)
    return Seen(frozenset(effects), frozenset(answers), frozenset(tools))


def facts(all_seen: Iterable[Seen]) -> Facts:
    """The facts over all runs. Where no tool's output was recorded, none counts as idle."""
    effects: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    tools: Counter[str] = Counter()
    for one in all_seen:
        effects.update(one.effects)
        answers.update(one.answers)
        tools.update(one.tools)
    silent = {name for name in tools if not effects[name] and not answers[name]}
    return Facts(frozenset(effects), frozenset(silent) if answers else frozenset())


def fold(trace: Trace, known: Facts) -> Run:
    """The folded run."""
    steps, tail = _steps(trace.actions, known)
    steps = _without_tries(steps)
    for length in range(1, LONGEST_BLOCK + 1):
        steps = _without_repeats(steps, length)
    content = sha256_hex(compact([[a.kind, a.name, a.inputs, a.parameters, a.seen_output] for a in trace.actions]))
    if not steps:
        return Run(trace, (), tail, f"run {trace.id}", content)
    first = min(steps[0].tries + steps[0].actions)
    given = arguments(trace.actions[first])
    return Run(trace, tuple(steps), tail, _group(trace.actions[first].name, given), content, {first: given})


def _group(name: str, given: Arguments) -> str:
    """What runs of one task have in common: name and arguments of the first tool step."""
    return sha256_hex(compact([name, sorted(given.items())]))


def _steps(actions: Sequence[Action], known: Facts) -> tuple[list[Folded], tuple[int, ...]]:
    made: list[Folded] = []
    glue: list[int] = []
    talk: list[int] = []
    idle: list[int] = []
    for index, action in enumerate(actions):
        name = intern(f"{action.kind}:{action.name}")
        if is_fuzzy(action):
            (glue if is_glue(actions, index) else talk).append(index)
        elif name in known.idle:
            idle.append(index)
        else:
            bad = failed(action)
            made.append(
                Folded(
                    intern(f"!{name}") if bad else name,
                    (index,),
                    bool(action.side_effects),
                    bad,
                    glue=tuple(glue),
                    talk=tuple(talk),
                    idle=tuple(idle),
                )
            )
            glue, talk, idle = [], [], []
    return made, tuple(sorted(glue + talk + idle))


def _without_tries(steps: Sequence[Folded]) -> list[Folded]:
    """Failed tries folded into the success of the same tool that follows."""
    made: list[Folded] = []
    for step in steps:
        while made and made[-1].failed and not step.failed and made[-1].symbol == f"!{step.symbol}":
            before = made.pop()
            tries = before.tries + before.actions + step.tries
            step = _merged(before, step)._replace(tries=tries, actions=step.actions)
        made.append(step)
    return made


def _merged(first: Folded, second: Folded) -> Folded:
    return first._replace(
        symbol=second.symbol,
        actions=first.actions + second.actions,
        failed=second.failed,
        effect=first.effect or second.effect,
        tries=first.tries + second.tries,
        glue=first.glue + second.glue,
        talk=first.talk + second.talk,
        idle=first.idle + second.idle,
    )


def _without_repeats(steps: Sequence[Folded], length: int) -> list[Folded]:
    """Immediate repetitions of a block folded; a block of several steps only where none has an effect."""
    made: list[Folded] = []
    for step in steps:
        made.append(step)
        if len(made) < 2 * length:
            continue
        if made[-1].symbol != made[-1 - length].symbol:
            continue
        first, second = made[-2 * length : -length], made[-length:]
        same = all(a.symbol == b.symbol for a, b in zip(first, second, strict=True))
        if same and (length == 1 or not any(s.effect for s in first)):
            made[-2 * length :] = [_merged(a, b) for a, b in zip(first, second, strict=True)]
    return made
