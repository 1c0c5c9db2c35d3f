"""Public keys have one form, whatever made them."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest

from core.model.errors import InputError
from core.store.signing.keys import ED25519, PublicKey, packed
from tests.signing.making import ANN, needs_ssh_keygen, ssh_key

LINE = ANN.key.text


def line(kind: str, blob: bytes) -> str:
    return f"{kind} {base64.b64encode(blob).decode()}"


def test_a_key_reads_back_with_or_without_a_comment() -> None:
    assert PublicKey.parse(LINE) == ANN.key
    assert PublicKey.parse(f"  {LINE}   ann@desk of \u202e ann\n") == ANN.key
    assert PublicKey.of_raw(ANN.key.raw) == ANN.key


def test_a_key_of_another_kind_may_be_of_any_length() -> None:
    blob = packed(b"ssh-rsa") + packed(b"\1\0\1") + packed(b"n" * 256)
    assert PublicKey.parse(line("ssh-rsa", blob)) == PublicKey("ssh-rsa", blob)


def test_the_keyid_is_the_sha256_of_the_key() -> None:
    assert ANN.key.keyid == hashlib.sha256(base64.b64decode(LINE.split()[1])).hexdigest()


@needs_ssh_keygen
def test_the_keyid_is_what_ssh_keygen_shows(tmp_path: Path) -> None:
    path = ssh_key(tmp_path)
    key = PublicKey.parse(path.with_suffix(".pub").read_text())
    told = subprocess.run(["ssh-keygen", "-lf", str(path)], capture_output=True, text=True, check=True).stdout
    shown = base64.b64encode(bytes.fromhex(key.keyid)).decode().rstrip("=")
    assert f"SHA256:{shown}" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no public key; it is one line that begins with ssh-ed25519"),
        ("ssh-dss AAAA", "is no public key"),
        ("ssh-ed25519", "its bytes are not those"),
        ("ssh-ed25519 A", "is not base64"),
        ("ssh-ed25519 " + base64.b64encode(packed(b"ssh-rsa") + b"x" * 36).decode(), "its bytes are not those"),
        (LINE[:-4] + "AAAA" + "AAAA", "its bytes are not those"),
        (line(ED25519, packed(ED25519.encode()) + b"\0\0\0\x21" + ANN.key.raw), "its bytes are not those"),
        (line(ED25519, b"x" * 15 + packed(ANN.key.raw)), "its bytes are not those"),
        (line("ssh-rsa", ANN.key.blob), "its bytes are not those of a key of kind ssh-rsa"),
        (line("ssh-rsa", packed(b"ssh-rsa") + packed(b"")), "its bytes are not those of a key of kind ssh-rsa"),
        (f"{LINE[:30]}!{LINE[30:]}", "is not base64"),
        (
            "ssh-rsa " + base64.b64encode(packed(b"ssh-rsa")).decode(),
            "its bytes are not those of a key of kind ssh-rsa",
        ),
        ("\x1b[2J", r"\u{1b}[2J"),
    ],
)
def test_what_is_no_key_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        PublicKey.parse(text)
    assert told in str(caught.value)
    assert str(caught.value).isprintable()
