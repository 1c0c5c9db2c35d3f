"""What is derived again from the copies of a crashpack, and what cannot be."""

from __future__ import annotations

from core.crashpack.rederive import rederive
from core.model.redaction_marks import MARK
from core.model.trace import SideEffect
from tests.shadow.making import action, candidate, run

FIRST, SECOND = (run(name, action("build", output=1)) for name in ("r1", "r2"))


def test_a_run_that_did_not_go_along_is_no_fault_of_the_others() -> None:
    again = rederive(candidate(FIRST, SECOND), [FIRST], 2)
    assert (again.shadow.passed, again.shadow.compared_traces, again.fixtures, again.of) == (True, 1, 1, 2)
    assert again.not_compared == ()


def test_everything_that_redaction_took_out_of_what_is_compared_is_named_once() -> None:
    effect = SideEffect(kind="file", target=MARK)
    mark = "[redacted:github_token:0123456789ab]"
    taken = run("r1", action("build", output={"token": mark}).replace(side_effects=(effect,)), action("tell"))
    told = rederive(candidate(taken, receipts=({"key": MARK},)), [taken, taken.replace(id="r2")], 2).not_compared
    assert told == (
        "step 1 expected output at /token: redacted by rule github_token, only keyed hashes agree or differ",
        "step 1 side effects at /0/target: redacted",
        "expected receipts at /0/key: redacted",
    )
