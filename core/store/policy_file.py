"""The policy as the file `assay.toml`: written with a comment for every key, read with errors that name the line."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.model.errors import WorkspaceError
from core.model.record import Record
from core.model.text import quoted, visible
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.policy import Policy, RedactionPolicy
from core.store.redaction import redaction_faults
from core.store.trouble import explained, shown

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SIZE = re.compile(r"([0-9]{1,12}) ?(B|kB|MB|GB|KiB|MiB|GiB)")
_AT = re.compile(r"(.*) \(at (line \d+), (column \d+)\)", re.DOTALL)
_WRONG_TYPE = {
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": "must be text in quotes",
    "dict_type": "must be a table, { id = 'regular expression' }",
    "model_type": "must be a table of extras, keep_keys, keep_pointers and keep_values",
    "tuple_type": "must be a list in square brackets",
}
_OUT_OF_RANGE = {
    "greater_than_equal": ("ge", "must be at least"),
    "less_than_equal": ("le", "must be at most"),
    "greater_than": ("gt", "must be more than"),
}


def load_policy(path: Path) -> Policy:
    """The policy in a file; keys that it leaves out have their defaults.

    Raises WorkspaceError with every fault: the line, the key, what is wrong and what is allowed.
    """
    with explained("read", path):
        data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WorkspaceError(f"{shown(path)} line {line}: it is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{shown(path)} {_toml_fault(str(error))}") from None
    if faults := _check(values):
        by_line = sorted((_line_of(key, text), fault) for key, fault in faults)
        told = "; ".join(f"line {line}: {fault}" for line, fault in by_line)
        raise WorkspaceError(f"{shown(path)} {told}")
    return Policy.model_validate(values)


def write_policy(path: Path, policy: Policy, *, disk: Disk = DISK) -> None:
    """Write a policy with its comments. Raises WorkspaceError."""
    write_file(path, policy_text(policy).encode(), disk=disk)


def policy_text(policy: Policy) -> str:
    """A policy as TOML, every key with what it means and what is allowed; keys without a value are commented out."""
    import tomlkit

    explanations = _explanations(Policy)
    parts = ["# The rules of this review workspace. Changes count from the next reading on.\n"]
    for key in Policy.model_fields:
        value = getattr(policy, key)
        if isinstance(value, RedactionPolicy):
            parts += _redaction_text(value)
            continue
        parts.append("".join(f"# {line}\n" for line in (explanations.get(key, ""), _choices(key)) if line))
        if value is None:
            parts[-1] += f'# {key} = ""\n'
        else:
            parts[-1] += tomlkit.dumps({key: _written(key, value)})
    return "\n".join(parts)


_REDACTION_EXAMPLES = {
    "extras": {"customer_number": "CUST-[0-9]{6}"},
    "keep_keys": ["token_count"],
    "keep_pointers": ["/usage/tokens"],
    "keep_values": ["sk-test-example"],
}


def _redaction_text(policy: RedactionPolicy) -> Iterator[str]:
    """The keys of redaction, each on a line of its own so that any key may follow; defaults as examples."""
    import tomlkit

    explanations = _explanations(RedactionPolicy)
    for key, example in _REDACTION_EXAMPLES.items():
        value = getattr(policy, key)
        table = tomlkit.inline_table()
        table.update({key: value or example})
        line = f"redaction.{key} = {table[key].as_string()}\n"
        yield f"# {explanations.get(key, key)}\n{line if value else '# ' + line}"


def _written(key: str, value: Any) -> Any:
    """A value as people write it: sizes with a unit, lists as lists."""
    if key != "max_file_size":
        return list(value) if isinstance(value, tuple) else value
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if value % _UNITS[unit] == 0), "B")
    return f"{value // _UNITS[unit]} {unit}"


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


def _check(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the values, by key; units are resolved in place and a blank author is none."""
    faults = []
    if isinstance(size := values.get("max_file_size"), str):
        if found := _SIZE.fullmatch(size.strip()):
            values["max_file_size"] = int(found[1]) * _UNITS[found[2]]
        else:
            del values["max_file_size"]
            faults.append(
                ("max_file_size", f"max_file_size: {_shown(size)} is no size; write bytes, or for example 64 MiB")
            )
    if isinstance(author := values.get("author"), str) and not author.strip():
        del values["author"]
    try:
        policy = Policy.model_validate(values)
    except ValidationError as error:
        faults += [(_key_of(e), _told(e)) for e in error.errors(include_url=False)]
    else:
        faults += redaction_faults(policy.redaction)
        faults += [("shadow_paths", told) for told in map(_pattern_fault, policy.shadow_paths) if told]
    return faults


def _pattern_fault(pattern: str) -> str:
    if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
        return f"shadow_paths: {_shown(pattern)} must be a pattern relative to the traces folder, such as shadow/**"
    return ""


def _key_of(error: ErrorDetails) -> str:
    """The key that a fault is about; of redaction with the part that is meant."""
    depth = 2 if error["loc"][0] == "redaction" else 1
    return ".".join(map(str, error["loc"][:depth]))


def _told(error: ErrorDetails) -> str:
    """One fault for people."""
    kind, key, value = error["type"], _key_of(error), error["input"]
    if kind == "extra_forbidden":
        inner, known = key.startswith("redaction."), list(Policy.model_fields)
        if inner:
            known = [f"redaction.{name}" for name in RedactionPolicy.model_fields]
        near = difflib.get_close_matches(key, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; the keys are {', '.join(known)}"
        return f"unknown key {_shown(key)}{hint}"
    if kind == "literal_error":
        return f"{key}: {_shown(value)} is not allowed; use {error['ctx']['expected']}"
    if kind in _OUT_OF_RANGE:
        limit, told = _OUT_OF_RANGE[kind]
        return f"{key}: {_shown(value)} {told} {error['ctx'][limit]}"
    return f"{key}: {_shown(value)} {_WRONG_TYPE.get(kind, error['msg'])}"


def _shown(value: object) -> str:
    text = quoted(value) if isinstance(value, str) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return visible(text if len(text) <= 60 else text[:59] + "…")


def _line_of(key: str, text: str) -> int:
    """The line, from 1, on which a key or table of that name stands first; 1 when it cannot be told."""
    outer, _, inner = map(re.escape, key.partition("."))
    for name in (rf"{outer}\s*\.\s*{inner}", inner, outer) if inner else (outer,):
        start = re.compile(rf"""\s*\[{{0,2}}\s*(?:{name}|"{name}"|'{name}')\s*[=.\]]""")
        if found := next((number for number, line in enumerate(text.splitlines(), 1) if start.match(line)), 0):
            return found
    return 1


def _toml_fault(told: str) -> str:
    found = _AT.fullmatch(told)
    return visible(f"{found[2]} {found[3]}: {found[1]}" if found else f"is not TOML: {told}")
