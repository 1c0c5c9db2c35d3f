"""The digest that is a candidate's id, taken up where its first examples are still the same.

It is over the source hashes of all examples in path order, and a run that comes mostly comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.mining.candidate import Digest

EVERY = 1_000
"""Examples from one state that is kept to the next one."""


class Begun:
    """The states of a digest after some of its examples; it is added to as the digest is made."""

    def __init__(self, states: Iterable[tuple[int, Digest]] = ()) -> None:
        self._states = list(states)

    def until(self, index: int) -> Begun:
        """Where only the first `index` examples are still the same."""
        return Begun(state for state in self._states if state[0] <= index)

    def taken_up(self, made: Callable[[], Digest]) -> tuple[int, Digest]:
        """After how many examples to go on, and the digest of these; `made` gives that of none."""
        if not self._states:
            return 0, made()
        count, digest = self._states[-1]
        return count, digest.copy()

    def reached(self, count: int, digest: Digest) -> None:
        """So many examples are in the digest now."""
        if count - (self._states[-1][0] if self._states else 0) >= EVERY:
            self._states.append((count, digest.copy()))
