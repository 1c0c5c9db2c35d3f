"""What `atp emit` is told: oracles with what they are to judge, or their results, and what happened."""

from __future__ import annotations

from typing import Any, Self

from core.crashpack.event_reading import events_of
from core.crashpack.oracles import Checks, OracleResult, OracleRun, TransferState
from core.crashpack.pack import emit
from core.model.record import U64, DecodeError, Record, Text


class EmitSpec(Record):
    """A crashpack's makings: one oracle, a list of them, or results as they are; in that order where there are several.

    Source: goldens/README.md (`atp emit`'s spec).
    """

    oracle_name: Text | None = None
    state: TransferState | None = None
    checks: Checks = Checks()
    oracles: tuple[OracleRun, ...] = ()
    oracle_results: tuple[OracleResult, ...] = ()
    seeds: dict[Text, U64] = {}
    artifact_paths: tuple[Text, ...] = ()
    metadata: dict[Text, Text] = {}
    trace_events: Any = None

    @property
    def results(self) -> list[OracleResult]:
        """The oracles' results, judged where only a state is given."""
        runs = list(self.oracles)
        if self.oracle_name is not None or self.state is not None:
            state = self.state or TransferState()
            runs.insert(0, OracleRun(oracle_name=self.oracle_name or "", state=state, checks=self.checks))
        return [*(run.run() for run in runs), *self.oracle_results]

    @classmethod
    def decode(cls, value: object) -> Self:
        """The spec of a parsed JSON value, its events as such. Raises DecodeError."""
        made = super().decode(value)
        try:
            # Now, and not when they are written, so that the parsed value can go: it is many times the file's size.
            return made.replace(trace_events=events_of([] if made.trace_events is None else made.trace_events))
        except DecodeError as error:
            raise DecodeError(f"trace_events{error}") from None

    def emit(self, timestamp: int) -> dict[str, bytes]:
        """The crashpack's files."""
        return emit(
            self.results,
            self.trace_events or (),
            seeds=self.seeds,
            artifact_paths=self.artifact_paths,
            metadata=self.metadata,
            timestamp=timestamp,
        )
