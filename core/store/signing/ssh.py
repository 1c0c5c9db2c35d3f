"""ssh keys through `ssh-keygen -Y`, as git uses them, in a namespace of ours so that no signature serves two ends.

Source: OpenSSH's PROTOCOL.sshsig. Signatures of Ed25519 keys are checked without starting a program where that is
possible, for a journal may have thousands.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.model.text import visible
from core.store.signing import ed25519
from core.store.signing.keys import ED25519, PublicKey, packed
from core.store.signing.signer import SigningFailed, Unchecked

NAMESPACE = "assay-decision"
"""What the signatures are for."""

PATIENCE = 30.0
"""Seconds that signing may take: somebody may have to touch a hardware key."""

MISSING = "ssh-keygen is not installed; install OpenSSH 8.2 or newer"

_MAGIC = b"SSHSIG"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_WHO = "signer"


class SshSigner:
    """A private key file, or a public one whose private half an ssh agent holds."""

    def __init__(self, path: Path, key: PublicKey) -> None:
        self._path, self._key = path, key

    @property
    def key(self) -> PublicKey:
        """The public half."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """The signature in OpenSSH's binary form. Raises SigningFailed, also when a passphrase would be asked for."""
        command = ["ssh-keygen", "-q", "-Y", "sign", "-n", NAMESPACE, "-f", str(self._path)]
        try:
            done = _run(command, message)
        except FileNotFoundError:
            raise SigningFailed(MISSING) from None
        except subprocess.TimeoutExpired:
            raise SigningFailed(f"ssh-keygen gave no signature within {PATIENCE:.0f} seconds; try again") from None
        except OSError as error:
            raise SigningFailed(f"ssh-keygen cannot be started: {error.strerror}") from None
        if done.returncode:
            told = visible(done.stderr.decode(errors="replace").strip()) or f"exit {done.returncode}"
            raise SigningFailed(
                f"ssh-keygen could not sign with {visible(str(self._path))}: {told}; a key with a passphrase has to be "
                "in an agent: run ssh-add first"
            )
        return dearmoured(done.stdout)


def dearmoured(text: bytes) -> bytes:
    """The bytes of an armoured signature. Raises SigningFailed."""
    lines = text.decode(errors="replace").split("\n")
    if _BEGIN not in lines or _END not in lines:
        raise SigningFailed("ssh-keygen gave no signature")
    try:
        return base64.b64decode("".join(lines[lines.index(_BEGIN) + 1 : lines.index(_END)]), validate=True)
    except (binascii.Error, ValueError):
        raise SigningFailed("ssh-keygen gave no signature") from None


def public_key(path: Path) -> PublicKey:
    """The public half of a private or public key file. Raises InputError or SigningFailed."""
    beside = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
    try:
        return PublicKey.parse(beside.read_text("utf-8"))
    except (FileNotFoundError, UnicodeDecodeError):
        pass
    except OSError as error:
        raise SigningFailed(f"cannot read {visible(str(beside))}: {error.strerror}") from None
    try:
        done = _run(["ssh-keygen", "-y", "-f", str(path)], b"")
    except FileNotFoundError:
        raise SigningFailed(MISSING) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SigningFailed(f"ssh-keygen cannot read {visible(str(path))}: {error}") from None
    if done.returncode:
        told = visible(done.stderr.decode(errors="replace").strip())
        raise SigningFailed(f"ssh-keygen cannot read {visible(str(path))}: {told}")
    return PublicKey.parse(done.stdout.decode(errors="replace"))


def holds(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether a signature in OpenSSH's binary form is that of a key over a message. Raises Unchecked."""
    if key.kind == ED25519:
        try:
            return _holds_ed25519(key, signature, message)
        except Unchecked:
            pass
    return _holds_by_program(key, signature, message)


def _holds_ed25519(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """The check of PROTOCOL.sshsig for the one kind of key whose signatures the library checks alike."""
    for name in (b"sha512", b"sha256"):
        start = _MAGIC + b"\0\0\0\1" + packed(key.blob) + packed(NAMESPACE.encode()) + packed(b"") + packed(name)
        kind = packed(ED25519.encode()) + b"\0\0\0\x40"
        head = start + (len(kind) + 64).to_bytes(4, "big") + kind
        if signature.startswith(head) and len(signature) == len(head) + 64:
            hashed = hashlib.new(name.decode(), message).digest()
            signed = _MAGIC + packed(NAMESPACE.encode()) + packed(b"") + packed(name) + packed(hashed)
            return ed25519.holds(key, signature[-64:], signed)
    return False


def _holds_by_program(key: PublicKey, signature: bytes, message: bytes) -> bool:
    body = base64.b64encode(signature).decode()
    lines = [_BEGIN, *(body[at : at + 70] for at in range(0, len(body), 70)), _END, ""]
    try:
        with tempfile.TemporaryDirectory(prefix="assay-") as folder:
            allowed, file = Path(folder, "allowed"), Path(folder, "sig")
            allowed.write_text(f"{_WHO} {key.text}\n", "utf-8")
            file.write_text("\n".join(lines), "utf-8")
            command = ["ssh-keygen", "-Y", "verify", "-n", NAMESPACE, "-I", _WHO, "-f", str(allowed), "-s", str(file)]
            return _run(command, message).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        if isinstance(error, FileNotFoundError) and error.filename == "ssh-keygen":
            raise Unchecked(MISSING) from None
        raise Unchecked(f"ssh-keygen cannot check signatures: {visible(str(error))}") from None


def _run(command: Sequence[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run a program away from the terminal, so that it never asks for a passphrase in the middle of a screen."""
    return subprocess.run(
        command, input=stdin, capture_output=True, timeout=PATIENCE, check=False, start_new_session=True
    )
