"""Trusting a key changes one place of the policy's file and leaves every comment alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.errors import InputError, WorkspaceError
from core.store.policy import Policy
from core.store.policy_file import load_policy, write_policy
from core.store.signing.trust import trust, untrust
from tests.signing.making import ANN, BOB

LAPTOP = f"{ANN.key.text} laptop"


def written(folder: Path, text: str) -> Path:
    path = folder / "assay.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "min_examples = 3 # three\n\n# the end",
        "[redaction] # a table\nkeep_keys = ['x']\n",
        f"trusted_keys.\"bob@example.org\" = ['{BOB.key.text}'] # bob\nmin_examples = 3\n",
        f'[trusted_keys] # people\nbob = [\n  "{BOB.key.text}", # bob\n]\n[redaction]\nkeep_keys = ["x"]\n',
        f'trusted_keys = {{ "bob@example.org" = ["{BOB.key.text}"] }}\n',
        '"trusted_keys" = {}\n',
    ],
)
def test_a_key_comes_and_goes_and_all_else_stays(text: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    before = load_policy(path)
    assert trust(path, "ann@example.org", LAPTOP)
    now = load_policy(path)
    assert now.trusted_keys == {**before.trusted_keys, "ann@example.org": (LAPTOP,)}
    assert now.replace(trusted_keys={}) == before.replace(trusted_keys={})
    comments = [part.strip() for line in text.splitlines() if "#" in line for part in [line.partition("#")[2]]]
    assert all(comment in path.read_text() for comment in comments)
    assert not trust(path, "ann@example.org", ANN.key.text + " other comment"), "the key is there already"
    assert untrust(path, ANN.key.keyid) == ["ann@example.org"]
    assert load_policy(path) == before
    assert all(comment in path.read_text() for comment in comments)


def test_a_new_policy_keeps_its_explanations(tmp_path: Path) -> None:
    path = tmp_path / "assay.toml"
    write_policy(path, Policy())
    lines = path.read_text().splitlines()
    trust(path, "ann@example.org", LAPTOP)
    after = path.read_text().splitlines()
    assert [line for line in after if line not in lines] == [f'trusted_keys."ann@example.org" = ["{LAPTOP}"]']
    assert [line for line in lines if line not in after] == []


def test_a_second_key_of_a_person_is_added_to_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    trust(path, "ann@example.org", LAPTOP)
    trust(path, "ann@example.org", BOB.key.text)
    assert load_policy(path).trusted_keys == {"ann@example.org": (LAPTOP, BOB.key.text)}
    assert untrust(path, ANN.key.keyid) == ["ann@example.org"]
    assert load_policy(path).trusted_keys == {"ann@example.org": (BOB.key.text,)}


def test_a_key_that_is_somebody_elses_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    trust(path, "ann@example.org", LAPTOP)
    before = path.read_bytes()
    with pytest.raises(InputError, match="one key is one person's"):
        trust(path, "bob@example.org", ANN.key.text)
    with pytest.raises(InputError, match="is no public key"):
        trust(path, "bob@example.org", "ssh-dss AAAA")
    assert path.read_bytes() == before


def test_a_key_that_nobody_has_is_nobodys(tmp_path: Path) -> None:
    path = written(tmp_path, "# nothing")
    assert untrust(path, ANN.key.keyid) == []
    assert path.read_text() == "# nothing"


def test_a_policy_that_cannot_be_read_is_not_edited(tmp_path: Path) -> None:
    path = written(tmp_path, "mode = 1\n")
    with pytest.raises(WorkspaceError, match="line 1: mode"):
        trust(path, "ann@example.org", LAPTOP)
    assert path.read_text() == "mode = 1\n"
