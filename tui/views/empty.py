"""What the home screen says when there is nothing to list: what goes on, and what to do next."""

from __future__ import annotations

from collections import Counter

from textual.content import Content

from core.model.text import plural
from tui.format import count
from tui.standing import Standing
from tui.text import plain, stacked
from tui.views.header import doing

_MANY = 1_000
"""Runs of which a first look takes so long that it is worth a word."""


def empty(standing: Standing, filter_text: str = "") -> Content:
    """Title and advice for the reason why the list is empty."""
    title, advice = _said(standing, filter_text)
    return stacked([title.stylize("bold"), Content(), *advice])


def _said(standing: Standing, filter_text: str) -> tuple[Content, list[Content]]:
    shown, activity = standing.snapshot, standing.activity
    if shown.candidates:
        hidden = plural(len(shown.candidates), "candidate")
        return plain(f"No candidate matches {filter_text}"), [Content(f"{hidden} hidden. Escape clears the filter.")]
    if activity.phase in ("starting", "reading", "mining"):
        advice = [Content("Candidates appear as soon as they are found; you can leave at any time with q.")]
        if activity.phase == "mining" and activity.total >= _MANY:
            advice.append(Content("The first look at many runs takes longest."))
        return doing(standing), advice
    if not shown.loaded and activity.trouble:
        return (
            plain(f"The folder {standing.traces} cannot be read"),
            [plain(activity.trouble), Content("It is tried again by itself; nothing that was decided is lost.")],
        )
    if not shown.loaded:
        return _no_runs(standing)
    return _nothing_repeats(standing)


def _no_runs(standing: Standing) -> tuple[Content, list[Content]]:
    shown = standing.snapshot
    if broken := len(shown.problems):
        return (
            Content(f"No run could be used: {plural(broken, 'problem')}"),
            [Content("Press p to read what is wrong with each file and what to do about it.")],
        )
    return (
        plain(f"No run files below {standing.traces} yet"),
        [
            Content("Let your agents write their run files (JSON) there, or copy some."),
            Content("They are read as they arrive; this screen needs no restart."),
        ],
    )


def _nothing_repeats(standing: Standing) -> tuple[Content, list[Content]]:
    shown = standing.snapshot
    mined = [run for run in shown.runs.values() if not run.shadow]
    cohorts = Counter(run.cohort for run in mined)
    advice = [
        Content(
            f"A candidate is a sequence of steps that occurs in at least {count(shown.policy.min_examples)} runs "
            "of one cohort."
        )
    ]
    if cohorts:
        name, most = cohorts.most_common(1)[0]
        largest = f" The largest, {name or 'runs without one'}, has {count(most)}."
        advice.append(
            plain(f"There {'is' if len(cohorts) == 1 else 'are'} {plural(len(cohorts), 'cohort')} so far.{largest}")
        )
    if len(cohorts) > 1:
        advice.append(Content("`assay review TRACES --cohort none` mines all runs together."))
    if shown.problems:
        advice.append(Content(f"{plural(len(shown.problems), 'file or run', 'files and runs')} could not be used: p."))
    return Content(f"{plural(shown.loaded, 'run')} read, and nothing repeats yet"), advice
