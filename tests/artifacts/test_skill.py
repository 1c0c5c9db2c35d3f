from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from markdown_it import MarkdownIt

from core.artifacts.bundle import bundle_files
from core.artifacts.names import inside
from core.artifacts.quoting import code_span
from core.artifacts.redact import Redactor
from core.artifacts.skill import NO_HELD_OUT, skill_of, with_skills
from core.artifacts.skill_bundle import skill_in
from core.artifacts.skill_record import GATE_FILE, SKILL_FILE, Skill
from core.artifacts.validate import validate_bundle
from core.model.candidate import Candidate, ClusterKey, Example, Parameter, ShadowReport, Step, TraceResult
from core.model.jsontext import parse, pretty, sha256_hex
from core.model.report import Report
from core.model.text import is_blank
from core.model.trace import Approval, SideEffect
from tests.artifacts.making import GITHUB, HOSTILE, RUNS, bump, leaky, rejected, report, safe_bundle_files
from tui.cli.batch import crystallize

HELD = bump("held", "9")
TAKEN_OTHER_WAY = HELD.replace(
    id="odd", actions=(HELD.actions[0], HELD.actions[1].replace(output={"ok": False}, observed_output=None))
)


def skilled(*shadow: object) -> Report:
    """The report of the usual runs, compared with others, with its skills."""
    return with_skills(report(shadow=shadow), (*RUNS, *shadow))


def only(made: Report) -> Skill:
    (skill,) = (*(made.skill_candidates or ()), *(made.rejected_skill_candidates or ()))
    return skill


class TestGate:
    def test_a_held_out_run_that_agrees_opens_it(self):
        made = skilled(HELD)
        gate = only(made).replay_gate
        assert made.rejected_skill_candidates is None
        assert (gate.accepted, gate.decision, gate.failures) == (True, "accepted", ())
        assert (gate.original_trace_count, gate.heldout_trace_count, gate.compared_trace_count) == (3, 1, 4)
        assert gate.heldout_trace_ids == ("held",)
        assert gate.replay_trace_ids == ("t1", "t2", "t3", "held")

    def test_examples_alone_prove_nothing(self):
        made = skilled()
        assert made.skill_candidates is None
        assert only(made).replay_gate.failures == only(made).rejection_reasons == (NO_HELD_OUT,)

    def test_a_held_out_run_that_differs_closes_it(self):
        gate = only(skilled(HELD, TAKEN_OTHER_WAY)).replay_gate
        assert not gate.accepted
        assert gate.failures == ("trace odd failed shadow comparison",)

    @pytest.mark.parametrize(
        ("results", "failure"),
        [
            ([("t1", False), ("held", True)], "trace t1 failed shadow comparison"),
            ([("held", True)], "missing source trace t1"),
        ],
    )
    def test_every_source_run_counts(self, results: list[tuple[str, bool]], failure: str):
        traces = tuple(TraceResult(trace_id=trace_id, passed=passed) for trace_id, passed in results)
        candidate = Candidate(examples=(Example(trace_id="t1"),), shadow=ShadowReport(traces=traces))
        assert skill_of(candidate, {}).replay_gate.failures == (failure,)

    def test_nothing_is_accepted_without_sources_or_with_rejections(self):
        held = ShadowReport(traces=(TraceResult(trace_id="held", passed=True),))
        assert skill_of(Candidate(shadow=held), {}).replay_gate.failures == ("there is no source trace",)
        assert rejected().rejected_candidates[0].rejection_reasons
        assert not only(with_skills(rejected(), RUNS)).replay_gate.accepted


class TestRecord:
    def test_its_fields_in_order(self):
        skill = only(skilled(HELD))
        told = json.loads(pretty(skill))
        assert list(told) == [
            "schema", "schema_version", "id", "workflow_candidate_id", "name", "short", "description", "when_to_use",
            "allowed_tools", "paths", "source_trace_hashes", "evidence_refs", "replay_gate", "skill_markdown",
            "warnings", "rejection_reasons",
        ]  # fmt: skip
        assert list(told["replay_gate"]) == [
            "_type", "schema_version", "skill_candidate_id", "workflow_candidate_id", "accepted", "decision",
            "original_trace_count", "heldout_trace_count", "compared_trace_count", "failures", "replay_trace_ids",
            "heldout_trace_ids",
        ]  # fmt: skip
        assert told["schema"] == "harn.crystallization.skill_candidate"
        assert told["replay_gate"]["_type"] == "harn.skill_induction.replay_gate.v1"
        assert told["allowed_tools"] == ["bump", "git.checkout"]
        assert told["paths"] == ["a.toml"]

    def test_its_names(self):
        candidate = report().candidates[0]
        skill = only(skilled(HELD))
        assert skill.id == "skill_" + sha256_hex(f"{candidate.id}:{candidate.name}".encode())[:16]
        assert skill.name == "crystallized_workflow_skill"

    def test_where_each_run_shows_the_steps(self):
        refs = {ref.trace_id: ref for ref in only(skilled(HELD)).evidence_refs}
        assert [ref.role for ref in refs.values()] == ["source"] * 3 + ["held_out"]
        assert refs["held"].action_ids == ("id-git.checkout", "id-bump")
        assert refs["t1"].source_url == "in/t1.json"

    def test_reports_without_skills_do_not_mention_them(self):
        assert "skill" not in pretty(report()).decode()


class TestBundle:
    def test_the_text_only_goes_along_when_it_was_accepted(self):
        accepted, held_back = (bundle_files(skilled(*runs), (*RUNS, HELD)) for runs in ([HELD], []))
        assert {SKILL_FILE, GATE_FILE} <= accepted.keys()
        assert GATE_FILE in held_back
        assert SKILL_FILE not in held_back
        for files in (accepted, held_back):
            assert validate_bundle(files, "b").problems == ()
            assert list(files)[-1] == "candidate.json"

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({SKILL_FILE: None}, "missing skill file"),
            ({GATE_FILE: None}, "is without its replay gate"),
            ({GATE_FILE: b"{"}, "failed to decode replay gate b/skill/gate.json"),
            ({GATE_FILE: pretty({"workflow_candidate_id": "other"})}, 'the replay gate is about "other"'),
        ],
    )
    def test_what_is_wrong_with_one_is_told(self, change: dict[str, bytes | None], problem: str):
        files = {**bundle_files(skilled(HELD), (*RUNS, HELD)), **change}
        files = {name: data for name, data in files.items() if data is not None}
        assert problem in "\n".join(validate_bundle(files, "b").problems)

    def test_a_gate_that_claims_more_than_the_comparison_shows(self):
        files = bundle_files(skilled(), RUNS)
        gate = parse(files[GATE_FILE]) | {"accepted": True, "decision": "accepted", "failures": []}
        told = validate_bundle(files | {GATE_FILE: pretty(gate), SKILL_FILE: b"x"}, "b").problems
        assert "does not follow from the report's shadow comparison" in told[0]
        told = validate_bundle(files | {SKILL_FILE: b"x"}, "b").problems
        assert "is there although its replay gate rejected it" in told[0]

    def test_a_safe_bundle_has_a_safe_skill(self):
        runs, held = (leaky("t1"), leaky("t2")), leaky("t3")
        made = with_skills(report(*runs, shadow=(held,)), (*runs, held))
        files = safe_bundle_files(made, (*runs, held), redactor=Redactor(key=b"k" * 32))
        assert SKILL_FILE in files
        for data in files.values():
            assert GITHUB.encode() not in data
            assert b"hunter2" not in data
        assert b"[redacted:" in files[SKILL_FILE]

    def test_a_skill_made_of_a_bundle_is_the_one_that_would_have_gone_along(self):
        made = safe_bundle_files(skilled(HELD), (*RUNS, HELD))
        bare = safe_bundle_files(report(shadow=(HELD,)), (*RUNS, HELD))
        assert skill_in(bare, "b").skill_markdown.encode() == made[SKILL_FILE]


class TestText:
    def test_the_sections_and_the_front_matter(self):
        text = only(skilled(HELD)).skill_markdown
        assert [line for line in text.splitlines() if line.startswith("## ")] == [
            "## Scope", "## Replay Gate", "## Evidence", "## Procedure", "## Generalization Rules",
        ]  # fmt: skip
        head = front_matter(text)
        assert list(head) == ["name", "short", "description", "when_to_use", "allowed_tools", "paths", "user_invocable"]
        assert head["allowed_tools"] == ["bump", "git.checkout"]
        assert head["user_invocable"] is False

    def test_what_a_step_needs(self):
        step = Step(
            index=1,
            kind="tool_call",
            name="deploy",
            segment="fuzzy",
            parameter_refs=("region",),
            required_secrets=("prod_token",),
            approval=Approval(required=True, boundary="release"),
        )
        text = skill_of(Candidate(steps=(step,)), {}).skill_markdown
        assert "1. `tool_call` `deploy`, fuzzy\n" in text
        for told in ("Parameters: `region`", "secrets `prod_token`", "boundary `release`", "judge it, or ask"):
            assert told in text

    def test_a_rejected_one_says_so_first(self):
        assert "**Rejected. Do not use this skill.**" in only(skilled()).skill_markdown
        assert "Rejected" not in only(skilled(HELD)).skill_markdown

    @given(HOSTILE, HOSTILE)
    def test_no_name_becomes_more_than_a_name(self, one: str, other: str):
        """Parsed as Markdown, a hostile name adds no heading, link, HTML or rule, and the front matter reads back."""
        plain, hostile = (candidate_named(*names) for names in (("one", "other"), (one, other)))
        text = skill_of(hostile, {}).skill_markdown
        text.encode()
        assert shape(body(text)) == shape(body(skill_of(plain, {}).skill_markdown))
        head = front_matter(text)
        if not re.search("[\ud800-\udfff]", one + other):
            assert head["paths"] == ([] if is_blank(other) else [other])
        assert list(head)[-1] == "user_invocable"

    @given(HOSTILE)
    def test_a_code_span_is_one_code_span(self, text: str):
        (block,) = [token for token in MarkdownIt().parse(f"a {code_span(text)} b") if token.type == "inline"]
        kinds = [child.type for child in block.children or []]
        assert kinds in (["text", "code_inline", "text"], ["text"])


def candidate_named(one: str, other: str) -> Candidate:
    step = Step(
        index=1,
        kind=one,
        name=other,
        parameter_refs=(one,),
        required_secrets=(other,),
        side_effects=(SideEffect(kind="file", target=other),),
        approval=Approval(required=True, boundary=one or "b"),
    )
    return Candidate(
        id=one,
        name=other,
        steps=(step,),
        cluster_key=ClusterKey(goal=one),
        capabilities=(one,),
        required_secrets=(other,),
        side_effects=step.side_effects,
        examples=(Example(trace_id=one, source_hash=other, action_ids=(one,)),),
        parameters=(Parameter(name=one, source_paths=(other,)),),
        rejection_reasons=(one,),
    )


def body(text: str) -> str:
    start, head, rest = text.split("---\n", 2)
    assert not start
    assert head
    return rest


def front_matter(text: str) -> dict[str, object]:
    """The front matter; its lines are `key: VALUE` with values that TOML spells like YAML."""
    head = text.split("---\n", 2)[1]
    assert all(re.match(r"[a-z_]+: ", line) for line in head.splitlines())
    return tomllib.loads(re.sub(r"(?m)^([a-z_]+): ", r"\1 = ", head))


def shape(text: str) -> list[str]:
    """The structure of a Markdown text without its words."""
    return [token.type for token in MarkdownIt("commonmark").parse(text)] + [
        child.type
        for token in MarkdownIt("commonmark").parse(text)
        for child in token.children or []
        if child.type not in ("text", "code_inline")
    ]


class TestCommand:
    def test_skills_are_made_when_asked_for(self, tmp_path: Path):
        for place, runs in (("mined", RUNS), ("held", (HELD,))):
            (tmp_path / place).mkdir()
            for run in runs:
                (tmp_path / place / f"{run.id}.json").write_bytes(pretty(run))
        base = ["--from", str(tmp_path / "mined"), "--shadow-from", str(tmp_path / "held")]
        plain = CliRunner().invoke(crystallize, [*base, "--out-dir", str(tmp_path / "plain")])
        skilled = CliRunner().invoke(crystallize, [*base, "--out-dir", str(tmp_path / "out"), "--skills"])
        assert (plain.exit_code, skilled.exit_code) == (0, 0)
        assert not (tmp_path / "plain/bundle/skill").exists()
        assert "accepted by the replay gate" in skilled.output
        told = json.loads((tmp_path / "out/report.json").read_bytes())
        assert told["skill_candidates"][0]["skill_markdown"] == (tmp_path / "out/bundle/skill/SKILL.md").read_text()
        assert inside(SKILL_FILE) == SKILL_FILE
