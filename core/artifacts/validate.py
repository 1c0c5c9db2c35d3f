"""Whether a bundle is whole and says what its files say (spec/artifacts.md, Load and validate)."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from core.artifacts.manifest import BundleKind, Manifest
from core.artifacts.names import inside
from core.artifacts.read import BundleError, Files, outside, read_manifest, read_report
from core.artifacts.redaction_rules import looks_secret
from core.artifacts.skill_bundle import skill_problems
from core.model.record import U32, Flag, Record, Text
from core.model.text import is_blank, quoted


class Validation(Record):
    """What was found; the bundle is good when there are no problems."""

    bundle_dir: Text = ""
    schema_name: Text = Field("", alias="schema")
    schema_version: U32 = 0
    kind: BundleKind = "candidate"
    candidate_id: Text = ""
    manifest_ok: Flag = False
    workflow_ok: Flag = False
    report_ok: Flag = False
    eval_pack_ok: Flag = False
    fixtures_ok: Flag = False
    redaction_ok: Flag = False
    problems: tuple[Text, ...] = ()


def validate_bundle(files: Files, folder: str) -> Validation:
    """Check a bundle; `folder` is its path as given."""
    try:
        manifest = read_manifest(files, folder)
    except BundleError as error:
        return Validation(bundle_dir=folder, problems=(str(error),))
    flagged = {
        "workflow_ok": tuple(_file(files, "workflow", manifest.workflow.path)),
        "report_ok": tuple(_report(files, folder)),
        "eval_pack_ok": tuple(_file(files, "eval_pack", manifest.eval_pack.path)) if manifest.eval_pack else (),
        "fixtures_ok": tuple(_fixtures(files, manifest)),
        "redaction_ok": tuple(_redaction(manifest)),
    }
    problems = (*(p for found in flagged.values() for p in found), *_unflagged(files, folder, manifest))
    return Validation(
        bundle_dir=folder,
        schema_name=manifest.schema_name,
        schema_version=manifest.schema_version,
        kind=manifest.kind,
        candidate_id=manifest.candidate_id,
        manifest_ok=True,
        problems=problems,
    ).replace(**{flag: not found for flag, found in flagged.items()})


def _file(files: Files, what: str, path: str) -> Iterator[str]:
    found = inside(path)
    if found is None:
        yield outside(what, path)
    elif found not in files:
        yield f"missing {what.replace('_', ' ')} file {quoted(path)}"


def _report(files: Files, folder: str) -> Iterator[str]:
    try:
        read_report(files, folder)
    except BundleError as error:
        yield str(error)


def _fixtures(files: Files, manifest: Manifest) -> Iterator[str]:
    for fixture in manifest.fixtures:
        yield from _file(files, "fixture", fixture.path)
        if not fixture.redacted:
            yield f"fixture {quoted(fixture.path)} is not marked redacted"


def _redaction(manifest: Manifest) -> Iterator[str]:
    if manifest.fixtures and not manifest.redaction.applied:
        yield "fixtures are present but redaction was not applied"


def _unflagged(files: Files, folder: str, manifest: Manifest) -> Iterator[str]:
    """Problems without a flag of their own."""
    if manifest.kind != "rejected" and is_blank(manifest.candidate_id):
        yield f"candidate_id is empty although the bundle's kind is {manifest.kind}"
    try:
        selected = read_report(files, folder).selected_candidate_id or ""
    except BundleError:
        selected = manifest.candidate_id
    if selected != manifest.candidate_id:
        yield f"the report selects {quoted(selected)}, the manifest is about {quoted(manifest.candidate_id)}"
    yield from skill_problems(files, folder, manifest)
    for secret in filter(looks_secret, manifest.required_secrets):
        # Quoting it whole would carry the secret into logs.
        yield f"required secret {quoted(secret[:4] + '…')} looks like a raw secret; name it by its logical id"
