"""What promotion files say of their status, which changes with the world, kept apart from what a decision fixed.

A bundle belongs to the decision that wrote it, and the journal records its digest. Its status and the reasons for it
go on changing after that (spec/review.md, Status: `stale` and `drifted` are written to disk), so the digest is taken
with these two fields blank, wherever the files have them, and they are judged by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from core.artifacts.manifest import MANIFEST, REPORT
from core.artifacts.redact import Redactor
from core.crashpack.integrity import files_sha256
from core.live.snapshot import CandidateView
from core.model.candidate import Criteria
from core.model.decision import Decision
from core.model.jsontext import Json, JsonError, digest, parse, pretty, sha256_hex
from core.model.text import visible
from core.promotion.standing import verdicts
from core.store.recovery import BUNDLE_DIGEST

STATUS, CRITERIA_DIGEST = "bundle_status", "criteria_digest"
"""The keys of a decision's detail for what its bundle said of the status at first."""

SELECTED = "bundle_selected"
"""The key for whether its bundle was that of a candidate which holds, with a workflow and runs."""

FILES = (REPORT, MANIFEST)
"""The files that say a status, in the order in which they are written."""


OBJECTIONS = {"rejected": "reject", "needs_work": "needs_work"}
"""The statuses that people give besides approving, and the kinds of decision that do."""


def bundle_sums(files: Mapping[str, bytes]) -> bytes:
    """The `files.sha256` of a bundle with status and reasons blank.

    A name that no list can hold is spelled out: such a file is none of ours, so the sums are not those of a decision.
    """
    return _sums({visible(name): data for name, data in files.items()}, _blank_if_ours)


def fresh_bundle_sums(files: Mapping[str, bytes]) -> bytes:
    """The same of a bundle that was made just now, as ours are."""
    return _sums(files, _blank)


def _sums(files: Mapping[str, bytes], blank: Callable[[bytes], bytes]) -> bytes:
    return files_sha256({name: blank(data) if name in FILES else data for name, data in files.items()})


def bundle_digest(files: Mapping[str, bytes]) -> str:
    """`sha256:…` of a bundle's sums; the journal records it with each decision."""
    return "sha256:" + sha256_hex(bundle_sums(files))


def differing(files: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> dict[str, str]:
    """How files differ from those of another bundle, by name, whatever status both say."""
    found = {}
    for name in sorted(files.keys() | wanted.keys()):
        if name not in wanted:
            found[name] = "was added"
        elif name not in files:
            found[name] = "is missing"
        elif bundle_sums({name: files[name]}) != bundle_sums({name: wanted[name]}):
            found[name] = "was changed"
    return found


def vouching(sums: bytes, view: CandidateView, redactor: Redactor) -> dict[str, object]:
    """What a decision's detail says of the bundle that it leaves behind, which is about a view and has these sums."""
    said = redactor.everything(view.candidate.promotion.criteria)
    return {
        BUNDLE_DIGEST: "sha256:" + sha256_hex(sums),
        STATUS: said.status,
        CRITERIA_DIGEST: criteria_digest(said.status, said.reasons),
        SELECTED: not view.candidate.rejection_reasons,
    }


def may_be_rebuilt(last: Decision) -> bool:
    """Whether a bundle need not stay as a lineage's last decision left it: the candidate failed, as far as is known."""
    return not last.detail.get(SELECTED, last.detail.get(STATUS) != "blocked")


def holds_no_longer(view: CandidateView) -> bool:
    """Whether something that was approved is so no more, and no decision took it back.

    Besides stale and drifted ones these are approvals that a later policy does not count, or not as enough.
    """
    if view.status in ("ready", "stale", "drifted"):
        return view.status != "ready"
    decisions = view.decisions
    last = max((at for at, made in enumerate(decisions, 1) if made.detail.get(STATUS) == "ready"), default=0)
    if not last or not _approvers(decisions[:last]) <= _approvers(decisions):
        return False
    return view.status not in OBJECTIONS or not any(made.kind in OBJECTIONS.values() for made in decisions[last:])


def _approvers(decisions: Sequence[Decision]) -> set[str]:
    return {made.actor for made in verdicts(decisions) if made.kind == "approve"}


def criteria_digest(status: str, reasons: Sequence[str]) -> str:
    """`sha256:…` of a status and its reasons, as the journal records what a decision left behind."""
    return digest([status, list(reasons)])


def told(data: bytes) -> list[tuple[str, list[str]]]:
    """The statuses and reasons that a promotion file says. Raises JsonError, or KeyError and TypeError for a form
    that is not ours."""
    return [(criteria["status"], criteria["reasons"]) for criteria in _criteria(parse(data))]


def rewritten(data: bytes, now: Criteria) -> bytes:
    """A promotion file that says another status; raises as `told` does."""
    value = parse(data)
    for criteria in _criteria(value):
        criteria["status"], criteria["reasons"] = now.status, list(now.reasons)
    return pretty(value)


def _blank_if_ours(data: bytes) -> bytes:
    """A promotion file with status and reasons blank; one that is not written as ours are stays as it is."""
    try:
        return _blank(data) if pretty(parse(data)) == data else data
    except (JsonError, KeyError, TypeError):
        return data


def _blank(data: bytes) -> bytes:
    value = parse(data)
    for criteria in _criteria(value):
        criteria["status"], criteria["reasons"] = "", []
    return pretty(value)


def _criteria(value: Json) -> Iterator[dict[str, Any]]:
    """The criteria of a report's candidates, or of a manifest that is about one."""
    if "rejected_candidates" in value:
        for candidate in (*value["candidates"], *value["rejected_candidates"]):
            yield candidate["promotion"]["criteria"]
    elif value["candidate_id"]:
        yield value["promotion"]["criteria"]
