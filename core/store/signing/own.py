"""The key of the person who runs the program: one file in the config folder that nobody else can read."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict

from core.model.errors import InputError
from core.model.jsontext import JsonError, parse, pretty
from core.model.record import DecodeError, Record, Text
from core.store.config import HOMELESS, VARIABLE, config_folder
from core.store.disk import DISK, Disk
from core.store.files import make_folder, write_file
from core.store.signing import ssh
from core.store.signing.checking import KEY, Checker
from core.store.signing.ed25519 import Ed25519Signer
from core.store.signing.keys import PublicKey
from core.store.signing.signer import Signer, SigningFailed, sign_payload
from core.store.trouble import NOWHERE, explained, shown, why, with_home


class OwnKey(Record):
    """What the file says: a key of ours with its secret, or where an ssh key is."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: Literal["ed25519", "ssh"] = "ed25519"
    public: Text = ""
    """The public key as a line."""
    private: Text | None = None
    """The 32 secret bytes in base64, of a key of ours."""
    path: Text | None = None
    """The file of an ssh key."""


def own_key_file() -> Path:
    """Where the key is, if there is one."""
    return config_folder() / "keys" / "signing.json"


def own_signer() -> Signer | None:
    """The reviewer's key; None without one. Raises InputError when others can read it or it is damaged."""
    if (own := read_own_key()) is None:
        return None
    key = PublicKey.parse(own.public)
    if own.kind == "ssh":
        return ssh.SshSigner(Path(own.path or ""), key)
    try:
        signer = Ed25519Signer(base64.b64decode(own.private or "", validate=True))
    except (binascii.Error, ValueError):
        raise InputError(_damaged()) from None
    if signer.key != key:
        raise InputError(_damaged())
    return signer


def read_own_key() -> OwnKey | None:
    """What the key's file says; None without one. Raises InputError when others can read it or it is damaged."""
    path = own_key_file()
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            data = file.read()
    except NOWHERE:
        return None
    except OSError as error:
        raise InputError(f"cannot read the signing key {shown(path)}: {why(error)}") from None
    if mode & 0o077:
        raise InputError(
            f"the signing key {shown(path)} can be read by others (mode {mode:o}), so it may no longer be yours alone; "
            "make a new one, or run chmod 600 on it when you are sure"
        )
    try:
        own = OwnKey.decode(parse(data))
        PublicKey.parse(own.public)
    except (JsonError, DecodeError, InputError):
        raise InputError(_damaged()) from None
    return own


def make_own_key(ssh_key: Path | None = None, *, disk: Disk = DISK) -> PublicKey:
    """Make a key, or take over an ssh key once it has signed something; its public half.

    Raises InputError when there is one already, SigningFailed when it cannot sign, WorkspaceError when it cannot be
    written.
    """
    if config_folder() == HOMELESS:
        raise InputError(f"a key is kept in your home folder, and you have none; set HOME or {VARIABLE}")
    path = own_key_file()
    if os.path.lexists(path):
        raise InputError(f"there is a signing key already, {shown(path)}; move it away first to make another one")
    own, signer = _ssh_key(ssh_key) if ssh_key is not None else _new_key()
    with explained("make", path.parent):
        make_folder(path.parent, disk=disk)
        path.parent.chmod(0o700)
    write_file(path, pretty(own) + b"\n", mode=0o600, disk=disk)
    return signer.key


def _new_key() -> tuple[OwnKey, Signer]:
    signer, seed = Ed25519Signer.generate()
    return OwnKey(kind="ed25519", public=signer.key.text, private=base64.b64encode(seed).decode()), signer


def _ssh_key(given: Path) -> tuple[OwnKey, Signer]:
    path = with_home(given).absolute()
    with explained("read", given, InputError):
        is_file = path.is_file()
    if not is_file:
        raise InputError(f"{shown(given)} is no file; name an ssh key, such as ~/.ssh/id_ed25519")
    signer = ssh.SshSigner(path, ssh.public_key(path))
    _try(signer)
    return OwnKey(kind="ssh", public=signer.key.text, path=str(path)), signer


def _try(signer: Signer) -> None:
    """Sign something and check it. Raises SigningFailed."""
    verdict = Checker()(b"{}", [sign_payload(b"{}", signer)], "", {KEY: signer.key.text})
    if verdict.signed == "bad":
        raise SigningFailed(f"the key cannot be used: {verdict.why}; is the .pub file beside it that of the same key?")


def _damaged() -> str:
    return f"the signing key {shown(own_key_file())} is damaged; put back a copy, or move it away and make a new one"
