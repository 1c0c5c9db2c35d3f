from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.artifacts.bundle import bundle_files
from core.artifacts.read import BundleError
from core.model.errors import InputError
from core.model.jsontext import plain
from core.store.files import write_folder
from core.traces.errors import TraceError
from tests.artifacts.making import RUNS, bump, leaky, report
from tui.cli.bundle import oracle, shadow, validate
from tui.cli.exits import Exit, exit_code

RUN = {"run_id": "r", "effect_receipts": [{"n": 1}]}
RULE = {"path": "/run_id", "reason": "r"}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_folder(tmp_path / "b", bundle_files(report(), RUNS), last="candidate.json")
    return tmp_path / "b"


def called(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))  # type: ignore[arg-type]


class TestShadow:
    def test_json_is_the_result(self, bundle: Path):
        done = called(shadow, bundle, "--json")
        candidate = report().candidates[0]
        assert done.exit_code == Exit.DONE
        assert json.loads(done.output) == {"candidate_id": candidate.id, "shadow": plain(candidate.shadow)}

    def test_text(self, bundle: Path):
        done = called(shadow, bundle)
        assert done.output.splitlines() == [
            f"{report().candidates[0].id}: 3 of 3 runs agree", "  ✓ t1", "  ✓ t2", "  ✓ t3",
        ]  # fmt: skip

    def test_a_changed_run(self, bundle: Path):
        fixture = bundle / "fixtures/t1.json"
        fixture.write_bytes(fixture.read_bytes().replace(b'"a.toml"', b'"b.toml"'))
        done = called(shadow, bundle)
        assert done.exit_code == Exit.NO
        assert "✗ t1\n      step 2 side effects differ for action id-bump" in done.output
        assert "The result is not the one that the bundle's report holds." in done.output

    def test_what_was_not_compared_is_told(self, tmp_path: Path):
        runs = (leaky("t1"), leaky("t2"))
        write_folder(tmp_path / "b", bundle_files(report(*runs), runs))
        assert "Not compared:\n  - step 2 output at /token is redacted" in called(shadow, tmp_path / "b").output
        told = json.loads(called(shadow, tmp_path / "b", "--json").output)
        assert told["not_compared"] == ["step 2 output at /token is redacted"]

    def test_no_folder(self, tmp_path: Path):
        done = called(shadow, tmp_path / "none")
        assert isinstance(done.exception, BundleError)
        assert exit_code(done.exception) == Exit.BAD_INPUT

    def test_names_cannot_reach_the_terminal(self, tmp_path: Path):
        runs = (bump("a\x1b[2J\nb"), bump("t2"))
        write_folder(tmp_path / "b", bundle_files(report(*runs), runs))
        done = called(shadow, tmp_path / "b")
        assert "\x1b" not in done.output
        assert "✓ a\\e[2J" in done.output


class TestValidate:
    def test_a_good_bundle(self, bundle: Path):
        done = called(validate, bundle, "--json")
        assert done.exit_code == Exit.DONE
        assert json.loads(done.output)["problems"] == []
        assert called(validate, bundle).output.endswith("No problems found.\n")

    def test_a_missing_file(self, bundle: Path):
        (bundle / "workflow.harn").unlink()
        done = called(validate, bundle)
        assert done.exit_code == Exit.NO
        assert "✗ workflow\n  ✓ report" in done.output
        assert '✗ missing workflow file "workflow.harn"' in done.output

    def test_no_folder(self, tmp_path: Path):
        done = called(validate, tmp_path / "none", "--json")
        assert done.exit_code == Exit.NO
        assert json.loads(done.output)["manifest_ok"] is False


class TestOracle:
    def ask(self, tmp_path: Path, *more: str, **fields: object) -> Result:
        given = {"name": "n", "first_run": RUN, "second_run": RUN | {"run_id": "s"}, "allowlist": [RULE]}
        (tmp_path / "o.json").write_text(json.dumps(given | fields))
        return called(oracle, tmp_path / "o.json", *more)

    def test_agreement(self, tmp_path: Path):
        assert self.ask(tmp_path).output == "n: passed (expected: match)\n  The two runs agree.\n"
        done = self.ask(tmp_path, "--json")
        assert done.exit_code == Exit.DONE
        assert json.loads(done.output)["passed"] is True

    def test_a_divergence(self, tmp_path: Path):
        done = self.ask(tmp_path, second_run={"run_id": "s", "effect_receipts": [{"n": "\x1b"}]})
        assert done.exit_code == Exit.NO
        assert done.output.splitlines() == [
            "n: did not pass (expected: match)",
            "  /effect_receipts/0/n: values differ",
            "    left   1",
            '    right  "\\u001b"',
        ]

    @pytest.mark.parametrize(
        ("fields", "kind", "message"),
        [
            ({"name": " "}, InputError, "o.json: replay trace name cannot be empty"),
            ({"expect": "Match"}, TraceError, "failed to decode replay trace "),
        ],
    )
    def test_what_cannot_be_judged(self, tmp_path: Path, fields: dict[str, object], kind: type, message: str):
        done = self.ask(tmp_path, **fields)
        assert isinstance(done.exception, kind)
        assert message in str(done.exception)

    def test_no_file(self, tmp_path: Path):
        done = called(oracle, tmp_path / "none.json")
        assert "failed to read replay trace " in str(done.exception)
