"""Whatever is done to a workspace, `verify` notices and says what it was done to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.artifacts.manifest import MANIFEST, REPORT
from core.live.reviewing import Request
from core.model.jsontext import canonical, parse, pretty, sha256_hex
from core.review.verify import Verification, verify
from core.session import Session
from core.store.envelope import seal, unseal
from core.store.journal import Head
from core.store.journal_file import head_path
from core.store.workspace import Workspace
from tests.review.line_changes import deleted, edited, moved, other_type, repeated
from tests.review.making import drop, opened, releases, run

KINDS = ("reject", "revoke", "approve", "needs_work", "revoke", "approve")


def decide(session: Session, kind: Any, lineage: str) -> None:
    view = session.snapshot.view(lineage)
    assert view is not None
    session.decide(Request(kind, lineage, view.behaviour_digest, "ann@example.com", reason=f"why {kind}", seen=view))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> list[Workspace]:
    """The same workspace after each of its decisions, in folders of their own; two lineages have been decided on."""
    base = tmp_path_factory.mktemp("history")
    traces = releases(base / "traces")
    for number in range(3):
        drop(traces, f"deploy-{number}", run(f"deploy-{number}", "1.0", workflow="deploy"))
    found = []
    with opened(traces) as session:
        first, second = (view.lineage for view in session.snapshot.candidates)
        for number, (kind, lineage) in enumerate([*((kind, first) for kind in KINDS), ("approve", second)], 1):
            decide(session, kind, lineage)
            copy = base / f"after-{number}"
            shutil.copytree(base / "traces.assay", copy)
            found.append(Workspace(traces, copy))
    return found


@pytest.fixture
def store(history: list[Workspace], tmp_path: Path) -> Workspace:
    """A copy of the finished workspace, to be damaged."""
    shutil.copytree(history[-1].folder, tmp_path / "copy")
    return Workspace(history[-1].traces, tmp_path / "copy")


def test_a_revocation_that_the_policy_forbids_is_named_and_does_not_count(tmp_path: Path) -> None:
    with opened(releases(tmp_path / "traces")) as session:
        (view,) = session.snapshot.candidates
        decide(session, "reject", view.lineage)
        (rejection,) = session.snapshot.view(view.lineage).decisions  # type: ignore[union-attr]
        forged = rejection.replace(
            actor="bob", kind="revoke", crashpack=None, detail={**rejection.detail, "revokes": [rejection.seq]}
        )
        session.store.append(forged)
        session.adopt()
        assert session.snapshot.candidates[0].status == "rejected"
        told = "decision 2 (revoke by bob) does not take back decision 1 by ann@example.com"
        assert any(problem.startswith(told) for problem in verify(session.store).problems)


def problems(store: Workspace, expected: Head | None = None) -> list[str]:
    return list(verify(store, expected=expected).problems)


def lines_of(store: Workspace) -> list[bytes]:
    return store.journal_file.read_bytes().splitlines()


def put(store: Workspace, lines: list[bytes]) -> None:
    store.journal_file.write_bytes(b"".join(line + b"\n" for line in lines))


def test_an_untouched_workspace_holds(history: list[Workspace]) -> None:
    for number, store in enumerate(history, 1):
        found: Verification = verify(store)
        assert (found.problems, found.decisions) == ((), number)


# ---- the journal's lines


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_change_of_lines_is_noticed_and_the_first_line_named(history: list[Workspace], data: st.DataObject) -> None:
    store = history[-1]
    whole = lines_of(store)
    change = data.draw(st.sampled_from([edited, deleted, moved, repeated, other_type]))
    changed, number = change(list(whole), data)
    if changed == whole:
        return
    try:
        put(store, changed)
        told = [problem for problem in problems(store) if problem.startswith("journal: ")]
        assert told
        assert any(f"line {n}" in told[0] for n in (number, number - 1, number + 1)), (number, told[0])
    finally:
        put(store, whole)


def test_a_last_line_that_was_forged_with_its_note_is_contradicted_by_a_head_that_was_kept(store: Workspace) -> None:
    kept = verify(store).head
    *before, last = lines_of(store)
    value = parse(unseal(last)[0])
    value["predicate"]["reason"] = "something else"
    put(store, [*before, forged := seal(canonical(value))])
    head_path(store.journal_file).write_text(f"{kept.seq}:{sha256_hex(forged)}\n")
    told = f"journal: line {kept.seq} was changed: it is not the one that was recorded (--expect-head names it)"
    assert problems(store, Head.parse(str(kept), "--expect-head"))[0].startswith(told)
    assert any("approval_history is not what the journal says" in problem for problem in problems(store))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("predicate", "crashpack", "name"), "crashpack of decision"),
        (("subject", 0, "name"), "promotion files of decision"),
    ],
)
def test_names_that_lead_elsewhere_are_told_and_never_followed(
    store: Workspace, place: tuple[Any, ...], told: str
) -> None:
    *before, last = lines_of(store)
    value = parse(unseal(last)[0])
    holder = value
    for key in place[:-1]:
        holder = holder[key]
    assert holder[place[-1]]
    holder[place[-1]] = "../elsewhere"
    put(store, [*before, forged := seal(canonical(value))])
    head_path(store.journal_file).write_text(f"{len(before) + 1}:{sha256_hex(forged)}\n")
    assert [problem for problem in problems(store) if problem.startswith(told) and "no name that a" in problem]


def test_a_note_of_the_head_that_was_taken_away_is_named(store: Workspace) -> None:
    head_path(store.journal_file).unlink()
    assert "journal.head is missing" in problems(store)[0]


# ---- an older journal


def put_back(store: Workspace, older: Workspace, *names: str) -> None:
    for name in names:
        shutil.copy(older.folder / name, store.folder / name)


@pytest.mark.parametrize("after", range(1, len(KINDS)))
def test_an_older_journal_is_contradicted_by_the_crashpacks(
    store: Workspace, history: list[Workspace], after: int
) -> None:
    put_back(store, history[after - 1], "journal.jsonl", "journal.head")
    (first, *_) = problems(store)
    assert first.startswith(f"journal: the journal ends at line {after}: decision")
    assert "(crashpack " in first


@pytest.mark.parametrize("after", range(1, 6))
def test_an_older_journal_is_told_as_soon_as_the_workspace_is_opened(
    store: Workspace, history: list[Workspace], after: int
) -> None:
    put_back(store, history[after - 1], "journal.jsonl", "journal.head")
    shown = Session.open(store.traces, workspace=store.folder, actor="ann@example.com").snapshot
    assert "is missing" in shown.journal.faults[0] or "are missing" in shown.journal.faults[0]
    assert "put back an undamaged copy" in shown.journal.faults[0]
    assert any("is named by no decision" in notice for notice in shown.notices)


def test_a_journal_that_lost_its_last_decision_is_noticed_on_opening(
    store: Workspace, history: list[Workspace]
) -> None:
    put_back(store, history[-2], "journal.jsonl", "journal.head")
    shown = Session.open(store.traces, workspace=store.folder, actor="ann@example.com").snapshot
    assert any("is named by no decision: the journal has lost one" in notice for notice in shown.notices)


def test_a_sound_workspace_opens_without_a_word(store: Workspace) -> None:
    shown = Session.open(store.traces, workspace=store.folder, actor="ann@example.com").snapshot
    assert (shown.journal.faults, shown.notices) == ((), ())


def test_an_older_journal_without_its_later_crashpacks_is_contradicted_by_promotion_files_and_a_kept_head(
    store: Workspace, history: list[Workspace]
) -> None:
    kept = verify(store).head
    older = history[3]
    put_back(store, older, "journal.jsonl", "journal.head")
    shutil.rmtree(store.crashpacks)
    shutil.copytree(older.crashpacks, store.crashpacks)
    assert any("is named by no decision" in problem for problem in problems(store))
    assert any("the files are not those of decision 4" in problem for problem in problems(store))
    shutil.rmtree(store.candidates)
    shutil.copytree(older.candidates, store.candidates)
    assert problems(store) == [], "a whole workspace that is put back needs a head kept elsewhere"
    (told,) = problems(store, kept)
    assert told == (
        f"journal: the journal ends at line 4: decisions 5 to {kept.seq} are missing; put back an undamaged copy of "
        "the journal; until then only decisions 1 to 4 count, and none can be added"
    )


def test_an_older_head_that_was_kept_goes_on_holding(store: Workspace, history: list[Workspace]) -> None:
    for older in history:
        assert problems(store, verify(older).head) == []


# ---- promotion files and crashpacks


def _changed(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"build", b"built", 1) if b"build" in data else data + b" ")


@pytest.mark.parametrize("damage", [_changed, Path.unlink, lambda path: path.write_bytes(b"{}")])
def test_every_promotion_file_is_guarded(store: Workspace, damage: Callable[[Path], Any]) -> None:
    for path in [path for path in store.candidates.rglob("*") if path.is_file()]:
        before = path.read_bytes()
        damage(path)
        lineage = path.relative_to(store.candidates).parts[0]
        assert any(problem.startswith(f"candidates/{lineage}") for problem in problems(store)), path
        path.write_bytes(before)
    assert problems(store) == []


@pytest.mark.parametrize("damage", [_changed, Path.unlink, lambda path: path.write_bytes(b"{}")])
def test_every_file_of_a_crashpack_is_guarded(store: Workspace, damage: Callable[[Path], Any]) -> None:
    pack = min(store.crashpacks.iterdir())
    for path in [path for path in pack.rglob("*") if path.is_file()]:
        before = path.read_bytes()
        damage(path)
        told = problems(store)
        assert any(problem.startswith(f"crashpack {pack.name}: ") for problem in told), path
        path.write_bytes(before)
    assert problems(store) == []


def test_a_status_that_was_written_by_hand_is_named(history: list[Workspace], tmp_path: Path) -> None:
    shutil.copytree(history[0].folder, tmp_path / "copy")
    store = Workspace(history[0].traces, tmp_path / "copy")
    (bundle,) = store.candidates.iterdir()
    for name in (MANIFEST, REPORT):
        data = (bundle / name).read_bytes()
        assert b'"blocked"' in data
        (bundle / name).write_bytes(data.replace(b'"blocked"', b'"ready"'))
    assert any(f"candidates/{bundle.name}" in problem and "ready" in problem for problem in problems(store))


def test_what_was_exchanged_for_something_sound_is_named(store: Workspace, history: list[Workspace]) -> None:
    one, other = sorted(store.crashpacks.iterdir())[:2]
    aside = store.folder / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    told = problems(store)
    for pack in (one, other):
        assert any(problem.startswith(f"crashpack {pack.name}: files.sha256 is not the one") for problem in told)


def test_an_older_bundle_is_named(store: Workspace, history: list[Workspace]) -> None:
    (lineage,) = (path.name for path in history[0].candidates.iterdir())
    shutil.rmtree(store.bundle(lineage))
    shutil.copytree(history[2].bundle(lineage), store.bundle(lineage))
    assert any(f"candidates/{lineage}: the files are not those of decision 6" in problem for problem in problems(store))


def test_what_no_decision_made_is_named(store: Workspace) -> None:
    bundle, pack = min(store.candidates.iterdir()), min(store.crashpacks.iterdir())
    shutil.copytree(bundle, store.candidates / "lineage_ffffffffffffffff")
    shutil.copytree(pack, store.crashpacks / "candidate_ffffffffffffffff-001")
    told = problems(store)
    assert any(problem.startswith("candidates/lineage_ffffffffffffffff is named by no decision") for problem in told)
    assert any(problem.startswith("crashpacks/candidate_ffffffffffffffff-001 is named by no") for problem in told)


@pytest.mark.parametrize("where", ["candidates", "crashpacks"])
def test_what_is_missing_is_named(store: Workspace, where: str) -> None:
    gone = min((store.folder / where).iterdir())
    shutil.rmtree(gone)
    assert any(gone.name in problem and "missing" in problem for problem in problems(store))


def test_a_head_that_a_crashpack_made_up_is_told_with_its_name(store: Workspace) -> None:
    pack = min(store.crashpacks.iterdir())
    state = parse((pack / "state.json").read_bytes())
    (pack / "state.json").write_bytes(pretty({**state, "journal_head": "3:" + "a" * 64}))
    told = problems(store)
    assert told[0].startswith(
        f"journal: line 3 was changed: it is not the one that was recorded (crashpack {pack.name} names it); put back"
    )
    (pack / "state.json").write_bytes(pretty({**state, "journal_head": "nonsense"}))
    assert any(f"crashpack {pack.name}: state.json names no head" in problem for problem in problems(store))
