"""Bayes factors and oracle verdicts in words (spec/crashpack.md, Evidence ledger; Kass & Raftery 1995)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content

from core.crashpack.composite import CompositeEvidence
from core.crashpack.ledger import Evidence, EvidenceLedger, Strength
from core.crashpack.oracles import OracleResult
from core.live.transfer import in_words
from core.model.text import plural, visible
from tui.format import count
from tui.text import fitted
from tui.views.line import Line, bullet, heading, labelled, paragraph, text

STRENGTH: Mapping[Strength, tuple[str, str]] = {
    "Against": ("speaks against a violation", "$text-success"),
    "Negligible": ("hardly worth a mention", "$text-muted"),
    "Positive": ("speaks for a violation", "$text-warning"),
    "Strong": ("speaks strongly for a violation", "$text-error"),
    "VeryStrong": ("speaks very strongly for a violation", "$text-error bold"),
}
"""What each strength means, and its colour."""

SCALE = "log10 of the factor: below 0 against, to 0.5 negligible, to 1.3 positive, to 2.2 strong, above very strong"
_WORDED = 9.0
"""log10 beyond which a factor is written as a power of ten."""


def times(log10_bf: float) -> str:
    """A Bayes factor in words: `40 times likelier with a violation than without one`."""
    size = abs(log10_bf)
    if size < 0.005:
        return "as likely with a violation as without one"
    said = f"10^{size:.0f}" if size > _WORDED else _number(10**size)
    side = "with a violation than without one" if log10_bf > 0 else "without a violation than with one"
    return f"{said} times likelier {side}"


def _number(factor: float) -> str:
    return f"{factor:.1f}".removesuffix(".0") if factor < 9.95 else count(round(factor))


def ledger_lines(ledger: EvidenceLedger, width: int) -> list[Line]:
    """The evidence ledger: a table, what each row means, and what the ledger names besides."""
    evidence = [entry.evidence for entry in ledger.entries]
    lines = [*paragraph(text(visible(ledger.summary), "bold"), width), *_table(evidence, width)]
    lines += heading("How to read it")
    lines += paragraph(text(SCALE, "$text-muted"), width, 2)
    for item in evidence:
        lines += _explained(item, width)
    for title, facts in (("Metadata", ledger.metadata), ("Seeds", ledger.seeds)):
        if facts:
            lines += heading(title)
            for name, value in facts.items():
                lines += labelled(f"  {visible(name)}", Content(visible(str(value))), width, 22)
    lines += heading("Files it vouches for", plural(len(ledger.artifact_paths), "file"))
    for path in ledger.artifact_paths:
        lines += bullet(text("  · ", "$text-muted"), Content(visible(path)), width)
    return lines


def composite_lines(made: CompositeEvidence, width: int) -> list[Line]:
    """The composite evidence: the same table over every invariant, from the counts behind the decision."""
    lines = [*paragraph(text(visible(made.summary), "bold"), width), *_table(made.evidence, width)]
    lines += heading("How to read it")
    lines += paragraph(text(SCALE, "$text-muted"), width, 2)
    for item in made.evidence:
        lines += _explained(item, width)
    return lines


def _table(evidence: Sequence[Evidence], width: int) -> Iterator[Line]:
    name = min(max([9, *(len(visible(item.invariant)) for item in evidence)]), max(width - 44, 12))
    head = f"  {'invariant':<{name}}  {'verdict':<12}  {'log10 BF':>9}  strength"
    yield Line(Content())
    yield Line(text(head, "$text-muted"))
    for item in evidence:
        factor, (_, style) = item.bayes_factor, STRENGTH[item.bayes_factor.strength]
        sign, mood = ("✓ clean", "$text-success") if item.passed else ("✗ violated", "$text-error")
        yield Line(
            Content.assemble(
                "  ",
                fitted(Content(visible(item.invariant)), name),
                "  ",
                (f"{sign:<12}", mood),
                f"  {factor.log10_bf:>9.2f}  ",
                (factor.strength, style),
            )
        )


def _explained(item: Evidence, width: int) -> Iterator[Line]:
    said, style = STRENGTH[item.bayes_factor.strength]
    yield from heading(visible(item.invariant))
    yield from bullet(
        Content("  "),
        Content.assemble(
            (said[0].upper() + said[1:], style), f": what was seen is {times(item.bayes_factor.log10_bf)}."
        ),
        width,
    )
    for line in item.evidence_lines:
        yield from labelled("  means", Content(visible(line.intuition)), width, 12)
        yield from labelled("  model", text(visible(line.equation), "$text-muted"), width, 12)
        yield from labelled("  numbers", text(visible(line.substitution), "$text-muted"), width, 12)


def verdict_lines(results: Sequence[OracleResult], width: int) -> Iterator[Line]:
    """What each oracle said, with the evidence of every violation."""
    for result in results:
        found = len(result.violations)
        sign, style = ("✓ ", "$text-success") if result.passed else ("✗ ", "$text-error bold")
        said = "no violation" if result.passed else plural(found, "violation")
        checks = plural(result.stats.events_recorded, "check")
        yield from bullet(
            text("  " + sign, style),
            Content.assemble((visible(result.oracle_name), "bold"), f"  {said}", (f"  of {checks}", "$text-muted")),
            width,
        )
        for violation in result.violations:
            yield from bullet(
                text("      ✗ ", "$text-error"),
                Content.assemble((visible(violation.violation_type), "bold"), f"  severity {violation.severity}"),
                width,
            )
            yield from bullet(Content("        "), Content(visible(in_words(violation))), width)
            yield from labelled("        recorded as", text(visible(violation.description), "$text-muted"), width, 26)
            for name, value in violation.evidence.items():
                yield from labelled(f"        {visible(name)}", Content(visible(value)), width, 26)
