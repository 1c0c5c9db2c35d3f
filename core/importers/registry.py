"""The formats that are known: our own ones, and those of installed packages (entry point group `assay.importers`).

An entry point names a `core.importers.values.Format`. One that does not load, or is no Format, or takes a name that is
taken, is told of in the problems and otherwise ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import NamedTuple

from core.importers import agent_turns, agents_sdk, chat, claude_code, langsmith, otel, own, swe_agent
from core.importers.values import Format
from core.model.errors import InputError
from core.model.jsontext import Json

GROUP = "assay.importers"
"""The entry point group of further formats."""

BUILT_IN = tuple(
    module.FORMAT for module in (own, otel, agents_sdk, langsmith, swe_agent, claude_code, agent_turns, chat)
)
"""In the order in which a record is offered to them: the most particular first."""


class Known(NamedTuple):
    """All formats, and what is wrong with those that are not among them."""

    formats: tuple[Format, ...]
    problems: tuple[str, ...]


@cache
def known() -> Known:
    """All formats: further ones before our own, so that they can tell a special case of a common format."""
    formats, problems = {made.name: made for made in BUILT_IN}, []
    further = []
    for point in sorted(entry_points(group=GROUP), key=lambda found: found.name):
        try:
            made = point.load()
        except Exception as error:  # noqa: BLE001 - whatever a package does on import must not end the program
            problems.append(f"the importer {point.name} does not load: {type(error).__name__}: {error}")
            continue
        if not isinstance(made, Format):
            problems.append(f"the importer {point.name} is no Format but {type(made).__name__}")
        elif made.name in formats:
            problems.append(f"the importer {point.name} takes the name {made.name}, which is taken")
        else:
            formats[made.name] = made
            further.append(made)
    return Known((*further, *BUILT_IN), tuple(problems))


def named(name: str) -> Format:
    """The format of a name. Raises InputError."""
    for made in known().formats:
        if made.name == name:
            return made
    names = ", ".join(made.name for made in known().formats)
    raise InputError(f"no format is named {name}; there are {names}")


def recognised(records: Sequence[Json]) -> Format | None:
    """The format of some first records of a file: the first that sees one of them; None when none does."""
    for made in known().formats:
        if any(_sees(made, record) for record in records):
            return made
    return None


def _sees(made: Format, record: Json) -> bool:
    try:
        return bool(made.sees(record))
    except Exception:  # noqa: BLE001 - an extension that cannot tell does not see it
        return False
