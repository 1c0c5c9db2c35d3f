"""Adding exceptions and rules of one's own to a policy's redaction, with every comment in the file left as it is."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlkit
from tomlkit.exceptions import TOMLKitError

from core.model.errors import InputError, WorkspaceError
from core.model.text import is_blank, visible
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.policy_file import load_policy, policy_of
from core.store.trouble import explained, read_regular, shown

KeepKind = Literal["key", "pointer", "value"]
"""What an exception is about: a key wherever it stands, a place in payloads, or one text."""

TABLE = "redaction"
_FIELDS: dict[KeepKind, str] = {"key": "keep_keys", "pointer": "keep_pointers", "value": "keep_values"}


@dataclass(frozen=True, slots=True)
class Why:
    """Who changes the policy, when (RFC 3339) and why; written beside the change."""

    actor: str
    time: str
    reason: str

    def __str__(self) -> str:
        return visible(f"{self.actor}, {self.time[:10]}: {' '.join(self.reason.split())}")


def keep(path: Path, kind: KeepKind, text: str, why: Why, *, disk: Disk = DISK) -> bool:
    """Make an exception; whether it is new. The workspace's lock must be held.

    Raises InputError when there is no reason, or the policy must not say that; WorkspaceError when it cannot be read
    or written.
    """
    _check(why)
    field = _FIELDS[kind]
    present: tuple[str, ...] = getattr(load_policy(path).redaction, field)
    if text in present:
        return False
    _write(path, field, [*present, text], why, disk)
    return True


def add_rule(path: Path, rule: str, pattern: str, why: Why, *, disk: Disk = DISK) -> bool:
    """Add a rule, an id and a regular expression; whether it is new. The lock must be held; raises as `keep` does."""
    _check(why)
    present = load_policy(path).redaction.extras
    if present.get(rule) == pattern:
        return False
    if rule in present:
        raise InputError(f"the policy has another rule named {visible(rule)}; choose another name")
    _write(path, "extras", {**present, rule: pattern}, why, disk)
    return True


def _check(why: Why) -> None:
    if is_blank(why.reason):
        raise InputError("give a reason: it is written into the policy, for whoever reads it next")


def _write(path: Path, field: str, wanted: Any, why: Why, disk: Disk) -> None:
    """Write one key of the table, and only if the file then says exactly that besides what it said."""
    with explained("read", path):
        before = read_regular(path).decode("utf-8-sig")
    try:
        values = tomllib.loads(before)
        after = _edited(before, field, wanted, str(why))
        expected = {**values, TABLE: {**values.get(TABLE, {}), field: wanted}}
        sound = tomllib.loads(after) == expected
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError, KeyError):
        sound = False
    if not sound:
        raise WorkspaceError(f"{shown(path)} is written in a way that cannot be edited here; edit {TABLE} by hand")
    try:
        policy_of(after.encode(), path)
    except WorkspaceError as error:
        raise InputError(f"the policy was left as it is, for it would say: {error}") from None
    write_file(path, after.encode(), disk=disk)


def _edited(text: str, field: str, wanted: Any, why: str) -> str:
    """The text with one key changed; a list of one line becomes one of many, with the reason beside the new item."""
    document = tomlkit.parse(text)
    table: Any = document.get(TABLE)
    if table is not None and field in table and isinstance(wanted, list):
        table[field].add_line(wanted[-1], comment=why)
        return tomlkit.dumps(document)
    if table is not None and field in table:
        (name,) = wanted.keys() - table[field].keys()
        table[field][name] = wanted[name]
        before = str(table[field].trivia.comment).lstrip("# ")
        table[field].comment(f"{before}; {why}" if before else why)
        return tomlkit.dumps(document)
    value = _value(wanted, why)
    if table is not None:
        table[field] = value
    else:
        document.append(tomlkit.key([TABLE, field]), value)
    return tomlkit.dumps(document)


def _value(wanted: Any, why: str) -> Any:
    if isinstance(wanted, dict):
        made = tomlkit.inline_table()
        made.update(wanted)
        made.comment(why)
        return made
    array = tomlkit.array()
    for item in wanted[:-1]:
        array.append(item)
    array.add_line(wanted[-1], comment=why)
    array.multiline(False)
    return array
