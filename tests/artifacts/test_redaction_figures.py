"""How much redaction finds and how much it takes out in vain, on a labelled set (design/trust.md, Redaction).

The set was written together with the rules, from what providers publish, so these figures are those of known forms.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from core.artifacts.provider_rules import PROVIDERS
from core.artifacts.redact import PLAIN, Redactor
from core.model.jsontext import parse
from core.model.redaction_marks import MARK, rules_in
from tests.artifacts.labelled_source import FILE, lines

KEYED = Redactor(key=b"k")
UNFINDABLE = {"in_prose", "bare_hex"}
"""Secrets that nothing but their meaning tells from harmless text."""
MINIMUM = {"minimum_long_text", "minimum_key"}
"""Harmless texts that the specification's minimum takes out."""


@dataclass(frozen=True)
class Case:
    kind: str
    text: str
    secret: tuple[int, int] | None
    key: str | None

    def redacted(self, redactor: Redactor) -> str:
        value = redactor.json({self.key: self.text} if self.key else {"note": self.text})
        return value[self.key or "note"]

    @property
    def is_found(self) -> bool:
        assert self.secret
        return self.text[slice(*self.secret)] not in self.redacted(KEYED)

    @property
    def is_touched(self) -> bool:
        return self.redacted(KEYED) != self.text


def cases() -> list[Case]:
    found = [parse(line) for line in FILE.read_bytes().splitlines()]
    return [
        Case(c["kind"], "".join(c["text"]), tuple(c["secret"]) if c["secret"] else None, c["key"])  # type: ignore[arg-type]
        for c in found
    ]


CASES = cases()
SECRETS = [case for case in CASES if case.secret]
HARMLESS = [case for case in CASES if not case.secret]


def test_the_set_is_that_of_its_source() -> None:
    assert FILE.read_text(encoding="utf-8").splitlines() == list(lines())


def test_the_set_is_large_and_has_every_kind() -> None:
    kinds = Counter(case.kind for case in SECRETS)
    assert (len(SECRETS), len(HARMLESS)) == (412, 176)
    assert set(PROVIDERS) <= set(kinds)
    assert len(kinds) == 70
    assert len({case.kind for case in HARMLESS}) == 19


def test_precision_and_recall() -> None:
    found = sum(case.is_found for case in SECRETS)
    in_vain = sum(case.is_touched for case in HARMLESS)
    assert found / len(SECRETS) == pytest.approx(400 / 412)  # recall 97.1 %
    assert found / (found + in_vain) == pytest.approx(400 / 416)  # precision 96.2 %


def test_what_is_missed_and_what_is_taken_out_in_vain() -> None:
    assert {case.kind for case in SECRETS if not case.is_found} == UNFINDABLE
    assert {case.kind for case in HARMLESS if case.is_touched} == MINIMUM


def test_the_minimum_alone_finds_much_less() -> None:
    """What the specification asks for at least, so that the worth of the other rules stays visible."""
    from core.artifacts.redaction_rules import is_sensitive_key, looks_secret

    found = sum(is_sensitive_key(case.key or "") or looks_secret(case.text) for case in SECRETS)
    assert found == 52


@pytest.mark.parametrize("case", [c for c in SECRETS if c.kind in PROVIDERS and c.secret and c.secret[0]])
def test_the_rule_that_hit_is_named(case: Case) -> None:
    assert rules_in(case.redacted(KEYED)) == [case.kind]


@pytest.mark.parametrize("case", [c for c in SECRETS if c.kind not in UNFINDABLE and not c.key and c.secret[0]])  # type: ignore[index]
def test_the_text_around_a_secret_stays(case: Case) -> None:
    assert case.secret
    start, end = case.secret
    left = case.redacted(PLAIN)
    # A full stop may belong to some tokens.
    assert left in (case.text[:start] + MARK + case.text[end:], case.text[:start] + MARK + case.text[end + 1 :])


@pytest.mark.parametrize("redactor", [PLAIN, KEYED])
def test_redacting_the_set_again_changes_nothing(redactor: Redactor) -> None:
    for case in CASES:
        once = case.redacted(redactor)
        assert Case(case.kind, once, None, case.key).redacted(redactor) == once
