"""What the batch commands write, and where (spec/artifacts.md, Batch output); nothing is written here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.artifacts.bundle import bundle_files
from core.artifacts.eval_pack import eval_pack_text
from core.artifacts.manifest import EVAL_PACK, MANIFEST, REPORT, WORKFLOW, Generator
from core.artifacts.workflow import workflow_text
from core.model.jsontext import pretty
from core.model.options import BundleOptions
from core.model.report import Report
from core.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Outputs:
    """Paths as they were given; what has none is not written."""

    workflow: str | None = None
    report: str | None = None
    eval_pack: str | None = None
    bundle: str | None = None

    @classmethod
    def below(cls, folder: str) -> Outputs:
        """All outputs in one folder."""
        workflow, report, eval_pack, bundle = (
            os.path.join(folder, name)  # noqa: PTH118 - the report quotes the folder as it was typed
            for name in (WORKFLOW, REPORT, EVAL_PACK, "bundle")
        )
        return cls(workflow, report, eval_pack, bundle)


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes to write, by path, and the bundle's by path inside it; `last` is the bundle's file to write last."""

    report: Report
    """The report with the paths filled in."""
    files: dict[str, bytes]
    bundle: dict[str, bytes]
    last: str = MANIFEST


def outputs(
    report: Report,
    traces: Sequence[Trace],
    paths: Outputs,
    options: BundleOptions = BundleOptions(),  # noqa: B008 - frozen
    *,
    generator: Generator | None = None,
) -> Written:
    """Everything that a batch command leaves behind.

    `traces` are all that were given, normalised, also those that were set aside. The bundle holds the report as it is
    given, the report file says besides where the others went.
    """
    final = _with_paths(report, paths)
    return Written(
        report=final,
        files=dict(_files(final, paths)),
        bundle=bundle_files(report, traces, options, generator=generator) if paths.bundle is not None else {},
    )


def _with_paths(report: Report, paths: Outputs) -> Report:
    eval_pack = paths.eval_pack if report.selected else None
    candidates = report.candidates
    if eval_pack is not None and candidates:
        promotion = candidates[0].promotion.replace(eval_pack_link=eval_pack)
        candidates = (candidates[0].replace(promotion=promotion), *candidates[1:])
    return report.replace(harn_code_path=paths.workflow, eval_pack_path=eval_pack, candidates=candidates)


def _files(report: Report, paths: Outputs) -> Iterator[tuple[str, bytes]]:
    if paths.workflow is not None:
        yield paths.workflow, workflow_text(report).encode()
    if paths.eval_pack is not None and report.selected:
        yield paths.eval_pack, eval_pack_text(report.selected).encode()
    if paths.report is not None:
        yield paths.report, pretty(report)
