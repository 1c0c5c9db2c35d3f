"""Whether the signatures of a journal line hold, and whether they are of somebody whom the policy trusts."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.model.decision import Signed
from core.model.errors import InputError
from core.store.envelope import Signature, pae
from core.store.signing import ed25519, ssh
from core.store.signing.keys import ED25519, PublicKey
from core.store.signing.signer import Unchecked

KEY = "key"
"""The key of a decision's detail under which the signer's public key stands, so that every line can be checked."""

_PLAIN = 64
"""Bytes of a signature that is Ed25519's own; OpenSSH's form is longer."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signatures of a line are worth."""

    signed: Signed = "unsigned"
    keyid: str = ""
    """The key that counts: the trusted one, else the first."""
    why: str = ""
    """Why they do not hold or could not be checked."""


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks signatures; `trusted` are the pairs of person and keyid that the policy trusts."""

    trusted: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, trusted_keys: Mapping[str, Sequence[str]]) -> Checker:
        """The checker of a policy's table: the public keys of each person, as lines. Raises InputError."""
        pairs = ((actor, PublicKey.parse(text).keyid) for actor, texts in trusted_keys.items() for text in texts)
        return cls(frozenset(pairs))

    def __call__(
        self,
        payload: bytes,
        signatures: Sequence[Signature],
        actor: str,
        detail: Mapping[str, Any],
        *,
        proven: bool = False,
    ) -> Verdict:
        """The verdict on the line of a decision by `actor`; with `proven` its signatures were found good before."""
        if not signatures:
            return Verdict()
        try:
            key = _parsed(str(detail.get(KEY, "")))
        except InputError:
            return Verdict("bad", signatures[0].keyid, "the line does not carry the public key of its signature")
        if any(signature.keyid != key.keyid for signature in signatures):
            return Verdict("bad", signatures[0].keyid, "a signature is of another key than the line carries")
        if not proven:
            try:
                if not all(_holds(key, signature, payload) for signature in signatures):
                    return Verdict("bad", key.keyid, f"the signature of key {key.keyid[:16]} does not hold")
            except Unchecked as error:
                return Verdict("signed", key.keyid, str(error))
        return Verdict(self.worth(key, actor), key.keyid)

    def worth(self, key: PublicKey, actor: str) -> Signed:
        """What a signature that holds is worth."""
        return "trusted" if (actor, key.keyid) in self.trusted else "signed"


_parsed = lru_cache(maxsize=256)(PublicKey.parse)


def _holds(key: PublicKey, signature: Signature, payload: bytes) -> bool:
    try:
        sig = base64.b64decode(signature.sig, validate=True)
    except (binascii.Error, ValueError):
        return False
    if len(sig) == _PLAIN:
        return key.kind == ED25519 and ed25519.holds(key, sig, pae(payload))
    return ssh.holds(key, sig, pae(payload))
