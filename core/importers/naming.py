"""File names of imported runs: readable, safe on any file system, and the same for the same run every time."""

from __future__ import annotations

import re

from core.model.jsontext import sha256_hex

_OTHER = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 64


def file_name(run_id: str) -> str:
    """The name of a run's file: what is harmless in its id, and twelve digits of the id's hash, which tell apart ids
    that read alike.
    """
    slug = _OTHER.sub("-", run_id[: 4 * _LONGEST])[:_LONGEST].strip("-.") or "run"
    return f"{slug}-{sha256_hex(run_id.encode(errors='surrogatepass'))[:12]}.json"
