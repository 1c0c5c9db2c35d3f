"""Where a review keeps its state: the workspace folder, beside the traces folder unless told otherwise.

NAME.assay/
  format.json     the version of this layout; written last when a workspace is made
  assay.toml      the policy
  effects.toml    what the tools of other formats' runs change, where somebody states it
  journal.jsonl   the decisions (journal.head: its noted end, journal.torn-N: what crashes cut short,
                  journal.checkpoint: how far it was verified, disposable)
  redaction.key   random, readable by its owner only: what equal secrets are told apart by; in no crashpack
  lock            held while something is decided, never deleted
  candidates/     one bundle per decided lineage
  crashpacks/     one folder per approval or rejection, CANDIDATE_ID-NNN
  pruned.json     which crashpacks were removed on request
  tmp/            crashpacks that are being built
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.artifacts.redact import Redactor
from core.model.decision import Decision
from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError, parse, pretty
from core.store.checkpoint import EVERY, private_key, read_checkpoint, write_checkpoint
from core.store.disk import DISK, Disk
from core.store.files import make_folder, write_file
from core.store.journal import TRUST_NOBODY, Check, Head, Journal, Sound
from core.store.journal_file import Appended, append, load_journal
from core.store.lock import PATIENCE, locked
from core.store.places import check_is_free, check_place, plain_name, sibling, traces_folder, why_not
from core.store.policy import NEW_POLICY, CohortKey, Mode, Policy
from core.store.policy_file import load_policy, write_policy
from core.store.redaction import redactor_for
from core.store.signing.signer import Signer
from core.store.trouble import explained, is_there, names_in, read_regular, shown

FORMAT = 1
"""The version of the layout that this program reads and writes."""

EFFECTS = "effects.toml"
"""The name of the file that states what tools change."""

KEY_BYTES = 32
"""Bytes of the key of redaction."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace and the traces folder that it is about; both paths are absolute and without links."""

    traces: Path
    folder: Path
    why_not: str = ""
    """Why nothing can be written, as a sentence; empty when it can."""
    fresh: Policy = field(default_factory=Policy)
    """The policy that a new workspace is made with."""
    disk: Disk = DISK

    @classmethod
    def open(
        cls,
        traces: Path,
        workspace: Path | None = None,
        *,
        mode: Mode | None = None,
        cohort: CohortKey | None = None,
        create: bool = True,
        disk: Disk = DISK,
    ) -> Workspace:
        """The workspace of a traces folder, made now when it is new (unless `create` is off) and can be written.

        `mode` and `cohort` are those of a new workspace. Raises InputError when the traces folder cannot be used, and
        WorkspaceError when the workspace lies where it must not, is not one of ours, was made by a newer program, or
        has another mode or cohort than asked for.
        """
        given, traces = traces, traces_folder(traces)
        # Unlike Path.resolve, realpath lets a link that leads to itself pass, and check_place refuses it.
        folder = sibling(traces, given) if workspace is None else Path(os.path.realpath(workspace))
        check_place(traces, folder)
        chosen = {key: value for key, value in (("mode", mode), ("cohort", cohort)) if value is not None}
        opened = cls(traces, folder, why_not(folder), NEW_POLICY.replace(**chosen), disk)
        if opened.exists:
            opened._check_format()
            opened._check_chosen(chosen)
            return opened
        check_is_free(folder)
        if create and opened.writable:
            opened = opened._made()
        opened._check_chosen(chosen)
        return opened

    @property
    def exists(self) -> bool:
        """Whether the workspace was made, completely. Raises WorkspaceError where nobody can tell."""
        return is_there(self.format_file)

    @property
    def writable(self) -> bool:
        """Whether decisions can be recorded; `why_not` says why they cannot."""
        return not self.why_not

    @property
    def format_file(self) -> Path:
        """The file with the layout's version."""
        return self.folder / "format.json"

    @property
    def policy_file(self) -> Path:
        """The policy's file."""
        return self.folder / "assay.toml"

    @property
    def effects_file(self) -> Path:
        """The file that states what tools change; most workspaces have none."""
        return self.folder / EFFECTS

    @property
    def journal_file(self) -> Path:
        """The journal's file."""
        return self.folder / "journal.jsonl"

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files that other processes and people change while a review is open."""
        return self.journal_file, self.policy_file, self.key_file, self.effects_file

    @property
    def checkpoint_file(self) -> Path:
        """The file that says how far the journal was verified."""
        return self.folder / "journal.checkpoint"

    @property
    def key_file(self) -> Path:
        """The file with the key of redaction."""
        return self.folder / "redaction.key"

    @property
    def lock_file(self) -> Path:
        """The lock's file."""
        return self.folder / "lock"

    @property
    def candidates(self) -> Path:
        """The folder with one bundle per decided lineage."""
        return self.folder / "candidates"

    @property
    def crashpacks(self) -> Path:
        """The folder with all crashpacks."""
        return self.folder / "crashpacks"

    @property
    def tmp(self) -> Path:
        """The folder in which crashpacks are built; whatever a crash leaves there is dealt with at the next start."""
        return self.folder / "tmp"

    def bundle(self, lineage: str) -> Path:
        """The folder of a lineage's bundle. Raises WorkspaceError when the name could lead elsewhere."""
        return self.candidates / plain_name(lineage)

    def crashpack(self, name: str) -> Path:
        """The folder of a crashpack. Raises WorkspaceError when the name could lead elsewhere."""
        return self.crashpacks / plain_name(name)

    def next_crashpack(self, candidate_id: str, decisions: Iterable[Decision]) -> str:
        """`CANDIDATE_ID-NNN` with a number above all that the journal or the disk has; the lock must be held."""
        pattern = re.compile(re.escape(plain_name(candidate_id)) + r"-([0-9]{3,9})")
        names = [d.crashpack.name for d in decisions if d.crashpack is not None]
        names += names_in(self.crashpacks)
        numbers = [int(found[1]) for name in names if (found := pattern.fullmatch(name))]
        return f"{candidate_id}-{max(numbers, default=0) + 1:03}"

    def load_policy(self) -> Policy:
        """The policy, as the file says now. Raises WorkspaceError, also when the file is missing."""
        if not self.exists:
            return load_policy(self.policy_file) if is_there(self.policy_file) else self.fresh
        if not is_there(self.policy_file):
            raise WorkspaceError(
                f"{shown(self.policy_file)} is missing; put back a copy, or make an empty file to accept the defaults"
            )
        return load_policy(self.policy_file)

    def redactor(self, policy: Policy) -> Redactor:
        """What takes secrets out of crashpacks and bundles; its marks are all alike where the key cannot be read.

        Raises WorkspaceError when the key's file is damaged.
        """
        try:
            text = read_regular(self.key_file).decode("ascii").strip()
            key = bytes.fromhex(text)
        except OSError:
            return redactor_for(policy.redaction, None)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise WorkspaceError(
                f"{shown(self.key_file)} is damaged: expected {2 * KEY_BYTES} hex digits; put back a copy, or remove "
                "it to have a new one made (secrets of older crashpacks then compare equal whatever they were)"
            )
        return redactor_for(policy.redaction, key)

    def load_journal(
        self,
        *,
        known: Sequence[Head] = (),
        check: Check = TRUST_NOBODY,
        sound: Sound | None = None,
        complete: bool = False,
    ) -> Journal:
        """The journal as it stands. Raises WorkspaceError when it cannot be read.

        What was verified before, by `sound` or the checkpoint, is only compared by its sha256; all is verified with
        `complete`.
        """
        secret = private_key(self.key_file)
        if complete:
            sound = None
        elif sound is None:
            sound = read_checkpoint(self.checkpoint_file, secret)
        journal = load_journal(self.journal_file, known=known, check=check, sound=sound)
        if self.writable and self.exists and journal.head.seq - journal.recalled >= EVERY:
            write_checkpoint(self.checkpoint_file, secret, journal, disk=self.disk)
        return journal

    def append(self, draft: Decision, signer: Signer | None = None) -> Appended:
        """Record a decision (core.store.journal_file); the lock must be held. Raises WorkspaceError, InputError."""
        sound = read_checkpoint(self.checkpoint_file, private_key(self.key_file))
        return append(self.journal_file, draft, signer=signer, sound=sound, disk=self.disk)

    @contextmanager
    def locked(self, actor: str = "", *, timeout: float = PATIENCE) -> Iterator[None]:
        """Hold the workspace's lock, making the workspace first when it is new.

        Raises WorkspaceError when nothing can be written, LockHeld when somebody else does not let go in time.
        """
        if not self.writable:
            raise WorkspaceError(self.why_not)
        with explained("make", self.folder):
            make_folder(self.folder, disk=self.disk)
        with locked(self.lock_file, actor=actor, timeout=timeout):
            self._fill()
            yield

    def _made(self) -> Workspace:
        """The workspace, made; a disk that refuses leaves one that can only be looked at."""
        try:
            with self.locked():
                return self
        except WorkspaceError as error:
            if isinstance(error.__cause__, OSError):
                return replace(self, why_not=str(error))
            raise

    def _fill(self) -> None:
        """Write what a new workspace needs, the format last; the lock is held. A key that is missing is made anew."""
        if not is_there(self.key_file):
            data = f"{secrets.token_hex(KEY_BYTES)}\n".encode()
            write_file(self.key_file, data, mode=0o600, disk=self.disk)
        if self.exists:
            return
        if not is_there(self.policy_file):
            write_policy(self.policy_file, self.fresh, disk=self.disk)
        write_file(self.format_file, pretty({"format": FORMAT, "program": "assay"}) + b"\n", disk=self.disk)

    def _check_format(self) -> None:
        with explained("read", self.format_file):
            data = read_regular(self.format_file)
        try:
            value = parse(data)
        except JsonError as error:
            raise WorkspaceError(f"{shown(self.format_file)} is damaged: {error}; put back a copy") from None
        version = value.get("format") if isinstance(value, dict) else None
        if type(version) is not int or version < 1:
            raise WorkspaceError(f"{shown(self.format_file)} is damaged: it names no format; put back a copy")
        if version > FORMAT:
            raise WorkspaceError(
                f"{shown(self.folder)} was made by a newer program (format {version}, this one knows {FORMAT}); "
                "update assay to open it"
            )

    def _check_chosen(self, chosen: dict[str, Mode | CohortKey]) -> None:
        """Refuse another mode or cohort than the workspace has: it would give decided lineages other names."""
        policy = self.load_policy() if chosen else self.fresh
        for key, value in chosen.items():
            if value != (present := getattr(policy, key)):
                raise WorkspaceError(
                    f"{shown(self.folder)} was made with {key} {present}, not {value}; change it in "
                    f"{shown(self.policy_file)} or name another workspace with --workspace"
                )
