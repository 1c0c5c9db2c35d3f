"""Public keys in the one form in which they are shown, compared and trusted: a line as OpenSSH writes it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.text import quoted, visible

ED25519 = "ssh-ed25519"
"""The kind of key that `assay keys init` makes."""

KINDS = (
    ED25519,
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)
"""The kinds of key that can sign."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its kind and its bytes as in RFC 4253, section 6.6."""

    kind: str
    blob: bytes

    @property
    def keyid(self) -> str:
        """The sha256 of the key, 64 hex digits: what `ssh-keygen -l` shows in base64."""
        return sha256_hex(self.blob)

    @property
    def text(self) -> str:
        """`KIND BASE64`, without a comment."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def raw(self) -> bytes:
        """The 32 bytes of an Ed25519 key; empty for other kinds."""
        return self.blob[-32:] if self.kind == ED25519 else b""

    @classmethod
    def of_raw(cls, raw: bytes) -> PublicKey:
        """The key of the 32 bytes of an Ed25519 key."""
        return cls(ED25519, packed(ED25519.encode()) + packed(raw))

    @classmethod
    def parse(cls, text: str) -> PublicKey:
        """The key in a line of a .pub file, whose comment is left out. Raises InputError."""
        kind, _, rest = text.strip().partition(" ")
        body = rest.strip().partition(" ")[0]
        told = f"{visible(quoted(text.strip()[:40]))} is no public key"
        if kind not in KINDS:
            raise InputError(f"{told}; it is one line that begins with {', '.join(KINDS[:-1])} or {KINDS[-1]}")
        try:
            blob = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise InputError(f"{told}: what follows {kind} is not base64") from None
        starts = packed(kind.encode())
        sound = blob.startswith(starts) and len(blob) > len(starts) + 4
        if kind == ED25519:
            sound = sound and blob[len(starts) : -32] == b"\0\0\0\x20"
        if not sound:
            raise InputError(f"{told}: its bytes are not those of a key of kind {kind}")
        return cls(kind, blob)


def packed(part: bytes) -> bytes:
    """Bytes with their length before them (RFC 4251, string)."""
    return len(part).to_bytes(4, "big") + part
