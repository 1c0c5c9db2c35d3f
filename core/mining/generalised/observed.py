"""What the examples of a workflow show at each of its steps, gathered in one look at every example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.mining.generalised.asking import only_asks, said_at
from core.mining.generalised.candidate import Between, Expectation
from core.mining.generalised.evidence import Example
from core.mining.generalised.fold import Run
from core.mining.generalised.said import Said, Told
from core.mining.generalised.shapes import Kinds, common_shape
from core.model.jsontext import parse

AGREES = 0.95
"""The share of the examples that have to agree for an exact output to be expected."""

Stands = tuple[str, str]
"""What stands before a step: its kind (as of `Between`) and its name."""


@dataclass(slots=True)
class Observed:
    """What the examples show at one step; the repetitions of one example share its vote."""

    whole: float = 0.0
    """The votes of all examples."""
    weights: dict[Said, float] = field(default_factory=dict)
    counts: dict[Said, int] = field(default_factory=dict)
    alike: Mapping[Told, int] = field(default_factory=dict)
    """How many examples tell the same."""
    repeats: set[int] = field(default_factory=set)
    """How often it stands in one example."""
    looping: float = 0.0
    """The votes of the examples in which it repeats."""
    between: dict[Stands, tuple[float, int]] = field(default_factory=dict)
    """By what stands before it the votes of the examples that have it, and how many of it one has at most."""

    @property
    def loop_share(self) -> float:
        """The share of the examples in which it repeats."""
        return self.looping / self.whole if self.whole else 0.0

    @property
    def shape(self) -> Expectation:
        """What kind of output it gives."""
        kinds: dict[Kinds, float] = {}
        for said, weight in self.weights.items():
            if said.kinds is not None:
                kinds[said.kinds] = kinds.get(said.kinds, 0.0) + weight
        return Expectation(*common_shape(kinds))

    @property
    def asks(self) -> bool | None:
        """Whether most of the actions ask somebody first; one that says nothing does not."""
        if all(said.approval is None for said in self.counts):
            return None
        asking = sum(count for said, count in self.counts.items() if said.approval)
        return 2 * asking >= sum(self.counts.values())

    @property
    def boundary(self) -> str | None:
        """Where most of the actions ask that name a place; of equals the first by bytes."""
        votes: dict[str, int] = {}
        for said, count in self.counts.items():
            if said.boundary:
                votes[said.boundary] = votes.get(said.boundary, 0) + count
        return min(votes, key=lambda name: (-votes[name], name.encode()), default=None)

    @property
    def before(self) -> tuple[Between, ...]:
        """What stands between the step before and this one, the most common first."""
        made = [
            Between(kind, name, weight / self.whole if self.whole else 0.0, most)  # type: ignore[arg-type]
            for (kind, name), (weight, most) in self.between.items()
        ]
        return tuple(sorted(made, key=lambda between: (-between.share, between.kind, between.name)))


def observed(examples: Sequence[Example], length: int) -> tuple[Observed, ...]:
    """What examples show at each of so many steps."""
    made = tuple(Observed() for _ in range(length))
    told: list[Sequence[Told]] = []
    for example in examples:
        run, at = example.material.run, example.at
        steps = run.steps
        told.append(said_at(run, [steps[index].actions for index in at]))
        previous = at[0] - 1
        for place, index in enumerate(at):
            step = steps[index]
            if index > previous + 1 or step.talk or step.idle or step.tries:
                between = made[place].between
                for stands, number in _standing(run, at[0], previous + 1, index).items():
                    share, most = between.get(stands, (0.0, 0))
                    between[stands] = (share + example.weight, max(most, number))
            previous = index
    weights = [example.weight for example in examples]
    whole = _added(weights)
    for one, column in zip(made, zip(*told, strict=True), strict=bool(told)):
        _count(one, column, weights, whole)
    return made


def _added(weights: Iterable[float]) -> float:
    """A sum in just this order, however the sum of a list is made."""
    made = 0.0
    for weight in weights:
        made += weight
    return made


def _count(one: Observed, column: Sequence[Told], weights: Sequence[float], whole: float) -> None:
    """Counts what each of the examples says at a step: most say the same."""
    alike = Counter(column)
    one.whole, one.repeats, one.alike = whole, {len(told.said) for told in alike}, alike
    for told, count in alike.items():
        for said in told.said:
            one.counts[said] = one.counts.get(said, 0) + count
    if one.repeats == {1} and len(one.counts) == 1:
        one.weights = dict.fromkeys(one.counts, whole)
        return
    if one.repeats != {1}:
        one.looping = _added(weight for told, weight in zip(column, weights, strict=True) if len(told.said) > 1)
    votes = one.weights
    for told, weight in zip(column, weights, strict=True):
        vote = weight / len(told.said)
        for said in told.said:
            votes[said] = votes.get(said, 0.0) + vote


def _standing(run: Run, start: int, first: int, last: int) -> dict[Stands, int]:
    """What stands before the last of some folded steps of an occurrence that begins at a step."""
    found: dict[Stands, int] = {}
    begun = run.steps[start].actions[0]
    for index in range(first, last + 1):
        step = run.steps[index]
        for kind, actions in (("talk", step.talk), ("idle", step.idle), ("try", step.tries)):
            for action in actions:
                if action > begun and not (kind == "talk" and only_asks(run, action)):
                    stands = (kind, run.trace.actions[action].name)
                    found[stands] = found.get(stands, 0) + 1
        if index != last:
            stands = ("tool", step.symbol.partition(":")[2] + (" (failed)" if step.failed else ""))
            found[stands] = found.get(stands, 0) + 1
    return found


def agreed(outputs: Iterable[tuple[bytes, float]], whole: float) -> Expectation | None:
    """The output on which nearly all agree, of canonical texts that each come with their votes; `whole` are all votes.

    Ends as soon as too many differ for any output to be that.
    """
    weights: dict[bytes, float] = {}
    best = done = 0.0
    least = (AGREES - 1e-6) * whole
    for text, weight in outputs:
        weights[text] = found = weights.get(text, 0.0) + weight
        if found > best:
            best = found
        done += weight
        if best + (whole - done) < least:
            return None
    best_text = max(weights, key=lambda text: (weights[text], text))
    share = weights[best_text] / sum(weights.values())
    return Expectation(parse(best_text), share) if share >= AGREES else None


def outputs_at(examples: Iterable[Example], place: int) -> Iterator[tuple[bytes, float]]:
    """The outputs at a step as canonical JSON, each with its vote."""
    for example in examples:
        run = example.material.run
        actions = run.steps[example.at[place]].actions
        vote = example.weight / len(actions)
        for index in actions:
            yield run.outputs.get(index) or run.output(index), vote
