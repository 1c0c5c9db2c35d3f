"""Signatures in the journal: one that does not hold is named with its line, the others are told for what they are."""

from __future__ import annotations

import base64
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.decision import Decision
from core.store.envelope import Signature, pae, seal, unseal
from core.store.journal import TRUST_NOBODY, Journal, Sound, next_line, read_journal
from core.store.signing import ed25519, ssh
from core.store.signing.checking import KEY, Checker
from core.store.signing.signer import Signer, SigningFailed, Unchecked
from core.store.statement import encode_payload
from tests.signing.making import ANN, BOB, needs_ssh_keygen, ssh_signer
from tests.store.samples import draft

TRUSTING = Checker.of({"ann@example.org": [ANN.key.text + " ann's laptop"], "bob@example.org": [BOB.key.text]})


def journal_of(*signed: tuple[str, Signer | None]) -> bytes:
    """A journal of decisions, each of an actor with a signer."""
    data = b""
    for actor, signer in signed:
        _, line = next_line(read_journal(data), draft(actor), signer)
        data += line
    return data


DATA = journal_of(
    ("ann@example.org", ANN), ("ann@example.org", None), ("carol@example.org", ANN), ("bob@example.org", BOB)
)


def test_every_decision_is_told_for_what_its_signature_is_worth() -> None:
    journal = read_journal(DATA, check=TRUSTING)
    assert journal.faults == ()
    assert [d.signed for d in journal.decisions] == ["trusted", "unsigned", "signed", "trusted"]
    assert [d.keyid for d in journal.decisions] == [ANN.key.keyid, "", ANN.key.keyid, BOB.key.keyid]
    assert [d.signed for d in read_journal(DATA).decisions] == ["signed", "unsigned", "signed", "signed"]


def test_what_was_verified_before_is_judged_by_the_present_trust() -> None:
    sound = read_journal(DATA).sound
    assert sound is not None
    from_lines = Sound(sound.size, sound.sha256, sound.head)
    journal = read_journal(DATA, check=TRUSTING, sound=from_lines)
    assert journal.recalled == 4
    assert journal.decisions == read_journal(DATA, check=TRUSTING).decisions


def test_a_signature_covers_type_and_bytes() -> None:
    payload, (signature,) = unseal(DATA.split(b"\n")[0])
    assert ed25519.holds(ANN.key, base64.b64decode(signature.sig), pae(payload))
    assert not ed25519.holds(ANN.key, base64.b64decode(signature.sig), payload)
    assert not ed25519.holds(ANN.key, base64.b64decode(signature.sig), pae(payload, "text/plain"))


def resigned(line: bytes, **changes: str) -> bytes:
    payload, (signature,) = unseal(line)
    return seal(payload, [signature.replace(**changes)])


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_is_named_with_its_line(place: int, flip: int) -> None:
    first, *_ = DATA.split(b"\n")
    _, (signature,) = unseal(first)
    sig = bytearray(base64.b64decode(signature.sig))
    sig[place] ^= flip
    journal = read_journal(resigned(first, sig=base64.b64encode(sig).decode()) + b"\n")
    assert journal.faults == (f"line 1 is signed falsely: the signature of key {ANN.key.keyid[:16]} does not hold",)
    assert journal.trusted == ()
    assert journal.decisions[0].signed == "bad"


def test_another_payload_under_the_same_signature_is_named() -> None:
    decision = draft("ann@example.org", detail={KEY: ANN.key.text}, seq=1, prev="0" * 64)
    _, signatures = unseal(DATA.split(b"\n")[0])
    forged = seal(encode_payload(decision), signatures) + b"\n"
    assert "line 1 is signed falsely" in read_journal(forged, check=TRUSTING).faults[0]


def test_a_signature_of_another_key_than_the_line_carries_is_named() -> None:
    first = DATA.split(b"\n")[0]
    journal = read_journal(resigned(first, keyid=BOB.key.keyid) + b"\n", check=TRUSTING)
    assert journal.faults == ("line 1 is signed falsely: a signature is of another key than the line carries",)
    payload, (signature,) = unseal(first)
    both = seal(payload, [signature, signature.replace(keyid=BOB.key.keyid)])
    assert "of another key than the line carries" in read_journal(both + b"\n", check=TRUSTING).faults[0]
    keyless = seal(encode_payload(draft(seq=1, prev="0" * 64)), [Signature(keyid=ANN.key.keyid, sig="")])
    assert "does not carry the public key" in read_journal(keyless + b"\n", check=TRUSTING).faults[0]


def test_every_one_of_several_signatures_has_to_hold() -> None:
    payload, (signature,) = unseal(DATA.split(b"\n")[0])
    both = seal(payload, [signature, signature.replace(sig=base64.b64encode(b"x" * 64).decode())])
    assert read_journal(both + b"\n", check=TRUSTING).faults


@pytest.mark.parametrize("sig", ["", "AAAA", "!", base64.b64encode(b"SSHSIG" + b"x" * 200).decode()])
def test_nonsense_is_no_signature(sig: str) -> None:
    first = DATA.split(b"\n")[0]
    assert "line 1 is signed falsely" in read_journal(resigned(first, sig=sig) + b"\n").faults[0]


def test_a_signature_has_one_spelling() -> None:
    first = DATA.split(b"\n")[0]
    _, (signature,) = unseal(first)
    spelled = resigned(first, sig=f"{signature.sig[:9]}!{signature.sig[9:]}")
    assert "line 1 is signed falsely" in read_journal(spelled + b"\n").faults[0]


def test_a_false_signature_is_never_written() -> None:
    class Broken:
        key = ANN.key

        def sign(self, message: bytes) -> bytes:
            return BOB.sign(message)

    with pytest.raises(SigningFailed, match="nothing was recorded"):
        next_line(Journal(), draft(), Broken())


def test_without_the_library_signatures_are_told_as_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise SigningFailed(ed25519.MISSING)

    monkeypatch.setattr(ed25519, "_library", missing)
    ed25519._loaded.cache_clear()
    journal = read_journal(DATA, check=TRUSTING)
    assert journal.faults == ()
    assert [d.signed for d in journal.decisions] == ["signed", "unsigned", "signed", "signed"]
    assert journal.notes == (f"3 signatures could not be checked: {ed25519.MISSING}",)
    assert journal.sound is None, "what could not be checked is no ground to build on"
    with pytest.raises(SigningFailed, match="pip install 'assay\\[sign\\]'"):
        ed25519.Ed25519Signer(b"1" * 32)


@needs_ssh_keygen
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_ssh_keys_sign_too(kind: str, tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path, kind)
    data = journal_of(("ann@example.org", signer))
    journal = read_journal(data, check=Checker.of({"ann@example.org": [signer.key.text]}))
    assert (journal.faults, journal.decisions[0].signed) == ((), "trusted")
    payload, (signature,) = unseal(data[:-1])
    forged = seal(payload.replace(b'"actor":"ann', b'"actor":"amy'), [signature]) + b"\n"
    assert "line 1 is signed falsely" in read_journal(forged).faults[0]


@needs_ssh_keygen
def test_without_a_place_for_files_a_signature_is_told_as_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = journal_of(("ann@example.org", ssh_signer(tmp_path, "ecdsa")))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    (note,) = read_journal(data).notes
    assert note.startswith("1 signatures could not be checked: ssh-keygen cannot check signatures: [Errno 2]")


@needs_ssh_keygen
def test_both_checks_of_an_ssh_signature_agree(tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path)
    made = signer.sign(b"message")
    other = made[:-1] + bytes([made[-1] ^ 1])
    for key, sig, message, expected in (
        (signer.key, made, b"message", True),
        (signer.key, made, b"massage", False),
        (signer.key, other, b"message", False),
        (ANN.key, made, b"message", False),
        (signer.key, made.replace(b"assay-decision", b"other-purpose1"), b"message", False),
    ):
        assert ssh.holds(key, sig, message) is expected
        assert ssh._holds_by_program(key, sig, message) is expected


@needs_ssh_keygen
def test_a_signature_for_another_purpose_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = ssh_signer(tmp_path)
    monkeypatch.setattr(ssh, "NAMESPACE", "git")
    made = signer.sign(b"message")
    assert ssh.holds(signer.key, made, b"message")
    monkeypatch.setattr(ssh, "NAMESPACE", "assay-decision")
    assert not ssh.holds(signer.key, made, b"message")
    assert not ssh._holds_by_program(signer.key, made, b"message")


def test_without_ssh_keygen_signing_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SigningFailed, match="install OpenSSH"):
        ssh.SshSigner(tmp_path / "id", ANN.key).sign(b"")
    with pytest.raises(Unchecked, match="install OpenSSH"):
        ssh._holds_by_program(ANN.key, b"SSHSIG", b"")


def test_a_decision_never_says_itself_that_it_is_trusted() -> None:
    boasting = draft("ann@example.org", signed="trusted", keyid=ANN.key.keyid)
    _, line = next_line(Journal(), boasting)
    (read,) = read_journal(line, check=TRUSTING).decisions
    assert (read.signed, read.keyid) == ("unsigned", "")
    assert b"trusted" not in unseal(line[:-1])[0]
    assert isinstance(read, Decision)
    assert TRUST_NOBODY.trusted == frozenset()


def test_programs_are_started_away_from_the_terminal() -> None:
    """So that none asks for a passphrase in the middle of a screen."""
    done = ssh._run([sys.executable, "-c", "import os; print(os.getsid(0))"], b"")
    assert int(done.stdout) != os.getsid(0)
