"""The policy's file explains itself, and every fault in it is told with its line and what is allowed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.model.errors import WorkspaceError
from core.store.policy import ApproversPolicy, Policy, RedactionPolicy
from core.store.policy_file import load_policy, write_policy
from core.store.policy_text import policy_text
from tests.signing.making import ANN, BOB

EVERY = Policy(
    mode="generalised",
    cohort="goal",
    shadow_paths=("a/**", 'b"c'),
    min_confidence=1.0,
    approvals_required=2,
    allow_self_approval=True,
    author="Ana \u2603 <ana@example.org>",
    keys_required=True,
    trusted_keys={"ann@example.org": (f"{ANN.key.text} \u2603",), 'b"o.b': (BOB.key.text,), "eve": ()},
    approvers=ApproversPolicy(medium=("ann", "Bob \u2603"), high=()),
    reason_required=(),
    block_on=("obligations",),
    max_file_size=1_500_001,
    redaction=RedactionPolicy(
        extras={"customer_number": r'(?i)"CUST"-\d{6}', "other": "a"},
        keep_keys=("token_count",),
        keep_pointers=("/a~1b/*",),
        keep_values=("sk-example", "\u2603"),
    ),
)


@pytest.mark.parametrize("policy", [Policy(), EVERY])
def test_what_is_written_reads_back(policy: Policy, tmp_path: Path) -> None:
    write_policy(tmp_path / "assay.toml", policy)
    assert load_policy(tmp_path / "assay.toml") == policy


def test_every_key_is_there_with_a_comment_above_it() -> None:
    text = policy_text(Policy())
    keys = [key for key in Policy.model_fields if key not in ("redaction", "approvers", "trusted_keys")]
    keys += [f"redaction.{name}" for name in RedactionPolicy.model_fields]
    keys += [f"approvers.{name}" for name in ApproversPolicy.model_fields]
    for key in (*keys, 'trusted_keys."ann@example.org"'):
        assert re.search(rf"^# .+\n(# .+\n)?(# )?{key} = ", text, re.MULTILINE), key
    assert "# One of: workflow_id, goal, none.\n" in text
    assert "# Any of: manifest, journal, quiescence, obligations, paths.\n" in text
    assert 'max_file_size = "64 MiB"\n' in text
    assert '# author = ""\n' in text


def test_an_empty_file_has_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Policy()


@pytest.mark.parametrize(
    ("written", "size"),
    [('"64 MiB"', 64 * 2**20), ('"2kB"', 2000), ('" 1 GiB "', 2**30), ('"7 B"', 7), ("12345", 12345)],
)
def test_sizes_may_have_a_unit(written: str, size: int, tmp_path: Path) -> None:
    assert read(tmp_path, f"max_file_size = {written}").max_file_size == size


def test_a_blank_author_is_none_and_a_byte_order_mark_is_let_pass(tmp_path: Path) -> None:
    assert read(tmp_path, '\ufeffauthor = " "').author is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nmin_example = 3", 'line 2: unknown key "min_example"; did you mean min_examples?'),
        ("[redact]\nx = 1", 'line 1: unknown key "redact"; did you mean redaction?'),
        ("mode = 'exact'\n[redaction]\nx = 1", 'line 3: unknown key "redaction.x"; did you mean redaction.extras?'),
        ("redaction = 1", "line 1: redaction: 1 must be a table of extras"),
        ("[redaction]\nkeep_keys = 1", "line 2: redaction.keep_keys: 1 must be a list"),
        ('\nredaction.keep_values = [""]', "line 2: redaction.keep_values: an empty text stands for nothing"),
        ('\nredaction.keep_pointers = ["a"]', 'line 2: redaction.keep_pointers: "a" must be a JSON pointer'),
        ('[redaction]\nextras = { a = "(" }', 'line 2: redaction.extras: "(" is no regular expression: missing )'),
        ('[redaction.extras]\na = "a(?=b)"', "look-around and back-references are not known"),
        ('[redaction.extras]\na = "x*"', 'line 1: redaction.extras: "x*" matches nothing at all'),
        ('[redaction.extras]\nA = "x"', 'line 1: redaction.extras: "A" must be an id of small letters'),
        ('[redaction.extras]\nopenai_key = "x"', 'line 1: redaction.extras: "openai_key" is the id of a built-in'),
        ('[redaction.extras]\nsensitive_key_forms = "x"', '"sensitive_key_forms" is the id of a built-in rule'),
        ('[redaction.extras]\nsecret_value_heuristic = "x"', '"secret_value_heuristic" is the id of a built-in rule'),
        ('[redaction.extras]\ncommand_option = "x"', '"command_option" is the id of a built-in rule'),
        (f'[redaction.extras]\na = "{"x" * 1001}"', "has 1001 characters, at most 1000 are allowed"),
        ('mode = "exat"', "line 1: mode: \"exat\" is not allowed; use 'exact' or 'generalised'"),
        ('block_on = ["paths",\n"path"]', "line 1: block_on: \"path\" is not allowed; use 'manifest', "),
        ("#\n#\nmin_examples = 1", "line 3: min_examples: 1 must be at least 2"),
        ("min_examples = 2.0", "line 1: min_examples: 2.0 must be a whole number"),
        ('"min_examples" = true', "line 1: min_examples: true must be a whole number"),
        ("min_confidence = 0", "line 1: min_confidence: 0 must be more than 0"),
        ("min_confidence = nan", "line 1: min_confidence: nan must be"),
        ("min_confidence = 1.1", "line 1: min_confidence: 1.1 must be at most 1"),
        ('min_confidence = "1"', 'line 1: min_confidence: "1" must be a number'),
        ("allow_self_approval = 1", "line 1: allow_self_approval: 1 must be true or false"),
        ('shadow_paths = "a"', 'line 1: shadow_paths: "a" must be a list in square brackets'),
        ('shadow_paths = ["/a/**"]', 'line 1: shadow_paths: "/a/**" must be a pattern relative to the traces folder'),
        ('shadow_paths = ["a/../b"]', 'line 1: shadow_paths: "a/../b" must be a pattern relative'),
        ("author = 3", "line 1: author: 3 must be text in quotes"),
        ('max_file_size = "3 lb"', 'line 1: max_file_size: "3 lb" is no size; write bytes, or for example 64 MiB'),
        ("max_file_size = 99999999999999999999", "line 1: max_file_size: 99999999999999999999 must be at most"),
        ("\n[approver]\nhigh = []", 'line 2: unknown key "approver"; did you mean approvers?'),
        ("[approvers]\nhihg = []", 'line 2: unknown key "approvers.hihg"; did you mean approvers.high?'),
        ("approvers = []", "line 1: approvers: [] must be a table of low, medium and high"),
        ('approvers.high = "ann"', 'line 1: approvers.high: "ann" must be a list'),
        ('\napprovers.high = [" "]', 'line 2: approvers.high: " " cannot name a reviewer'),
        (
            'approvals_required = 2\napprovers.high = ["a", "a"]',
            "line 2: approvers.high: 1 can never give the 2 of approvals_required; name more people",
        ),
        ("keys_required = 1", "line 1: keys_required: 1 must be true or false"),
        ("trusted_keys = 1", "line 1: trusted_keys: 1 must be a table of people, each with a list of public keys"),
        ('\ntrusted_keys."a.b" = "x"', 'line 2: trusted_keys.a.b: "x" must be a list in square brackets'),
        ('[trusted_keys]\n"a" = []\n"b" = ["ssh-dss AAAA"]', 'line 3: trusted_keys: "ssh-dss AAAA" is no public key'),
        ('[trusted_keys]\n"\\u202e" = []', 'trusted_keys: "\\u{202e}" cannot name a reviewer'),
        (
            f'[trusted_keys]\nann = ["{ANN.key.text} one"]\nbob = ["{ANN.key.text} two"]',
            f"line 3: trusted_keys: the key {ANN.key.keyid[:16]} is listed for ann and for bob; one key is one",
        ),
        ('\nauthor = "a@x "', 'line 2: author: "a@x " cannot name a reviewer; take out the blanks at its ends'),
        ('author = "a\\u200bx"', 'line 1: author: "a\\u{200b}x" cannot name a reviewer; give visible text'),
        ('approvers.low = [" ann"]', "cannot name a reviewer; take out the blanks at its ends"),
        ("a\n", "line 1 column 2: "),
        ("mode = ", "is not TOML: "),
        ('\n"foo.bar" = 1', 'line 2: unknown key "foo.bar"; the keys are mode, '),
        ('"redaction.x" = 1', 'line 1: unknown key "redaction.x"; did you mean redaction?'),
        (f"\nmin_examples = {'9' * 5000}", "line 2 column 16: a number has too many digits"),
        (f"min_examples = 0x{'f' * 5000}", "line 1: min_examples: its value must be at most 1000000"),
        (f"mode = {'[' * 5000}", "is not TOML: it is nested too deeply"),
        (f"mode{'.a' * 5000} = 1", " is not allowed; use 'exact' or 'generalised'"),
        ('author = "\\u001b[2J"\nmode = "\\u001b[2J"', 'line 2: mode: "\\u{1b}[2J" is not allowed'),
    ],
)
def test_every_fault_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        read(tmp_path, text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path}/assay.toml ")
    assert told in message
    assert message.isprintable()


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"line 1: .*; line 2: .*; line 3: .*; line 4: "):
        read(tmp_path, 'max_file_size = "x"\nmode = 1\nfoo = 1\nauthor = 1')


def test_bytes_that_are_not_utf_8_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").write_bytes(b'\n\nauthor = "\xff"')
    with pytest.raises(WorkspaceError, match="line 3: it is not UTF-8"):
        load_policy(tmp_path / "assay.toml")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"cannot read .*assay.toml"):
        load_policy(tmp_path / "assay.toml")


def test_the_text_is_toml_of_every_value() -> None:
    values = tomllib.loads(policy_text(EVERY))
    assert set(values) == set(Policy.model_fields)
    assert values["shadow_paths"] == ["a/**", 'b"c']


def read(folder: Path, text: str) -> Policy:
    (folder / "assay.toml").write_text(text, encoding="utf-8")
    return load_policy(folder / "assay.toml")
