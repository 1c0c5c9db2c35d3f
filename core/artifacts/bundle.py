"""Bundles: everything about a report's selected candidate in one folder (spec/artifacts.md, Bundle).

Of both kinds the fixtures are redacted. A safe bundle may be handed on: its report, manifest and workflow are
redacted as well, and it says so by listing every rule. A report that has skills gives a bundle with one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from core.artifacts.describe import describe, source_of
from core.artifacts.eval_pack import eval_pack_text
from core.artifacts.manifest import EVAL_PACK, MANIFEST, REPORT, WORKFLOW, Fixture, Generator, Manifest, Redaction
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
from core.model.report import Report
from core.model.signature import occurrence, signatures
from core.model.trace import Trace

FIXTURES = "fixtures/"
"""The folder of the redacted runs."""

MINIMUM_RULES = RULE_IDS[:2]
"""The rules that every bundle names."""


@dataclass(frozen=True, slots=True)
class Source:
    """A run that goes with the candidate, redacted, and where its copy goes, if it does."""

    trace: Trace
    path: str | None


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
    runs = source_traces(report.selected, traces)
    copies = _placed([PLAIN.payloads(trace) for trace in runs], runs, fixtures)
    return _files(report, copies, options, generator or this_program(), MINIMUM_RULES)


def safe_bundle_files(
    report: Report,
    traces: Sequence[Trace],
    options: BundleOptions = BundleOptions(),  # noqa: B008 - frozen
    *,
    generator: Generator | None = None,
    fixtures: Collection[str] | None = None,
    redactor: Redactor = PLAIN,
) -> dict[str, bytes]:
    """The same with everything redacted, names and reports included."""
    rules = (*RULE_IDS, *(rule.id for rule in redactor.extras))
    runs = source_traces(report.selected, traces)
    safe = [
        redactor.everything(trace) if fixtures is None or trace.id in fixtures else _header(trace, redactor)
        for trace in runs
    ]
    copies = _placed(safe, runs, fixtures)
    return _files(
        _safe(report, safe, redactor), copies, redactor.everything(options), generator or this_program(), rules
    )


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


def _header(trace: Trace, redactor: Redactor) -> Trace:
    """What a manifest lists of a run (core.artifacts.describe.source_of), redacted as in the whole run."""
    source, source_hash = (None if text is None else redactor.name(text) for text in (trace.source, trace.source_hash))
    metadata = redactor.json(trace.metadata) if trace.metadata else {}
    return _NO_RUN.replace(id=redactor.name(trace.id), source=source, source_hash=source_hash, metadata=metadata)


_NO_RUN = Trace()


def _placed(
    redacted: Sequence[Trace], originals: Sequence[Trace], fixtures: Collection[str] | None
) -> tuple[Source, ...]:
    """Each run with the path of its copy; ids are compared as they were before redaction."""
    goes = [fixtures is None or trace.id in fixtures for trace in originals]
    names = iter(fixture_names([trace.id for trace, along in zip(redacted, goes, strict=True) if along]))
    return tuple(
        Source(trace, FIXTURES + next(names) if along else None) for trace, along in zip(redacted, goes, strict=True)
    )


def _files(
    report: Report, sources: Sequence[Source], options: BundleOptions, generator: Generator, rules: tuple[str, ...]
) -> dict[str, bytes]:
    selected = report.selected
    files = {WORKFLOW: workflow_text(report).encode(), REPORT: pretty(report)}
    if selected:
        files[EVAL_PACK] = eval_pack_text(selected).encode()
    files |= {source.path: pretty(source.trace) for source in sources if source.path}
    about = selected or next(iter(report.rejected_candidates), None)
    for skill in _skills(report):
        if about and skill.workflow_candidate_id == about.id:
            files |= skill_files(skill)
    return files | {MANIFEST: pretty(_manifest(report, sources, options, generator, rules))}


def _manifest(
    report: Report, sources: Sequence[Source], options: BundleOptions, generator: Generator, rules: tuple[str, ...]
) -> Manifest:
    fixtures = tuple(
        Fixture(path=path, trace_id=trace.id, source_hash=trace.source_hash or "", redacted=True)
        for trace, path in ((source.trace, source.path) for source in sources)
        if path
    )
    summary = "fixture payloads scrubbed of secret-like values and sensitive keys before write"
    return describe(report, options).replace(
        generator=generator,
        source_traces=tuple(source_of(source.trace, source.path) for source in sources),
        fixtures=fixtures,
        redaction=Redaction(
            applied=bool(fixtures),
            rules=rules,
            summary=summary if fixtures else "no fixtures emitted",
            fixture_count=len(fixtures),
        ),
    )
