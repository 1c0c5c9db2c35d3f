"""The commands of the plain review. Numbers belong to the list that was told last, so that nothing moves below them."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

from core.live.reviewing import Reviewing
from core.live.snapshot import Activity, CandidateView, Snapshot
from core.model.decision import DecisionKind
from core.model.errors import AssayError
from core.model.text import plural
from tui import words
from tui.filter import FilterError, parse
from tui.plain import deciding
from tui.plain.differing import differences_told
from tui.plain.talk import WIDTH, Talk
from tui.reading import Reading
from tui.standing import looked, nothing_yet, so_far, waiting
from tui.views.columns import exact
from tui.views.criteria import agreement, by_rule
from tui.views.journal import decision_lines, entries
from tui.views.overview import overview
from tui.views.preview import preview_lines
from tui.views.problems import detail_lines
from tui.views.promotion import promotion_lines
from tui.words import SECTIONS, glossary

PATIENCE = 30.0
"""Seconds that the first reading is waited for before the first prompt."""
LAST = 20
"""Decisions that the journal lists."""
_WATCHED = {
    "events": "watched live",
    "polling": "watched by polling",
    "off": "not watched yet",
    "result": "mined before by `assay mine`",
}
HELP = """\
list [FILTER]     the candidates, numbered; a filter is for instance: risk:high saves>1.00 bump
show N            steps, parameters, effects and warnings of candidate N
brief N           candidate N in short: why it stands as it does, what it saves
diff N            every difference of the runs that were compared
evidence N        criteria, history, digests and files
runs N            the runs that speak for it
approve N, reject N, send-back N, revoke N
                  decide; everything is read and asked first, and nothing is recorded by accident
problems [N]      files and runs that are not mined; with a number, the whole story of one
journal [N]       the last decisions; with a number, that one in full
status            what goes on now
words             what the words mean
help, quit        N may also be a lineage or the beginning of one"""


def _number(name: str) -> int:
    """The number that is meant, 0 when none is: `²` is a digit to Python that it cannot read, nor can it any length."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else 0


class PlainReview:
    """One review from the first list to quit."""

    def __init__(self, reviewing: Reviewing, talk: Talk, clock: Callable[[], float] = time.time) -> None:
        self._live, self._talk, self._clock = reviewing, talk, clock
        self._reading = Reading()
        self._listed: tuple[str, ...] = ()
        self._settled = Event()
        self._told = self._snapshot
        self._commands: dict[str, Callable[[str], None]] = {
            "list": self._list,
            "show": self._show,
            "brief": self._brief,
            "diff": self._diff,
            "evidence": self._evidence,
            "runs": self._runs,
            "problems": self._problems,
            "journal": self._journal,
            "status": self._status,
            "words": self._words,
            "help": lambda _: self._talk.say(HELP),
            "approve": lambda name: self._decide("approve", name),
            "reject": lambda name: self._decide("reject", name),
            "send-back": lambda name: self._decide("needs_work", name),
            "revoke": lambda name: self._decide("revoke", name),
        }

    def run(self) -> None:
        """Talk until quit, or until nobody answers any more."""
        self._live.start(lambda _: None, self._active)
        self._talk.say(f"Assay reviews {self._live.traces} as {self._live.reviewer}. Reading ...")
        self._settled.wait(PATIENCE)
        self._status("")
        if not self._under_way:
            self._list("")
        self._talk.say("Type help for the commands, quit to end.")
        try:
            while self._answer(self._talk.ask(f"{self._news()}assay>")):
                pass
        except EOFError:
            self._talk.say()

    def _answer(self, line: str) -> bool:
        """Do what a line says; False when it says to end."""
        word, _, rest = line.partition(" ")
        word = word.casefold()
        if word in ("quit", "exit", "q"):
            return False
        found = [name for name in self._commands if name.startswith(word)] if word else []
        if word in self._commands:
            found = [word]
        if len(found) == 1:
            try:
                self._commands[found[0]](rest.strip())
            except (AssayError, OSError, FilterError) as error:
                self._talk.say(f"That did not work: {error}")
        elif word:
            could = f"could be {', '.join(found)}" if found else "is no command"
            self._talk.say(f"{word} {could}; help lists the commands.")
        return True

    def _active(self, activity: Activity) -> None:
        """Called from a background thread."""
        if looked(activity):
            self._settled.set()

    @property
    def _snapshot(self) -> Snapshot:
        return self._live.snapshot if self._settled.is_set() else so_far(self._live.snapshot)

    def _news(self) -> str:
        number = waiting(self._told, self._snapshot)
        return f"({plural(number, 'change')} since the last list) " if number else ""

    @property
    def _under_way(self) -> str:
        """What goes on as long as the first look is not over."""
        shown, activity = self._snapshot, self._live.activity
        if not nothing_yet(shown, activity):
            return ""
        told = {
            "reading": f"Still reading, {activity.done:,} of {plural(activity.total, 'file')} so far",
            "mining": f"Still looking for repeated steps in {plural(activity.total, 'run')}",
        }
        return f"{told.get(activity.phase, 'Still starting')}; list and status say more later."

    @property
    def _still_mining(self) -> str:
        """What is not known yet of a first look that shows a part already."""
        activity = self._live.activity
        if activity.phase != "mining" or not activity.total:  # without a number it is a change that is taken in
            return ""
        return f"Still looking for repeated steps in {plural(activity.total, 'run')}: there may be more candidates."

    def _status(self, _: str) -> None:
        shown, activity = self._snapshot, self._live.activity
        if self._under_way:
            self._talk.say(self._under_way)
            return
        watched = _WATCHED[activity.watching]
        self._talk.say(
            f"{plural(shown.loaded, 'run')}, {plural(len(shown.candidates), 'candidate')}, "
            f"{shown.quarantined} quarantined, {shown.excluded} excluded, {shown.settling} settling; {watched}."
        )
        if self._still_mining:
            self._talk.say(self._still_mining)
        elif shown.unranked:
            self._talk.say(f"{plural(shown.unranked, 'run')} not ranked yet.")
        for told in (*shown.journal.faults, activity.trouble, *shown.notices):
            if told:
                self._talk.say(f"Notice: {told}")

    def _list(self, text: str) -> None:
        chosen, self._told = parse(text), self._snapshot
        if self._under_way:
            self._talk.say(self._under_way)
            return
        kept = [view for view in self._told.candidates if chosen.accepts(view)]
        ordered = [view for _, statuses in SECTIONS for view in kept if view.status in statuses]
        self._listed = tuple(view.lineage for view in ordered)
        if not ordered and (self._told.candidates or not self._still_mining):
            self._talk.say("No candidate matches." if self._told.candidates else "Nothing repeats yet: no candidates.")
        for number, view in enumerate(ordered, 1):
            self._talk.say(
                f"{number}. {view.label}: {words.STATUS[view.status].word}, risk {view.risk}, "
                f"{plural(len(view.candidate.steps), 'step')}, "
                f"{view.occurrence}, "
                f"{view.passed} agree{by_rule(view)}, {view.failed} differ, saves {exact(view)}"
            )
        if self._still_mining:
            self._talk.say(self._still_mining)

    def _named(self, name: str) -> CandidateView | None:
        """The candidate of a number of the last list, or of a lineage; says so when there is none."""
        number = _number(name)
        lineage = self._listed[number - 1] if 0 < number <= len(self._listed) else name
        found = self._snapshot.matching(lineage) if lineage else ()
        if len(found) != 1:
            gone = "is no longer listed" if lineage in self._listed else "names no candidate, or several"
            self._talk.say(f"{name or 'Nothing'} {gone}; list shows them with their numbers.")
            return None
        return found[0]

    def _show(self, name: str) -> None:
        if view := self._named(name):
            self._talk.show(overview(view, WIDTH))
            self._reading.tab(view, "overview")

    def _brief(self, name: str) -> None:
        if view := self._named(name):
            self._talk.show(preview_lines(view, self._snapshot.policy, self._clock(), WIDTH, self._live.reviewer))

    def _evidence(self, name: str) -> None:
        if view := self._named(name):
            self._talk.show(promotion_lines(view, self._snapshot.policy, self._live.workspace, WIDTH))
            self._reading.tab(view, "promotion")

    def _runs(self, name: str) -> None:
        if view := self._named(name):
            for result in view.candidate.shadow.traces:
                run = self._snapshot.runs.get(result.trace_id)
                verdict = agreement(result)
                self._talk.say(f"{result.trace_id}: {verdict}, {run.unit if run else 'its file is gone'}")

    def _diff(self, name: str) -> None:
        if view := self._named(name):
            for trace_id in differences_told(self._talk, self._live, view):
                self._reading.difference(view, trace_id)

    def _problems(self, name: str) -> None:
        problems = self._snapshot.problems
        if 0 < (number := _number(name)) <= len(problems):
            self._talk.show(detail_lines(problems[number - 1], self._clock(), WIDTH))
            return
        for number, problem in enumerate(problems, 1):
            self._talk.say(f"{number}. {problem.state}, {problem.rule}: {problem.unit} {problem.place}".rstrip())
        if not problems:
            self._talk.say("No problems: every file that was read could be used.")

    def _journal(self, name: str) -> None:
        found = entries(self._snapshot)
        if name and (entry := found.get(f"d:{name}")):
            self._talk.show(decision_lines(entry, self._clock(), WIDTH))
            return
        for entry in list(found.values())[:LAST]:
            made = entry.decision
            what = words.DECISION[made.kind]
            self._talk.say(f"{made.seq}. {made.time} {made.actor} {what}: {entry.label} {made.reason or ''}".rstrip())
        if len(found) > LAST:
            self._talk.say(f"... and {plural(len(found) - LAST, 'earlier one')}; journal N tells one in full.")
        if not found:
            self._talk.say("No decision has been recorded yet.")

    def _words(self, _: str) -> None:
        for word, meaning in glossary():
            self._talk.say(f"{word}: {meaning}")

    def _decide(self, kind: DecisionKind, name: str) -> None:
        if view := self._named(name):
            deciding.decide(self._talk, self._live, view, kind, self._reading)
