"""The field in which a search of one document is written."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from tui.actions import bindings

NO_SEARCH = "Nothing is searched for; / starts a search."


class FindInput(Input):
    """Enter searches, Escape leaves; the screen has `action_leave_search`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("find")
