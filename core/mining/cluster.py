"""What a candidate's runs have in common, and what its workflow is called (spec/pipeline.md §2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from core.model.candidate import ClusterKey, Step
from core.model.text import is_blank, lower, sorted_strings
from core.model.trace import SideEffect, Trace

_TOOL_KINDS = ("tool_call", "file_mutation")
_RELEASE_WORDS = ("version", "release")


def cluster_key(runs: Sequence[Trace], steps: Iterable[Step], side_effects: Iterable[SideEffect]) -> ClusterKey:
    """Goal, tools, artifact types and success criteria of the example runs."""
    return cluster_key_of(goal_of(runs), criteria_of(runs), steps, side_effects)


def cluster_key_of(
    goal: str | None, criteria: Iterable[str], steps: Iterable[Step], side_effects: Iterable[SideEffect]
) -> ClusterKey:
    """The same where the goal and the success criteria that the runs state are at hand."""
    return ClusterKey(
        goal=goal,
        tool_sequence=tuple(step.name for step in steps if step.kind in _TOOL_KINDS),
        touched_artifact_types=tuple(sorted_strings(map(artifact_type, side_effects))),
        success_criteria=tuple(sorted_strings(criteria)),
    )


def workflow_name(steps: Iterable[Step]) -> str:
    """The name of a workflow that was given none."""
    joined = lower("_".join(step.name for step in steps))
    released = any(word in joined for word in _RELEASE_WORDS)
    return "crystallized_version_bump" if released else "crystallized_workflow"


def artifact_type(effect: SideEffect) -> str:
    """What kind of thing a side effect touches: `git`, `file:py`, `receipt`, …"""
    given = effect.metadata.get("artifact_type")
    if isinstance(given, str) and not is_blank(given):
        return given
    kind = lower(effect.kind)
    if "git" in kind:
        return "git"
    if "file" in kind:
        return _file_type(effect.target)
    if "receipt" in kind:
        return "receipt"
    return "package_publish" if "publish" in kind else kind or "unknown"


def _file_type(target: str) -> str:
    name = PurePosixPath(target).name
    dot = name.rfind(".")
    return "file" if dot <= 0 or name == ".." else f"file:{name[dot + 1 :]}"


def goal_of(runs: Iterable[Trace]) -> str | None:
    """The goal of the first run that states one; a run's workflow stands for the goal that it does not state."""
    return next((goal for run in runs if (goal := _goal(run)) is not None), None)


def criteria_of(runs: Iterable[Trace]) -> list[str]:
    """The success criteria that runs state."""
    stated = (run.metadata.get("success_criteria") for run in runs)
    return [text for text in stated if isinstance(text, str)]


def _goal(run: Trace) -> str | None:
    goal = run.metadata.get("goal")
    return goal if isinstance(goal, str) else run.workflow_id
