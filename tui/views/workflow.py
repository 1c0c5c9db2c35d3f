"""The generated files on the screen, highlighted, and what changed in them since the approved version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from textual.content import Content

from core.artifacts.eval_pack import eval_pack_text
from core.artifacts.workflow import candidate_workflow_text
from core.model.candidate import Candidate
from core.model.decision import Decision
from core.model.text import plural, visible
from tui.views.folding import fold
from tui.views.line import Line, bullet, heading, paragraph, text
from tui.views.words_changed import changed_words

Files = Sequence[tuple[str, str]]
"""Names and texts of generated files."""

CONTEXT = 2
"""Unchanged lines around a change."""
LONG = 3
"""Rows of one line beyond which only its beginning is shown, unless the reader wants all of it."""
MOST_LINES = 4_000
"""Lines of a file beyond which a change is not looked for line by line."""
_TOKENS = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<comment>//.*|#.*)|(?P<key>^\s*[A-Za-z_][\w.-]*(?=\s*=))'
    r"|(?P<word>\b(?:pipeline|let|return|log|true|false)\b)|(?P<number>\b\d+(?:\.\d+)?\b)"
)
_STYLES = {
    "string": "$text-success",
    "comment": "$text-muted",
    "key": "$primary",
    "word": "$primary bold",
    "number": "$accent",
}


@dataclass(frozen=True, slots=True)
class Approved:
    """The version that was approved last, as its crashpack keeps it."""

    decision: Decision
    files: Files = ()
    trouble: str = ""
    """Why it cannot be read; empty when it can."""


def texts(candidate: Candidate) -> Files:
    """The generated files, by name."""
    return (("workflow.harn", candidate_workflow_text(candidate)), ("harn.eval.toml", eval_pack_text(candidate)))


def workflow_lines(files: Files, approved: Approved | None, width: int, *, whole: bool = False) -> list[Line]:
    """What changed since the approved version, then the files one below the other with line numbers.

    Of long lines only the beginning, unless `whole`; it says so, and how much is left out.
    """
    lines = list(_since(files, approved, width)) if approved else []
    for name, body in files:
        lines += heading(name)
        for number, line in enumerate(split(body), 1):
            content = text(f"{number:>4}  ", "$text-disabled") + highlighted(line)
            lines += map(Line, _shown(content, width, whole=whole))
    return lines


def _shown(content: Content, width: int, *, whole: bool) -> list[Content]:
    rows = fold(content, width, 8)
    if whole or len(rows) <= LONG:
        return rows
    left = plural(len(rows) - 1, "more line")
    return [rows[0], text(f"        ⋯ {left} of this width, z shows all", "$text-muted")]


def split(body: str) -> list[str]:
    """The lines of a file."""
    return body.removesuffix("\n").split("\n")


def highlighted(line: str) -> Content:
    """One line of a generated file; colours come from what stands where, never from markup in it."""
    said = visible(line, lines=True)
    start = said.lstrip()
    if start.startswith(("// review_required", "// approval_required", "// side_effect")):
        return text(said, "$text-warning")
    if start.startswith(("/**", "*", "//", "#")):
        return text(said, "$text-muted")
    if start.startswith("["):
        return text(said, "bold")
    content = Content(said)
    for found in _TOKENS.finditer(said):
        content = content.stylize(_STYLES[found.lastgroup or "word"], found.start(), found.end())
    return content


def _since(files: Files, approved: Approved, width: int) -> Iterator[Line]:
    decision = approved.decision
    yield from heading(
        "What changed since the approved version",
        f"#{decision.seq} by {visible(decision.actor)}, {visible(decision.time)}",
    )
    if approved.trouble:
        said = f"The approved version cannot be read: {visible(approved.trouble)}"
        yield from bullet(text("  ✗ ", "$text-error"), text(said, "$text-error"), width)
        return
    before = dict(approved.files)
    changed = [(name, list(changes(split(before.get(name, "")), split(body)))) for name, body in files]
    if not any(found for _, found in changed):
        yield from paragraph(text("Nothing: both files are what was approved.", "$text-success"), width, 2)
        return
    for name, found in changed:
        count = sum(sign in ("-", "+") for sign, _, _ in found)
        yield Line(
            text(f"  {name}  ") + text(f"{plural(count, 'line')} changed" if count else "unchanged", "$text-muted")
        )
        for sign, line, spans in found:
            yield from _change(sign, line, spans, width)


def _change(sign: str, line: str, spans: tuple[tuple[int, int], ...], width: int) -> Iterator[Line]:
    if sign == "⋯":
        yield Line(text(f"    ⋯ {line}", "$text-muted"))
        return
    style = {"-": "$text-error", "+": "$text-success"}.get(sign, "$text-muted")
    content = text(line, style)
    for start, end in spans:
        content = content.stylize("bold underline", start, end)
    yield from (Line(part) for part in fold(text(f"    {sign} ", style) + content, width, 8))


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, tuple[tuple[int, int], ...]]]:
    """Sign (`-`, `+`, blank, or `⋯` for what is left out), visible line, and the pieces of it that differ."""
    if list(before) == list(after):
        return
    if max(len(before), len(after)) > MOST_LINES:
        yield "⋯", f"{len(before):,} lines became {len(after):,}; too many to compare line by line", ()
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    done = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if (left_out := group[0][3] - done) > 0:
            yield "⋯", plural(left_out, "unchanged line"), ()
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                yield from ((" ", visible(line, lines=True), ()) for line in after[j1:j2])
            else:
                yield from _replaced(before[i1:i2], after[j1:j2])
        done = group[-1][4]
    if (left_out := len(after) - done) > 0:
        yield "⋯", plural(left_out, "unchanged line"), ()


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str, tuple[tuple[int, int], ...]]]:
    olds, news = ([visible(line, lines=True) for line in lines] for lines in (before, after))
    paired = len(olds) == len(news)
    marks = [changed_words(old, new) for old, new in zip(olds, news, strict=True)] if paired else []
    yield from (("-", line, marks[place][0] if paired else ()) for place, line in enumerate(olds))
    yield from (("+", line, marks[place][1] if paired else ()) for place, line in enumerate(news))
