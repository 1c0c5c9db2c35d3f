"""Bundles of candidates that hold only thanks to allow rules: whoever gets one can replay it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from core.artifacts.manifest import MANIFEST
from core.artifacts.replay import replay_bundle
from core.live.snapshot import CandidateView
from core.model.jsontext import parse
from core.review.rebuilt import as_it_stands
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.review.making import drop, opened, releases, run
from tests.review.test_decide import only, request
from tests.review.test_rebuilt import reject
from tui.cli.main import main

SECRET = "ghp_" + "a1B2" * 9


def differing(traces: Path) -> Path:
    """A run that was not mined and that gives something else in step 2."""
    bad = run("shadow-1", "9.9")
    bad["actions"][1]["observed_output"] = {"failed": 3}
    return drop(traces, "shadow/run", bad)


def allow(session: Session, pointer: str, reason: str = "flaky") -> CandidateView:
    rule = {"step": 2, "pointer": pointer, "scope": "lineage"}
    return session.decide(request(only(session), "allow", detail=rule, reason=reason)).view


@pytest.mark.parametrize("reason", ["flaky", SECRET])
def test_a_bundle_whose_runs_agree_by_rule_replays_as_recorded(tmp_path: Path, reason: str) -> None:
    differing(traces := releases(tmp_path / "traces"))
    session = opened(traces)
    allow(session, "/failed", reason)
    bundle = session.decide(request(only(session))).bundle

    assert bundle is not None
    files = read_folder(bundle)
    assert SECRET.encode() not in b"".join(files.values())
    found = replay_bundle(files, "bundle")
    assert found.passed
    assert [bool(result.allowed) for result in found.shadow.traces] == [False] * 4 + [True]
    shown = CliRunner().invoke(main, ["shadow", str(bundle)])
    assert shown.exit_code == 0
    assert shown.output.count("may differ: step 2 output /failed") == 1
    lenient = {**files, "report.json": files["report.json"].replace(b'"allowed"', b'"disallowed"')}
    assert not replay_bundle(lenient, "bundle").passed


def test_a_bundle_without_rules_says_nothing_of_them(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    bundle = session.decide(request(only(session))).bundle

    assert bundle is not None
    assert "allow_rules" not in parse((bundle / MANIFEST).read_bytes())


def test_a_bundle_made_anew_follows_the_rules_in_force(tmp_path: Path) -> None:
    bad = differing(traces := releases(tmp_path / "traces"))
    session = opened(traces)
    allow(session, "/elsewhere")
    lineage = reject(session)
    bad.unlink()
    session = opened(traces)
    manifest = session.workspace / "candidates" / lineage / MANIFEST
    assert [rule["pointer"] for rule in parse(manifest.read_bytes())["allow_rules"]] == ["/elsewhere"]

    policy = session.workspace / "assay.toml"
    policy.write_text(policy.read_text().replace("keys_required = false", "keys_required = true"))
    session = opened(traces)

    assert "allow_rules" not in parse(manifest.read_bytes())
    assert verify(session.store, as_it_stands(session.adopt())).problems == ()
