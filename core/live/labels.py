"""Labels: what a candidate does, in a few words, unique in the list (spec/review.md, Labels)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.model.candidate import Candidate, Step
from core.model.effects import is_external, is_internal


def base_label(candidate: Candidate) -> str:
    """`FIRST → EFFECT`: how it begins and the last step that changes something, else how it ends."""
    steps = candidate.steps
    if not steps:
        return candidate.name
    first, telling = steps[0].name, _telling(steps).name
    return telling if first == telling else f"{first} → {telling}"


def _telling(steps: Sequence[Step]) -> Step:
    for reaches in (is_external, lambda effect: not is_internal(effect), lambda _: True):
        found = [step for step in steps if any(map(reaches, step.side_effects))]
        if found:
            return found[-1]
    return steps[-1]


def whole_label(candidate: Candidate) -> str:
    """All steps, for a candidate that begins and ends like another one."""
    return " → ".join(step.name for step in candidate.steps)


def unique_labels(
    wanted: Mapping[str, tuple[str, str]], whole: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Labels by lineage from (label, cohort) by lineage.

    Those that are equal within a cohort become `whole`, where that is given. Labels that still are equal get their
    cohort or, within one, their lineage.
    """
    alike = Counter(wanted.values())
    wanted = {
        lineage: (whole.get(lineage, label) if alike[label, cohort] > 1 else label, cohort)
        for lineage, (label, cohort) in wanted.items()
    }
    taken = Counter(label for label, _ in wanted.values())
    within = Counter(wanted.values())
    made = {}
    for lineage, (label, cohort) in wanted.items():
        text = label
        if cohort and taken[label] > within[label, cohort]:
            text += f" · {cohort}"
        if within[label, cohort] > 1:
            text += f" · {lineage.removeprefix('lineage_')[:6]}"
        made[lineage] = text
    return made
