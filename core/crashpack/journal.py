"""A crashpack's journal: what each oracle said, as text, and its digest (spec/crashpack.md, Crashpack).

Every value is spelled out by `visible`, so that no value can end its line and forge another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from core.crashpack.oracles import SEVERITIES, OracleResult, OracleStats, Severity, Violation
from core.model.jsontext import sha256_hex
from core.model.text import quoted, visible

TITLE = "# ATP Journal Digest"

_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")


class JournalError(ValueError):
    """A journal that does not have the journal's form; the message names the line."""


def journal_text(results: Sequence[OracleResult]) -> str:
    """The journal of some oracle results."""
    lines = [TITLE]
    for result in results:
        lines.extend(_result_lines(result))
    return "\n".join(lines) + "\n"


def _result_lines(result: OracleResult) -> Iterator[str]:
    yield f"oracle: {visible(result.oracle_name)}"
    yield f"  events_recorded: {result.stats.events_recorded}"
    yield f"  entities_tracked: {result.stats.entities_tracked}"
    yield f"  passed: {'true' if result.passed else 'false'}"
    if result.violations:
        yield "  violations:"
    for violation in result.violations:
        yield f"    - type: {visible(violation.violation_type)}"
        yield f"      severity: {violation.severity}"
        yield f"      description: {visible(violation.description)}"
        if violation.evidence:
            yield "      evidence:"
        for key in sorted(violation.evidence):
            yield f"        {visible(key)}: {visible(violation.evidence[key])}"


def journal_digest(journal: bytes) -> str:
    """`sha256:` and the hex digest of a journal's bytes."""
    return "sha256:" + sha256_hex(journal)


def digest_text(journal: bytes) -> str:
    """The content of `journal.digest`."""
    return f"digest: {journal_digest(journal)}\nbytes: {len(journal)}\n"


def parse_journal(text: str) -> tuple[OracleResult, ...]:
    """The results of a journal, texts as they are spelled there. Raises JournalError for anything not written so."""
    lines = _Lines(text.split("\n"))
    lines.exactly(TITLE)
    results: list[OracleResult] = []
    while (name := lines.after("oracle: ")) is not None:
        results.append(_parse_result(name, lines))
    lines.exactly("")
    lines.end()
    return tuple(results)


def _parse_result(name: str, lines: _Lines) -> OracleResult:
    events = lines.number("  events_recorded: ")
    entities = lines.number("  entities_tracked: ")
    passed = lines.one_of("  passed: ", ("true", "false")) == "true"
    violations: list[Violation] = []
    if lines.is_next("  violations:"):
        while (kind := lines.after("    - type: ")) is not None:
            violations.append(_parse_violation(kind, lines))
        if not violations:
            raise lines.wrong("a violation")
    return OracleResult(
        oracle_name=name,
        violations=tuple(violations),
        stats=OracleStats(entities_tracked=entities, events_recorded=events),
        passed=passed,
    )


def _parse_violation(kind: str, lines: _Lines) -> Violation:
    severity = cast(Severity, lines.one_of("      severity: ", SEVERITIES))
    description = lines.value("      description: ")
    evidence: dict[str, str] = {}
    if lines.is_next("      evidence:"):
        while (pair := lines.after("        ")) is not None:
            key, separator, value = pair.partition(": ")
            if not separator:
                raise JournalError(f"line {lines.at}: expected a key and a value, recorded {quoted(pair)}")
            if key in evidence:
                raise JournalError(f"line {lines.at}: repeats the evidence {quoted(key)}")
            evidence[key] = value
        if not evidence:
            raise lines.wrong("a piece of evidence")
    return Violation(violation_type=kind, description=description, severity=severity, evidence=evidence)


class _Lines:
    """The lines of a text, taken one after another."""

    def __init__(self, lines: list[str]) -> None:
        self._lines, self.at = lines, 0

    def after(self, prefix: str) -> str | None:
        """What follows a prefix on the next line, which is taken; None when the line begins otherwise."""
        if self.at < len(self._lines) and self._lines[self.at].startswith(prefix):
            self.at += 1
            return self._lines[self.at - 1][len(prefix) :]
        return None

    def is_next(self, line: str) -> bool:
        """Whether the next line is this one, which is taken then."""
        found = self.at < len(self._lines) and self._lines[self.at] == line
        self.at += found
        return found

    def value(self, prefix: str) -> str:
        """What follows a prefix that must be there."""
        found = self.after(prefix)
        if found is None:
            raise self.wrong(quoted(prefix.strip()))
        return found

    def number(self, prefix: str) -> int:
        """A number after a prefix."""
        found = self.value(prefix)
        if not _NUMBER.fullmatch(found) or int(found) >= 2**64:
            raise JournalError(f"line {self.at}: expected a number, recorded {quoted(found)}")
        return int(found)

    def one_of(self, prefix: str, words: Sequence[str]) -> str:
        """One of some words after a prefix."""
        found = self.value(prefix)
        if found not in words:
            raise JournalError(f"line {self.at}: expected {' or '.join(words)}, recorded {quoted(found)}")
        return found

    def exactly(self, line: str) -> None:
        """Take a line that must be there."""
        if not self.is_next(line):
            raise self.wrong(quoted(line) if line else "an oracle or the end")

    def end(self) -> None:
        """Nothing may follow."""
        if self.at < len(self._lines):
            raise self.wrong("the end")

    def wrong(self, expected: str) -> JournalError:
        """The error for a next line that is not as expected."""
        found = quoted(self._lines[self.at]) if self.at < len(self._lines) else "the end"
        return JournalError(f"line {self.at + 1}: expected {expected}, recorded {found}")
