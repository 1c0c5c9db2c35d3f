"""Exact candidates of a cohort from columns; what does not change from one time to the next is taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np

from core.columns import shadow
from core.columns.again import Reader
from core.columns.candidate import build, look_ahead
from core.columns.library import Codes
from core.columns.witness import witness
from core.live.found import Compared, Found, Moved, found_again, found_at, gone_on
from core.live.members import Members
from core.live.partition import Cohort
from core.live.viewed import Proposal
from core.mining.lines import Places, mine, occurring
from core.model.candidate import Candidate
from core.model.options import Options
from core.model.signature import Signature
from core.promotion.confidence import confidence
from core.promotion.lineage import lineage_id
from core.promotion.promote import promote
from core.promotion.witness import Witness
from core.shadow.waivers import Waiver

Sequences = Sequence[tuple[Signature, ...]]
Recall = Callable[["Cast"], "list[Found] | None"]


@dataclass(frozen=True, slots=True)
class Made:
    """A proposal, and what it was made from."""

    found: Found
    more: tuple[object, ...]
    """What it was built from besides: its name, and the rules in force."""
    evidence: bytes
    """Tells the runs, places and rules that it was built from and compared with."""
    compared: Candidate
    """As built and compared, before anybody judges it."""
    witness: Witness
    rest: tuple[object, ...]
    """What else the proposal depends on."""
    proposal: Proposal


@dataclass(frozen=True)
class Cast:
    """What the exact candidates of a cohort are made from."""

    cohort: Cohort
    members: Members
    """The runs that are mined."""
    compared: Members
    """The runs that are only compared."""
    min_examples: int
    max_candidates: int
    min_confidence: float
    author: str | None
    names: Mapping[str, str]
    """The workflow names that reviewers gave, by lineage."""
    rules: Callable[[str], tuple[Waiver, ...]]
    """The allow rules in force for a lineage."""
    created_at: str
    mined: int | None = None
    """How many runs were mined, where the members are only those of them that show a candidate."""
    recall: Recall = lambda _: None
    """Where mining found sequences in the very same runs, as far as somebody knows."""

    @property
    def count(self) -> int:
        """How many runs were mined."""
        return len(self.members) if self.mined is None else self.mined

    @property
    def least(self) -> int:
        """In how many runs a sequence must be; more than there are when those are too few by themselves."""
        return self.min_examples if len(self.members) >= self.min_examples else len(self.members) + 1

    @cached_property
    def line(self) -> shadow.Line:
        """All runs as one line, mined ones first."""
        return shadow.Line(self.members.library, np.concatenate([self.members.runs, self.compared.runs]))

    @cached_property
    def actions(self) -> tuple[Codes, Codes]:
        """The signatures of the mined runs."""
        return self.members.library.actions_of(self.members.runs)

    def options(self, lineage: str) -> Options:
        """The options for a lineage."""
        return Options(
            min_examples=self.min_examples,
            promotion_min_confidence=self.min_confidence,
            workflow_name=self.names.get(lineage),
            author=self.author,
        )


def made(
    cast: Cast,
    known: Mapping[str, Made],
    read: Reader,
    sequences: Sequences | None = None,
    before: Compared | None = None,
) -> dict[str, Made]:
    """The candidates of the sequences that mining finds, or of some known ones, by lineage, best first.

    `before` are the runs that the known ones were made from. Raises VanishedError.
    """
    moved = None
    if sequences is not None and before is not None and len(known) == len(sequences):
        moved = found_again([one.found for one in known.values()], before, (cast.members, cast.compared), cast.least)
    if moved is None:
        found = _found(cast) if sequences is None else _known(cast, sequences)
        before_at = {one.found.codes: one.found for one in known.values()}
        moved = [Moved(gone_on(one, before_at.get(one.codes))) for one in found]
        look_ahead([one.found.windows for one in moved if not one.found.is_at(before_at.get(one.found.codes))])
    return dict(_one(cast, one, known, read) for one in moved)


def _found(cast: Cast) -> list[Found]:
    """Where the sequences stand that mining finds."""
    if len(cast.members) < cast.min_examples:
        return []
    if (recalled := cast.recall(cast)) is not None:
        return recalled
    names = cast.members.library.names.signatures
    return _at(mine(*cast.actions, names, cast.min_examples, cast.max_candidates), cast)


def _known(cast: Cast, sequences: Sequences) -> list[Found]:
    """Where known ones stand."""
    names = cast.members.library.names
    codes = [numbers for sequence in sequences if (numbers := names.known(sequence))]
    if len(cast.members) < cast.min_examples:
        return []
    return _at(occurring(*cast.actions, names.signatures, codes, cast.min_examples), cast)


def _at(places: Sequence[Places], cast: Cast) -> list[Found]:
    return [found_at(where, cast.members, cast.line) for where in places]


def _one(cast: Cast, moved: Moved, known: Mapping[str, Made], read: Reader) -> tuple[str, Made]:
    found, windows = moved.found, moved.found.windows
    lineage = lineage_id("exact", cast.cohort, windows.sequence)
    options, rules, count = cast.options(lineage), cast.rules(lineage), cast.count
    more, rest = (options.workflow_name, rules), (options, count, cast.created_at)
    before = known.get(lineage)
    evidence = _evidence(moved, more, before)
    if before is not None and before.evidence == evidence:
        if before.rest == rest:
            return lineage, before if before.found is found else replace(before, found=found)
        compared, seen = _shared(before.compared, count), before.witness
    else:
        built = build(windows, options, count, read)
        report = shadow.compare(built.candidate, windows, found.runs, found.starts, rules, read)
        compared, seen = built.candidate.replace(shadow=report), witness(built, read)
    judged = promote(compared, options, created_at=cast.created_at, package_name=compared.name.replace("_", "-"))
    proposal = Proposal(lineage, cast.cohort, judged, count, seen, (cast.cohort, evidence, *rest), evidence)
    return lineage, Made(found, more, evidence, compared, seen, rest, proposal)


def _shared(candidate: Candidate, count: int) -> Candidate:
    """The candidate with the same examples among another number of runs."""
    steps = candidate.steps
    certain = sum(step.segment == "deterministic" for step in steps)
    sure = confidence(len(candidate.examples), count, certain, len(steps), bool(candidate.rejection_reasons))
    return candidate.replace(confidence=sure)


def _evidence(moved: Moved, more: tuple[object, ...], before: Made | None) -> bytes:
    """Tells apart what a candidate is built from: the bytes of the runs, where it stands in them, the rules.

    After a change it follows from what it was before and from the change, so that few bytes are looked at.
    """
    found = moved.found
    if before is not None and before.more == more:
        if moved.change == b"" or found.is_at(before.found):
            return before.evidence
        if moved.change is not None:
            return blake2b(before.evidence + moved.change, digest_size=16).digest()
    digest = blake2b(found.library.keys(found.runs).data, digest_size=16)
    digest.update(found.starts.tobytes())
    digest.update(found.examples.to_bytes(8, "little"))
    digest.update(repr(more).encode("utf-8", "surrogatepass"))
    return digest.digest()
