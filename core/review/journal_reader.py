"""The journal as one session reads it again and again: only what was added is verified anew."""

from __future__ import annotations

from dataclasses import replace

from core.store.journal import Journal, Sound
from core.store.policy import Policy
from core.store.signing.checking import Checker
from core.store.workspace import Workspace


class JournalReader:
    """Remembers what it read. Not for several threads at once."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._sound: Sound | None = None
        self._checker = Checker()

    def read(self, policy: Policy) -> Journal:
        """The journal as it stands, its signatures judged by a policy. Raises WorkspaceError when it cannot be read."""
        checker = Checker.of(policy.trusted_keys)
        sound = self._sound
        if sound is not None and checker != self._checker:
            # The signatures still hold, but whose keys are trusted is another question.
            sound = replace(sound, decisions=None)
        journal = self._store.load_journal(check=checker, sound=sound)
        self._sound, self._checker = journal.sound, checker
        return journal
