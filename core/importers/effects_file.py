"""`effects.toml`: reading it with errors that say what to do, and writing a starter.

failed_prefixes = ["Error"]          # how the answers of failed calls begin, where the format has no field for it

[[tool]]
name = "cancel_order"                # or a pattern: "mcp__orders__*"
capabilities = ["db.write"]
secrets = ["ORDERS_API_TOKEN"]       # logical ids, never values
kind = ""                            # another kind for its actions; empty leaves the importer's
effects = [{ kind = "db_write", target = "order:{order_id}", capability = "db.write", mutation = "cancel" }]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.importers.effects import FAILED_PREFIXES, NO_EFFECTS, Effects, ToolRule
from core.importers.suggest import ToolUse
from core.model.errors import InputError, reason_of
from core.model.text import is_blank, quoted, visible
from core.model.tomltext import TomlError, parse_toml
from core.model.trace import SideEffect

_TOP = frozenset({"failed_prefixes", "tool"})
_TOOL = frozenset({"name", "effects", "capabilities", "secrets", "kind"})
_EFFECT = frozenset({"kind", "target", "capability", "mutation"})
_TOOL_LINE = re.compile(r"""\s*\[\[\s*(?:tool|"tool"|'tool')\s*\]\]""")
_LARGEST = 4 * 1024 * 1024
_SHOWN = 12


def load_effects(path: Path) -> Effects:
    """What a file states about tools. Raises InputError that names the file, the place and what is wrong."""
    return load_stated(path)[1]


def load_stated(path: Path) -> tuple[str, Effects]:
    """The text of a file, and what it states about tools. Raises InputError as `load_effects` does."""
    shown = visible(str(path))
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{shown} has more than {_LARGEST:,} bytes; that is no effects.toml")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {shown}: {reason_of(error)}") from None
    effects = parse_effects(data, shown)
    return data.decode(), effects


@lru_cache(maxsize=4)
def stated(text: str) -> Effects:
    """What the text of an effects.toml that was found right before states; nothing for an empty one."""
    return parse_effects(text.encode(), "effects.toml") if text else NO_EFFECTS


def parse_effects(data: bytes, label: str) -> Effects:
    """What the bytes of an effects.toml state. Raises InputError."""
    try:
        text = data.decode("utf-8-sig")
        held = parse_toml(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{label}: line {line}: it is not UTF-8; save it as UTF-8") from None
    except TomlError as error:
        raise InputError(f"{label} is not TOML: {visible(str(error))}") from None
    _only(held, _TOP, label + _line(text, next(iter(sorted(set(held) - _TOP)), "")))
    place = f"{label}{_line(text, 'failed_prefixes')}: failed_prefixes"
    prefixes = _texts(held.get("failed_prefixes", list(FAILED_PREFIXES)), place)
    if any(not prefix for prefix in prefixes):
        raise InputError(f"{place}: an empty text begins every answer; leave it out")
    tools = held.get("tool", [])
    if not isinstance(tools, list):
        raise InputError(f"{label}{_line(text, 'tool')}: tool: write each tool as a [[tool]] table")
    places = [f"{label}{line}: tool {number}" for number, line in enumerate(_lines(text, len(tools)), 1)]
    rules = tuple(map(_tool, tools, places))
    _check_names(rules, places)
    return Effects(rules, prefixes)


def _check_names(rules: Sequence[ToolRule], places: Sequence[str]) -> None:
    """Refuse a name that stands twice: what the second one states would never count, and nobody would be told."""
    first: dict[str, int] = {}
    for number, (rule, place) in enumerate(zip(rules, places, strict=True), 1):
        if (before := first.setdefault(rule.name, number)) != number:
            told = visible(rule.name)[:60]
            raise InputError(f"{place} ({told}): tool {before} has this name; state in one of them what both do")


def _line(text: str, name: str) -> str:
    """Where a name of the file's own first stands, as far as that is plain from the text."""
    stands = re.compile(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[]=.]""")
    return next((f": line {number}" for number, line in enumerate(text.split("\n"), 1) if stands.match(line)), "")


def _lines(text: str, count: int) -> list[str]:
    """Where each of so many tools begins, as far as that is plain from the text."""
    found = [f": line {number}" for number, line in enumerate(text.split("\n"), 1) if _TOOL_LINE.match(line)]
    return found if len(found) == count else [""] * count


def _tool(held: Any, place: str) -> ToolRule:
    if not isinstance(held, dict):
        raise InputError(f"{place}: write it as a [[tool]] table")
    _only(held, _TOOL, place)
    name = held.get("name")
    if not isinstance(name, str) or is_blank(name):
        raise InputError(f"{place}: name: write the tool's name, or a pattern with * and ?")
    place = f"{place} ({visible(name)[:60]})"
    kind = held.get("kind", "")
    if not isinstance(kind, str):
        raise InputError(f"{place}: kind: write text")
    effects = held.get("effects", [])
    if not isinstance(effects, list):
        raise InputError(f"{place}: effects: write a list of tables with kind and target")
    return ToolRule(
        name,
        tuple(_effect(one, f"{place}: effect {number}") for number, one in enumerate(effects, 1)),
        _texts(held.get("capabilities", []), f"{place}: capabilities"),
        _texts(held.get("secrets", []), f"{place}: secrets"),
        kind,
    )


def _effect(held: Any, place: str) -> SideEffect:
    if not isinstance(held, dict):
        raise InputError(f"{place}: write a table with kind and target")
    _only(held, _EFFECT, place)
    for name, value in held.items():
        if not isinstance(value, str):
            raise InputError(f"{place}: {name}: write text")
    for name in ("kind", "target"):
        if is_blank(held.get(name, "")):
            raise InputError(f"{place}: {name} is missing")
    return SideEffect(**held)


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(f"{place}: write a list of texts")
    return tuple(value)


def _only(held: Mapping[str, Any], allowed: Iterable[str], place: str) -> None:
    if unknown := sorted(set(held) - set(allowed)):
        names = ", ".join(sorted(allowed))
        raise InputError(f"{place}: {quoted(unknown[0])} is not known; there are {names}")


def starter(uses: Iterable[ToolUse]) -> str:
    """An effects.toml that names every tool with nothing stated yet, and what was seen of it as comments."""
    lines = [f"# {line}" if line else "" for line in _HEAD]
    lines.append(f"failed_prefixes = [{', '.join(map(_toml, FAILED_PREFIXES))}]")
    for use in uses:
        lines += ["", "[[tool]]", *(f"# {visible(line)}" for line in _seen(use)), f"name = {_toml(_literal(use.name))}"]
        lines += ["effects = []", "capabilities = []", "secrets = []"]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """Text as a TOML string in which nothing is invisible."""
    return (
        '"' + "".join(f"\\U{ord(char):08x}" if visible(char) != char or char in '"\\' else char for char in text) + '"'
    )


def _literal(name: str) -> str:
    """A name that means itself: what would make it a pattern stands in brackets."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _seen(use: ToolUse) -> Iterable[str]:
    failed = f", {use.failed} failed" if use.failed else ""
    calls, runs = (f"{n} {what}" if n == 1 else f"{n} {what}s" for n, what in ((use.calls, "call"), (use.runs, "run")))
    yield f"{calls} in {runs}{failed}"
    if use.arguments:
        more = ", …" if len(use.arguments) > _SHOWN else ""
        yield f"arguments: {', '.join(use.arguments[:_SHOWN])}{more}"
    if use.read_only_name:
        yield "the name reads as if it changes nothing; if so, leave the lists empty"
    elif use.stated:
        yield "the runs themselves state side effects of it"
    else:
        yield 'does it change something? for example: effects = [{ kind = "db_write", target = "order:{order_id}" }]'


_HEAD = (
    "What the agents' tools change. Nothing is assumed: fill in what you know.",
    "It counts as effects.toml in the workspace (TRACES.assay), and where a command is given --effects FILE.",
    "A tool without a table, or with empty lists, is taken to state no side effect.",
    "kind: what sort of change (file_write, db_write, http_write, email …); target: what is changed, with {argument}",
    "for an argument of the call; secrets: logical ids, never values. Calls that failed carry no effects.",
    "",
)
