"""The one list of what keys do; bindings, footer, help, palette and the README's table are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Act:
    """Something a reviewer can do at some place of the program."""

    where: str
    """`everywhere`, `list`, `candidates`, `candidate`, `divergences`, `decision`, `problems`, `trace`, `help`, …"""
    keys: str
    """Textual key names, comma-separated; the first one is shown."""
    action: str
    """The Textual action that runs."""
    label: str
    """One or two words for the footer."""
    help: str
    """A whole sentence for the help screen."""
    shown: bool = True
    """Whether the footer shows it."""
    display: str | None = None
    """How the key is written, when Textual's own way is not plain."""
    priority: bool = False
    """Whether it runs before a focused widget sees the key."""


ACTS: tuple[Act, ...] = (
    Act(
        "everywhere",
        "question_mark,f1",
        "help",
        "Help",
        "Show all keys of this screen and a glossary.",
        display="?",
    ),
    Act(
        "everywhere",
        "ctrl+p",
        "command_palette",
        "Palette",
        "Find any action, candidate or theme by name.",
        False,
    ),
    Act("everywhere", "f", "jump", "Jump", "Label all that can be gone to; the letters go there.", False),
    Act("everywhere", "P", "pause", "Pause", "Freeze what is shown, on any screen, or go on.", False, display="P"),
    Act("everywhere", "q", "leave", "Back", "Go back; on the first screen, quit."),
    Act("everywhere", "ctrl+c", "interrupt", "Quit", "Quit at once; copy instead when text is marked.", False),
    Act("everywhere", "ctrl+q", "quit", "Quit", "Quit at once.", False, priority=True),
    Act("list", "down,j", "cursor_down", "Down", "Go to the next row.", False, display="↓ j"),
    Act("list", "up,k", "cursor_up", "Up", "Go to the previous row.", False, display="↑ k"),
    Act("list", "pagedown,ctrl+d", "page_down", "Page down", "Go one page down.", False, display="PgDn"),
    Act("list", "pageup,ctrl+u", "page_up", "Page up", "Go one page up.", False, display="PgUp"),
    Act("list", "home,g", "first", "First", "Go to the first row.", False, display="Home g"),
    Act("list", "end,G", "last", "Last", "Go to the last row.", False, display="End G"),
    Act("candidates", "enter", "open", "Open", "Open the selected candidate: steps, divergences, savings, evidence."),
    Act("candidates", "a", "decide('approve')", "Approve", "Approve the selected candidate; a dialog asks first."),
    Act("candidates", "r", "decide('reject')", "Reject", "Reject the selected candidate, with a reason."),
    Act("candidates", "u", "decide('revoke')", "Revoke", "Take back an earlier decision, with a reason."),
    Act(
        "candidates",
        "slash",
        "filter",
        "Filter",
        "Narrow the list, for instance `risk:high saves>1.00 bump`; Escape clears it.",
        display="/",
    ),
    Act("candidates", "s", "sort", "Sort", "Sort by the next column; the last one leads back to the usual order."),
    Act("candidates", "S", "reverse", "Reverse", "Sort the other way round.", False, display="S"),
    Act("candidates", "p", "app.problems", "Problems", "Files and runs that are not mined, and why."),
    Act("candidates", "J", "app.journal", "Journal", "All decisions that anybody recorded, newest first.", display="J"),
    Act(
        "candidates",
        "T",
        "app.savings",
        "Savings",
        "What all candidates save together, and what to approve next.",
        False,
        "T",
    ),
    Act(
        "candidates",
        "w",
        "decide('needs_work')",
        "Needs work",
        "Send the selected candidate back, with a reason.",
        False,
    ),
    Act("candidates", "m", "decide('rename')", "Rename", "Give the selected candidate's workflow another name.", False),
    Act("candidates", "c", "crashpack", "Crashpack", "Open the newest crashpack of the selected candidate.", False),
    Act(
        "candidates",
        "space",
        "app.pause",
        "Pause",
        "Freeze what is shown, or go on; reading goes on behind it.",
        display="Space",
    ),
    Act("candidates", "v", "mark", "Mark", "Mark the selected candidate, or take its mark away.", False),
    Act("candidates", "V", "mark_all", "Mark all", "Mark all that are listed, or none.", False, display="V"),
    Act("candidates", "z", "fold", "Fold", "Fold the section of the selected row, or unfold it.", False),
    Act("candidates", "Z", "fold_all", "Fold all", "Fold all sections, or unfold them.", False, display="Z"),
    Act("candidates", "backspace", "drop", "Drop term", "Take the last term of the filter away.", False, display="⌫"),
    Act("candidates", "E", "export", "Export", "Write the marked or selected candidates' evidence.", False, "E"),
    Act("candidates", "o", "raw", "Raw run", "Open a run of the candidate, one that differs if there is one.", False),
    Act("candidates", "e", "edit", "Edit", "Open that run's file in your editor, at the step.", False),
    Act("candidates", "y", "copy", "Copy id", "Copy the lineage of the selected candidate, or of all marked.", False),
    Act("candidates", "escape", "clear", "Clear", "Take all marks away, else clear the filter.", False, display="Esc"),
    Act("problems", "enter,o", "open", "Open", "Show the file as it is, at the place.", display="⏎"),
    Act("problems", "e", "edit", "Edit", "Open the file in your editor, at the place."),
    Act("problems", "t", "retry", "Retry", "Have the selected or marked files looked at again now."),
    Act("problems", "T", "retry_all", "Retry all", "Have the whole folder looked at again now.", False, display="T"),
    Act("problems", "y", "copy", "Copy path", "Copy the path of the selected file, or of all marked."),
    Act(
        "problems",
        "slash",
        "filter",
        "Filter",
        "Narrow the list by words, for instance `state:quarantined rule:json inbox`; Escape clears it.",
        display="/",
    ),
    Act("problems", "s", "sort", "Sort", "Sort by the next column; the last one leads back to the usual order.", False),
    Act("problems", "S", "reverse", "Reverse", "Sort the other way round.", False, display="S"),
    Act("problems", "v", "mark", "Mark", "Mark the selected file, or take its mark away.", False),
    Act("problems", "V", "mark_all", "Mark all", "Mark all that are listed, or none.", False, display="V"),
    Act("problems", "z", "fold", "Fold", "Fold the group of the selected row, or unfold it.", False),
    Act("problems", "Z", "fold_all", "Fold all", "Fold all groups, or unfold them.", False, display="Z"),
    Act("problems", "backspace", "drop", "Drop term", "Take the last term of the filter away.", False, display="⌫"),
    Act(
        "problems",
        "space",
        "app.pause",
        "Pause",
        "Freeze what is shown, or go on; reading goes on behind it.",
        display="Space",
    ),
    Act("problems", "escape", "clear", "Back", "Clear marks, then the filter, then go back.", False, display="Esc"),
    Act("journal", "enter", "open", "Candidate", "Open the candidate that the decision is about."),
    Act("journal", "c", "crashpack", "Crashpack", "Open the crashpack that the decision left."),
    Act(
        "journal",
        "slash",
        "filter",
        "Filter",
        "Narrow the list by words, for instance `actor:ana kind:reject candidate:bump`; Escape clears it.",
        display="/",
    ),
    Act("journal", "s", "sort", "Sort", "Sort by the next column; the last one leads back to newest first."),
    Act("journal", "S", "reverse", "Reverse", "Sort the other way round.", False, display="S"),
    Act(
        "journal",
        "space",
        "app.pause",
        "Pause",
        "Freeze what is shown, or go on; reading goes on behind it.",
        display="Space",
    ),
    Act("journal", "v", "mark", "Mark", "Mark the selected decision, or take its mark away.", False),
    Act("journal", "V", "mark_all", "Mark all", "Mark all that are listed, or none.", False, display="V"),
    Act("journal", "backspace", "drop", "Drop term", "Take the last term of the filter away.", False, display="⌫"),
    Act("journal", "y", "copy", "Copy", "Copy the selected decision as JSON, or all marked.", False),
    Act("journal", "escape", "clear", "Back", "Clear marks, then the filter, then go back.", False, display="Esc"),
    Act("raw", "slash", "search", "Search", "Find text in the file.", display="/"),
    Act("raw", "n", "found(1)", "Next match", "Go to the next line that matches."),
    Act("raw", "N", "found(-1)", "Previous match", "Go to the previous line that matches.", False, display="N"),
    Act("raw", "e", "edit", "Edit", "Open the file in your editor, at this line."),
    Act("raw", "y", "copy", "Copy", "Copy the file's path and the selected line."),
    Act("raw", "escape", "clear", "Back", "Leave the search, else go back.", False, display="Esc"),
    Act("fault", "y", "copy", "Copy", "Copy the path of the report.", False),
    Act("fault", "escape,enter,q", "close", "Go on", "Close this and go on.", display="Esc"),
    Act("jump", "escape", "close", "Stay", "Stay where you are.", display="Esc"),
    Act("bulk", "ctrl+s", "confirm", "Confirm", "Record the decision for everything that is listed.", display="^S"),
    Act("bulk", "escape", "cancel", "Cancel", "Close the dialog; nothing is recorded.", display="Esc"),
    Act("crashpack", "enter", "open", "Read", "Go to what the selected line stands for, and back."),
    Act(
        "crashpack",
        "R",
        "replay",
        "Replay now",
        "Judge again all that the crashpack recorded, and compare.",
        display="R",
    ),
    Act("crashpack", "M", "minimise", "Minimise", "Drop all events that the failure does not need.", display="M"),
    Act("crashpack", "E", "export", "Export", "Write all files of the crashpack as one archive.", display="E"),
    Act("redaction", "enter,E", "export", "Export", "Go on: write all files as one archive.", display="⏎"),
    Act("redaction", "x", "exempt", "Exception", "Keep what the selected place holds from now on, with a reason."),
    Act("redaction", "plus", "extra", "Rule", "Take out what a pattern of your own matches.", display="+"),
    Act("redaction", "escape", "leave", "Back", "Go back; nothing is written.", display="Esc"),
    Act("redaction_rule", "ctrl+s", "confirm", "Confirm", "Write it into the policy, with its reason.", display="^S"),
    Act("redaction_rule", "escape", "cancel", "Cancel", "Close the dialog; nothing is changed.", display="Esc"),
    Act("export", "escape", "cancel", "Cancel", "Close the dialog; nothing is written.", display="Esc"),
    Act(
        "crashpack",
        "y",
        "copy",
        "Copy",
        "Copy the selected file's path and digest, or the value under the cursor.",
        False,
    ),
    Act("crashpack", "escape", "back", "Back", "Go back to the list of files, else leave.", False, display="Esc"),
    Act("totals", "y", "copy", "Copy id", "Copy the lineage of the selected candidate."),
    Act("totals", "escape", "app.leave", "Back", "Go back to the candidates.", False, display="Esc"),
    Act("document", "enter", "open", "Open", "Open what the selected line stands for.", False),
    Act("candidate", "a", "decide('approve')", "Approve", "Approve this candidate; a dialog asks first."),
    Act("candidate", "r", "decide('reject')", "Reject", "Reject this candidate, with a reason."),
    Act("candidate", "w", "decide('needs_work')", "Needs work", "Send this candidate back, with a reason.", False),
    Act("candidate", "u", "decide('revoke')", "Revoke", "Take back an earlier decision, with a reason."),
    Act("candidate", "1", "tab('overview')", "Overview", "What the workflow does, step by step.", False),
    Act("candidate", "2", "tab('divergences')", "Divergences", "Which runs differ, and how.", False),
    Act("candidate", "3", "tab('savings')", "Savings", "What runs of the workflow would have saved.", False),
    Act("candidate", "4", "tab('workflow')", "Workflow", "The generated workflow and its evaluation pack.", False),
    Act("candidate", "5", "tab('evidence')", "Evidence", "The runs that it was found in and compared with.", False),
    Act("candidate", "6", "tab('promotion')", "Promotion", "Criteria, decisions, digests and files.", False),
    Act(
        "candidate",
        "right_square_bracket",
        "neighbour(1)",
        "Next",
        "Go to the next candidate of the list.",
        display="]",
    ),
    Act(
        "candidate",
        "left_square_bracket",
        "neighbour(-1)",
        "Previous",
        "Go to the previous candidate of the list.",
        display="[",
    ),
    Act("candidate", "E", "export", "Export", "Look at what is redacted, then write its bundle.", False, display="E"),
    Act("candidate", "m", "decide('rename')", "Rename", "Give this candidate's workflow another name.", False),
    Act("candidate", "c", "crashpack", "Crashpack", "Open the newest crashpack of this candidate.", False),
    Act("candidate", "J", "app.journal", "Journal", "All decisions that anybody recorded, newest first.", False, "J"),
    Act("candidate", "enter", "open", "Open", "Open the run that is selected.", False),
    Act("candidate", "e", "edit", "Edit", "Open the file of the selected run, or of the first one.", False),
    Act("candidate", "y", "copy", "Copy", "Copy what is selected: a run's id, a JSON pointer, the lineage.", False),
    Act("candidate", "escape", "leave", "Back", "Go back to the list.", False, display="Esc"),
    Act("divergences", "n", "place(1)", "Next difference", "Go to the next difference, then to the next run."),
    Act("divergences", "N", "place(-1)", "Previous", "Go to the previous difference, then to the previous run.", False),
    Act("divergences", "v", "columns", "Side by side", "Show both sides one below or beside the other."),
    Act("divergences", "o", "raw", "Raw run", "Open the run at the action that differs."),
    Act("divergences", "x", "allow", "Allow", "Say that the selected place may differ, with a reason."),
    Act("promotion", "x", "withdraw", "Withdraw rule", "Withdraw the selected allow rule, with a reason."),
    Act("decision", "ctrl+s", "confirm", "Confirm", "Confirm, once all that is asked for is given.", display="^S"),
    Act("decision", "ctrl+r", "again", "Look again", "After a refusal: show the candidate as it is now.", False),
    Act("decision", "f1", "app.help", "Help", "Show all keys of this dialog.", False),
    Act("decision", "escape", "cancel", "Cancel", "Close the dialog; nothing is recorded.", display="Esc"),
    Act("tick", "space", "tick", "Tick", "Tick or untick the warning."),
    Act("tick", "down", "app.focus_next", "Next", "Go to what is given next.", False),
    Act("tick", "up", "app.focus_previous", "Previous", "Go to what is given before.", False),
    Act("reason", "up", "recall(1)", "Earlier", "Put a reason that was given before into the field.", False),
    Act("reason", "down", "recall(-1)", "Later", "Go back to later reasons, and to what was typed.", False),
    Act("confirm", "space", "press", "Press", "Press the button that has the focus; Enter never does.", False),
    Act("trace", "slash", "search", "Search", "Find text in actions and payloads.", display="/"),
    Act("trace", "n", "found(1)", "Next match", "Go to the next action that matches.", False),
    Act("trace", "N", "found(-1)", "Previous match", "Go to the previous action that matches.", False),
    Act("trace", "o", "raw", "Raw file", "Show the file as it is, at the action."),
    Act("trace", "e", "edit", "Edit", "Open the file in your editor, at the action.", False),
    Act("trace", "w", "window", "Window", "Go to the beginning of the matched window.", False),
    Act("trace", "enter", "payload", "Payload", "Go to the action's payload, and back.", False),
    Act("trace", "y", "copy", "Copy", "Copy the action's id, or the JSON pointer and value under the cursor.", False),
    Act("trace", "escape", "leave", "Back", "Leave the search, else the run.", False, display="Esc"),
    Act("filter", "enter,down", "submit", "Keep", "Keep the filter and go to the list.", display="⏎"),
    Act("filter", "escape", "screen.clear", "Clear", "Clear the filter and go to the list.", display="Esc"),
    Act("filter", "tab,right", "complete", "Complete", "Take over the completion that is shown.", display="Tab"),
    Act("help", "escape,question_mark,f1,q", "close", "Close", "Close the help.", display="Esc"),
)
"""Every action of the program, by place, in the order of footer and help."""


def bindings(where: str) -> list[BindingType]:
    """The Textual bindings of one place."""
    return [
        Binding(
            a.keys,
            a.action,
            a.label,
            show=a.shown,
            key_display=a.display,
            priority=a.priority,
            tooltip=a.help,
        )
        for a in ACTS
        if a.where == where
    ]


def acts(*places: str) -> list[Act]:
    """What can be done at some places, in the order of the list."""
    return [act for place in places for act in ACTS if act.where == place]
