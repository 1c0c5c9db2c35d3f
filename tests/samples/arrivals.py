"""The runs that the demo drops in: templates in which `@N@` stands for a serial number (tui/demo.py fills it in)."""

from __future__ import annotations

from typing import Any

from tests.samples.building import Step, at, effect, run
from tests.samples.desks import support
from tests.samples.releases import cli

FLAGS, ONCALL = "retire-flag", "oncall-handover"


def retire_flag(flag: str, day: int) -> dict[str, Any]:
    """A feature flag that every customer has is taken out of the code; nothing in the shipped folders looks like it."""
    steps = [
        Step(
            "find_flag",
            parameters={"flag": flag},
            output={"files": ["src/flags.py", "src/billing.py", "tests/test_billing.py"]},
            capabilities=("code.read",),
            tool_ms=(400, 2100),
        ),
        Step(
            "remove_flag",
            "file_mutation",
            parameters={"flag": flag},
            output={"changed": 3},
            effects=(effect("file_write", "src", "fs.write", "update"),),
            capabilities=("fs.write",),
        ),
        Step(
            "run_tests",
            parameters={"suite": "all"},
            output={"status": "passed", "failed": 0},
            capabilities=("process.run",),
            tool_ms=(31_000, 64_000),
        ),
        Step(
            "open_pull_request",
            parameters={"flag": flag},
            output={"state": "open", "draft": True},
            effects=(effect("pull_request_post", "tidewater/shop", "git.write", "create"),),
            capabilities=("git.write",),
            secrets=("FORGE_TOKEN",),
        ),
    ]
    return run(FLAGS, f"retire-{flag}", at(11, day, 10, 4), steps, "Retire a feature flag", ["tests pass"], flag=flag)


def handover(shift: str, minute: int) -> dict[str, Any]:
    """The end of a shift: alerts collected, summarised by a model, handed on as a memo."""
    steps = [
        Step("collect_alerts", parameters={"shift": shift}, output={"open": 0}, capabilities=("alerts.read",)),
        Step("summarise_shift", "model_call", output="Quiet shift; one flapping disk alert, silenced until Monday."),
        Step(
            "write_handover",
            parameters={"shift": shift},
            output={"state": "written"},
            effects=(effect("memo", "oncall-log", "memo.write", "append"),),
            capabilities=("memo.write",),
        ),
    ]
    return run(ONCALL, f"handover-{shift}", at(11, 19, 6, minute), steps, "Hand over the pager", ["memo written"])


def arrival_files() -> dict[str, dict[str, Any]]:
    """Path → template."""
    complaint = ("mug leaks at the handle", "replace", "18.00")
    return {
        "incoming/complaint.json": support("30@N@", at(11, 18, 9, 31), *complaint),
        "incoming/flag-first.json": retire_flag("one-page-checkout-@N@", 18),
        "incoming/flag-second.json": retire_flag("saved-carts-@N@", 19),
        "incoming/cli-release.json": cli("1.12.@N@", at(11, 19, 11, 15)),
        "incoming/rehearsal.json": cli("1.12.@N@", at(11, 19, 8, 50), tag="rehearsal-cli"),
        "incoming/rehearsal-yanked.json": cli("1.12.@N@", at(11, 19, 8, 50), tag="rehearsal-cli", published="yanked"),
        "incoming/handover-early.json": handover("early-@N@", 2),
        "incoming/handover-late.json": handover("late-@N@", 26),
        "incoming/handover-night.json": handover("night-@N@", 55),
    }
