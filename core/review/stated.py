"""What effects.toml in the workspace states of other tools' runs that are read directly.

It lies in the workspace and not in the traces folder: what is dropped there comes from agents, and what their tools
change is for the reviewer to say.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.live.reviewing import Refused
from core.live.snapshot import CandidateView
from core.model.errors import InputError, WorkspaceError
from core.model.text import visible
from core.store.trouble import is_there

_CHANGED = "effects.toml was changed; the runs of other tools are being read again with it"
_READ = "effects.toml was changed; the runs of other tools were read again with it"
_BEHIND = "effects.toml was changed and the runs of other tools are still being read again; look again in a moment"


class Stated:
    """The file as it was last found right. Not for several threads at once."""

    def __init__(self, path: Path | None) -> None:
        """None for nothing stated."""
        self._path = path
        self._is_first = True
        self.text = ""
        """The text that counts; empty for nothing stated."""
        self.trouble = ""
        """Why the file as it is now cannot be used, and what to do; the text before it counts on."""
        self.told: tuple[str, ...] = ()
        """What the user is to be told."""
        self.is_behind = False
        """Whether runs are in use that were read with another text."""

    def look(self) -> bool:
        """Read the file again; whether another text counts now.

        Raises InputError when it is wrong the first time: without it, runs would seem to change nothing.
        """
        before, is_first = self.text, self._is_first
        self.text, self.trouble = self._read()
        if is_first and self.trouble:
            raise InputError(self.trouble)
        self._is_first = False
        changed = self.text != before
        if changed and not is_first:
            self.told = (_CHANGED,)
        self.is_behind = self.is_behind or changed
        return changed

    def current(self) -> str:
        """The text that counts, for reading everything with it."""
        self.caught_up(behind=False)
        return self.text

    def caught_up(self, *, behind: bool) -> bool:
        """Take in whether reading is still behind; true once, when the last run was read again."""
        before, self.is_behind = self.is_behind, self.is_behind and behind
        if self.told and not self.is_behind:
            self.told = (_READ,)
        return before and not self.is_behind

    def check(self, view: CandidateView) -> None:
        """Allow a decision only on what the file states now. Raises WorkspaceError or Refused."""
        if self.trouble:
            raise WorkspaceError(self.trouble)
        if self.is_behind:
            raise Refused((_BEHIND,), view, stale=True)

    def _read(self) -> tuple[str, str]:
        try:
            if self._path is None or not is_there(self._path):
                return "", ""
            if not os.path.isfile(self._path):  # noqa: PTH113 - reading a pipe would wait for who writes
                raise InputError(f"{visible(str(self._path))} is no file")
            return self._loaded(self._path), ""
        except (InputError, WorkspaceError) as error:
            told = "correct it, or move it away"
            if not self._is_first:
                told += "; until then what it stated before counts, and nothing can be decided"
            return self.text, f"{error}; {told}"

    @staticmethod
    def _loaded(path: Path) -> str:
        from core.importers.effects_file import load_stated  # most workspaces have no such file

        return load_stated(path)[0]
