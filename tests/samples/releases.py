"""The two release workflows: one in which things go wrong, one that can be approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.samples.building import Step, at, effect, hex_of, run

SDK, CLI = "release-sdk", "release-cli"
SDK_REPO, CLI_REPO = "tidewater/sdk-python", "tidewater/cli"
RELEASERS = ("release-lead@tidewater.example", "release-deputy@tidewater.example")

ALLOWED = (
    ("/run_id", "every execution has a run id of its own"),
    ("/effect_receipts/*/receipt_id", "receipt numbers are given out by the executor"),
    ("/effect_receipts/*/version", "the version is a parameter of the workflow"),
    ("/effect_receipts/*/commit", "commits differ from release to release"),
)
NOTES = {
    "2.4.0": "Retries with jitter for idempotent requests; `Client.close()` waits for open streams.",
    "2.4.1": "Fixes a crash when a proxy answers 407 without a realm.",
    "2.5.0": "Adds `Client.batch()`; drops Python 3.9.",
    "2.5.1": "Restores the old default timeout of 30 s, which 2.5.0 changed by mistake.",
    "2.6.0": "Adds paging helpers and typed errors for 409 and 422.",
    "2.6.1": "Typed errors survive pickling.",
    "2.7.0": "Adds server-sent events; deprecates long polling.",
    "2.7.1": "Reconnects after a half-closed stream.",
    "2.7.2": "Sends `Last-Event-ID` on reconnect.",
    "2.8.0": "Signs requests with Ed25519 keys.",
}
"""What each release of the SDK brought."""


def receipts(run_id: str, version: str, effects: tuple[str, ...], **last: Any) -> list[dict[str, Any]]:
    """What the executor confirmed, one receipt an effect; the last one with fields of its own."""
    made = [
        {
            "receipt_id": "rcpt_" + hex_of(f"{run_id}{name}"),
            "effect": name,
            "status": "done",
            "version": version,
            "commit": hex_of(f"{run_id}{name}commit"),
        }
        for name in effects
    ]
    return [*made[:-1], made[-1] | last]


def branch_and_bump(run_id: str, repo: str, version: str, manifest: str) -> list[Step]:
    """The steps with which both workflows begin."""
    branch = f"release/{version}"
    return [
        Step(
            "checkout_branch",
            parameters={"repo": repo, "branch": branch},
            output={"head": hex_of(run_id + "head"), "clean": True},
            effects=(effect("git_branch", repo, "git.write", "create"),),
            capabilities=("git.write",),
            tool_ms=(600, 1900),
        ),
        Step(
            "bump_version",
            "file_mutation",
            parameters={"version": version},
            inputs={"path": manifest, "version": version},
            output={"changed": [manifest]},
            effects=(effect("file_write", manifest, "fs.write", "update"),),
            capabilities=("fs.write",),
        ),
    ]


def tests_and_tag(run_id: str, version: str, suite: str, tested: dict[str, Any]) -> list[Step]:
    """Testing and tagging, which both workflows share."""
    return [
        Step(
            "run_tests",
            parameters={"suite": suite},
            output=tested,
            capabilities=("process.run",),
            tool_ms=(48_000, 131_000),
            input_tokens=(3200, 5200),
        ),
        Step(
            "create_tag",
            parameters={"version": version},
            inputs={"tag": f"v{version}", "sign": True},
            output={"tag": f"v{version}", "commit": hex_of(run_id + "tag")},
            effects=(effect("git_tag", "refs/tags", "git.write", "create"),),
            capabilities=("git.write",),
            secrets=("RELEASE_SIGNING_KEY",),
            tool_ms=(300, 900),
        ),
    ]


def changelog(version: str, text: str) -> Step:
    """Writing the changelog."""
    return Step(
        "update_changelog",
        "file_mutation",
        parameters={"version": version},
        inputs={"path": "CHANGELOG.md", "version": version, "text": text},
        output={"changed": ["CHANGELOG.md"]},
        effects=(effect("file_write", "CHANGELOG.md", "fs.write", "insert"),),
        capabilities=("fs.write",),
    )


GREEN = {"status": "passed", "failed": 0}
RED = {"status": "failed", "failed": 2}


def sdk(
    version: str,
    started: datetime,
    *,
    tag: str = "release-sdk",
    tested: dict[str, Any] = GREEN,
    signed: bool = True,
    locks: bool = False,
    **metadata: Any,
) -> dict[str, Any]:
    """One release of the SDK. `locks`: it also writes the lock file, which no other run does."""
    run_id, notes = f"{tag}-{version}", NOTES.get(version, "Maintenance release.")
    steps = branch_and_bump(run_id, SDK_REPO, version, "pyproject.toml")
    if locks:
        bump = steps[1]
        steps[1] = Step(
            **{**vars(bump), "effects": (*bump.effects, effect("file_write", "uv.lock", "fs.write", "update"))}
        )
    steps.append(
        Step(
            "draft_changelog",
            "model_call",
            inputs={"commits_since": f"v{version}~", "style": "one paragraph, for users"},
            output=notes,
            input_tokens=(5200, 9800),
            output_tokens=(90, 240),
        )
    )
    steps += [changelog(version, notes), *tests_and_tag(run_id, version, "unit", tested)]
    return run(
        SDK,
        run_id,
        started,
        steps,
        "Cut a release of the Python SDK",
        ["tests pass", "tag is signed", "changelog names the version"],
        receipts=receipts(run_id, version, ("git.branch", "file.write", "file.write", "git.tag"), signed=signed),
        allow=ALLOWED,
        requested_by=RELEASERS[len(notes) % 2],
        **metadata,
    )


def cli(
    version: str, started: datetime, *, tag: str = "release-cli", published: str = "published", **metadata: Any
) -> dict[str, Any]:
    """One release of the command line tool, published after somebody agreed."""
    run_id = f"{tag}-{version}"
    approver = RELEASERS[len(run_id) % 2]
    publish = Step(
        "publish_crate",
        parameters={"version": version},
        inputs={"registry": "crates", "dry_run": False, "version": version},
        output={"status": published},
        effects=(effect("package_publish", "crates:tidewater-cli", "registry.publish", "publish"),),
        capabilities=("registry.publish",),
        secrets=("CRATES_TOKEN",),
        approval={
            "prompt": f"Publish tidewater-cli {version}? This cannot be taken back.",
            "approver": approver,
            "required": True,
            "boundary": "publish",
        },
        tool_ms=(5200, 12_800),
        waits=140,
    )
    steps = [
        *branch_and_bump(run_id, CLI_REPO, version, "Cargo.toml"),
        changelog(version, "See the milestone of the same name."),
        *tests_and_tag(run_id, version, "workspace", GREEN),
        publish,
    ]
    return run(
        CLI,
        run_id,
        started,
        steps,
        "Release the command line tool",
        ["crate is published", "tests pass"],
        receipts=receipts(
            run_id,
            version,
            ("git.branch", "file.write", "file.write", "git.tag", "registry.publish"),
            approved_by_human=True,
        ),
        allow=ALLOWED,
        **metadata,
    )


def release_files() -> dict[str, dict[str, Any]]:
    """Path → run: ten mined ones of which one diverges, one excluded, four shadow runs of which two differ."""
    days = [(10, 5), (10, 7), (10, 12), (10, 13), (10, 20), (10, 22), (10, 29), (11, 3), (11, 5), (11, 12)]
    files = {
        f"release/{month:02}-{day:02}-v{version}.json": sdk(
            version, at(month, day, 8 + day % 7, 3 * day % 60), signed=version != "2.6.1"
        )
        for version, (month, day) in zip(NOTES, days, strict=True)
    }
    files["release/11-06-v2.7.3.json"] = sdk(
        "2.7.3",
        at(11, 6, 21, 47),
        policy_status="unresolved",
        policy_note="tagged on a Friday night, outside the release window; nobody has signed off yet",
    )
    shadow = "shadow/release/"
    files[shadow + "10-06-v2.4.0-rehearsal.json"] = sdk("2.4.0", at(10, 6, 9, 30), tag="rehearsal-sdk")
    files[shadow + "10-21-v2.6.0-rehearsal.json"] = sdk("2.6.0", at(10, 21, 15, 5), tag="rehearsal-sdk", tested=RED)
    files[shadow + "11-04-v2.7.1-rehearsal.json"] = sdk("2.7.1", at(11, 4, 11, 12), tag="rehearsal-sdk", locks=True)
    files[shadow + "11-11-v2.8.0-rehearsal.json"] = sdk("2.8.0", at(11, 11, 10, 41), tag="rehearsal-sdk")
    return files


def release_clean_files() -> dict[str, dict[str, Any]]:
    """Path → run: nine mined ones and three shadow runs that all agree."""
    days = {"1.8.0": (10, 6), "1.8.1": (10, 9), "1.9.0": (10, 15), "1.9.1": (10, 16), "1.9.2": (10, 23)}
    days |= {"1.10.0": (10, 30), "1.10.1": (11, 4), "1.11.0": (11, 10), "1.11.1": (11, 17)}
    files = {
        f"release-clean/{month:02}-{day:02}-v{version}.json": cli(version, at(month, day, 9 + day % 6, 7 * day % 60))
        for version, (month, day) in days.items()
    }
    for version, day in {"1.8.1": 8, "1.9.1": 14, "1.10.0": 28}.items():
        files[f"shadow/release-clean/10-{day:02}-v{version}-rehearsal.json"] = cli(
            version, at(10, day, 16, 20), tag="rehearsal-cli"
        )
    return files
