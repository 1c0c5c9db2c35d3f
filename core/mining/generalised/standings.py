"""How runs stand to workflows, found out once and kept from one mining to the next.

A run that did not change stands to a workflow that did not change as it did before, and mining asks twice: when it
describes a workflow, and when it compares the record that it made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable

from core.mining.generalised.candidate import Compared
from core.mining.generalised.compare import compare, compared
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.recipe import Recipe

Table = dict[Material, Compared]


class Standings:
    """What is known of how the runs of one pool stand to workflows."""

    def __init__(self) -> None:
        self._tables: dict[Pattern, dict[Hashable, Table]] = {}
        self._before: dict[Pattern, dict[Hashable, Table]] = {}

    def later(self, runs: Collection[Material]) -> Standings:
        """What of this holds for other runs: it is taken over as it is asked for."""
        made = Standings()
        for pattern, tables in self._tables.items():
            made._before[pattern] = {
                key: {material: table[material] for material in runs if material in table}
                for key, table in tables.items()
            }
        return made

    def settle(self, kept: Container[Pattern]) -> None:
        """Let go of what nobody asked for, but for what is known of some patterns."""
        for pattern, tables in self._before.items():
            if pattern in kept and pattern not in self._tables:
                self._tables[pattern] = tables
        self._before = {}

    def to_workflow(self, fitted: Fitted) -> Callable[[Material], Compared]:
        """How a run stands to a workflow by its steps, values and effects."""
        known = self._table(fitted.pattern, fitted.essence)

        def look(material: Material) -> Compared:
            if (found := known.get(material)) is None:
                found = known[material] = compared(material, fitted)
            return found

        return look

    def to_record(self, recipe: Recipe) -> Callable[[Material], Compared]:
        """How a run stands to a recorded candidate, also by approvals and outputs."""
        by_steps, known = self.to_workflow(recipe.fitted), self._table(recipe.fitted.pattern, recipe.essence)

        def look(material: Material) -> Compared:
            if (found := known.get(material)) is None:
                found = known[material] = compare(recipe, material, by_steps(material))
            return found

        return look

    def _table(self, pattern: Pattern, key: Hashable) -> Table:
        tables = self._tables.setdefault(pattern, {})
        if (table := tables.get(key)) is None:
            table = tables[key] = self._before.get(pattern, {}).get(key, {})
        return table
