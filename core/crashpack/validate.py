"""Strict validation: everything in a crashpack that can be computed must be as computed (spec/crashpack.md, Replay)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.crashpack import integrity, replay_script
from core.crashpack.event_text import project
from core.crashpack.integrity import Problem
from core.crashpack.journal import digest_text, journal_digest
from core.crashpack.ledger import SCHEMA_VERSION, EvidenceLedger, entry_for
from core.crashpack.lines import first_difference, line_problems
from core.crashpack.manifest import listed_paths, manifest_text
from core.crashpack.pack import NAMES, STATE
from core.crashpack.proof import proof_problems
from core.crashpack.reading import PROOF, Contents, read_contents
from core.crashpack.witness import is_witness
from core.model.jsontext import compact, plain, pretty, same
from core.model.record import U64, Flag, Record, Text
from core.model.text import quoted, visible

NOTHING_ELSE: Mapping[str, str] = MappingProxyType({})
"""Where there are only files, as in an archive."""

_LEDGER = "evidence-ledger.json"
_TRACE = "transfer.atp-trace"


class PackReport(Record):
    """What a crashpack holds, and whether it is valid and can be replayed."""

    trace_events: U64 = 0
    ledger_entries: U64 = 0
    violation_entries: U64 = 0
    artifact_paths: tuple[Text, ...] = ()
    journal_digest: Text = ""
    replay_ready: Flag = False


@dataclass(frozen=True, slots=True)
class Validation:
    """The outcome of validating a crashpack."""

    problems: list[Problem]
    contents: Contents
    report: PackReport

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def validate(files: Mapping[str, bytes], strange: Mapping[str, str] = NOTHING_ELSE) -> Validation:
    """Check a crashpack's files; every failure is a problem of its own.

    `strange` is what lies among the files and is none, by name, and what it is; it could be listed nowhere.
    """
    problems = [Problem(name, "is missing") for name in NAMES if name not in files]
    if STATE in files or integrity.NAME in files:
        problems += [p for p in integrity.check_files(files) if p.file in files or p.file not in NAMES]
        problems += [Problem(name, f"{what}; a crashpack holds files alone") for name, what in strange.items()]
    contents, unreadable = read_contents(files)
    problems += unreadable
    for check in (_trace, _journal, _ledger, _manifest, _script, _proof):
        problems.extend(check(contents))
    ledger = contents.ledger or EvidenceLedger()
    report = PackReport(
        trace_events=len(contents.events or ()),
        ledger_entries=len(ledger.entries),
        violation_entries=ledger.violation_entries,
        artifact_paths=ledger.artifact_paths,
        journal_digest=journal_digest(files["journal"]) if "journal" in files else "",
        replay_ready=not problems,
    )
    return Validation(problems, contents, report)


def _trace(contents: Contents) -> Iterator[Problem]:
    """The trace is written as we write it, each log is the projection of its events, and it shows what failed."""
    if contents.events is None:
        return
    if not contents.as_dumped:
        yield Problem(_TRACE, "is not written the way its events are written; something was added")
    for name, data in project(contents.events).items():
        if name in contents.texts and contents.files[name] != data:
            yield Problem(name, f"{first_difference(contents.texts[name], data.decode())} from {_TRACE}")
    entries = contents.ledger.violation_entries if contents.ledger else 0
    if entries and not any(map(is_witness, reversed(contents.events))):
        yield Problem(
            _TRACE, f"has 0 failure witnesses for {entries} violation entries of the ledger, expected 1 or more"
        )


def _journal(contents: Contents) -> Iterator[Problem]:
    """The digest is the journal's, every oracle has a name, and there are violations where the ledger has some."""
    if "journal" in contents.files and "journal.digest" in contents.texts:
        for text in line_problems(contents.texts["journal.digest"], digest_text(contents.files["journal"])):
            yield Problem("journal.digest", text + " from journal")
    if contents.results is None:
        return
    for number, result in enumerate(contents.results, 1):
        if not result.oracle_name:
            yield Problem("journal", f"oracle {number} has no name")
    violations = _violations(contents)
    entries = contents.ledger.violation_entries if contents.ledger else 0
    if violations < entries:
        yield Problem("journal", f"has {violations} violations, the ledger {entries} violation entries")


def _violations(contents: Contents) -> int:
    return sum(len(result.violations) for result in contents.results or ())


def _ledger(contents: Contents) -> Iterator[Problem]:
    """The ledger lists all artifacts once, and its entries weigh what the journal says."""
    ledger = contents.ledger
    if ledger is None:
        return
    if ledger.schema_version != SCHEMA_VERSION:
        yield Problem(_LEDGER, f"schema_version is {ledger.schema_version}, expected {SCHEMA_VERSION}")
    if ledger.artifact_paths[: len(NAMES)] != NAMES:
        missing = ", ".join(name for name in NAMES if name not in ledger.artifact_paths)
        yield Problem(_LEDGER, f"artifact_paths lacks {missing}" if missing else "artifact_paths is out of order")
    yield from _repeated(_LEDGER, ledger.artifact_paths)
    yield from _entries(ledger, contents)
    ordered = all(list(mapping) == sorted(mapping) for mapping in (ledger.seeds, ledger.metadata))
    if pretty(ledger) != contents.files[_LEDGER] or not ordered:
        yield Problem(_LEDGER, "is not written the way a ledger is written; something was added or moved")


def _repeated(file: str, paths: Sequence[str]) -> Iterator[Problem]:
    for path, count in Counter(paths).items():
        if count > 1:
            yield Problem(file, f"artifact_paths lists {quoted(path)} {count} times, expected once")


def _entries(ledger: EvidenceLedger, contents: Contents) -> Iterator[Problem]:
    if contents.results is None:
        return
    if len(ledger.entries) != len(contents.results):
        text = f"has {len(ledger.entries)} entries, the journal has {len(contents.results)} oracles"
        yield Problem(_LEDGER, text)
    for index, (entry, result) in enumerate(zip(ledger.entries, contents.results, strict=False)):
        place = f"entries[{index}]"
        if visible(entry.oracle_name) != result.oracle_name:
            names = f"{quoted(entry.oracle_name)}, the journal has {quoted(result.oracle_name)}"
            yield Problem(_LEDGER, f"{place}.oracle_name is {names}")
            continue
        computed = entry_for(result.replace(oracle_name=entry.oracle_name), entry.timestamp)
        for where, ours, theirs in differences(plain(entry), plain(computed), place):
            text = f"{where} is {compact(ours).decode()}, computed {compact(theirs).decode()} from the journal"
            yield Problem(_LEDGER, text)


def differences(ours: object, theirs: object, place: str) -> Iterator[tuple[str, object, object]]:
    """Every place at which two JSON values differ, with both values; `place` is the path so far."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys((*theirs, *ours)):
            yield from differences(ours.get(key), theirs.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(left, right, f"{place}[{index}]")
    elif not same(ours, theirs):
        yield place, ours, theirs


def _manifest(contents: Contents) -> Iterator[Problem]:
    """The manifest is what journal and ledger make it."""
    ledger, recorded = contents.ledger, contents.texts.get("manifest")
    if recorded is None or ledger is None or contents.results is None:
        return
    paths = listed_paths(recorded)
    computed = manifest_text(
        violations=_violations(contents),
        journal_digest=journal_digest(contents.files["journal"]),
        metadata=ledger.metadata,
        seeds=ledger.seeds,
        artifact_paths=paths,
    )
    yield from (Problem("manifest", text) for text in line_problems(recorded, computed))
    yield from _repeated("manifest", paths)
    ours = [path for path in paths if path not in NAMES]
    theirs = [visible(path) for path in ledger.artifact_paths if path not in NAMES]
    if ours != theirs:
        listed = f"{compact(ours).decode()}, the ledger has {compact(theirs).decode()}"
        yield Problem("manifest", f"artifact_paths besides the nine files are {listed}")


def _script(contents: Contents) -> Iterator[Problem]:
    """The replay command replays this pack and does nothing else."""
    script = contents.texts.get(replay_script.NAME)
    if script is None or contents.results is None or contents.ledger is None:
        return
    names = [result.oracle_name for result in contents.results]
    for text in replay_script.script_problems(script, contents.ledger.seeds, names):
        yield Problem(replay_script.NAME, text)


def _proof(contents: Contents) -> Iterator[Problem]:
    """An agent proof bundle, where there is one, is valid."""
    if contents.proof is not None:
        yield from (Problem(PROOF, text) for text in proof_problems(contents.proof))
