"""The reviewer's own key is made once, kept from others, and used only while it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.model.errors import InputError
from core.store.signing.own import make_own_key, own_key_file, own_signer, read_own_key
from core.store.signing.signer import SigningFailed
from tests.signing.making import needs_ssh_keygen, ssh_key


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(folder))
    return folder


def test_without_a_key_nobody_signs() -> None:
    assert own_signer() is None


def test_a_key_is_made_that_only_its_owner_can_read(config: Path) -> None:
    key = make_own_key()
    path = own_key_file()
    assert path.is_relative_to(config)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    signer = own_signer()
    assert signer is not None
    assert signer.key == key


def test_two_keys_are_two_keys(config: Path) -> None:
    first = make_own_key()
    own_key_file().unlink()
    assert make_own_key() != first


def test_a_key_is_never_overwritten() -> None:
    make_own_key()
    before = own_key_file().read_bytes()
    with pytest.raises(InputError, match="there is a signing key already"):
        make_own_key()
    assert own_key_file().read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_can_reach_is_refused(mode: int) -> None:
    make_own_key()
    own_key_file().chmod(mode)
    with pytest.raises(InputError, match=r"can be read by others \(mode 6..\).*chmod 600"):
        own_signer()


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "gpg"}', '{"kind": "ed25519", "public": "ssh-ed25519 A"}'])
def test_a_damaged_key_is_told(text: str) -> None:
    make_own_key()
    own_key_file().write_text(text)
    with pytest.raises(InputError, match="is damaged"):
        own_signer()


def test_a_key_whose_halves_do_not_fit_is_told() -> None:
    make_own_key()
    first = own_key_file().read_bytes()
    own_key_file().unlink()
    other = make_own_key()
    own = read_own_key()
    assert own is not None
    own_key_file().write_bytes(first.replace(first.split(b'"public": "')[1].split(b'"')[0], other.text.encode()))
    with pytest.raises(InputError, match="is damaged"):
        own_signer()


@needs_ssh_keygen
@pytest.mark.parametrize("public", [False, True])
def test_an_ssh_key_is_taken_over_where_it_lies(tmp_path: Path, public: bool) -> None:
    path = ssh_key(tmp_path)
    if not public:
        path.with_suffix(".pub").unlink()
    key = make_own_key(path)
    assert b"PRIVATE" not in own_key_file().read_bytes()
    signer = own_signer()
    assert signer is not None
    assert signer.key == key
    assert signer.sign(b"x")


@needs_ssh_keygen
def test_an_ssh_key_that_cannot_sign_is_not_taken_over(tmp_path: Path) -> None:
    locked = ssh_key(tmp_path, name="locked", passphrase="long enough")  # noqa: S106
    with pytest.raises(SigningFailed, match="ssh-add"):
        make_own_key(locked)
    (mixed, other) = (ssh_key(tmp_path, name=name) for name in ("mixed", "other"))
    other.with_suffix(".pub").replace(mixed.with_suffix(".pub"))
    with pytest.raises(SigningFailed):
        make_own_key(mixed)
    with pytest.raises(InputError, match="is no file"):
        make_own_key(tmp_path / "missing")
    assert not own_key_file().exists()
