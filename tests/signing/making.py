"""Keys for tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from core.store.signing.ed25519 import Ed25519Signer
from core.store.signing.ssh import SshSigner, public_key

needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")

ANN, BOB = (Ed25519Signer(bytes([number] * 32)) for number in (1, 2))


def ssh_key(folder: Path, kind: str = "ed25519", name: str = "id", passphrase: str = "") -> Path:
    """A new ssh key pair."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "a comment", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return path


def ssh_signer(folder: Path, kind: str = "ed25519") -> SshSigner:
    path = ssh_key(folder, kind)
    return SshSigner(path, public_key(path))
