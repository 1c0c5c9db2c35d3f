from __future__ import annotations

import pytest

from core.crashpack.integrity import files_sha256
from core.crashpack.oracles import run_oracle
from core.crashpack.pack import emit
from core.crashpack.recording import EventLog
from core.crashpack.replay import Check, replay
from core.model.jsontext import parse, pretty
from tests.crashpack.makers import BAD, CLEAN, decision_pack, message, plain_pack


def altered(name: str, change: dict, files: dict[str, bytes]) -> dict[str, bytes]:
    """A pack in which somebody changed a JSON file and its digest as well."""
    files = {**files, name: pretty({**parse(files[name]), **change})}
    return {**files, "files.sha256": files_sha256(files)}


@pytest.mark.parametrize("state", [BAD, CLEAN])
def test_a_decision_is_judged_the_same_again(state: object) -> None:
    result = replay(decision_pack(state))
    assert result.passed
    assert result.first_difference is None
    assert result.notes == ()
    names = [check.name for check in result.checks]
    assert names == ["crashpack", "witnesses", "oracle promotion", "composite-evidence.json"]


def test_a_pack_without_a_state_is_validated_and_says_so() -> None:
    result = replay(plain_pack())
    assert result.passed
    assert result.notes == ("the crashpack does not record what its oracles saw: they were not run again",)


def test_another_state_gives_another_verdict() -> None:
    oracles = [{"oracle_name": "promotion", "state": {}}]
    result = replay(altered("state.json", {"oracles": oracles}, decision_pack()))
    assert not result.passed
    assert "oracle promotion: the journal's line" in (result.first_difference or "")
    assert 'computed "  entities_tracked: 0" from state.json' in (result.first_difference or "")


def test_an_oracle_too_few_is_a_difference() -> None:
    result = replay(altered("state.json", {"oracles": []}, decision_pack()))
    assert result.first_difference == "oracles: state.json holds what 0 oracles saw, the journal records 1"


def test_nothing_is_judged_again_when_that_is_asked() -> None:
    files = altered("state.json", {"oracles": []}, decision_pack())
    result = replay(files, rerun=False)
    assert result.passed
    assert result.notes == ("the oracles were not run again, as asked",)


def test_a_broken_pack_is_not_replayed() -> None:
    files = {**decision_pack(), "manifest": b""}
    result = replay(files)
    assert not result.passed
    assert {check.name for check in result.checks} == {"crashpack"}
    assert "manifest" in (result.first_difference or "")


def test_every_violation_needs_its_own_witness() -> None:
    result = replay(emit([run_oracle("o_x", BAD)], [message("journal gap violation")]))
    assert result.validation.passed
    assert result.first_difference == (
        'witnesses: no event of transfer.atp-trace shows manifest_integrity of oracle "o_x"'
    )


def test_one_violation_is_told_as_one() -> None:
    one = run_oracle("o x", BAD)
    log = EventLog()
    log.witness("o x", one.violations[0], 1)
    checks = replay(emit([one.replace(violations=one.violations[:1])], log.events), rerun=False).checks
    assert Check("witnesses", True, "the one violation has its witness") in checks


def test_only_the_named_oracles() -> None:
    files = emit([run_oracle("one x", CLEAN), run_oracle("two\nx", BAD)], [message("journal gap violation")])
    assert replay(files, oracles=["one x"]).passed
    assert not replay(files, oracles=["two\\nx"]).passed
    assert replay(files, oracles=["three"]).first_difference == "oracle three: is not recorded in this crashpack"


def test_composite_evidence_follows_from_the_counts() -> None:
    files = decision_pack()
    composite = parse(files["composite-evidence.json"])
    lied = {**composite["inputs"], "counts": {**composite["inputs"]["counts"], "comparisons_passed": 9000}}
    result = replay(altered("composite-evidence.json", {"inputs": lied}, files))
    assert "composite-evidence.json: evidence[4].bayes_factor.log10_bf is" in (result.first_difference or "")
    seen = {**composite["inputs"], "state": {}}
    result = replay(altered("composite-evidence.json", {"inputs": seen}, files))
    assert "none of the states in state.json" in (result.first_difference or "")
    result = replay(altered("composite-evidence.json", {"scope": "odd"}, files))
    assert "composite-evidence.json: scope" in (result.first_difference or "")
    result = replay(altered("composite-evidence.json", {"note": 1}, files))
    assert "composite-evidence.json: note is 1, computed null" in (result.first_difference or "")


def test_further_checks_can_be_added() -> None:
    result = replay(decision_pack()).and_also(Check("shadow", False, "run r1 differs"), notes=["1 of 2 runs"])
    assert not result.passed
    assert result.first_difference == "shadow: run r1 differs"
    assert result.notes == ("1 of 2 runs",)
