"""The key reference: every action of the registry by place, as text or Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from tui.actions import ACTS, Act

PLACES: dict[str, str] = {
    "everywhere": "Everywhere",
    "list": "In lists and documents",
    "document": "In documents",
    "candidates": "Candidates (home)",
    "filter": "While a filter is written",
    "candidate": "A candidate",
    "divergences": "A candidate: Divergences",
    "workflow": "A candidate: Workflow",
    "promotion": "A candidate: Promotion",
    "decision": "A dialog that decides",
    "tick": "A dialog that decides: on a warning",
    "reason": "A dialog that decides: in the reason",
    "confirm": "A dialog that decides: on the button",
    "bulk": "The dialog for many at once",
    "totals": "Savings of all candidates",
    "trace": "A run",
    "raw": "A file as it is",
    "find": "While a search is written",
    "problems": "Problems",
    "journal": "Journal",
    "crashpack": "A crashpack",
    "export": "The dialog of an export",
    "redaction": "What was taken out",
    "redaction_rule": "The dialog of a rule about what is taken out",
    "jump": "While labels are shown",
    "help": "Help",
    "fault": "After a fault of the program",
}
"""What the places of the registry are called, in the order of the reference."""

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "plus": "+",
    "tab": "Tab",
    "backspace": "Backspace",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def key_name(key: str) -> str:
    """How a key is written: `Ctrl+S`, `Enter`, `[`, `F1`, `n`."""
    if key.startswith("ctrl+"):
        return f"Ctrl+{key_name(key[5:]).upper()}"
    if key.startswith("shift+"):
        return f"Shift+{key_name(key[6:])}"
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


def keys_of(act: Act) -> str:
    """All keys of an action: `↓ j`."""
    return " ".join(key_name(key.strip()) for key in act.keys.split(","))


def reference(places: tuple[str, ...] = ()) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Each place with its keys, labels and explanations; some places, or all."""
    for where, title in PLACES.items():
        rows = [(keys_of(act), act.label, act.help) for act in ACTS if act.where == where]
        if rows and (not places or where in places):
            yield title, rows


def as_markdown(places: tuple[str, ...] = ()) -> str:
    """The reference as Markdown tables."""
    lines = ["# Keys", "", "Written by `assay help keys --markdown`; `?` shows the keys of the screen you are on.", ""]
    for title, rows in reference(places):
        lines += [f"## {title}", "", "| key | action | what it does |", "| --- | --- | --- |"]
        for keys, label, told in rows:
            spelled = " ".join(f"`{key}`" for key in keys.split(" "))
            lines.append(f"| {spelled} | {label} | {told.replace('|', chr(92) + '|')} |")
        lines.append("")
    return "\n".join(lines)


def as_text(places: tuple[str, ...] = ()) -> str:
    """The reference as plain text."""
    lines: list[str] = []
    for title, rows in reference(places):
        lines += [title, *(f"  {keys:<14} {label:<18} {told}" for keys, label, told in rows), ""]
    return "\n".join(lines).rstrip("\n")
