"""From a dataset to a result that a review opens."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from core.cluster import parts, result
from core.cluster.dataset import Manifest, load, quarantined_of
from core.cluster.draft import Draft, draft
from core.cluster.evidence import Found, Run, candidate_of, mine_cohort
from core.cluster.gather import gather
from core.cluster.job import Job
from core.cluster.mining import Rules, Sorted, mine_exact, sort_runs
from core.cluster.parts import Cohort
from core.cluster.place import Place, lies_in, normal
from core.cluster.result import CohortResult, Given, Result
from core.cluster.review import FromResult, broken_of, shelf_of
from core.cluster.running import Cluster, Progress
from core.cluster.source import Source
from core.columns.again import Reader
from core.live.engine import Change, State, step
from core.live.names import order_of
from core.live.snapshot import Snapshot
from core.model.errors import InputError
from core.model.jsontext import digest
from core.model.text import visible
from core.model.trace import Trace
from core.store.policy import Policy


def mine(given: str, rules: Rules, to: Path, cluster: Cluster, progress: Progress, now: str) -> tuple[Result, Snapshot]:
    """Mine a dataset and write the result; what it shows besides. Raises InputError, and writes nothing then.

    `now` is RFC 3339.
    """
    place = Place(normal(given))
    manifest = load(place)
    if lies_in(str(to), manifest.source):
        raise InputError(f"the result {visible(str(to))} lies inside the source, which is never written to")
    with draft(to, _name(manifest, rules, now)) as begun:
        return _mined(begun, place, manifest, rules, Job(cluster, progress), now)


def _mined(begun: Draft, place: Place, manifest: Manifest, rules: Rules, job: Job, now: str) -> tuple[Result, Snapshot]:
    names = [part.name for part in manifest.parts if part.runs]
    runs = sort_runs(job, place, names, rules)
    cohorts = (
        _exact(job, runs, rules, begun)
        if rules.policy.mode == "exact"
        else _generalised(job, runs, rules, manifest, begun)
    )
    apart = [job.cluster.submit(_compared_only, one) for one in runs.members]
    segments, answers = begun.kept()
    made = Result(
        name=begun.name,
        source=manifest.source,
        effects=manifest.effects,
        dataset=place.url,
        policy=rules.policy,
        share=rules.share,
        loaded=sum(runs.cohorts.values()) + sum(job.fetched(apart, "counting runs")),
        actions=manifest.actions,
        mined_at=now,
        program=f"assay {version('assay')}",
        cohorts=tuple(cohorts),
        segments=segments,
        answers=answers,
        problems=tuple(one for part in manifest.parts if part.quarantined for one in quarantined_of(place, part.name)),
    )
    job.told("putting the result together")
    raw: dict[str, bytes] = {}
    snapshot = snapshot_of(made, rules, now, raw)
    made = replace(made, raw=raw)
    begun.save(made)
    return made, snapshot


def _compared_only(known: parts.Members) -> int:
    return len(known.shadow)


def _name(manifest: Manifest, rules: Rules, now: str) -> str:
    told = [manifest.name, result.rules_of(rules.policy), rules.share, now]
    return digest(told).removeprefix("sha256:")[:16]


def snapshot_of(made: Result, rules: Rules, now: str, raw: dict[str, bytes]) -> Snapshot:
    """What a review of a result shows when nothing was decided; `raw` is given the files that were read for it."""
    source = Source(made.source, made.effects)

    def read(unit: str, sha256: str) -> Trace:
        if sha256 not in raw:
            raw[sha256] = source.data(unit, sha256)
        return source.decoded(raw[sha256], unit)

    state = State(
        shelf=shelf_of(made),
        elsewhere=FromResult(made),
        read=Reader(read),
        broken=broken_of(made),
        policy=rules.policy,
        created_at=now,
    )
    return step(state, Change()).snapshot


def _exact(job: Job, runs: Sorted, rules: Rules, begun: Draft) -> list[CohortResult]:
    found = mine_exact(job, runs, rules)
    gather(job, runs, found, begun)
    return [
        CohortResult(cohort, count, rules.least(count), tuple(found.get(cohort, ())))
        for cohort, count in runs.cohorts.items()
    ]


def _generalised(job: Job, runs: Sorted, rules: Rules, manifest: Manifest, begun: Draft) -> list[CohortResult]:
    """Every cohort as a whole on one worker: what counts as evidence depends on all runs of it."""
    place, names = [runs.place] * len(runs.names), runs.names
    listed = [
        one for some in job.fetched(job.each(parts.listed, place, names, runs.members), "listing runs") for one in some
    ]
    listed.sort(key=lambda one: order_of(one[0]))
    compared = [Run(unit, sha) for unit, sha, _, _, shadow in listed if shadow]
    by_cohort: dict[Cohort, list[Run]] = {cohort: [] for cohort in runs.cohorts}
    for unit, sha, _, cohort, shadow in listed:
        if not shadow:
            by_cohort[cohort].append(Run(unit, sha))
    source = Source(manifest.source, manifest.effects)
    tasks = [
        job.cluster.submit(
            mine_cohort, source, cohort, members, compared, _policy(rules, len(members)), weight=len(members)
        )
        for cohort, members in by_cohort.items()
    ]
    found: list[list[Found]] = job.fetched(tasks, "mining", "runs")
    ids = frozenset(trace_id for some in found for one in some for trace_id in one.trace_ids)
    units = frozenset(unit for unit, _, trace_id, _, _ in listed if trace_id in ids)
    given = ([runs.place] * len(names), names, runs.members, [units] * len(names))
    for some in job.streamed(parts.of_units, "gathering evidence", *given):
        if some is not None:
            begun.add(some)
    return [
        CohortResult(cohort, len(members), rules.least(len(members)), given=tuple(map(_given, some)))
        for (cohort, members), some in zip(by_cohort.items(), found, strict=True)
    ]


def _policy(rules: Rules, count: int) -> Policy:
    return rules.policy.replace(min_examples=rules.least(count))


def _given(found: Found) -> Given:
    return Given(found.lineage, candidate_of(found), found.backwards, found.unresolved)
