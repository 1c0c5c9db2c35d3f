"""Bundles that are read: the manifest, the report and the fixtures, each with errors that name the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.artifacts.manifest import MANIFEST, REPORT, SCHEMA, SCHEMA_VERSION, Manifest
from core.artifacts.names import inside
from core.model.errors import InputError
from core.model.jsontext import JsonError, parse
from core.model.record import DecodeError
from core.model.report import Report
from core.model.text import quoted
from core.model.trace import Trace
from core.traces.decode import decode_trace

Files = Mapping[str, bytes]
"""A bundle's files by POSIX path relative to it."""


class BundleError(InputError):
    """A bundle, or a file of one, that cannot be used."""


def read_manifest(files: Files, folder: str) -> Manifest:
    """The manifest of a bundle; `folder` is its path as given. Raises BundleError."""
    value = _object(files, MANIFEST, folder, "bundle manifest")
    schema, newest = value.get("schema", ""), value.get("schema_version", 0)
    if isinstance(schema, str) and schema != SCHEMA:
        raise BundleError(f"bundle {folder} has unrecognized schema {quoted(schema)} (expected {SCHEMA})")
    if isinstance(newest, int) and newest > SCHEMA_VERSION:
        raise BundleError(f"bundle {folder} schema_version {newest} is newer than supported {SCHEMA_VERSION}")
    try:
        return Manifest.decode(value)
    except DecodeError as error:
        raise BundleError(f"failed to decode bundle manifest {folder}/{MANIFEST}: {error}") from None


def read_report(files: Files, folder: str) -> Report:
    """The report of a bundle. Raises BundleError."""
    value = _object(files, REPORT, folder, "bundle report")
    try:
        return Report.decode(value)
    except DecodeError as error:
        raise BundleError(f"failed to decode bundle report {folder}/{REPORT}: {error}") from None


def read_fixtures(files: Files, folder: str, manifest: Manifest) -> Iterator[Trace]:
    """The runs that a manifest lists, in its order. Raises BundleError, or the trace loader's error."""
    for fixture in manifest.fixtures:
        path = inside(fixture.path)
        if path is None:
            raise BundleError(outside("fixture", fixture.path))
        if path not in files:
            raise BundleError(f"failed to read crystallization trace {folder}/{path}: there is no such file")
        yield decode_trace(files[path], f"{folder}/{path}")


def outside(what: str, path: str) -> str:
    """What is said of a path that leads out of the bundle."""
    return f"{what} path {quoted(path)} must stay inside the bundle"


def _object(files: Files, name: str, folder: str, what: str) -> dict[str, Any]:
    if name not in files:
        raise BundleError(f"failed to read {what} {folder}/{name}: there is no such file")
    try:
        value = parse(files[name])
    except JsonError as error:
        raise BundleError(f"failed to decode {what} {folder}/{name}: {error}") from None
    if not isinstance(value, dict):
        raise BundleError(f"failed to decode {what} {folder}/{name}: expected an object")
    return value
