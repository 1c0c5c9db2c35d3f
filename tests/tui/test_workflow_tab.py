"""The generated files, highlighted by what stands where, and what changed since the approved version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.rederive import CANDIDATE
from core.model.decision import CrashpackRef
from core.model.jsontext import pretty
from tests.tui import fakes
from tests.tui.reviewed import Held, changed, good_world, settled
from tui.screens.candidate import CandidateScreen
from tui.screens.candidate_tabs.workflow import approved_version, last_approval
from tui.views.workflow import Approved, changes, highlighted, texts, workflow_lines

lines_ = st.lists(st.sampled_from(["a", "b = 1", 'log("x")', "}", ""]), max_size=30)


def said(lines) -> str:
    return "\n".join(line.content.plain for line in lines)


def approved(view, name="candidate_x-001"):
    made = fakes.decision(view, behaviour_digest="sha256:0ld")
    return made.replace(crashpack=CrashpackRef(name=name, digest="sha256:" + "0" * 64))


class TestChanges:
    @given(lines_, lines_)
    def test_what_is_taken_out_and_put_in_leads_from_one_to_the_other(self, before, after):
        found = list(changes(before, after))
        if before == after:
            assert not found
        assert sum(sign == "-" for sign, _, _ in found) - sum(sign == "+" for sign, _, _ in found) == len(before) - len(
            after
        )
        assert [line for sign, line, _ in found if sign == "+"] == [
            line for sign, line, _ in found if sign == "+" and line in after
        ]

    def test_changed_words_are_marked(self):
        minus, plus = (item for item in changes(["a", 'version = "1"'], ["a", 'version = "2"']) if item[0] in "-+")
        assert [minus[1][start:end] for start, end in minus[2]] == ["1"]
        assert [plus[1][start:end] for start, end in plus[2]] == ["2"]

    def test_long_stretches_are_counted(self):
        before = [f"line {n}" for n in range(50)]
        found = list(changes(before, [*before[:25], "new", *before[25:]]))
        assert [item[1] for item in found if item[0] == "⋯"] == ["23 unchanged lines", "23 unchanged lines"]
        assert [item[1] for item in found if item[0] == "+"] == ["new"]

    def test_files_without_end_are_not_compared(self):
        (only,) = changes(["a"] * 5_000, ["b"])
        assert "too many" in only[1]


class TestHighlight:
    @given(st.text(max_size=120))
    def test_nothing_is_lost_and_nothing_is_markup(self, line):
        from core.model.text import visible

        assert highlighted(line).plain == visible(line, lines=True)

    def test_markup_in_names_is_text(self):
        content = highlighted('  log("[red]x[/red] [@click=app.quit]here[/]")')
        assert "[@click=app.quit]" in content.plain
        assert all("click" not in str(span.style) for span in content.spans)

    def test_strings_words_and_keys_have_styles_of_their_own(self):
        assert {str(span.style) for span in highlighted('  return {status: "x"}').spans} >= {
            "$primary bold",
            "$text-success",
        }
        assert "$primary" in {str(span.style) for span in highlighted("version = 1").spans}


class TestSince:
    def view(self):
        view = fakes.view()
        return replace(view, decisions=(approved(view),))

    def test_what_changed_stands_first(self):
        view = self.view()
        other = view.candidate.replace(name="version_bump_two")
        text = said(workflow_lines(texts(other), Approved(view.decisions[0], texts(view.candidate)), 100))
        assert text.lstrip().startswith("What changed since the approved version  #1 by ana@example.com")
        assert "- pipeline version_bump(repo_path, version) {" in text
        assert "+ pipeline version_bump_two(repo_path, version) {" in text

    def test_nothing_changed_is_said(self):
        view = self.view()
        files = texts(view.candidate)
        assert "Nothing: both files are what was approved." in said(
            workflow_lines(files, Approved(view.decisions[0], files), 100)
        )

    def test_a_crashpack_that_is_gone_is_said(self, tmp_path):
        view = self.view()
        found = approved_version(tmp_path, view.decisions[0])
        assert "No such file" in found.trouble
        assert "cannot be read" in said(workflow_lines(texts(view.candidate), found, 100))
        assert "left no crashpack" in approved_version(tmp_path, fakes.decision(view)).trouble

    @pytest.mark.parametrize("name", ["../../etc", "a/b", ".."])
    def test_a_name_that_leads_elsewhere_is_not_followed(self, tmp_path, name):
        assert approved_version(tmp_path, approved(fakes.view(), name)).trouble

    def test_damaged_files_are_said(self, tmp_path):
        folder = tmp_path / "crashpacks" / "candidate_x-001"
        (folder / CANDIDATE).parent.mkdir(parents=True)
        (folder / CANDIDATE).write_bytes(b"{")
        assert approved_version(tmp_path, approved(fakes.view())).trouble

    def test_the_newest_approval_counts(self):
        view = fakes.view()
        first, second = fakes.decision(view, seq=1), fakes.decision(view, seq=5)
        reject = fakes.decision(view, "reject", seq=7)
        assert last_approval(replace(view, decisions=(first, second, reject))) == second
        assert last_approval(replace(view, decisions=(reject,))) is None


def with_approval(tmp_path):
    folder, view = good_world()
    folder.workspace = tmp_path
    old = view.candidate.replace(name="version_bump_before")
    pack = tmp_path / "crashpacks" / "candidate_x-001" / CANDIDATE
    pack.parent.mkdir(parents=True)
    pack.write_bytes(pretty(old.wire()))
    view = replace(view, decisions=(approved(view),))
    folder.snapshot = changed(folder, view)
    return Held(folder, CandidateScreen(folder, view.lineage))


async def test_the_approved_version_is_read_from_its_crashpack(tmp_path):
    app = with_approval(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await settled(pilot)
        text = app.screen.query_one("#workflow").document.text
    assert "- pipeline version_bump_before(repo_path, version) {" in text
    assert "+ pipeline version_bump(repo_path, version) {" in text


@pytest.mark.parametrize("size", [(140, 40), (80, 24)], ids=["wide", "narrow"])
def test_workflow_look(snap_compare, tmp_path, size):
    async def run(pilot):
        await pilot.press("4")
        await settled(pilot)
        await pilot.pause()

    assert snap_compare(with_approval(tmp_path), terminal_size=size, run_before=run)
