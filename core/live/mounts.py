"""Whether a folder lies on a mount whose changes are not announced to this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_SILENT = frozenset(
    {
        *("9p", "afs", "ceph", "cifs", "coda", "drvfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"),
        *("orangefs", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
        *("fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse"),
    }
)
"""Kinds of file system whose files change on another machine, or outside a virtual one."""
_OCTAL = re.compile(r"\\([0-7]{3})")


def silent_mount(folder: Path) -> str | None:
    """The kind of network or shared file system that a folder lies on; None for others and where it is not known."""
    try:
        text = _MOUNTS.read_text(errors="surrogateescape")
    except OSError:  # not Linux: changes that come unannounced tell (core.live.feed)
        return None
    kind = mount_kind(text, os.path.realpath(folder))
    return kind if kind in _SILENT else None


def mount_kind(mountinfo: str, path: str) -> str | None:
    """The file system type of the mount that a resolved path lies on, by the text of /proc/self/mountinfo (proc(5))."""
    best, kind = "", None
    for line in mountinfo.splitlines():
        before, dash, after = line.partition(" - ")
        fields, types = before.split(" "), after.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
        # Of two mounts on one point the later one is seen.
        if len(point) >= len(best) and (path + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, types[0]
    return kind
