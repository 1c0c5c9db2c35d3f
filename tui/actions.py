"""The one list of what keys do; bindings, footer, help, palette and the README's table are drawn from it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.act import Act as Act
from tui.acts_lists import LIST_ACTS

ACTS: tuple[Act, ...] = (
    *LIST_ACTS,
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
    Act(
        "totals",
        "enter",
        "open",
        "Open",
        "Open the selected candidate.",
        priority=True,  # the document below has the same key, which is not shown for every document
    ),
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
    Act("candidate", "o", "raw", "Raw run", "Open the selected run, or one that tells most.", False),
    Act("candidate", "e", "edit", "Edit", "Open the file of the selected run, or of the first one.", False),
    Act("candidate", "y", "copy", "Copy", "Copy what is selected: a run's id, a JSON pointer, the lineage.", False),
    Act("candidate", "escape", "leave", "Back", "Go back to the list.", False, display="Esc"),
    Act("divergences", "n", "place(1)", "Next difference", "Go to the next difference, then to the next run."),
    Act("divergences", "N", "place(-1)", "Previous", "Go to the previous difference, then to the previous run.", False),
    Act("divergences", "v", "columns", "Side by side", "Show both sides one below or beside the other."),
    Act("divergences", "o", "raw", "Raw run", "Open the run at the action that differs."),
    Act("divergences", "x", "allow", "Allow", "Say that the selected place may differ, with a reason."),
    Act("workflow", "z", "fold", "Fold", "Show long lines in full, or only how they begin."),
    Act("promotion", "x", "withdraw", "Withdraw rule", "Withdraw the selected allow rule, with a reason."),
    Act("decision", "ctrl+s", "confirm", "Confirm", "Confirm, once all that is asked for is given.", display="^S"),
    Act("decision", "ctrl+r", "again", "Look again", "After a refusal: show the candidate as it is now.", False),
    Act("decision", "tab", "app.focus_next", "Next field", "Go to the next field or button.", False, priority=True),
    Act(
        "decision",
        "shift+tab",
        "app.focus_previous",
        "Field before",
        "Go to the field or button before.",
        False,
        priority=True,
    ),
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
    Act("trace", "e", "edit", "Edit", "Open the file in your editor, at the action."),
    Act("trace", "w", "window", "Window", "Go to the beginning of the matched window."),
    Act("trace", "enter", "payload", "Payload", "Go to the action's payload, and back.", False),
    Act("trace", "y", "copy", "Copy", "Copy the action's id, or the JSON pointer and value under the cursor.", False),
    Act("trace", "escape", "leave", "Back", "Leave the search, else the run.", False, display="Esc"),
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
