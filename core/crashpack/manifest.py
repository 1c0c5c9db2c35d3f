"""A crashpack's manifest: what it holds, in lines (spec/crashpack.md, Crashpack)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.model.text import visible

TITLE = "# ATP Crashpack Manifest"
SCHEMA_VERSION = 1

_PATHS = "artifact_paths:"
_PATH = "  - "


def manifest_text(
    *,
    violations: int,
    journal_digest: str,
    metadata: Mapping[str, str],
    seeds: Mapping[str, int],
    artifact_paths: Sequence[str],
) -> str:
    """The manifest; names and values are spelled out by `visible`, so that none can forge a line."""
    lines = [
        TITLE,
        f"schema_version: {SCHEMA_VERSION}",
        f"violations: {violations}",
        f"journal_digest: {journal_digest}",
        "journal_digest_artifact: journal.digest",
        "evidence_ledger: evidence-ledger.json",
    ]
    lines += [f"metadata.{visible(key)}: {visible(metadata[key])}" for key in sorted(metadata)]
    if seeds:
        lines.append("seeds:")
        lines += [f"  {visible(name)}: {seeds[name]}" for name in sorted(seeds)]
    if artifact_paths:
        lines.append(_PATHS)
        lines += [_PATH + visible(path) for path in artifact_paths]
    return "\n".join(lines) + "\n"


def listed_paths(manifest: str) -> list[str]:
    """The artifact paths at a manifest's end, as they are spelled there."""
    lines = manifest.split("\n")
    if _PATHS not in lines:
        return []
    return [line[len(_PATH) :] for line in lines[lines.index(_PATHS) + 1 :] if line.startswith(_PATH)]
