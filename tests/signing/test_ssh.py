"""What ssh-keygen does instead of signing is told, and never taken for a signature."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.store.signing import ssh
from core.store.signing.signer import SigningFailed
from core.store.signing.ssh import SshSigner, public_key
from tests.signing.making import ANN

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


@pytest.fixture
def keygen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test puts its own ssh-keygen; there is none at first."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / "ssh-keygen"


def says(keygen: Path, script: str) -> None:
    keygen.write_text(script)
    keygen.chmod(0o755)


def refusal(path: Path) -> str:
    with pytest.raises(SigningFailed) as caught:
        SshSigner(path, ANN.key).sign(b"x")
    return str(caught.value)


def no_key(path: Path) -> str:
    with pytest.raises(SigningFailed) as caught:
        public_key(path)
    return str(caught.value)


def test_without_the_program_it_is_told_what_to_install(keygen: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "id") == no_key(tmp_path / "id") == ssh.MISSING


def test_a_program_that_cannot_be_started_is_told(keygen: Path, tmp_path: Path) -> None:
    says(keygen, "no program")
    assert refusal(tmp_path / "id").startswith("ssh-keygen cannot be started: ")
    assert no_key(tmp_path / "id").startswith(f"ssh-keygen cannot read {tmp_path / 'id'}: ")


@pytest.mark.parametrize(
    "lines", ["", "hello", BEGIN, f"{BEGIN}\nAAAA", f"AAAA\n{END}", f"{BEGIN}\n!!!!\n{END}", f"{BEGIN}\nAAA\n{END}"]
)
def test_what_is_no_signature_is_told(lines: str, keygen: Path, tmp_path: Path) -> None:
    says(keygen, f"#!/bin/sh\necho '{lines}'\n")
    assert refusal(tmp_path / "id") == "ssh-keygen gave no signature"


def test_what_the_program_says_is_told(keygen: Path, tmp_path: Path) -> None:
    says(keygen, "#!/bin/sh\nprintf '\\033[2Jno such key' >&2\nexit 3\n")
    assert refusal(tmp_path / "id").startswith(f"ssh-keygen could not sign with {tmp_path / 'id'}: \\e[2Jno such key; ")
    assert no_key(tmp_path / "id") == f"ssh-keygen cannot read {tmp_path / 'id'}: \\e[2Jno such key"
    says(keygen, "#!/bin/sh\nexit 3\n")
    assert f"{tmp_path / 'id'}: exit 3; " in refusal(tmp_path / "id")


def test_a_program_that_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(command: Any, *, timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", wait)
    assert refusal(tmp_path / "id") == "ssh-keygen gave no signature within 30 seconds; try again"
    assert no_key(tmp_path / "id").startswith(f"ssh-keygen cannot read {tmp_path / 'id'}: ")


def test_the_public_half_is_read_where_it_lies(keygen: Path, tmp_path: Path) -> None:
    half = tmp_path / "id.pub"
    half.write_text(f"{ANN.key.text} ann\n")
    assert public_key(tmp_path / "id") == public_key(half) == ANN.key
    half.unlink()
    half.mkdir()
    assert no_key(tmp_path / "id") == f"cannot read {half}: Is a directory"
