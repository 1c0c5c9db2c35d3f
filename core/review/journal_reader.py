"""The journal as one session reads it again and again: only what was added is verified anew."""

from __future__ import annotations

from dataclasses import replace

from core.model.text import visible
from core.store.journal import Journal, Sound
from core.store.policy import Policy
from core.store.signing.checking import Checker
from core.store.trouble import names_in
from core.store.workspace import Workspace


class JournalReader:
    """Remembers what it read. Not for several threads at once."""

    def __init__(self, store: Workspace) -> None:
        self._store = store
        self._sound: Sound | None = None
        self._checker = Checker()

    def read(self, policy: Policy) -> Journal:
        """The journal as it stands, its signatures judged by a policy. Raises WorkspaceError when it cannot be read.

        A crashpack that no decision names is noted, and its head compared: that is how an older journal shows.
        """
        checker = Checker.of(policy.trusted_keys)
        sound = self._sound
        if sound is not None and checker != self._checker:
            # The signatures still hold, but whose keys are trusted is another question.
            sound = replace(sound, decisions=None)
        # The folder first: a crashpack comes after its decision, so one decided in between does no harm.
        packs = self._crashpacks()
        journal = self._store.load_journal(check=checker, sound=sound)
        self._sound, self._checker = journal.sound, checker
        strangers = packs - {d.crashpack.name for d in journal.decisions if d.crashpack is not None}
        if not strangers or journal.faults:
            return journal
        from core.review.verify_journal import crashpack_heads  # seldom needed, and then there is time

        heads, _ = crashpack_heads(self._store, strangers)
        journal = self._store.load_journal(known=heads, check=checker, sound=journal.sound)
        return replace(journal, notes=(*journal.notes, *map(_told, sorted(strangers))))

    def _crashpacks(self) -> set[str]:
        """The names of all crashpacks."""
        return {name for name in names_in(self._store.crashpacks) if not name.startswith(".")}


def _told(name: str) -> str:
    return (
        f"Crashpack {visible(name)} is named by no decision: the journal has lost one, or somebody put it there; "
        "`assay verify` tells more."
    )
