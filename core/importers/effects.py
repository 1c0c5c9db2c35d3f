"""What calling a tool changes outside the run, as stated by a person in `effects.toml`.

A rule names a tool, or many by a pattern with `*` and `?`; of several the first that names it exactly counts, then the
first whose pattern fits. A call that failed changed nothing, so it carries no effects and no capabilities; secrets are
needed all the same. `{name}` in a target stands for the argument of that name, `{a.b}` for what lies in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from core.model.jsontext import Json, scalar_text
from core.model.trace import SideEffect

_PLACE = re.compile(r"\{([^{}]+)\}")
_PATTERN = frozenset("*?[")
_MOST_MET = 4096

FAILED_PREFIXES = ("Error",)
"""How the answer of a failed call begins in formats that have no field for failures."""


@dataclass(frozen=True, slots=True)
class ToolRule:
    """What is stated about one tool, or about all that a pattern fits."""

    name: str
    effects: tuple[SideEffect, ...] = ()
    capabilities: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    kind: str = ""
    """The kind of the tool's actions; empty for the importer's own."""


@dataclass(frozen=True, slots=True)
class Effects:
    """All that is stated about tools."""

    tools: tuple[ToolRule, ...] = ()
    failed_prefixes: tuple[str, ...] = FAILED_PREFIXES
    _exact: Mapping[str, ToolRule] = field(init=False, repr=False, compare=False)
    _patterns: tuple[ToolRule, ...] = field(init=False, repr=False, compare=False)
    _met: dict[str, ToolRule | None] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        exact = {rule.name: rule for rule in reversed(self.tools) if not _PATTERN & set(rule.name)}
        object.__setattr__(self, "_exact", exact)
        object.__setattr__(self, "_patterns", tuple(rule for rule in self.tools if _PATTERN & set(rule.name)))

    def rule(self, name: str) -> ToolRule | None:
        """What is stated about a tool."""
        if (found := self._exact.get(name)) is not None or not self._patterns:
            return found
        if name not in self._met:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            self._met[name] = next((rule for rule in self._patterns if fnmatchcase(name, rule.name)), None)
        return self._met[name]

    def failed(self, answer: Json) -> bool:
        """Whether an answer tells of a failure by the way it begins."""
        return isinstance(answer, str) and answer.startswith(self.failed_prefixes)


NO_EFFECTS = Effects()
"""Nothing stated about any tool."""


def filled(effect: SideEffect, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """An effect as plain JSON with the arguments of one call in its target, and the names that the call lacks."""
    missing: list[str] = []

    def argument(found: re.Match[str]) -> str:
        value = _looked_up(arguments, found[1])
        if value is None or isinstance(value, dict | list):
            missing.append(found[1])
            return found[0]
        return scalar_text(value)

    target = _PLACE.sub(argument, effect.target) if "{" in effect.target else effect.target
    made = {"kind": effect.kind, "target": target, "capability": effect.capability, "mutation": effect.mutation}
    return made | {"metadata": effect.metadata}, missing


def _looked_up(arguments: Mapping[str, Any], path: str) -> Json:
    if path in arguments:
        return arguments[path]
    value: Json = arguments
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
