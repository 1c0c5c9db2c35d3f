"""What is remembered between two reviews; losing it is a pity and never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from core.model.errors import AssayError
from core.model.jsontext import JsonError, parse, pretty
from core.store.config import config_folder
from core.store.files import write_file

Value = TypeVar("Value", str, bool)

_writing = Lock()
"""Held by the thread that changes the settings: what it read must not be written over what another one wrote."""

KEPT = 100
"""Lists whose looks are remembered; the ones that were not used for longest are forgotten first."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """How one list of one traces folder was left."""

    filter: str = ""
    """The text of the filter."""
    sort: str = ""
    """The key of the column that it is sorted by; empty for the usual order."""
    reverse: bool = False
    """Whether it is sorted the other way round."""
    folded: tuple[str, ...] = ()
    """The titles of the sections that are folded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one person on one machine."""

    theme: str = ""
    """The name of the chosen theme; empty when none was chosen."""
    greeted: bool = False
    """Whether the hint for newcomers was shown."""
    views: Mapping[str, ViewState] = field(default_factory=dict)
    """How lists were left, by `NAME PATH` of list and traces folder; the last used one last."""


def folder() -> Path:
    """Where settings and crash reports are kept."""
    return config_folder()


def load() -> Settings:
    """The remembered settings; what cannot be read or is of another kind counts as not set."""
    try:
        found: Any = parse((folder() / "settings.json").read_bytes())
    except (OSError, JsonError):
        return Settings()
    if not isinstance(found, dict):
        return Settings()
    views = found.get("views")
    return Settings(
        theme=_of(found, "theme", ""),
        greeted=_of(found, "greeted", False),
        views={key: _view(value) for key, value in views.items()} if isinstance(views, dict) else {},
    )


def _view(value: Any) -> ViewState:
    found = value if isinstance(value, dict) else {}
    folded = found.get("folded")
    return ViewState(
        _of(found, "filter", ""),
        _of(found, "sort", ""),
        _of(found, "reverse", False),
        tuple(title for title in folded if isinstance(title, str)) if isinstance(folded, list) else (),
    )


def _of(found: Mapping[str, Any], key: str, usual: Value) -> Value:
    value = found.get(key)
    return value if isinstance(value, type(usual)) else usual


def remember(**changes: Any) -> str:
    """Write changed settings; what went wrong, empty when nothing did."""
    with _writing:
        made = replace(load(), **changes)
        held = {key: value for key, value in asdict(made).items() if value}
        try:
            write_file(folder() / "settings.json", pretty(held) + b"\n")
        except (OSError, AssayError) as error:
            return str(error)
        return ""


class Memory:
    """How the lists of one traces folder are left; `flush` writes what changed since the last time, in any thread."""

    def __init__(self, traces: Path) -> None:
        self._place = str(traces.absolute())
        self._changed: dict[str, ViewState] = {}
        self._known = load().views
        self._lock, self._writing = Lock(), Lock()

    def recall(self, name: str) -> ViewState:
        """How a list was left."""
        with self._lock:
            return self._changed.get(name) or self._known.get(self._key(name), ViewState())

    def keep(self, name: str, state: ViewState) -> None:
        """Note how a list looks now."""
        if state != self.recall(name):
            with self._lock:
                self._changed[name] = state

    @property
    def dirty(self) -> bool:
        """Whether something is noted that is not written yet."""
        return bool(self._changed)

    def flush(self) -> str:
        """Write it down, beside what other reviews wrote meanwhile; what went wrong, empty when nothing did.

        One that is under way is waited for: what it writes is older, and must be there when this returns.
        """
        with self._writing:
            with self._lock:
                noted = {self._key(name): state for name, state in self._changed.items()}
                self._known, self._changed = {**self._known, **noted}, {}
            if not noted:
                return ""
            views = {key: value for key, value in load().views.items() if key not in noted} | noted
            return remember(views=dict(list(views.items())[-KEPT:]))

    def _key(self, name: str) -> str:
        return f"{name} {self._place}"
