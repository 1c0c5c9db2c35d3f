"""A skill out of a bundle, and whether one in a bundle is what its gate let through."""

from __future__ import annotations

from collections.abc import Iterator

from core.artifacts.manifest import Manifest
from core.artifacts.read import BundleError, Files, read_fixtures, read_manifest, read_report
from core.artifacts.skill import replay_gate, skill_of
from core.artifacts.skill_record import GATE_FILE, SKILL_FILE, ReplayGate, Skill
from core.model.candidate import Candidate
from core.model.jsontext import JsonError, parse, plain, pretty, same
from core.model.record import DecodeError
from core.model.report import Report
from core.model.text import quoted


def skill_in(files: Files, folder: str) -> Skill:
    """The skill of the candidate that a bundle is about, as redacted as the bundle; `folder` is its path as given.

    Raises BundleError, or the trace loader's error for a fixture.
    """
    manifest, report = read_manifest(files, folder), read_report(files, folder)
    candidate = _candidate(report)
    if candidate is None:
        raise BundleError(f"bundle {folder} holds no candidate to make a skill of")
    return skill_of(candidate, {trace.id: trace for trace in read_fixtures(files, folder, manifest)})


def skill_files(skill: Skill) -> dict[str, bytes]:
    """The files of a skill in a bundle: its text only when the gate accepted it, the receipt always."""
    receipt = {GATE_FILE: pretty(skill.replay_gate)}
    return {SKILL_FILE: skill.skill_markdown.encode(), **receipt} if skill.replay_gate.accepted else receipt


def skill_problems(files: Files, folder: str, manifest: Manifest) -> Iterator[str]:
    """What is wrong with the skill of a bundle; nothing when it has none."""
    if SKILL_FILE not in files and GATE_FILE not in files:
        return
    if GATE_FILE not in files:
        yield f"{quoted(SKILL_FILE)} is without its replay gate {quoted(GATE_FILE)}"
        return
    try:
        gate = ReplayGate.decode(parse(files[GATE_FILE]))
        candidate = _candidate(read_report(files, folder))
    except (JsonError, DecodeError) as error:
        yield f"failed to decode replay gate {folder}/{GATE_FILE}: {error}"
        return
    except BundleError:
        return
    if gate.workflow_candidate_id != (candidate.id if candidate else manifest.candidate_id):
        yield f"the replay gate is about {quoted(gate.workflow_candidate_id)}, the bundle about another candidate"
    elif candidate and not same(plain(replay_gate(candidate, gate.skill_candidate_id)), plain(gate)):
        yield f"replay gate {quoted(GATE_FILE)} does not follow from the report's shadow comparison"
    if gate.accepted and SKILL_FILE not in files:
        yield f"missing skill file {quoted(SKILL_FILE)}"
    if not gate.accepted and SKILL_FILE in files:
        yield f"{quoted(SKILL_FILE)} is there although its replay gate rejected it"


def _candidate(report: Report) -> Candidate | None:
    """The selected candidate, else the first that was rejected."""
    return report.selected or next(iter(report.rejected_candidates), None)
