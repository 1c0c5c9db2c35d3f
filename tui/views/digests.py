"""Digests and ids in the few characters that people compare."""

from __future__ import annotations

from core.model.text import visible


def short_digest(name: str) -> str:
    """An id or digest with its first eight hex digits: `lineage_1a2b3c4d`, `1a2b3c4d` for `sha256:…`."""
    head, separator, tail = name.removeprefix("sha256:").rpartition("_")
    return visible(head + separator + tail[:8])
