"""Mining a dataset on a cluster: what core.mining.exact finds, counted part by part (spec/pipeline.md §2).

Every run lies in one part, so supports add up. What is in too few runs is dropped in two phases: a sequence in a share
of all runs is in that share of the runs of some part at least, so each part first names what is frequent in it, and
what was named anywhere is then counted again in all parts, exactly. Then, as the local engine does it: the pairs in
most runs, the longest sequence of them, the greatest of these; its occurrences are taken out, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cluster import counting, parts
from core.cluster.counting import Counts, Numbers, Symbol
from core.cluster.job import Job, Tasks
from core.cluster.parts import Claim, Cohort
from core.cluster.place import Place
from core.live.names import order_of
from core.model.signature import Signature
from core.store.policy import Policy


@dataclass(frozen=True, slots=True)
class Rules:
    """How a dataset is mined."""

    policy: Policy
    """Mode, cohort, shadow paths, min_examples and max_candidates count."""
    share: float = 0.0
    """In which share of its cohort's runs a sequence must occur besides, 0 to 1."""

    def least(self, runs: int) -> int:
        """In how many of a cohort's runs a sequence must occur."""
        share = int(np.ceil(round(self.share * runs, 6)))
        return max(self.policy.min_examples, share, 1)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The runs of a dataset by the part they play, where they are."""

    place: Place
    names: Sequence[str]
    members: Tasks
    """Of every part its core.cluster.parts.Members, on the workers."""
    counts: Sequence[Mapping[Cohort, int]]
    """Of every part how many runs of each cohort are mined."""
    actions: Sequence[int]
    """Of every part."""
    cohorts: Mapping[Cohort, int]
    """How many runs of each cohort are mined, in the order of the local engine."""


def sort_runs(job: Job, place: Place, names: Sequence[str], rules: Rules) -> Sorted:
    """Tell which runs are mined, compared and left out."""
    places = [place] * len(names)
    hashes = job.each(parts.id_hashes, places, names)
    ranged = job.by_range(hashes, parts.split_hashes, job.ranges(hashes))
    repeated = job.fetched([job.cluster.submit(parts.repeated, pieces) for pieces in ranged], "looking for copies")
    wanted = np.concatenate(repeated) if repeated else np.zeros(0, np.int64)
    claims: list[list[Claim]] = [[] for _ in names]
    if len(wanted):
        claims = job.fetched(job.each(parts.claims, places, names, [wanted] * len(names)), "comparing copies")
    shared = copies(claims)
    mine = [{one.unit: shared[one.unit] for one in some if one.unit in shared} for some in claims]
    members = job.each(parts.members, places, names, [rules.policy] * len(names), mine)
    sizes = job.fetched([job.cluster.submit(parts.Members.sizes, one) for one in members], "sorting runs")
    counts = [counts for counts, _ in sizes]
    ordered = dict(sorted(_summed(counts).items(), key=lambda item: (item[0] is None, item[0] or "")))
    return Sorted(place, names, members, counts, [actions for _, actions in sizes], ordered)


def copies(claims: Sequence[Sequence[Claim]]) -> dict[str, bool]:
    """The runs that share an id with others by unit, and whether each is the first of them by path."""
    by_id: dict[str, list[str]] = {}
    for one in (one for some in claims for one in some):
        by_id.setdefault(one.trace_id, []).append(one.unit)
    made = {}
    for units in by_id.values():
        if len(units) > 1:
            first = min(units, key=order_of)
            made.update({unit: unit == first for unit in units})
    return made


def mine_exact(job: Job, runs: Sorted, rules: Rules) -> dict[Cohort, list[tuple[Signature, ...]]]:
    """The sequences of every cohort, best first, as the local engine finds them."""
    least = {cohort: rules.least(count) for cohort, count in runs.cohorts.items()}
    mined = {cohort for cohort, count in runs.cohorts.items() if count >= least[cohort]}
    numbers, kinds = _alphabet(job, runs, {cohort: least[cohort] for cohort in mined})
    if not kinds:
        return {}
    order = {cohort: number for number, cohort in enumerate(runs.cohorts)}
    lines = [
        job.cluster.submit(parts.coded, runs.place, name, known, numbers, order)
        for name, known in zip(runs.names, runs.members, strict=True)
    ]
    groups = counting.grouped(runs.actions, job.cluster.threads)
    lines = [job.cluster.submit(counting.joined, lines[group.start : group.stop]) for group in groups]
    by_code = np.array([least[cohort] for cohort in _cohort_by_code(numbers, runs)], np.int64)
    counts = [_summed(runs.counts[group.start : group.stop]) for group in groups]
    local = [_share_here(by_code, numbers, runs, some) for some in counts]
    pairs = _pairs(job, lines, by_code, local, kinds)
    return _Search(job, lines, pairs, numbers, runs, least, rules.policy.max_candidates).run()


def _cohort_by_code(numbers: Mapping[Symbol, int], runs: Sorted) -> list[Cohort]:
    cohorts = list(runs.cohorts)
    return [cohorts[number] for number, _ in numbers]


def _alphabet(job: Job, runs: Sorted, least: Mapping[Cohort, int]) -> tuple[dict[Symbol, int], int]:
    """A code for every signature that is in enough runs of its cohort; codes ascend as signatures do."""
    places = [runs.place] * len(runs.names)
    here = [_local(least, runs.cohorts, counts) for counts in runs.counts]
    found = job.each(parts.symbols, places, runs.names, runs.members, here)
    if any(wanted > 1 for one in here for wanted in one.values()):
        named = job.fetched([job.together(found, _united)], "naming signatures") if found else []
        wanted = frozenset(named[0]) if named else frozenset()
        found = job.each(parts.symbol_counts, places, runs.names, runs.members, [wanted] * len(places))
    (total,) = job.fetched([job.together(found, _summed)], "counting signatures") if found else ({},)
    order = {cohort: number for number, cohort in enumerate(runs.cohorts)}
    kept = sorted((order[c], text) for (c, text), support in total.items() if c in least and support >= least[c])
    return {symbol: code for code, symbol in enumerate(kept)}, len(kept)


NEVER = 2**62
"""More runs than there are."""


def _local(
    least: Mapping[Cohort, int], cohorts: Mapping[Cohort, int], counts: Mapping[Cohort, int]
) -> dict[Cohort, int]:
    """In how many runs of a part something is at least, somewhere, that is in enough runs of all parts."""
    made = {}
    for cohort, here in counts.items():
        made[cohort] = max(1, -(-least[cohort] * here // cohorts[cohort])) if cohort in least else NEVER
    return made


def _share_here(by_code: Numbers, numbers: Mapping[Symbol, int], runs: Sorted, counts: Mapping[Cohort, int]) -> Numbers:
    cohorts = list(runs.cohorts)
    here = np.array([counts.get(cohorts[number], 0) for number, _ in numbers], np.int64)
    total = np.array([runs.cohorts[cohorts[number]] for number, _ in numbers], np.int64)
    made: Numbers = np.maximum(1, -(-by_code * here // total))
    return made


def _united(found: Sequence[Mapping[Any, int]]) -> dict[Any, int]:
    return {key: 1 for one in found for key in one}


def _summed(found: Sequence[Mapping[Any, int]]) -> dict[Any, int]:
    made: dict[Any, int] = {}
    for one in found:
        for key, count in one.items():
            made[key] = made.get(key, 0) + count
    return made


def _pairs(job: Job, lines: Tasks, least: Numbers, local: Sequence[Numbers], kinds: int) -> Counts:
    """The pairs of neighbours that are in enough runs."""
    found = job.each(counting.pairs_of, lines, local)
    ranges = job.ranges(lines)
    if any(int(one.max(initial=1)) > 1 for one in local):
        named = [job.cluster.submit(counting.union, some) for some in job.by_range(found, counting.in_ranges, ranges)]
        keys = np.sort(np.concatenate(job.fetched(named, "naming pairs", "ranges")))
        found = [job.cluster.submit(counting.counts_of, line, keys) for line in lines]
    ranged = job.by_range(found, counting.in_ranges, ranges)
    made = [job.cluster.submit(counting.frequent, some, least, kinds) for some in ranged]
    counts = job.fetched(made, "counting pairs", "ranges")
    keys = np.concatenate([one.keys for one in counts])
    order = np.argsort(keys)
    return Counts(keys[order], np.concatenate([one.support for one in counts])[order])


class _Search:
    """Sequence after sequence, in all cohorts at once."""

    def __init__(
        self,
        job: Job,
        lines: Tasks,
        pairs: Counts,
        numbers: Mapping[Symbol, int],
        runs: Sorted,
        least: Mapping[Cohort, int],
        most: int,
    ) -> None:
        self.job, self.lines, self.keys, self.support, self.most = job, lines, pairs.keys, pairs.support, most
        self.symbols = list(numbers)
        self.cohorts = list(runs.cohorts)
        self.least = [least[cohort] for cohort in self.cohorts]
        of_code = np.array([number for number, _ in numbers], np.int64)
        self.cohort_of_pair = of_code[self.keys // len(numbers)]
        self.found: dict[int, list[tuple[int, ...]]] = {}

    def run(self) -> dict[Cohort, list[tuple[Signature, ...]]]:
        """The sequences of every cohort."""
        ended: set[int] = set()
        while chosen := self._chosen(ended):
            best = self._best(chosen)
            for cohort, sequence in best.items():
                self.found.setdefault(cohort, []).append(sequence)
            self._mask(list(best.values()))
        return {self.cohorts[number]: [*map(self._named, self.found[number])] for number in sorted(self.found)}

    def _named(self, codes: tuple[int, ...]) -> tuple[Signature, ...]:
        return tuple(self.symbols[code][1] for code in codes)

    def _chosen(self, ended: set[int]) -> dict[int, int]:
        """The support of the next sequence of every cohort that still has one."""
        most = np.zeros(len(self.cohorts), np.int64)
        np.maximum.at(most, self.cohort_of_pair, self.support)
        made = {}
        for cohort, wanted in enumerate(most.tolist()):
            if cohort in ended or wanted < self.least[cohort] or len(self.found.get(cohort, ())) >= self.most:
                ended.add(cohort)
            else:
                made[cohort] = wanted
        return made

    def _best(self, chosen: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
        wanted = np.full(len(self.cohorts), -1, np.int64)
        wanted[list(chosen)] = list(chosen.values())
        keys = self.keys[self.support == wanted[self.cohort_of_pair]]
        counted = [self.job.cluster.submit(counting.windows, line, keys) for line in self.lines]
        (total,) = self.job.fetched([self.job.together(counted, counting.added)], *self._told())
        best: dict[int, tuple[int, ...]] = {}
        for found in (total[length] for length in sorted(total)):
            longest: dict[int, tuple[int, ...]] = {}
            for row, support in found.items():
                codes = tuple(np.frombuffer(row, np.int64).tolist())
                cohort = self.symbols[codes[0]][0]
                if support == chosen.get(cohort):
                    longest[cohort] = max(longest.get(cohort, codes), codes)
            best |= longest
        return best

    def _told(self) -> tuple[str, str]:
        count = sum(map(len, self.found.values()))
        return f"mining ({count} found)", "steps"

    def _mask(self, sequences: Sequence[tuple[int, ...]]) -> None:
        submit = self.job.cluster.submit
        self.lines = [submit(counting.masked, line, sequences) for line in self.lines]
        counted = [submit(counting.recounted, line, self.keys) for line in self.lines]
        (self.support,) = self.job.fetched([self.job.together(counted, counting.added)], *self._told())
