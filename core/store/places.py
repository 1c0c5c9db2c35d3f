"""Where a workspace may lie: beside the traces folder, never in it, never among somebody else's files."""

from __future__ import annotations

import os
import re
from pathlib import Path

from core.model.errors import InputError, WorkspaceError
from core.model.text import quoted, visible
from core.store.trouble import NOWHERE, explained, shown, why

_OURS = frozenset(
    {"format.json", "assay.toml", "effects.toml", "lock", "candidates", "crashpacks", "tmp", "redaction.key"}
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")


def plain_name(name: str) -> str:
    """A name that is safe as that of a file or folder of ours. Raises WorkspaceError for any other."""
    if not _PLAIN_NAME.fullmatch(name):
        raise WorkspaceError(f"{visible(quoted(name[:80]))} is no name that a workspace uses; the journal is suspect")
    return name


def current_folder() -> Path | None:
    """The folder that the program runs in; None where somebody removed it."""
    try:
        return Path.cwd()
    except NOWHERE:
        return None


def traces_folder(given: Path) -> Path:
    """The traces folder, absolute and without links. Raises InputError when it cannot be one."""
    try:
        traces = Path(os.path.realpath(given, strict=True))
    except NOWHERE:
        raise InputError(f"the traces folder {shown(given)} does not exist; name a folder of agent runs") from None
    except OSError as error:
        raise InputError(f"cannot read the traces folder {shown(given)}: {why(error)}") from error
    if not traces.is_dir():
        raise InputError(f"{shown(given)} is a file; name the folder that agent runs are dropped into")
    with explained("read", traces, InputError):
        is_workspace = traces.suffix == ".assay" and (traces / "format.json").exists()
    if is_workspace:
        raise InputError(f"{shown(given)} is a workspace; name the traces folder that it is about")
    return traces


def sibling(traces: Path, given: Path) -> Path:
    """The default workspace of a traces folder. Raises WorkspaceError where nothing can lie beside it."""
    if not traces.name:
        raise WorkspaceError(f"{shown(given)} has no place beside it; name a workspace with --workspace")
    return traces.parent / f"{traces.name}.assay"


def check_place(traces: Path, folder: Path) -> None:
    """Keep the two folders apart: the traces folder is never written to. Raises WorkspaceError."""
    with explained("use", folder):
        if _is_within(folder, traces):
            raise WorkspaceError(
                f"the workspace {shown(folder)} lies inside the traces folder, which is never written to; "
                "name another one with --workspace"
            )
        if _is_within(traces, folder):
            raise WorkspaceError(
                f"the traces folder {shown(traces)} lies inside the workspace; name another one with --workspace"
            )
        if os.path.lexists(folder) and not folder.is_dir():
            raise WorkspaceError(f"{shown(folder)} is not a folder; name a workspace with --workspace")


def _is_within(inner: Path, outer: Path) -> bool:
    """Whether a path is a folder or lies below it, also where upper and lower case name the same file."""
    return outer.exists() and any(place.exists() and place.samefile(outer) for place in (inner, *inner.parents))


def check_unread(out: Path, *read: Path) -> None:
    """Refuse to write a file or folder into what is read, by whatever way it is named. Raises InputError."""
    for one in read:
        try:
            is_among = (one.is_dir() or one.is_file()) and _is_within(Path(os.path.realpath(out)), one)
        except (OSError, ValueError):
            continue  # where nothing can be looked up nothing can be written either
        if is_among:
            told = f"lies inside {shown(one)}, which" if one.is_dir() else "is what is read, which"
            raise InputError(f"{shown(out)} {told} is never written to; name another place")


def check_is_free(folder: Path) -> None:
    """Refuse a folder that holds something else; hidden files do not count. Raises WorkspaceError."""
    if not folder.is_dir():
        return
    with explained("read", folder):
        names = sorted(os.listdir(folder))  # noqa: PTH208 - only the names
    foreign = [n for n in names if n not in _OURS and not n.startswith((".", "journal."))]
    if foreign:
        raise WorkspaceError(
            f"{shown(folder)} is no workspace: it holds {visible(quoted(foreign[0]))}; name an empty or new folder"
        )


def why_not(folder: Path) -> str:
    """Why a workspace cannot be written, as far as that can be told without trying; empty when it seems it can."""
    if folder.is_dir():
        if os.access(folder, os.W_OK | os.X_OK):
            return ""
        return f"the workspace {shown(folder)} is read-only: it can be viewed, but nothing can be decided"
    near = next(place for place in folder.parents if place.is_dir())
    if os.access(near, os.W_OK | os.X_OK):
        return ""
    return f"{shown(near)} is read-only, so that no workspace can be made there; name another place with --workspace"
