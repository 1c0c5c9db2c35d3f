"""The review of a result: what was mined, decisions with crashpacks, and raw runs that have to be what was mined."""

from __future__ import annotations

import errno
import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.cluster import session as module
from core.cluster.result import load
from core.cluster.review import shelf_of
from core.cluster.session import ResultSession
from core.columns import rows
from core.live.names import order_of
from core.live.reviewing import Refused, Request
from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import InputError
from core.model.jsontext import parse, pretty
from core.review.verify import verify
from core.session import Session
from core.store.policy import Mode, Policy
from tests.cluster.local import on_cluster, told, write
from tests.cluster.runs import varied
from tests.live.feeding import wait_until
from tests.mining_generalised.noise import closing
from tests.review.making import CLOCK, drop, run

ME = "me@example.org"


@pytest.fixture(params=["exact", "generalised"])
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param


@pytest.fixture
def result(tmp_path: Path, mode: Mode) -> Path:
    for number in range(4):
        drop(tmp_path / "runs", f"r{number}", run(f"r{number}", f"1.{number}"))
    return mined(tmp_path, mode)


@pytest.fixture
def approvable(tmp_path: Path, mode: Mode) -> Path:
    """A result with a candidate that nothing keeps from being approved."""
    for number, one in enumerate(closing(random.Random(1), 12)):
        drop(tmp_path / "runs", f"r{number}", run(f"r{number}", f"1.{number}") if mode == "exact" else one.wire())
    return mined(tmp_path, mode)


def mined(tmp: Path, mode: Mode) -> Path:
    on_cluster(tmp / "runs", Policy(mode=mode), tmp, part_files=3)
    return tmp / "result"


def opened(result: Path) -> ResultSession:
    session = ResultSession.open(result, actor=ME, clock=lambda: CLOCK)
    session.refresh()
    return session


def request(view: CandidateView, kind: str = "approve", reason: str = "fine") -> Request:
    acknowledged = view.warnings
    return Request(
        kind=kind,  # type: ignore[arg-type]
        lineage=view.lineage,
        behaviour_digest=view.behaviour_digest,
        actor=ME,
        reason=reason,
        seen=view,
        acknowledged=acknowledged,
    )


def the(snapshot: Snapshot) -> CandidateView:
    return next(view for view in snapshot.candidates if len(view.candidate.steps) > 1)


def test_it_shows_what_the_live_workspace_shows(tmp_path: Path, mode: Mode) -> None:
    write(tmp_path / "runs", varied(60))
    mined(tmp_path, mode)
    live = Session.open(tmp_path / "runs", mode=mode, actor=ME, clock=lambda: CLOCK)
    assert told(opened(tmp_path / "result").snapshot) == told(live.refresh())


def test_an_approval_leaves_what_it_leaves_in_the_live_workspace(tmp_path: Path, approvable: Path, mode: Mode) -> None:
    session = opened(approvable)
    outcome = session.decide(request(the(session.snapshot)))
    assert outcome.view.status == "ready"
    assert outcome.crashpack is not None
    live = Session.open(tmp_path / "runs", mode=mode, actor=ME, clock=lambda: CLOCK)
    live.refresh()
    other = live.decide(request(the(live.snapshot)))
    assert other.crashpack is not None
    names = {path.relative_to(outcome.crashpack) for path in outcome.crashpack.rglob("*") if path.is_file()}
    assert names == {path.relative_to(other.crashpack) for path in other.crashpack.rglob("*") if path.is_file()}
    fixtures = [name for name in names if name.parts[0] == "fixtures"]
    assert fixtures
    for name in fixtures:
        assert (outcome.crashpack / name).read_bytes() == (other.crashpack / name).read_bytes()
    assert not verify(session.store).problems
    assert the(opened(approvable).snapshot).status == "ready"


def test_a_changed_source_blocks_approval_and_nothing_else(tmp_path: Path, approvable: Path) -> None:
    session = opened(approvable)
    name = next(run.trace_id for run in session.snapshot.runs.values() if run.unit == "r2.json")
    view = the(session.snapshot)
    session.decide(request(view))
    drop(tmp_path / "runs", "r2", run("r2", "7.7"))
    view = the(session.snapshot)
    with pytest.raises(Refused, match=r"1 source file is no longer what was mined.*r2\.json.*run `assay ingest`"):
        session.decide(request(view))
    assert session.decide(request(view, "revoke", "no longer")).decision.kind == "revoke"
    with pytest.raises(InputError, match=r"r2\.json has changed since it was read into the dataset"):
        session.trace(name)
    with pytest.raises(OSError, match="has changed"):
        session.raw("r2.json", 9)


def test_a_source_that_is_away_blocks_approval(tmp_path: Path, result: Path) -> None:
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    session = opened(result)
    with pytest.raises(Refused, match="4 source files are no longer"):
        session.decide(request(the(session.snapshot)))


def test_raw_runs_come_from_the_source(tmp_path: Path, result: Path) -> None:
    session = opened(result)
    data = (tmp_path / "runs/r3.json").read_bytes()
    assert session.raw("r3.json", 9) == (data[:9], len(data))
    with pytest.raises(OSError, match=r"nobody\.json is not among the runs"):
        session.raw("nobody.json", 9)
    assert session.trace("r3").id == "r3"
    assert not session.differences(the(session.snapshot), "r3")
    with pytest.raises(InputError, match="not among the runs"):
        session.trace("nobody")


def test_names_and_rules_count(tmp_path: Path, mode: Mode) -> None:
    for number in range(8):
        made = run(f"r{number}", f"1.{number}")
        made["actions"][1]["observed_output"] = {"failed": int(number == 7)}
        unit = f"shadow/r{number}" if number == 7 else f"r{number}"
        drop(tmp_path / "runs", unit, made)
    session = opened(mined(tmp_path, mode))
    live = Session.open(tmp_path / "runs", mode=mode, actor=ME, clock=lambda: CLOCK)
    live.refresh()
    for one in (session, live):
        rename = replace(request(the(one.snapshot), "rename"), detail={"name": "ship it"})
        one.decide(rename)
        detail = {"step": 2, "pointer": "/failed", "scope": "lineage", "cohort": "release"}
        one.decide(replace(request(the(one.snapshot), "allow"), detail=detail))
    assert the(session.snapshot).rules
    assert the(session.snapshot).label == "ship it"
    assert the(session.snapshot).candidate.shadow == the(live.snapshot).candidate.shadow
    assert told(session.snapshot)[0] == told(live.snapshot)[0]


def test_a_result_that_is_mined_anew_is_taken_in(tmp_path: Path, result: Path, mode: Mode) -> None:
    session = opened(result)
    drop(tmp_path / "runs", "r9", run("r9", "1.9"))
    mined(tmp_path, mode)
    assert the(session.refresh()).cohort_runs == 5
    files = {path.name for path in result.iterdir()}
    assert {name for name in files if name.startswith("raw-")} == {f"raw-{load(result).name}.parquet"}


def test_a_result_that_does_not_fit_the_policy_is_told_until_it_does(tmp_path: Path, result: Path, mode: Mode) -> None:
    session = opened(result)
    shown = session.snapshot
    other: Mode = "exact" if mode == "generalised" else "generalised"
    drop(tmp_path / "runs", "r9", run("r9", "1.9"))
    mined(tmp_path, other)
    for _ in range(2):
        with pytest.raises(InputError, match=f"says mode = {mode}, but the runs were mined with {other}"):
            session.refresh()
        assert session.snapshot is shown
    assert session.trace("r3").id == "r3"
    policy = session.workspace / "assay.toml"
    policy.write_text(policy.read_text().replace(f'mode = "{mode}"', f'mode = "{other}"'))
    assert the(session.refresh()).cohort_runs == 5


def test_what_others_decide_is_seen_while_a_result_does_not_fit_the_policy(
    tmp_path: Path, result: Path, mode: Mode
) -> None:
    session, elsewhere = opened(result), opened(result)
    mined(tmp_path, "exact" if mode == "generalised" else "generalised")
    elsewhere.decide(request(the(elsewhere.snapshot), "reject"))
    with pytest.raises(InputError, match="but the runs were mined with"):
        session.refresh()
    assert the(session.snapshot).status == "rejected"


def test_what_a_turn_took_in_is_shown_also_when_the_turn_fails(
    tmp_path: Path, result: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    shown: list[Snapshot] = []
    with opened(result) as session:
        monkeypatch.setattr(session, "_keep_up", refuse)
        session.start(shown.append, lambda _: None)
        drop(tmp_path / "runs", "r9", run("r9", "1.9"))
        mined(tmp_path, mode)
        wait_until(lambda: any(the(snapshot).cohort_runs == 5 for snapshot in shown))
        wait_until(lambda: "input/output error" in session.activity.trouble)


def test_a_policy_that_does_not_fit_is_told(result: Path) -> None:
    opened(result)
    policy = result.with_name("result.assay") / "assay.toml"
    policy.write_text(policy.read_text().replace('["shadow/**"]', '["later/**"]'))
    with pytest.raises(InputError, match=r"says shadow_paths = .*later.*, but the runs were mined with .*shadow"):
        opened(result)


def test_what_the_system_refuses_is_told_and_looking_goes_on(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with opened(result) as session:
        monkeypatch.setattr(module, "stamp_of", refuse)
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: "permission denied" in session.activity.trouble)
        monkeypatch.undo()
        wait_until(lambda: not session.activity.trouble)


def test_damage_is_told(result: Path) -> None:
    (result / f"raw-{load(result).name}.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"is damaged: .*; mine again"):
        ResultSession.open(result)
    (result / "assay-result.json").write_bytes(pretty({"format": 99, "columns": ""}))
    with pytest.raises(InputError, match="another version"):
        ResultSession.open(result)


def test_what_is_of_another_type_in_a_result_is_damage(result: Path) -> None:
    path = result / "assay-result.json"
    whole = parse(path.read_bytes())
    for name in ("mined_at", "source", "effects", "loaded", "runs", "answers", "cohorts", "rules"):
        for value in (None, {"a": 1}, [["x"]]):
            path.write_bytes(pretty(whole | {name: value}))
            with pytest.raises(InputError, match=r"is damaged: .*; mine again"):
                load(result)


def test_runs_are_in_the_order_of_their_paths_whatever_parts_they_lie_in(tmp_path: Path) -> None:
    for some in (("b/2", "a", "c"), ("b", "b/1", "d"), ("e", "f/1", "f/2")):
        for name in some:
            drop(tmp_path / "runs", name, run(name, "1.0"))
        result = mined(tmp_path, "exact")
        shelf = shelf_of(load(result))
        files = (path.relative_to(tmp_path / "runs") for path in (tmp_path / "runs").rglob("*.json"))
        assert list(shelf.units) == sorted(map(str, files), key=order_of)
        assert list(shelf.units[1:3]) == list(shelf.units)[1:3]
        assert [rows.unit(*shelf.library.place(number)) for number in shelf.runs.tolist()] == list(shelf.units)
    assert len(load(result).segments) > 2
