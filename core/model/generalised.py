"""What generalised mining adds to a candidate's record (README, Generalised mining). Exact mode writes none of it.

Each record keeps apart what would run (it makes the behaviour) and what the runs say about it (it makes the evidence).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from core.model.argument_names import is_list
from core.model.record import F64, U32, Flag, JsonMap, Record, Text

BindingKind = Literal["constant", "output", "parameter", "free"]


class Tried(Record):
    """A source of an argument that was tried and is not believed; shares are 0 to 1, each group with one vote."""

    step: U32 = 0
    """The earlier step, from 1."""
    place: Text = ""
    """`out` or `in` and a JSON pointer, `*` for every element."""
    fault: Text = ""
    """The rule of evidence that it breaks."""
    share: F64 = 0.0
    """The share of the examples in which it holds."""
    distinct: U32 = 0
    """For how many distinct values it holds."""
    chance: F64 = 0.0
    """How often the values stand at the same place in other groups."""
    bits: F64 = 0.0
    """The evidence against coincidence."""
    missed: tuple[Text, ...] = ()
    """Some of the runs in which it does not hold."""
    missed_count: U32 = 0
    """How many they are."""


class BindingEvidence(Record):
    """Why a binding is believed, or why none is."""

    share: F64 = 0.0
    """The share of the examples in which it holds; of a free argument, that of its most common value."""
    distinct: U32 = 0
    """How many distinct values the examples show."""
    chance: F64 = 0.0
    bits: F64 = 0.0
    mean_size: F64 = 0.0
    """How many values stand at the source on average."""
    tried: U32 = 0
    """How many places were looked at."""
    failed: tuple[Tried, ...] = ()


class Binding(Record):
    """Where the value of one argument of a step comes from."""

    name: Text = ""
    kind: BindingKind = "free"
    """`free` is given to the workflow, or decided by a person or a model."""
    step: U32 | None = None
    """The step, from 1, that the value comes from."""
    place: Text | None = None
    """Where in it: `out/user_id` is at that JSON pointer of its output, `in/user_id` its argument."""
    choice: Flag = False
    """Whether several values stand there, of which one has to be chosen."""
    values: JsonMap | None = None
    """A constant's value, or the list of its values, below the argument's name, so that redaction sees what it is.

    A value that is a list itself stands in a list."""
    ambiguous: tuple[Text, ...] = ()
    """For a constant, where else in most examples the same value stands: it may be no constant."""
    evidence: BindingEvidence = BindingEvidence()

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"step", "place", "values"})

    @property
    def constants(self) -> tuple[Any, ...]:
        """The values of a constant, one after the other."""
        held = next(iter((self.values or {}).values()), ())
        return tuple(held) if isinstance(held, list | tuple) else (held,)

    @property
    def varies(self) -> bool:
        """Whether a constant has several values, each of which some repetition of its step takes."""
        return len(self.constants) > 1 and not is_list(self.name)

    @property
    def constant(self) -> Any:
        """A constant as the step takes it: one value, or a list."""
        values = self.constants
        return values[0] if len(values) == 1 and not is_list(self.name) else list(values)


class Repeats(Record):
    """How often a step stands in one run one after the other; `share` is that of the runs in which it repeats."""

    least: U32 = 1
    most: U32 = 1
    share: F64 = 0.0


class Between(Record):
    """What may stand before a step without making it another workflow."""

    kind: Literal["talk", "tool", "idle", "try"] = "talk"
    """Conversation or content; a tool that is skipped; one that does nothing; a failed try of the step itself."""
    name: Text = ""
    share: F64 = 0.0
    most: U32 = 0


class Expected(Record):
    """What a step's output is like in most examples."""

    shape: Any = None
    """A type's name, or an object of the types of its fields (core.mining.generalised.shapes); null for any."""
    share: F64 = 0.0
    """The share of the examples that it fits."""
    exact_share: F64 | None = None
    """The share that agrees on the step's expected output; left out where too few do."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"exact_share"})


SOME_RUNS = 0.1
"""The share of the runs that have to repeat a step, or talk before it, for the workflow to do so."""
MOST_RUNS = 0.5


class StepDetail(Record):
    """What generalised mining says of one step."""

    bindings: tuple[Binding, ...] = ()
    effect_names: tuple[tuple[Text, ...], ...] = ()
    """For each side effect of the step the arguments whose values its target carries, written `{name}` in it."""
    effects_share: F64 = 1.0
    """The share of the examples that has exactly these side effects."""
    repeats: Repeats | None = None
    """None for a step that never repeats."""
    before: tuple[Between, ...] = ()
    expected: Expected = Expected()
    approval_required: Flag | None = None
    """Whether most examples ask somebody first; None when they say nothing."""

    omitted_when_none: ClassVar[frozenset[str]] = frozenset({"repeats", "approval_required"})

    @property
    def is_loop(self) -> bool:
        """Whether the workflow repeats it; what changes something only where most runs repeat it."""
        least = MOST_RUNS if self.effect_names else SOME_RUNS
        return self.repeats is not None and self.repeats.share >= least

    @property
    def has_conversation(self) -> bool:
        """Whether conversation belongs in front of it."""
        return sum(between.share for between in self.before if between.kind == "talk") >= SOME_RUNS


class Interval(Record):
    """A 95 % interval of a confidence, and how many groups of runs it was judged on."""

    low: F64 = 0.0
    high: F64 = 1.0
    groups: U32 = 0


class Induction(Record):
    """How a generalised candidate came about, and what the runs say about it as a whole."""

    link: Literal["data", "determined", "implied"] = "data"
    """Whether the steps hang together by values, are determined completely, or partly both and implied by the first."""
    groups: U32 = 0
    """How many groups of runs show the steps; runs of one task are one group."""
    reruns: Flag = False
    """Whether all runs are re-runs of one task, so that every distinct run counts as a group."""
    interval: Interval = Interval()
    worth: F64 = 0.0
    """What candidates are ranked by: (calls + 2) · share of bound arguments · confidence."""
    near_misses: U32 = 0
    """Runs in which the job gets done, but not as described."""
    unfinished: U32 = 0
    """Runs that begin it and never do the job."""
    succeeded: U32 = 0
    """Supporting runs that say that they succeeded."""
    with_outcome: U32 = 0
    """Supporting runs that say whether they succeeded."""
    idle: tuple[Text, ...] = ()
    """Tools, as KIND:NAME, that never did anything in any run and are passed over."""
