"""The policy as the file `assay.toml`: written with a comment for every key, read with errors that name the line."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.model.errors import WorkspaceError
from core.model.record import Record
from core.model.text import quoted, visible
from core.model.tomltext import TomlError, parse_toml
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.policy import ApproversPolicy, Policy, RedactionPolicy
from core.store.policy_people import people_faults
from core.store.policy_text import UNITS, policy_text
from core.store.redaction import redaction_faults
from core.store.trouble import explained, read_regular, shown

_SIZE = re.compile(r"([0-9]{1,12}) ?(B|kB|MB|GB|KiB|MiB|GiB)")
_AT = re.compile(r"(.*) \(at (line \d+), (column \d+)\)", re.DOTALL)
_WRONG_TYPE = {
    "bool_type": "must be true or false",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list in square brackets",
}
_TABLES: dict[str, type[Record]] = {"redaction": RedactionPolicy, "approvers": ApproversPolicy}
_WRONG_TABLE = {
    "redaction": "must be a table of extras, keep_keys, keep_pointers and keep_values",
    "redaction.extras": "must be a table, { id = 'regular expression' }",
    "approvers": "must be a table of low, medium and high",
    "trusted_keys": "must be a table of people, each with a list of public keys",
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
        data = read_regular(path)
    return policy_of(data, path)


def policy_of(data: bytes, path: Path) -> Policy:
    """The policy in the bytes of a file; raises as load_policy does."""
    try:
        text = data.decode("utf-8-sig")
        values = parse_toml(text)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WorkspaceError(f"{shown(path)} line {line}: it is not UTF-8; save it as UTF-8") from None
    except TomlError as error:
        raise WorkspaceError(f"{shown(path)} {_toml_fault(str(error))}") from None
    if faults := _check(values):
        by_line = sorted((_line_of(key, text), fault) for key, fault in faults)
        told = "; ".join(f"line {line}: {fault}" for line, fault in by_line)
        raise WorkspaceError(f"{shown(path)} {told}")
    return Policy.model_validate(values)


def write_policy(path: Path, policy: Policy, *, disk: Disk = DISK) -> None:
    """Write a policy with its comments. Raises WorkspaceError."""
    write_file(path, policy_text(policy).encode(), disk=disk)


def _check(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the values, by key; units are resolved in place and a blank author is none."""
    faults = []
    if isinstance(size := values.get("max_file_size"), str):
        if found := _SIZE.fullmatch(size.strip()):
            values["max_file_size"] = int(found[1]) * UNITS[found[2]]
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
        faults += people_faults(policy)
        faults += [("shadow_paths", told) for told in map(_pattern_fault, policy.shadow_paths) if told]
    return faults


def _pattern_fault(pattern: str) -> str:
    if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
        return f"shadow_paths: {_shown(pattern)} must be a pattern relative to the traces folder, such as shadow/**"
    return ""


def _key_of(error: ErrorDetails) -> str:
    """The key that a fault is about; of a table with the part that is meant."""
    depth = 2 if error["loc"][0] in (*_TABLES, "trusted_keys") else 1
    return ".".join(map(str, error["loc"][:depth]))


def _told(error: ErrorDetails) -> str:
    """One fault for people."""
    kind, key, value = error["type"], _key_of(error), error["input"]
    if kind == "extra_forbidden":
        table = str(error["loc"][0])
        inside = len(error["loc"]) > 1
        known = [f"{table}.{name}" for name in _TABLES[table].model_fields] if inside else list(Policy.model_fields)
        near = difflib.get_close_matches(key, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; the keys are {', '.join(known)}"
        return f"unknown key {_shown(key)}{hint}"
    if kind == "literal_error":
        return f"{key}: {_shown(value)} is not allowed; use {error['ctx']['expected']}"
    if kind in _OUT_OF_RANGE:
        limit, told = _OUT_OF_RANGE[kind]
        return f"{key}: {_shown(value)} {told} {error['ctx'][limit]}"
    wrong = _WRONG_TABLE.get(key) if kind in ("dict_type", "model_type") else _WRONG_TYPE.get(kind)
    return f"{key}: {_shown(value)} {wrong or error['msg']}"


def _shown(value: object) -> str:
    try:
        text = quoted(value) if isinstance(value, str) else str(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of tables in each other
        return "its value"
    text = text.lower() if isinstance(value, bool) else text
    return visible(text if len(text) <= 60 else text[:59] + "…")


def _line_of(key: str, text: str) -> int:
    """The line, from 1, on which a key or table of that name stands first; 1 when it cannot be told."""
    outer, _, inner = map(re.escape, key.partition("."))
    for name in (rf"""{outer}\s*\.\s*["']?{inner}["']?""", inner, outer) if inner else (outer,):
        start = re.compile(rf"""\s*\[{{0,2}}\s*(?:{name}|"{name}"|'{name}')\s*[=.\]]""")
        if found := next((number for number, line in enumerate(text.splitlines(), 1) if start.match(line)), 0):
            return found
    return 1


def _toml_fault(told: str) -> str:
    found = _AT.fullmatch(told)
    return visible(f"{found[2]} {found[3]}: {found[1]}" if found else f"is not TOML: {told}")
