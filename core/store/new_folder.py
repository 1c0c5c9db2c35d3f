"""A new folder that appears whole under its name or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core.model.errors import InputError
from core.store.disk import DISK, Disk
from core.store.files import remove_tree
from core.store.staging import Build, build_aside, publish_folder
from core.store.trouble import explained, shown

_NO_MODES: Mapping[str, int] = {}


def write_new_folder(
    path: Path, files: Mapping[str, bytes], *, modes: Mapping[str, int] = _NO_MODES, disk: Disk = DISK
) -> None:
    """Write a folder that is new, or empty so far, built beside it and then renamed.

    So nothing old is ever taken for a part of it, and a crash leaves nothing under its name. Raises InputError when
    something is there already, and WorkspaceError when the disk refuses; what was begun is removed then.
    """
    # A link to a folder stands for that folder.
    target = Path(os.path.realpath(path))
    with explained("read", path):
        if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
            raise InputError(f"{shown(path)} exists already; name a folder that is new or empty")
    (aside,) = build_aside([Build(target, files, modes)], target.parent, disk=disk)
    try:
        if target.is_dir():
            with explained("write", path):
                disk.remove_folder(target)
        publish_folder(aside, target, disk=disk)
    except BaseException:
        with suppress(OSError):
            remove_tree(aside, disk=disk)
        raise
