"""What is remembered between two reviews; losing it is a pity and never an error."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from core.model.errors import AssayError
from core.model.jsontext import JsonError, parse, pretty
from core.store.config import config_folder
from core.store.files import write_file


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one person on one machine."""

    theme: str = ""
    """The name of the chosen theme; empty when none was chosen."""


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
    known = {f.name: found[f.name] for f in fields(Settings) if isinstance(found.get(f.name), str)}
    return Settings(**known)


def remember(**changes: str) -> str:
    """Write changed settings; what went wrong, empty when nothing did."""
    try:
        write_file(folder() / "settings.json", pretty(asdict(replace(load(), **changes))) + b"\n")
    except (OSError, AssayError) as error:
        return str(error)
    return ""
