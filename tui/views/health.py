"""How the watching of the traces folder goes: by which means, since when nothing came, and within which limits."""

from __future__ import annotations

from textual.content import Content

from core.model.text import plural
from tui.format import ago, size
from tui.standing import Standing
from tui.text import flowed, plain

_MEANS = {
    "events": "by the system's events, with a rescan now and then",
    "polling": "by polling: the folder is looked through again and again",
    "off": "not at all",
    "result": "only for what is mined anew in its place: this is a result of `assay mine`",
}


def health(standing: Standing, width: int) -> list[Content]:
    """Lines of at most so many cells."""
    activity, policy = standing.activity, standing.snapshot.policy
    last = activity.last_change
    came = "none came yet" if last is None else ago(max(standing.now - last, 0.0))
    parts = [
        Content.assemble(("watched ", "$text-muted"), _MEANS[activity.watching]),
        Content.assemble(("last change ", "$text-muted"), came),
        Content.assemble(("not read yet ", "$text-muted"), plural(activity.pending, "file")),
        Content.assemble(("reads files up to ", "$text-muted"), size(policy.max_file_size)),
    ]
    lines = flowed(parts, width, Content("  "))
    if activity.trouble:
        lines += [plain(f"! {activity.trouble}", "$text-warning").truncate(width, ellipsis=True)]
    return lines
