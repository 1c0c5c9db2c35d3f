"""Bundles: everything about a report's selected candidate in one folder (spec/artifacts.md, Bundle).

Of both kinds the fixtures are redacted. A safe bundle may be handed on: its report, manifest and workflow are
redacted as well, and it says so by listing every rule. A report that has skills gives a bundle with one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from operator import attrgetter

from core.artifacts.describe import describe, source_of
from core.artifacts.eval_pack import eval_pack_text
from core.artifacts.manifest import (
    EVAL_PACK,
    MANIFEST,
    REPORT,
    WORKFLOW,
    Fixture,
    Generator,
    Manifest,
    Redaction,
    SourceTrace,
)
from core.artifacts.names import fixture_names
from core.artifacts.redact import PLAIN, Redactor
from core.artifacts.redaction_rules import RULE_IDS
from core.artifacts.skill import with_skills
from core.artifacts.skill_bundle import skill_files
from core.artifacts.skill_record import Skill
from core.artifacts.workflow import workflow_text
from core.model.candidate import Candidate
from core.model.jsontext import pretty
from core.model.options import BundleOptions
from core.model.outlined import Outlined
from core.model.report import Report
from core.model.signature import occurrence, signatures
from core.model.trace import RECEIPT, Trace
from core.shadow.waivers import Waiver

FIXTURES = "fixtures/"
"""The folder of the redacted runs."""

MINIMUM_RULES = RULE_IDS[:2]
"""The rules that every bundle names."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A redacted run, and the file that it makes."""

    trace: Trace
    data: bytes

    @classmethod
    def of(cls, trace: Trace) -> Copy:
        """The copy that a redacted run makes."""
        return cls(trace, pretty(trace))


@dataclass(frozen=True, slots=True)
class Source:
    """A run that goes with the candidate, as the manifest lists it, redacted, and its copy, if that goes along."""

    listed: SourceTrace
    copy: bytes | None


def this_program() -> Generator:
    """The program as it names itself in manifests."""
    return Generator(version=version("assay"))


def bundle_files(
    report: Report,
    traces: Sequence[Trace],
    options: BundleOptions = BundleOptions(),  # noqa: B008 - frozen
    *,
    generator: Generator | None = None,
    fixtures: Collection[str] | None = None,
) -> dict[str, bytes]:
    """The files of a bundle by path, the manifest last; nothing is written.

    `traces` are all runs that were mined or compared. `fixtures` are the trace ids of which copies go along; all when
    not given. The report's own paths are as they are in it: give it before they are filled in.
    """
    runs = [(trace.id, PLAIN.payloads(trace)) for trace in source_traces(report.selected, traces)]
    copies = {trace_id: Copy.of(run) for trace_id, run in runs if fixtures is None or trace_id in fixtures}
    listed = [source_of(run, None) for _, run in runs]
    sources = _placed(listed, [copies.get(trace_id) for trace_id, _ in runs])
    return _files(report, sources, options, generator or this_program(), MINIMUM_RULES)


def safe_bundle(
    report: Report,
    runs: Iterable[Outlined],
    along: Mapping[str, Copy],
    options: BundleOptions = BundleOptions(),  # noqa: B008 - frozen
    *,
    generator: Generator | None = None,
    redactor: Redactor = PLAIN,
    allowed: Sequence[Waiver] = (),
) -> dict[str, bytes]:
    """The same with everything redacted, names and reports included.

    It is made from the outlines of the runs that go with the candidate, and the copies of those that go along;
    `allowed` are the allow rules that the candidate was compared with.
    """
    rules = (*RULE_IDS, *(rule.id for rule in redactor.extras))
    sorted_runs = sorted(runs, key=attrgetter("id"))
    copies = [along.get(run.id) for run in sorted_runs]
    sources = _placed(_listed(sorted_runs, redactor), copies)
    safe = _safe(report, [copy.trace for copy in copies if copy], redactor)
    named = tuple(map(redactor.everything, allowed))
    return _files(safe, sources, redactor.everything(options), generator or this_program(), rules, named)


def _safe(report: Report, safe: Sequence[Trace], redactor: Redactor) -> Report:
    """A redacted report; its skills are made anew from what was redacted, so that they say nothing else."""
    bare = report.replace(skill_candidates=None, rejected_skill_candidates=None)
    redacted = redactor.everything(bare)
    return with_skills(redacted, safe) if _skills(report) else redacted


def _skills(report: Report) -> Sequence[Skill]:
    return (*(report.skill_candidates or ()), *(report.rejected_skill_candidates or ()))


def source_traces(candidate: Candidate | None, traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """The runs of the examples and every other one in which the sequence occurs, one of each id, sorted by id.

    Of a generalised candidate every other one that it was compared with.
    """
    if candidate is None:
        return ()
    examples = {example.trace_id for example in candidate.examples}
    if candidate.induction is not None:
        examples |= {result.trace_id for result in candidate.shadow.traces}
    first = {trace.id: trace for trace in reversed(traces)}
    return tuple(
        trace
        for trace_id, trace in sorted(first.items())
        if trace_id in examples
        or (candidate.induction is None and occurrence(candidate.sequence_signature, signatures(trace)) is not None)
    )


def _listed(runs: Sequence[Outlined], redactor: Redactor) -> list[SourceTrace]:
    """What a manifest lists of some runs, redacted as in the whole runs."""
    listed = redactor.all(source_of(run, None) for run in runs)
    return [
        one if run.receipt is None else one.replace(source_receipt_id=_receipt(run.receipt, redactor))
        for run, one in zip(runs, listed, strict=True)
    ]


def _receipt(receipt: str, redactor: Redactor) -> str | None:
    """A receipt's id, which is a part of a run's metadata: a payload and no name."""
    return Trace(metadata=redactor.json({RECEIPT: receipt})).receipt


def _placed(listed: Sequence[SourceTrace], copies: Sequence[Copy | None]) -> tuple[Source, ...]:
    """Each run with the path of its copy and what is in it."""
    names = iter(fixture_names([one.trace_id for one, copy in zip(listed, copies, strict=True) if copy]))
    return tuple(
        Source(one.replace(fixture_path=FIXTURES + next(names)), copy.data) if copy else Source(one, None)
        for one, copy in zip(listed, copies, strict=True)
    )


def _files(
    report: Report,
    sources: Sequence[Source],
    options: BundleOptions,
    generator: Generator,
    rules: tuple[str, ...],
    allowed: tuple[Waiver, ...] = (),
) -> dict[str, bytes]:
    selected = report.selected
    files = {WORKFLOW: workflow_text(report).encode(), REPORT: pretty(report)}
    if selected:
        files[EVAL_PACK] = eval_pack_text(selected).encode()
    files |= {s.listed.fixture_path: s.copy for s in sources if s.listed.fixture_path and s.copy is not None}
    about = selected or next(iter(report.rejected_candidates), None)
    for skill in _skills(report):
        if about and skill.workflow_candidate_id == about.id:
            files |= skill_files(skill)
    manifest = _manifest(report, sources, options, generator, rules)
    # Nothing is replayed where nothing is selected.
    return files | {MANIFEST: pretty(manifest.replace(allow_rules=allowed if allowed and selected else None))}


def _manifest(
    report: Report, sources: Sequence[Source], options: BundleOptions, generator: Generator, rules: tuple[str, ...]
) -> Manifest:
    fixtures = tuple(
        Fixture(path=listed.fixture_path, trace_id=listed.trace_id, source_hash=listed.source_hash, redacted=True)
        for listed in (source.listed for source in sources)
        if listed.fixture_path
    )
    summary = "fixture payloads scrubbed of secret-like values and sensitive keys before write"
    return describe(report, options).replace(
        generator=generator,
        source_traces=tuple(source.listed for source in sources),
        fixtures=fixtures,
        redaction=Redaction(
            applied=bool(fixtures),
            rules=rules,
            summary=summary if fixtures else "no fixtures emitted",
            fixture_count=len(fixtures),
        ),
    )
