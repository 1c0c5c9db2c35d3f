"""`assay explain`: why a candidate has these steps and this confidence, and what speaks against it."""

from __future__ import annotations

from pathlib import Path

import click

from core.explain import Explanation, explanation
from core.live.snapshot import CandidateView
from core.model.candidate import TraceResult
from core.model.text import plural, visible
from core.store.policy import CohortKey, Mode
from tui.cli.opening import AS_JSON, CANDIDATE, TRACES, named, opened, workspace_options
from tui.cli.printing import print_json, wrapped

SHOWN = 20
"""Supporting runs that are listed; --json has all."""


@click.command()
@TRACES
@CANDIDATE
@workspace_options
@AS_JSON
def explain(
    traces: Path, candidate: str, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, as_json: bool
) -> None:
    """Explain a candidate: why these steps, why this confidence, which runs speak for and against it.

    CANDIDATE is a lineage, a candidate id or an unambiguous prefix of either.
    """
    with opened(traces, workspace, mode, cohort) as session:
        view = named(session.snapshot, candidate)
        units = {trace_id: run.unit for trace_id, run in session.snapshot.runs.items()}
    found = explanation(view)
    if as_json:
        print_json(_json(view, found, units))
    else:
        _print(view, found, units)


def _json(view: CandidateView, found: Explanation, units: dict[str, str]) -> dict[str, object]:
    def run(result: TraceResult) -> dict[str, object]:
        told = {"trace_id": result.trace_id, "unit": units.get(result.trace_id), "standing": result.standing}
        return {
            **told,
            "passed": result.passed,
            "held_out": bool(result.held_out),
            "details": result.details,
            "allowed": result.allowed or (),
        }

    return {
        "lineage": view.lineage,
        "candidate_id": view.candidate.id,
        "label": view.label,
        "status": view.status,
        "confidence": view.candidate.confidence,
        "induction": view.candidate.induction,
        "why_steps": found.steps,
        "why_confidence": found.confidence,
        "values": [
            {"step": step.index, "name": step.name, "told": told, "bindings": step.detail.bindings}
            for step, (_, told) in zip(view.candidate.steps, found.values, strict=False)
            if step.detail is not None
        ],
        "supports": [run(result) for result in found.supports],
        "against": [run(result) for result in found.against],
        "verdict": found.verdict,
    }


def _print(view: CandidateView, found: Explanation, units: dict[str, str]) -> None:
    click.echo(f"{visible(view.label)}  [{view.status.replace('_', ' ')}]")
    _listed("Why these steps", found.steps)
    _listed("Why this confidence", found.confidence)
    names = {step.index: step.name for step in view.candidate.steps}
    if found.values:
        click.echo("\nWhere the values come from")
    for index, told in found.values:
        click.echo(wrapped(f"step {index} {names[index]}", 2))
        for sentence in told or ("it takes none",):
            click.echo(wrapped(sentence.strip(), 4 + len(sentence) - len(sentence.lstrip())))
    click.echo(f"\nSpeaks for it: {plural(len(found.supports), 'run')}")
    for result in found.supports[:SHOWN]:
        ruled = ", agrees only thanks to allow rules" if result.allowed else ""
        click.echo(wrapped(f"{result.trace_id} ({units.get(result.trace_id, 'gone')}{ruled})", 2))
    if len(found.supports) > SHOWN:
        click.echo(f"  and {len(found.supports) - SHOWN} more (--json has all)")
    odd = [result for result in found.against if result.standing == "holds"]
    against = [result for result in found.against if result.standing != "holds"]
    click.echo(f"\nSpeaks against it: {plural(len(against), 'run')}")
    _runs(against, units)
    if odd:
        click.echo(
            f"\nCounts neither way, as described with another kind of output than most: {plural(len(odd), 'run')}"
        )
        _runs(odd, units)
    _listed("What follows", found.verdict or ("nothing speaks against approving it but what is listed here",))


def _runs(results: list[TraceResult], units: dict[str, str]) -> None:
    for result in results:
        apart = ", held out" if result.held_out else ""
        click.echo(wrapped(f"{result.trace_id} ({units.get(result.trace_id, 'gone')}{apart})", 2))
        for detail in result.details:
            click.echo(wrapped(f"- {detail}", 4))


def _listed(title: str, sentences: tuple[str, ...]) -> None:
    click.echo(f"\n{title}")
    for sentence in sentences:
        click.echo(wrapped(f"- {sentence}", 2))
