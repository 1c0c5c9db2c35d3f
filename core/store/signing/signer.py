"""What makes a signature: anything that has a public key and signs bytes."""

from __future__ import annotations

import base64
from typing import Protocol

from core.model.errors import WorkspaceError
from core.store.envelope import Signature, pae
from core.store.signing.keys import PublicKey


class SigningFailed(WorkspaceError):  # noqa: N818 - a state, not a fault of the workspace
    """A signature could not be made; nothing was recorded. The message says what to do."""


class Unchecked(Exception):  # noqa: N818 - neither good nor bad
    """A signature cannot be checked on this machine; the message says what is missing."""


class Signer(Protocol):
    """A key that signs."""

    @property
    def key(self) -> PublicKey:
        """The public half."""

    def sign(self, message: bytes) -> bytes:
        """The signature over a message. Raises SigningFailed."""


def sign_payload(payload: bytes, signer: Signer) -> Signature:
    """The signature of an envelope over its payload and type. Raises SigningFailed."""
    made = signer.sign(pae(payload))
    return Signature(keyid=signer.key.keyid, sig=base64.b64encode(made).decode())
