"""The lines at the top of every screen: what is watched, what goes on, how much there is, who decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.content import Content

from core.live.snapshot import Activity, Snapshot
from core.model.text import plural, visible
from tui.format import NOTHING, count, duration
from tui.standing import Standing, nothing_yet
from tui.text import fitted, flowed, plain, shortened, stacked

_GAP = Content("  ")
_WATCHED = {"events": "● live", "polling": "● live (polling)", "off": "○ not watching", "result": "● mined before"}
_PATH = 20
"""Cells of a path that tell enough; with less, its line is not worth saving."""
_LEAST_PATH = 6
"""Cells of a path that still tell something, for a moment."""
_LEAST_REVIEWER = 20
"""The same of the reviewer."""
_NOT_CUT = 1 << 20
"""More cells than any reviewer has."""


def header(standing: Standing, width: int) -> Content:
    """One line where there is room for all but the middle of a long path, else as many as it takes.

    Runs that are not ranked yet come and go: where they would take a line of their own, and everything below would move
    for a moment, they are told in fewer words, or even less of the path is shown, or of the reviewer.
    """
    lines = _lines(standing, width, _unranked)
    if standing.snapshot.unranked:
        most = len(_lines(standing, width, lambda _: ""))
        for path, reviewer in ((_PATH, _NOT_CUT), (_LEAST_PATH, _NOT_CUT), (_PATH, _LEAST_REVIEWER)):
            if len(lines) > most:
                lines = _lines(standing, width, _briefly, path, reviewer)
    return stacked(lines)


def _unranked(number: int) -> str:
    return f", {plural(number, 'run')} not ranked yet"


def _briefly(number: int) -> str:
    return f", {count(number)} not ranked"


def _lines(
    standing: Standing, width: int, unranked: Callable[[int], str], path: int = _PATH, least: int = _NOT_CUT
) -> list[Content]:
    """The lines with so many cells of the path and of the reviewer at least."""
    shown = standing.snapshot
    parts = [*_live(standing, unranked), *(() if nothing_yet(shown, standing.activity) else _counts(shown))]
    reviewer = Content.assemble(("as ", "$text-muted"), plain(standing.reviewer or NOTHING))
    taken = sum(len(_GAP) + part.cell_length for part in (*parts, reviewer))
    lines = flowed([_title(standing.traces, width - taken, path), *parts], width, _GAP)
    room = width - lines[-1].cell_length - len(_GAP)
    if min(reviewer.cell_length, least) <= room:
        shown_as = fitted(reviewer, min(reviewer.cell_length, room))
        lines[-1] = fitted(lines[-1], width - shown_as.cell_length) + shown_as
        return lines
    return [*lines, fitted(reviewer, width, right=True)]


def _title(traces: str, room: int, least: int) -> Content:
    name = Content.assemble(("assay", "bold $primary"), " ")
    room -= name.cell_length
    return name + Content.styled(shortened(traces, room) if room >= least else visible(traces), "bold")


def _live(standing: Standing, unranked: Callable[[int], str]) -> Iterator[Content]:
    if standing.paused:
        yield Content.styled(
            f"‖ paused, {plural(standing.waiting, 'change') if standing.waiting else 'nothing'} waiting",
            "$warning bold",
        )
    yield doing(standing, unranked)


def doing(standing: Standing, unranked: Callable[[int], str] = _unranked) -> Content:
    """What the live workspace does at this moment, with numbers where it takes long.

    `unranked` says how many runs the ranking has not seen.
    """
    activity = standing.activity
    match activity.phase:
        case "starting":
            return Content.styled("○ starting", "$text-muted")
        case "reading":
            return Content.styled(f"◐ {progress(activity, standing.rate)}", "$accent")
        case "mining":
            where = f" in {plural(activity.total, 'run')}" if activity.total else ""
            return Content.styled(f"◑ looking for repeated steps{where}", "$accent")
        case "stopped":
            return Content.styled("○ not watching", "$warning")
    watched = _WATCHED[activity.watching]
    if number := standing.snapshot.unranked:
        watched += unranked(number)
    return Content.styled(watched, "$success" if activity.watching != "off" else "$warning")


def progress(activity: Activity, rate: float) -> str:
    """`reading 120 of 1,204, 340 a second, 3 s left`."""
    said = f"reading {count(activity.done)} of {count(activity.total)}"
    if rate < 1 or activity.done >= activity.total:
        return said
    return f"{said}, {count(round(rate))} a second, {duration((activity.total - activity.done) / rate * 1_000)} left"


def _counts(snapshot: Snapshot) -> Iterator[Content]:
    yield Content(plural(snapshot.loaded, "run"))
    for number, word, style in (
        (snapshot.quarantined, "quarantined", "$error"),
        (snapshot.excluded, "excluded", "$warning"),
        (snapshot.settling, "settling", "$text-muted"),
    ):
        if number:
            yield Content.styled(f"{count(number)} {word}", style)


def alarms(standing: Standing) -> list[tuple[str, Content]]:
    """What must not be overlooked, worst first: the kind (`fault` or `notice`) and a sentence."""
    journal = standing.snapshot.journal
    told: list[tuple[str, Content]] = []
    if journal.faults:
        more = f" (and {len(journal.faults) - 1} more)" if len(journal.faults) > 1 else ""
        told.append(
            ("fault", plain(f"The journal is damaged: {journal.faults[0]}{more}. `assay verify` checks every line."))
        )
    told += [("notice", plain(trouble)) for trouble in reversed(standing.troubles)]
    if standing.activity.trouble:
        told.append(("notice", plain(standing.activity.trouble)))
    if journal.torn_tail:
        told.append(("notice", plain(f"The journal's last line was cut short and set aside: {journal.torn_tail}")))
    told += [("notice", plain(notice)) for notice in standing.snapshot.notices]
    return told
