"""Crashpacks: emitting, validating, minimising, exporting and redacting."""

from __future__ import annotations

from pathlib import Path

from core.artifacts.redact import Redactor
from core.crashpack.event_reading import read_events
from core.crashpack.events import TraceEvent, dump_events
from core.crashpack.minimise import MinimiseOptions, minimise
from core.crashpack.oracles import OracleRun, TransferState
from core.crashpack.pack import MODES, emit
from core.crashpack.recording import EventLog
from core.crashpack.validate import validate
from core.store.archive import pack, unpack
from core.store.files import read_folder
from core.store.new_folder import write_new_folder
from tests.bench.measure import Benchmark, Clock

RUN = OracleRun(oracle_name="promotion", state=TransferState(journal_gaps=2))


def events(count: int) -> list[TraceEvent]:
    """What a big promotion records: mostly messages, some of each log's class, and a failure at the end."""
    log = EventLog()
    log.region_opened(0)
    for number in range(count - 4):
        time = number * 1_000
        match number % 10:
            case 5:
                log.region_opened(number, time, parent=0)
            case 6:
                log.message(f"quic packet {number} sent", time)
            case 7:
                log.message(f"route chosen over path {number}", time)
            case 8:
                log.checkpoint(number, 3, 4, time)
            case 9:
                log.obligation(number, "Committed", time, task=1, region=1)
            case _:
                log.message(f"run trace-{number % 500:04d} action a{number % 40} git.checkout_branch", time)
    for violation in RUN.run().violations:
        log.witness(RUN.oracle_name, violation, count * 1_000)
    log.region_closed(0, count * 1_000)
    assert len(log.events) == count
    return log.events


def emit_and_validate(clock: Clock, folder: Path) -> None:
    """In memory, as a decision and `verify` do it."""
    made = events(200_000)
    with clock("emit"):
        files = emit([RUN.run()], made)
    del made
    with clock("validate"):
        outcome = validate(files)
    assert outcome.passed
    assert outcome.report.trace_events == 200_000


def on_disk(clock: Clock, folder: Path) -> None:
    """With the files written, flushed and read again."""
    made = events(200_000)
    with clock("emit"):
        files = emit([RUN.run()], made)
    del made
    with clock("write"):
        write_new_folder(folder / "pack", files, modes=MODES)
    del files
    with clock("read"):
        files = read_folder(folder / "pack")
    with clock("validate"):
        assert validate(files).passed


def minimising(clock: Clock, folder: Path) -> None:
    made = events(20_000)
    options = MinimiseOptions(reduction_target=1.0, max_attempts=10**9)
    with clock("minimise"):
        outcome = minimise(made, options)
    assert outcome.stats.minimized_length < 5_000


def minimising_structural(clock: Clock, folder: Path) -> None:
    """The hard case: everything is tried, and what has to stay is refused one by one."""
    made = [*events(10_000), *(TraceEvent(seq=n, kind="obligation_leak") for n in range(10_000))]
    options = MinimiseOptions(reduction_target=1.0, max_attempts=10**9, preserve_oracle_events=False)
    with clock("minimise"):
        outcome = minimise(made, options)
    assert outcome.stats.attempts_made > 19_000


def reading(clock: Clock, folder: Path) -> None:
    data = dump_events(events(200_000))
    with clock("read"):
        found, as_dumped = read_events(data)
    assert as_dumped
    assert len(found) == 200_000


def archives(clock: Clock, folder: Path) -> None:
    files = emit([RUN.run()], events(200_000))
    with clock("pack"):
        data = pack(files, ".tar.zst", "pack")
    with clock("unpack"):
        assert unpack(data) == files


def redacting(clock: Clock, folder: Path) -> None:
    """Ten thousand texts such as tools give out, one in ten with a secret."""
    secret = "gh" + "p_" + "aB3dE5fG7h" * 4
    line = "2026-10-01T10:00:00Z INFO release built 1.4.2 in 381 ms, 3 warnings, see https://ci.example.com/runs/99"
    value = [
        {"log": f"{line} {number}", "note": f"with {secret}" if number % 10 == 0 else "ok"} for number in range(10_000)
    ]
    redactor = Redactor(key=b"k")
    with clock("redact"):
        left = redactor.json(value)
    assert sum("[redacted:github_token:" in item["note"] for item in left) == 1_000


BENCHMARKS = (
    Benchmark("pack-200k", "emit and validate a pack with 200,000 events", emit_and_validate, 1.5, 300),
    Benchmark("pack-200k-disk", "the same with the files written, flushed and read", on_disk),
    Benchmark("read-200k", "read the trace of 200,000 events", reading),
    Benchmark("minimise-20k", "minimise 20,000 events to a target of 1.0", minimising, 1.0),
    Benchmark("minimise-20k-hard", "the same with every event tried", minimising_structural, 1.0),
    Benchmark("export-200k", "pack and unpack a .tar.zst of 200,000 events", archives),
    Benchmark("redact-10k", "redact 10,000 texts of 100 characters", redacting),
)
