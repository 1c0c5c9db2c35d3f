"""What the screens and commands show: one immutable value per state of the files, the journal and the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.model.candidate import Candidate
from core.model.decision import Decision, Status
from core.model.late import LateText
from core.model.text import plural
from core.model.trace import Usage
from core.promotion.changes import Change
from core.shadow.results import count_allowed, count_failing
from core.shadow.waivers import Waiver
from core.store.policy import Policy

ProblemState = Literal["settling", "quarantined", "excluded"]
Phase = Literal["starting", "reading", "mining", "watching", "stopped"]
Risk = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or run that is not mined, and why. `unit` is its path below the traces folder."""

    state: ProblemState
    unit: str
    rule: str
    """Short name of what is wrong, the same for all problems of a kind: `invalid JSON`, `policy violation`, …"""
    reason: str
    """The whole story in a sentence, with the offending value quoted."""
    place: str = ""
    """Where in the file: `line 3 column 7`, `actions[2].cost`, `action build`; empty when it is the whole file."""
    advice: str = ""
    """What a person can do about it."""
    size: int | None = None
    """Bytes on disk."""
    first_seen: float | None = None
    """Unix seconds at which this problem was first noticed."""

    @property
    def key(self) -> str:
        """Identity across snapshots: a file stays the same problem when it is given up or written on."""
        return f"excluded:{self.unit}" if self.state == "excluded" else self.unit


@dataclass(frozen=True, slots=True)
class Run:
    """One loaded run, without its payloads."""

    unit: str
    """Path below the traces folder; `PATH#N` for the N-th run of a file that holds several."""
    trace_id: str
    source_hash: str
    cohort: str
    """The cohort's key text."""
    shadow: bool
    """Whether the run is only compared, never mined."""
    actions: int
    started_at: str | None
    finished_at: str | None
    usage: Usage
    sha256: str = ""
    """Of its bytes (hex), whatever source hash it claims."""


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A lineage as it stands: its candidate, its status and everything said about it."""

    lineage: str
    label: str
    """What it does, unique in the snapshot."""
    cohort: str
    """The cohort's key text, `""` for runs without one."""
    candidate: Candidate
    status: Status
    reasons: tuple[str, ...]
    """Why the status is what it is; criteria that fail, decisions that count, what changed."""
    behaviour_digest: str
    evidence: str | LateText
    """The evidence digest; of many runs it is made when it is looked at."""
    risk: Risk
    cohort_runs: int
    """Mineable runs of the cohort."""
    proposed: bool = True
    """Whether mining still proposes it; a decided lineage stays listed when it does not."""
    warnings: tuple[str, ...] = ()
    """What an approver has to acknowledge: fuzzy steps, warned oracles."""
    decisions: tuple[Decision, ...] = ()
    """Every decision on the lineage, oldest first."""
    changes: tuple[Change, ...] = ()
    """What differs from the approved behaviour (stale or drifted)."""
    approvable: tuple[str, ...] = ()
    """Why it cannot be approved now; empty when it can."""
    notes: tuple[str, ...] = ()
    """What else a reviewer should know: how the evidence grew since the approval, what it became part of."""
    rules: tuple[Waiver, ...] = ()
    """The allow rules in force for it."""

    @property
    def evidence_digest(self) -> str:
        """Digest of the examples, the shadow report and the savings."""
        return str(self.evidence)

    @property
    def occurrence(self) -> str:
        """In how many runs it was found; of today's cohort only while it is proposed: else they are the decision's."""
        found = len(self.candidate.examples)
        if self.proposed:
            return f"{found:,} of the cohort's {plural(self.cohort_runs, 'run')}"
        return f"{plural(found, 'run')} when it was decided; the cohort has {self.cohort_runs or 'none'} now"

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What forbids an approval though all criteria hold: what an oracle found that the policy blocks on."""
        return () if any(why in self.reasons for why in self.approvable) else self.approvable

    @property
    def passed(self) -> int:
        """Compared runs that agree."""
        return len(self.candidate.shadow.traces) - self.failed

    @property
    def failed(self) -> int:
        """Compared runs that do not agree."""
        return count_failing(self.candidate.shadow.traces)

    @property
    def allowed(self) -> int:
        """Compared runs that agree only thanks to allow rules."""
        return count_allowed(self.candidate.shadow.traces)

    @property
    def fuzzy_steps(self) -> int:
        """Steps that need a model or a person."""
        return sum(step.segment == "fuzzy" for step in self.candidate.steps)


@dataclass(frozen=True, slots=True)
class JournalView:
    """The journal as read: its decisions and whether its chain holds."""

    decisions: tuple[Decision, ...] = ()
    faults: tuple[str, ...] = ()
    """Broken, reordered or unreadable lines, each a sentence that names the line."""
    head: str = "0:" + "0" * 64
    """The end of the chain, `SEQ:DIGEST`."""
    torn_tail: str = ""
    """What was set aside of a last line that a crash cut short; empty when there was none."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is shown. Equal for equal (files, journal, policy), but for times of first sight."""

    candidates: tuple[CandidateView, ...] = ()
    runs: Mapping[str, Run] = field(default_factory=dict)
    """Loaded runs by trace id."""
    problems: tuple[Problem, ...] = ()
    loaded: int = 0
    excluded: int = 0
    quarantined: int = 0
    settling: int = 0
    journal: JournalView = JournalView()
    policy: Policy = field(default_factory=Policy)
    unranked: int = 0
    """Runs that the ranking of candidates has not seen yet; what is said of the candidates holds for them as well."""
    notices: tuple[str, ...] = ()
    """What the user should know besides: a policy that cannot be read, a recovered crash, a read-only workspace."""

    def view(self, name: str) -> CandidateView | None:
        """The candidate named by lineage, candidate id or an unambiguous prefix of either."""
        return found[0] if len(found := self.matching(name)) == 1 else None

    def matching(self, name: str) -> tuple[CandidateView, ...]:
        """All candidates that a name, or the prefix of one, stands for; an exact one for one only, none for none."""
        exact = tuple(v for v in self.candidates if name in (v.lineage, v.candidate.id))
        alike = (v for v in self.candidates if v.lineage.startswith(name) or v.candidate.id.startswith(name))
        return exact or (tuple(alike) if name else ())


@dataclass(frozen=True, slots=True)
class Activity:
    """What the live workspace is doing at this moment."""

    phase: Phase = "starting"
    done: int = 0
    total: int = 0
    """Files of the present scan or change set; at the first look the runs that are mined."""
    watching: Literal["events", "polling", "off", "result"] = "off"
    """How changes of the runs are noticed; `result`: not at all, they were mined before."""
    pending: int = 0
    """Files that changed and are not in the shown snapshot yet."""
    last_change: float | None = None
    """Unix seconds of the last change that arrived."""
    trouble: str = ""
    """Why watching is degraded or the folder cannot be read; empty when all is well."""
