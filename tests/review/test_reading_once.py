"""A decision about many runs reads each file once, keeps few of them whole, and writes the same as ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.artifacts.redact import Redactor
from core.columns import encode
from core.live import column_parts, payloads, read
from core.live.changes import LoadedFile, Stamp
from core.live.foreign import foreign
from core.live.read import FileBytes
from core.live.reread import reread
from core.model.late import Late
from core.model.record import Record
from core.model.trace import Trace
from core.review.bundle import bundle_of
from core.review.runs import Copies, Runs
from core.session import Session
from core.store.files import read_folder
from tests.importers.importing import chat, lines
from tests.review.making import drop, opened, releases, run
from tests.review.test_decide import only, request

COUNT, MOST = 12, 3


def limited(session: Session) -> Session:
    """The session with few copies in a crashpack."""
    path = session.workspace / "assay.toml"
    path.write_text(path.read_text().replace("max_fixtures = 200", f"max_fixtures = {MOST}"))
    session.refresh()
    return session


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often what was done, by what it is."""
    counted: Counter[str] = Counter()

    def count(owner: object, name: str, what: str) -> None:
        plain = getattr(owner, name)

        def counting(*args: object, **more: object) -> object:
            counted[what] += 1
            return plain(*args, **more)

        monkeypatch.setattr(owner, name, counting)

    count(read, "_bytes", "read")
    count(read, "decode_trace", "decoded")
    count(payloads, "read_file", "read again")
    return counted


def test_each_file_is_read_once_and_only_copies_are_decoded(
    tmp_path: Path, seen: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.review.bundle.MAX_FIXTURES", MOST)
    monkeypatch.setattr("core.review.runs.MAX_FIXTURES", MOST)
    session = limited(opened(releases(tmp_path / "traces", COUNT)))
    view = only(session)
    seen.clear()
    redacted: list[str] = []
    plain = Redactor.everything

    def everything(redactor: Redactor, record: Record) -> Record:
        redacted.extend([record.id] if isinstance(record, Trace) else ())
        return plain(redactor, record)

    monkeypatch.setattr(Redactor, "everything", everything)
    outcome = session.decide(request(view))
    assert seen == {"read": COUNT, "decoded": MOST}
    assert len(redacted) == len(set(redacted)) == MOST
    assert outcome.crashpack is not None
    assert outcome.bundle is not None
    for folder in (outcome.crashpack, outcome.bundle):
        assert sum(name.startswith("fixtures/") for name in read_folder(folder)) == MOST


def test_a_file_of_many_runs_is_read_and_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "many.jsonl").write_bytes(b"".join(lines(chat(f"m{number}")) for number in range(COUNT)))
    session = limited(opened(traces, cohort="none"))
    decoded: list[str] = []

    def counting(data: bytes, unit: str, stamp: Stamp, sha256: str, effects: str) -> object:
        decoded.append(unit)
        return foreign(data, unit, stamp, sha256, effects)

    monkeypatch.setattr(read, "foreign", counting)
    view = only(session)
    outcome = session.decide(request(view, acknowledged=view.warnings))
    assert decoded == ["many.jsonl"]
    assert outcome.crashpack is not None
    assert sum(name.startswith("fixtures/") for name in read_folder(outcome.crashpack)) == MOST


def test_the_bundle_is_the_one_that_whole_runs_give(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(COUNT):
        more = {"source": f"https://u:secret-{number}@host"} if number % 2 else {"source_hash": f"sha256:{number:064}"}
        receipt = {"source_receipt_id": ["receipt", "ghp_" + "x1Y2" * 9, {"no": "text"}][number % 3]}
        made = run(f"run-{number}", f"1.{number}", **more, metadata=receipt)
        made["actions"][1].pop("id")
        drop(traces, f"run-{number}", made)
    session = limited(opened(traces))
    session.decide(request(only(session), "needs_work"))
    view, redactor = only(session), session.store.redactor(session.snapshot.policy)
    whole = Runs({trace_id: session.trace(trace_id) for trace_id in session.snapshot.runs})
    expected = bundle_of(view, whole, Copies(whole, redactor), redactor)
    written = read_folder(session.workspace / "candidates" / view.lineage)
    assert {name: data for name, data in written.items() if name != "files.sha256"} == expected


def test_nothing_stays_in_memory_after_a_decision(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces", COUNT))
    before = only(session)
    session.decide(request(before))
    for view in (before, only(session)):
        for items in (view.candidate.examples, view.candidate.shadow.traces):
            assert isinstance(items, Late)
            assert items[0] is not items[0], "made anew at each look"


def test_units_of_runs_whose_ids_look_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (encode, column_parts):
        monkeypatch.setattr(module, "id_hash", lambda _: b"the same")
    session = opened(releases(tmp_path / "traces", COUNT))
    parts, ids = session.adopt().parts, [f"run-{number}" for number in range(COUNT)]
    assert parts.units([*ids, "nobody"]) == {trace_id: f"{trace_id}.json" for trace_id in ids}
    assert parts.units([]) == {}


def test_a_folder_that_is_moved_meanwhile_does_not_make_its_files_vanish(tmp_path: Path) -> None:
    known = {}
    for name in ("a/1.json", "a/2.json"):
        path = drop(tmp_path, name.removesuffix(".json"), run(name))
        found = read.read_file(tmp_path, name, 1 << 20)
        assert isinstance(found, LoadedFile)
        known[name] = found
        assert path.is_file()
    told: list[str] = []

    def move(units: Sequence[str], found: FileBytes) -> None:
        told.extend(units)
        assert found.sha256 == known[units[0]].sha256
        if units == ["a/1.json"]:
            (tmp_path / "a").rename(tmp_path / "b")
            (tmp_path / "a").mkdir()
            (tmp_path / "b" / "2.json").rename(tmp_path / "a" / "2.json")

    assert not reread(tmp_path, known, known, 1 << 20, move)
    assert told == ["a/1.json", "a/2.json"]
