"""Ed25519 through the `cryptography` library, which is optional and imported only when a key is used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from core.store.signing.keys import PublicKey
from core.store.signing.signer import SigningFailed, Unchecked

MISSING = "the library `cryptography` is not installed; install assay with it: pip install 'assay[sign]'"
"""What to do where the library is missing."""


class Ed25519Signer:
    """A private key of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._private = _library().Ed25519PrivateKey.from_private_bytes(seed)
        self._key = PublicKey.of_raw(self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> tuple[Ed25519Signer, bytes]:
        """A new key and its 32 secret bytes. Raises SigningFailed without the library."""
        seed: bytes = _library().Ed25519PrivateKey.generate().private_bytes_raw()
        return cls(seed), seed

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        made: bytes = self._private.sign(message)
        return made


def holds(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether a signature of 64 bytes is that of an Ed25519 key over a message. Raises Unchecked."""
    try:
        from cryptography.exceptions import InvalidSignature

        public = _loaded(key.raw)
    except (ImportError, SigningFailed):
        raise Unchecked(MISSING) from None
    except ValueError:
        return False
    try:
        public.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _loaded(raw: bytes) -> Any:
    return _library().Ed25519PublicKey.from_public_bytes(raw)


def _library() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise SigningFailed(MISSING) from None
    return ed25519
