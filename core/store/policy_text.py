"""The policy as TOML text, every key with a comment: what a new workspace is written with."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, get_args

from core.model.record import Record
from core.store.policy import Policy

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
"""Bytes in each unit in which sizes may be written."""


def policy_text(policy: Policy) -> str:
    """A policy as TOML, every key with what it means and what is allowed; keys without a value are commented out."""
    import tomlkit

    explanations = _explanations(Policy)
    parts = ["# The rules of this review workspace. Changes count from the next reading on.\n"]
    for key in Policy.model_fields:
        value = getattr(policy, key)
        if isinstance(value, Record):
            parts += _table_text(key, value)
            continue
        if isinstance(value, dict):
            parts.append(_people_text(key, value, explanations.get(key, key)))
            continue
        parts.append("".join(f"# {line}\n" for line in (explanations.get(key, ""), _choices(key)) if line))
        if value is None:
            parts[-1] += f'# {key} = ""\n'
        else:
            parts[-1] += tomlkit.dumps({key: _written(key, value)})
    return "\n".join(parts)


_EXAMPLES: Mapping[str, Any] = {
    "extras": {"customer_number": "CUST-[0-9]{6}"},
    "keep_keys": ["token_count"],
    "keep_pointers": ["/usage/tokens"],
    "keep_values": ["sk-test-example"],
    "low": ["ann@example.org", "bob@example.org"],
    "medium": ["ann@example.org", "bob@example.org"],
    "high": ["ann@example.org"],
}


def _table_text(table: str, values: Record) -> Iterator[str]:
    """The keys of a table, each on a line of its own so that any key may follow; defaults as examples."""
    explanations, fields = _explanations(type(values)), type(values).model_fields
    for key in fields:
        value = getattr(values, key)
        unset = value == fields[key].default
        line = f"{table}.{key} = {_inline(_EXAMPLES[key] if unset else value)}\n"
        yield f"# {explanations.get(key, key)}\n{'# ' + line if unset else line}"


def _people_text(key: str, people: Mapping[str, Any], told: str) -> str:
    """A table with the names of people, each on a line of its own; an example where it is empty."""
    import tomlkit

    shown = people or {"ann@example.org": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA… laptop"]}
    names = ((tomlkit.string(name).as_string(), value) for name, value in shown.items())
    lines = "".join(f"{'' if people else '# '}{key}.{name} = {_inline(value)}\n" for name, value in names)
    return f"# {told}\n{lines}"


def _inline(value: Any) -> str:
    import tomlkit

    table = tomlkit.inline_table()
    table.update({"value": list(value) if isinstance(value, tuple) else value})
    return str(table["value"].as_string())


def _written(key: str, value: Any) -> Any:
    """A value as people write it: sizes with a unit, lists as lists."""
    if key != "max_file_size":
        return list(value) if isinstance(value, tuple) else value
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if value % UNITS[unit] == 0), "B")
    return f"{value // UNITS[unit]} {unit}"


def _explanations(record: type[Record]) -> dict[str, str]:
    """The docstring under every field of a record, on one line; none where the source is not at hand."""
    try:
        tree = ast.parse(inspect.getsource(record))
    except (OSError, SyntaxError):
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(told))):
                found[name] = " ".join(told.split())
    return found


def _choices(key: str) -> str:
    """What a key allows, where that is a fixed set of words."""
    annotation = Policy.model_fields[key].annotation
    if getattr(annotation, "__origin__", None) is tuple:
        words = get_args(get_args(annotation)[0])
        start = "Any of"
    else:
        words, start = get_args(annotation), "One of"
    return f"{start}: {', '.join(words)}." if words and all(isinstance(word, str) for word in words) else ""
