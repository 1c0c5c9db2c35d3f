"""The workflows at a desk: triaging issues (plans only) and answering customers (mostly a model's work)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.samples.building import Step, at, effect, pick, run

TRIAGE, SUPPORT = "triage-issue", "support-refund"
ISSUES = {
    1412: ("Panic when the config file is empty", "bug", "parser"),
    1415: ("`--json` prints ANSI colours", "bug", "output"),
    1419: ("Please add Homebrew bottles for Linux", "packaging", "release"),
    1420: ("Uploads stall at 99 % behind a corporate proxy", "needs-info", "network"),
    1426: ("Docs: the quick start uses a removed flag", "docs", "docs"),
    1431: ("Crash on resize in tmux 3.5", "needs-info", "terminal"),
    1433: ("Typo in the German translation", "docs", "i18n"),
    1440: ("Sync deletes files whose names end in a space", "bug", "sync"),
    1447: ("Slow start when HOME is on NFS", "needs-info", "startup"),
    1405: ("Exit code is 0 although the upload failed", "bug", "network"),
    1409: ("Support SOCKS5 proxies", "feature", "network"),
}
"""Issue number → title, label, area."""


def triage(number: int, started: datetime) -> dict[str, Any]:
    """One issue read, compared, labelled and planned; two more steps when the reporter has to be asked."""
    title, label, area = ISSUES[number]
    run_id = f"triage-{number}"
    steps = [
        Step(
            "read_issue",
            parameters={"repo": "tidewater/cli", "issue": number},
            output={"title": title, "comments": pick(run_id, 0, 9)},
            capabilities=("issues.read",),
        ),
        Step(
            "search_similar",
            parameters={"query": title},
            output={"matches": [number - pick(run_id + "s", 9, 240)] if label == "bug" else []},
            capabilities=("issues.read",),
            tool_ms=(300, 1500),
        ),
        Step(
            "classify_issue",
            "model_call",
            inputs={"title": title, "labels": ["bug", "docs", "feature", "needs-info", "packaging"]},
            output={"label": label, "area": area},
            output_tokens=(30, 70),
            model="gpt-4.1-mini",
        ),
        Step(
            "write_plan",
            parameters={"label": label, "area": area},
            output={"state": "planned"},
            effects=(effect("plan", "triage-board", "plan.write", "append"),),
            capabilities=("plan.write",),
        ),
        Step(
            "file_receipt",
            parameters={"issue": number},
            output={"recorded": True},
            effects=(effect("receipt", "triage-ledger", "receipt.write", "append"),),
            capabilities=("receipt.write",),
        ),
    ]
    if label == "needs-info":
        steps += [
            Step(
                "draft_question",
                "model_call",
                output=f"Thank you! Which version is it, and does it also happen without {area} settings?",
                output_tokens=(60, 130),
                model="gpt-4.1-mini",
            ),
            Step(
                "leave_memo",
                parameters={"issue": number},
                output={"state": "waiting for a maintainer to send it"},
                effects=(effect("memo", "triage-board", "plan.write", "append"),),
                capabilities=("plan.write",),
            ),
        ]
    return run(
        TRIAGE, run_id, started, steps, "Sort new issues into a plan", ["label chosen", "nothing posted"], area=area
    )


COMPLAINTS = {
    "20411": ("lamp arrived with a cracked shade", "refund", "79.00"),
    "20418": ("charged twice for the same order", "refund", "31.50"),
    "20425": ("parcel shows delivered, nothing here", "replace", "54.90"),
    "20433": ("wrong colour, would keep it for a discount", "voucher", "12.00"),
    "20440": ("zip broke on the second day", "replace", "119.00"),
    "20452": ("cancelled in time but still shipped", "refund", "64.00"),
    "20398": ("delivery three weeks late", "voucher", "15.00"),
    "20402": ("kettle trips the fuse", "refund", "45.00"),
}
"""Order → what is wrong, the remedy, its amount in EUR."""
SORRY = {
    "refund": "I am sorry about that. The money is on its way back to you and arrives within three working days.",
    "replace": "I am sorry about that. A replacement leaves our warehouse today; keep the first one or recycle it.",
    "voucher": "I am sorry about that. Please accept a voucher for your next order.",
}


def support(
    order: str, started: datetime, complaint: str, remedy: str, amount: str, tag: str = "support"
) -> dict[str, Any]:
    """One complaint answered: three look-ups, two calls to the model, one message queued."""
    steps = [
        *_look_up(order),
        Step(
            "track_parcel",
            parameters={"order": order},
            output={"state": "delivered", "scans": pick(order + "p", 3, 9)},
            capabilities=("shop.read",),
            tool_ms=(700, 2600),
        ),
        Step(
            "choose_remedy",
            "model_call",
            inputs={"complaint": complaint, "policy": "remedies-2026-09"},
            output={"remedy": remedy, "amount_eur": amount},
            input_tokens=(6400, 9100),
            output_tokens=(120, 260),
        ),
        Step(
            "draft_reply",
            "model_call",
            inputs={"tone": "warm, brief", "remedy": remedy},
            output=SORRY[remedy],
            input_tokens=(3600, 5200),
            output_tokens=(110, 220),
        ),
        Step(
            "queue_reply",
            parameters={"order": order},
            output={"state": "queued"},
            effects=(effect("message_send", "outbox:support", "mail.send", "append"),),
            capabilities=("mail.send",),
            secrets=("SUPPORT_MAIL_KEY",),
        ),
    ]
    return run(SUPPORT, f"{tag}-{order}", started, steps, "Answer a complaint", ["customer answered"], remedy=remedy)


def escalated(order: str, started: datetime) -> dict[str, Any]:
    """The one complaint that the agent handed to a person."""
    steps = [
        *reversed(_look_up(order)),
        Step("summarise_case", "model_call", output="Third complaint this month; the customer asks for a manager."),
        Step(
            "assign_case",
            parameters={"team": "escalations"},
            output={"state": "assigned"},
            effects=(effect("ticket_write", "desk:escalations", "desk.write", "assign"),),
            capabilities=("desk.write",),
        ),
    ]
    return run(SUPPORT, f"support-{order}", started, steps, "Answer a complaint", ["customer answered"], remedy="none")


def _look_up(order: str) -> list[Step]:
    customer = f"C-{pick(order, 10_000, 99_999)}"
    return [
        Step(
            "look_up_order",
            parameters={"order": order},
            output={"customer": customer, "items": pick(order + "i", 1, 4)},
            capabilities=("shop.read",),
        ),
        Step(
            "look_up_customer",
            parameters={"customer": customer},
            output={"since": str(pick(customer, 2016, 2026)), "complaints": pick(customer + "c", 0, 2)},
            capabilities=("shop.read",),
        ),
    ]


def triage_files() -> dict[str, dict[str, Any]]:
    """Path → run: nine mined ones, three of them with a question to the reporter, and two shadow runs."""
    mined, rehearsed = list(ISSUES)[:9], list(ISSUES)[9:]
    files = {
        f"triage/issue-{number}.json": triage(
            number, at(10 + index // 6, 8 + 3 * (index % 6), 7 + index, 11 * index % 60)
        )
        for index, number in enumerate(mined)
    }
    return files | {
        f"shadow/triage/issue-{number}.json": triage(number, at(10, 2 + index, 13, 26))
        for index, number in enumerate(rehearsed)
    }


def support_files() -> dict[str, dict[str, Any]]:
    """Path → run: six of one shape and one escalation, which keeps the confidence just below 0.80; two shadow runs."""
    mined, rehearsed = list(COMPLAINTS)[:6], list(COMPLAINTS)[6:]
    files = {
        f"support/order-{order}.json": support(
            order, at(11, 2 + index, 8 + index % 4, 13 * index % 60), *COMPLAINTS[order]
        )
        for index, order in enumerate(mined)
    }
    files["support/order-20447.json"] = escalated("20447", at(11, 6, 14, 2))
    return files | {
        f"shadow/support/order-{order}.json": support(order, at(10, 27 + index, 10, 50), *COMPLAINTS[order])
        for index, order in enumerate(rehearsed)
    }
