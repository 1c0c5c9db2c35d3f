"""Names of files and keys that are made from untrusted text (spec/artifacts.md, Bundle)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from core.artifacts.flow import RESERVED
from core.model.jsontext import sha256_hex
from core.model.text import identifier, lower

MAX_NAME = 120
"""Longest name of a fixture, without its ending."""

_OUTSIDE_NAME = re.compile(r"[^A-Za-z0-9_-]")
_PLAIN_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9_]*[A-Za-z0-9])?")
_OUTSIDE_KEY = re.compile(r"[^a-z0-9]+")


def external_key(name: str) -> str:
    """A workflow's name as a key for other systems: `Version_Bump` becomes `version-bump`."""
    return _OUTSIDE_KEY.sub("-", lower(name)).strip("-") or "crystallized-workflow"


def program_name(name: str) -> str:
    """What a workflow is called in its program when a reviewer gives it a name: an identifier, whatever was typed.

    `Ship it` becomes `ship_it`; a name that can stand there stays as it is.
    """
    made = name
    if not _PLAIN_NAME.fullmatch(name):
        made = identifier(name) if any(char.isascii() and char.isalnum() for char in name) else "workflow"
        made = f"workflow_{made}" if made[0].isdigit() else made
    return f"{made}_workflow" if made in RESERVED else made


def fixture_names(trace_ids: Sequence[str]) -> tuple[str, ...]:
    """The file name of each run's fixture, in order; no two are equal on any file system.

    The digits that tell colliding names apart are those of the id, so that a name does not depend on the order.
    """
    names = tuple(map(_plain_name, trace_ids))
    names = _told_apart(names, trace_ids, lambda name, alone: alone and len(name) <= MAX_NAME, 8)
    names = _told_apart(names, trace_ids, lambda _, alone: alone, 64)
    return tuple(f"{name}.json" for name in _numbered(names))


def _plain_name(trace_id: str) -> str:
    return _OUTSIDE_NAME.sub("_", trace_id).strip("_") or "trace"


def _told_apart(
    names: Sequence[str], trace_ids: Sequence[str], is_good: Callable[[str, bool], bool], digits: int
) -> tuple[str, ...]:
    """Names that are good as they are, the others cut and with digits of their id's hash."""
    taken = Counter(map(lower, names))
    return tuple(
        name if is_good(name, taken[lower(name)] == 1) else _marked(name, trace_id, digits)
        for name, trace_id in zip(names, trace_ids, strict=True)
    )


def _marked(name: str, trace_id: str, digits: int) -> str:
    mark = sha256_hex(trace_id.encode("utf-8", "surrogatepass"))[:digits]
    return f"{name[: MAX_NAME - digits - 1]}-{mark}"


def _numbered(names: Sequence[str]) -> Iterator[str]:
    """Names with a number where even the ids are equal."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[lower(name)] += 1
        yield name if seen[lower(name)] == 1 else f"{name}-{seen[lower(name)]}"


def inside(path: str) -> str | None:
    """A manifest's path in its plain form (`./a//b` is `a/b`), or None when it could leave the bundle."""
    pure = PurePosixPath(path)
    if not path or "\0" in path or "\\" in path or pure.is_absolute() or ".." in pure.parts or not pure.parts:
        return None
    return None if re.match(r"[A-Za-z]:", path) else pure.as_posix()
