"""What is kept of each lineage between two snapshots: what mining proposes, what it is by itself, how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from core.live.labels import base_label
from core.live.partition import Cohort
from core.live.snapshot import CandidateView, Risk
from core.model.candidate import Candidate
from core.model.late import LateText
from core.promotion.witness import Witness


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A candidate that mining proposes now."""

    lineage: str
    cohort: Cohort
    candidate: Candidate
    cohort_runs: int
    witness: Witness
    """What its examples say."""
    token: tuple[object, ...] | None = None
    """What the candidate was made from, where that is quicker to compare than the candidate."""
    evidence: bytes | None = None
    """Tells its examples, its results and the rules from others, where that is quicker than their digest."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Proposal):
            return NotImplemented
        if self is other:
            return True
        if self.token is not None and other.token is not None:
            return (self.lineage, self.token) == (other.lineage, other.token)
        mine = (self.lineage, self.cohort, self.cohort_runs, self.witness, self.candidate)
        return mine == (other.lineage, other.cohort, other.cohort_runs, other.witness, other.candidate)

    def __hash__(self) -> int:
        return hash(self.lineage)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a proposal is by itself, whatever was decided on it."""

    behaviour: dict[str, Any]
    behaviour_digest: str
    evidence: str | LateText
    """The evidence digest, made when it is looked at."""
    failures: tuple[str, ...]
    """The criteria besides approval that do not hold."""
    blocking: tuple[str, ...]
    """What the transfer oracles would find that forbids an approval."""
    warnings: tuple[str, ...]
    """What they would find that has to be acknowledged."""
    risk: Risk


@dataclass(frozen=True)
class Viewed:
    """A lineage's view and everything that it was made from."""

    basis: tuple[object, ...]
    view: CandidateView
    """Without its label, which depends on the others."""
    wanted: str
    """The label that it would have if it were alone."""
    judging: tuple[object, ...] = ()
    judged: Judged | None = None
    """What was made from `judging`; None for a lineage that is not proposed."""

    @property
    def is_generalised(self) -> bool:
        """Whether its label may tell all its steps: it was mined so, and nobody named it."""
        made = self.view.candidate
        return made.induction is not None and self.wanted == base_label(made)

    @cached_property
    def _labelled(self) -> dict[str, CandidateView]:
        return {}

    def labelled(self, label: str) -> CandidateView:
        """The view with a label, the same one for the same label."""
        if label not in self._labelled:
            self._labelled.clear()
            self._labelled[label] = replace(self.view, label=label)
        return self._labelled[label]
