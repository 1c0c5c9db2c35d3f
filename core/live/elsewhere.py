"""Candidates that were mined elsewhere, of more runs than are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from core.live.partition import Cohort
from core.live.viewed import Proposal
from core.model.decision import Decision

if TYPE_CHECKING:  # the engine imports this
    from core.columns.again import Reader
    from core.live.engine import State


class Elsewhere(Protocol):
    """What mining found; of the runs only those are at hand, as columns, that say something about it (core.cluster)."""

    @property
    def loaded(self) -> int:
        """How many runs took part."""

    def proposals(
        self, state: State, cohort: Cohort, names: Mapping[str, str], rulings: Sequence[Decision], read: Reader
    ) -> tuple[Proposal, ...]:
        """A cohort's candidates, best first; `names` are the workflow names that reviewers gave, by lineage.

        Raises InputError when the policy asks for other ones, or when a run can no longer be read.
        """
