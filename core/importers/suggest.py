"""What is seen of tools in runs: the ground on which a person writes an `effects.toml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_READS = re.compile(
    r"(?:^|[_.:-])(?:get|list|find|search|read|open|view|show|fetch|lookup|query|think|calculate)(?=$|[_.:A-Z-])"
)
_MOST_ARGUMENTS = 64


class ToolUse(NamedTuple):
    """A tool, as it was used."""

    name: str
    calls: int
    runs: int
    failed: int
    arguments: tuple[str, ...]
    """Names of its arguments, the most frequent first."""
    stated: bool
    """Whether a run states side effects of it."""
    read_only_name: bool
    """Whether its name begins like that of a tool that only reads; told to people, and nothing follows from it."""


class ToolUses:
    """Counts what runs use; memory grows with the number of tools only."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._runs: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._arguments: dict[str, Counter[str]] = {}
        self._stated: set[str] = set()

    def take(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """Count the calls of one run, its actions as plain JSON."""
        names: set[str] = set()
        for made in actions:
            if made["kind"] == "model_call":
                continue
            name = made["name"]
            names.add(name)
            self._calls[name] += 1
            self._failed[name] += bool(made["metadata"].get("error"))
            seen = self._arguments.setdefault(name, Counter())
            inputs = made["inputs"]
            for argument in inputs if isinstance(inputs, dict) else made["parameters"]:
                if argument in seen or len(seen) < _MOST_ARGUMENTS:
                    seen[argument] += 1
            if made["side_effects"]:
                self._stated.add(name)
        self._runs.update(names)

    def told(self) -> tuple[ToolUse, ...]:
        """All tools, by name."""
        return tuple(
            ToolUse(
                name,
                self._calls[name],
                self._runs[name],
                self._failed[name],
                tuple(argument for argument, _ in self._arguments[name].most_common()),
                name in self._stated,
                bool(_READS.search(name)),
            )
            for name in sorted(self._calls)
        )
