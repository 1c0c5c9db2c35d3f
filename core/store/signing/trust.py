"""Adding keys to the policy's trusted ones and taking them away, with every comment in the file left as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from core.model.errors import InputError, WorkspaceError
from core.store.disk import DISK, Disk
from core.store.files import write_file
from core.store.policy_file import load_policy, policy_of
from core.store.signing.keys import PublicKey
from core.store.trouble import explained, read_regular, shown

TABLE = "trusted_keys"


def trust(path: Path, actor: str, line: str, *, disk: Disk = DISK) -> bool:
    """Trust a key, a line of a .pub file, to be of a person; whether that is new. The lock must be held.

    Raises InputError for what is no key or what the policy must not say, WorkspaceError when the policy cannot be read
    or written.
    """
    keyid = PublicKey.parse(line).keyid
    keys = load_policy(path).trusted_keys
    present = keys.get(actor, ())
    if keyid in map(_keyid, present):
        return False
    _write(path, {**keys, actor: (*present, line)}, disk)
    return True


def untrust(path: Path, keyid: str, *, disk: Disk = DISK) -> list[str]:
    """Trust a key no longer, and say whose it was. The lock must be held. Raises WorkspaceError."""
    keys = load_policy(path).trusted_keys
    owners = [actor for actor, lines in keys.items() if keyid in map(_keyid, lines)]
    if owners:
        left = {actor: tuple(line for line in lines if _keyid(line) != keyid) for actor, lines in keys.items()}
        _write(path, {actor: lines for actor, lines in left.items() if lines or not keys[actor]}, disk)
    return owners


def _keyid(line: str) -> str:
    return PublicKey.parse(line).keyid


def _write(path: Path, wanted: dict[str, tuple[str, ...]], disk: Disk) -> None:
    """Write the table into the file, only where it differs, and only if the file then says exactly that."""
    with explained("read", path):
        before = read_regular(path).decode("utf-8-sig")
    try:
        after = _edited(before, wanted)
        expected = {**tomllib.loads(before), TABLE: {actor: list(lines) for actor, lines in wanted.items()}}
        sound = tomllib.loads(after) in (expected, {k: v for k, v in expected.items() if k != TABLE or v})
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise WorkspaceError(f"{shown(path)} is written in a way that cannot be edited here; edit {TABLE} by hand")
    try:
        policy_of(after.encode(), path)
    except WorkspaceError as error:
        raise InputError(f"the policy was left as it is, for it would say: {error}") from None
    write_file(path, after.encode(), disk=disk)


def _edited(text: str, wanted: dict[str, tuple[str, ...]]) -> str:
    document = tomlkit.parse(text)
    if TABLE not in document:
        for actor, lines in wanted.items():
            document.append(tomlkit.key([TABLE, actor]), _array(lines))
        return tomlkit.dumps(document)
    table: Any = document[TABLE]
    for actor in [actor for actor in table if actor not in wanted]:
        del table[actor]
    for actor, lines in wanted.items():
        if actor not in table or list(table[actor]) != list(lines):
            _fit(table, actor, lines)
    return tomlkit.dumps(document)


def _fit(table: Any, actor: str, lines: tuple[str, ...]) -> None:
    """Make a person's list what is wanted; of a list that is there, what stays keeps its place and comments."""
    if actor not in table:
        table[actor] = _array(lines)
        return
    present = table[actor]
    for index in reversed(range(len(present))):
        if present[index] not in lines:
            del present[index]
    for line in lines:
        if line not in present:
            present.append(line)


def _array(lines: tuple[str, ...]) -> Any:
    array = tomlkit.array()
    array.extend(lines)
    return array
