"""What was taken out before an export, as rows and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from textual.content import Content

from core.artifacts.redaction_review import Finding
from core.model.text import plural
from core.review.exporting import Source
from core.store.redaction_edit import KeepKind
from tui.text import fitted, plain, stacked
from tui.views.line import Line, heading, labelled, paragraph, text

_RULE, _PREVIEW, _WIDE = 24, 26, 90
_SEALED = "It is kept as it was written: exceptions and rules count from the next decision on."
_FRESH = "It is made now: exceptions and rules count at once."


def title(source: Source) -> Content:
    """What leaves."""
    return plain(f"Before it leaves: the {source.kind} {source.name}", "bold")


def note(source: Source, found: Sequence[Finding]) -> Content:
    """How much was taken out of it, and what a change of the rules does to it."""
    rules = len({finding.rule for finding in found})
    told = f"{plural(len(found), 'place')} redacted by {plural(rules, 'rule')}" if found else "nothing redacted"
    return Content.assemble(plain(told), plain(f" · {_SEALED if source.sealed else _FRESH}", "$text-muted"))


def nothing(source: Source) -> Content:
    """What stands where no place is listed: what was looked for, and what to do next."""
    files = plural(len(source.files), "file")
    said = f"No rule found a secret in its {files}: no key that names one, and no text that has the form of one."
    know = "Rules do not know every form, so look before you hand it on."
    keys = "Enter goes on to the export · + takes out what a pattern of your own matches · Esc goes back"
    title = Content.styled("Nothing was taken out", "bold")
    return stacked([title, Content(), Content(said), Content(know), Content(), plain(keys, "$text-muted")])


def row(finding: Finding, width: int) -> Content:
    """One place: rule, where, and where there is room a glimpse of what it was."""
    glimpse = _PREVIEW if width >= _WIDE else 0
    room = max(width - _RULE - 2 - (glimpse + 2 if glimpse else 0), 10)
    parts = [
        fitted(plain(finding.rule, "$text-warning"), _RULE),
        fitted(plain(f"{finding.file}#{finding.place}"), room),
    ]
    if glimpse:
        parts.append(fitted(plain(finding.preview or "not at hand", "$text-muted"), glimpse))
    return Content("  ").join(parts)


def detail(finding: Finding, found: Sequence[Finding], width: int) -> list[Line]:
    """All about one place."""
    return list(_detail(finding, found, width))


def _detail(finding: Finding, found: Sequence[Finding], width: int) -> Iterator[Line]:
    yield from heading(finding.rule)
    yield from labelled("file", plain(finding.file), width)
    yield from labelled("place", plain(finding.place), width)
    if finding.key:
        yield from labelled("secret key", plain(finding.key), width)
    if finding.preview:
        yield from labelled("what it was", plain(finding.preview), width)
    else:
        yield from paragraph(text("The run that it came from is not at hand.", "$text-muted"), width)
    many = Counter(other.rule for other in found)[finding.rule]
    yield from labelled("by this rule", text(plural(many, "place")), width)


def choices(finding: Finding) -> list[tuple[KeepKind, str, str]]:
    """The exceptions that would keep a value: the kind, its text, and a sentence."""
    made: list[tuple[KeepKind, str, str]] = []
    if finding.key:
        made.append(("key", finding.key, f"the key {finding.key} makes nothing secret, anywhere"))
    if finding.pointer:
        made.append(("pointer", finding.pointer, f"nothing below {finding.pointer} is secret, in any payload"))
    if finding.value is not None:
        made.append(("value", finding.value, f"this text is no secret, anywhere: {finding.preview}"))
    return made
