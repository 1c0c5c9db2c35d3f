"""Where a workspace may lie, how it is made, and what is refused."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from core.model.decision import CrashpackRef
from core.model.errors import InputError, WorkspaceError
from core.store.disk import Disk
from core.store.lock import locked
from core.store.policy import NEW_POLICY, Policy
from core.store.policy_file import load_policy
from core.store.workspace import Workspace
from tests.store.disks import CountingDisk, Crash, FailingDisk, PowerLoss, names
from tests.store.samples import draft


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = (tmp_path / "runs").resolve()
    folder.mkdir()
    return folder


class ReadOnly(Disk):
    def mkdir(self, path: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


class TestPlace:
    def test_is_beside_the_traces_folder(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        assert (workspace.traces, workspace.folder) == (traces, traces.parent / "runs.assay")
        assert names(workspace.folder) == ["assay.toml", "format.json", "lock", "redaction.key"]
        assert names(traces) == []
        assert load_policy(workspace.policy_file) == NEW_POLICY

    @pytest.mark.parametrize("given", ["runs/", "./runs/.", "runs/../runs", "link", "link/"])
    def test_does_not_depend_on_how_the_folder_is_named(
        self, given: str, traces: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(traces.parent)
        Path("link").symlink_to("runs")
        assert Workspace.open(Path(given)).folder == traces.parent / "runs.assay"

    def test_a_point_names_the_present_folder(self, traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(traces)
        assert Workspace.open(Path()).folder == traces.parent / "runs.assay"

    def test_can_be_chosen(self, traces: Path, tmp_path: Path) -> None:
        workspace = Workspace.open(traces, tmp_path / "deep" / "place")
        assert workspace.folder == tmp_path.resolve() / "deep" / "place"
        assert workspace.exists
        assert Workspace.open(traces, tmp_path / "deep" / "place") == workspace

    @pytest.mark.parametrize("inside", [".", "sub", "sub/deeper", "../runs", "../link/x"])
    def test_is_never_inside_the_traces_folder(self, inside: str, traces: Path) -> None:
        (traces.parent / "link").symlink_to(traces)
        with pytest.raises(WorkspaceError, match=r"lies inside the traces folder.*--workspace"):
            Workspace.open(traces, traces / inside)
        assert names(traces) == []

    def test_never_holds_the_traces_folder(self, traces: Path) -> None:
        with pytest.raises(WorkspaceError, match="lies inside the workspace"):
            Workspace.open(traces, traces.parent)

    def test_needs_a_name_for_the_root_folder(self) -> None:
        with pytest.raises(WorkspaceError, match="--workspace"):
            Workspace.open(Path("/"), create=False)

    def test_is_not_made_of_a_folder_with_other_things(self, traces: Path, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / ".git").mkdir()
        assert Workspace.open(traces, tmp_path / "other", create=False).writable
        (tmp_path / "other" / "thesis.doc").write_bytes(b"")
        with pytest.raises(WorkspaceError, match=r"is no workspace: it holds .thesis.doc."):
            Workspace.open(traces, tmp_path / "other")
        assert names(tmp_path / "other") == [".git", "thesis.doc"]

    def test_is_a_folder(self, traces: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(WorkspaceError, match="is not a folder"):
            Workspace.open(traces, tmp_path / "file")


class TestTraces:
    def test_have_to_exist(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="does not exist"):
            Workspace.open(tmp_path / "none")
        (tmp_path / "loop").symlink_to("loop")
        with pytest.raises(InputError, match="a symbolic link on the way leads back to itself"):
            Workspace.open(tmp_path / "loop")
        assert names(tmp_path) == ["loop"]

    def test_are_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "one.json").write_bytes(b"{}")
        with pytest.raises(InputError, match="is a file; name the folder"):
            Workspace.open(tmp_path / "one.json")

    def test_are_not_a_workspace(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        with pytest.raises(InputError, match="is a workspace; name the traces folder"):
            Workspace.open(workspace.folder)


class TestFormat:
    def test_of_a_newer_program_is_refused(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        workspace.format_file.write_text('{"format": 2}')
        with pytest.raises(WorkspaceError, match=r"newer program .format 2, this one knows 1.; update assay"):
            Workspace.open(traces)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "1"}', '{"format": 0}', '{"format": true}'])
    def test_that_is_damaged_is_told(self, text: str, traces: Path) -> None:
        workspace = Workspace.open(traces)
        workspace.format_file.write_text(text)
        with pytest.raises(WorkspaceError, match="is damaged"):
            Workspace.open(traces)


class TestPolicy:
    def test_of_a_new_workspace_is_as_asked_for(self, traces: Path) -> None:
        workspace = Workspace.open(traces, mode="generalised", cohort="none")
        assert load_policy(workspace.policy_file) == Policy(mode="generalised", cohort="none")
        assert Workspace.open(traces).load_policy().mode == "generalised"
        assert Workspace.open(traces, mode="generalised", cohort="none").exists

    def test_does_not_change_with_the_command_line(self, traces: Path) -> None:
        Workspace.open(traces)
        with pytest.raises(WorkspaceError, match="was made with mode generalised, not exact; change it in"):
            Workspace.open(traces, mode="exact")
        with pytest.raises(WorkspaceError, match="was made with cohort workflow_id, not none"):
            Workspace.open(traces, cohort="none")

    def test_that_was_deleted_is_not_replaced_by_the_defaults(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        workspace.policy_file.unlink()
        with pytest.raises(WorkspaceError, match=r"assay.toml is missing; put back a copy"):
            Workspace.open(traces).load_policy()
        workspace.policy_file.write_text("")
        assert workspace.load_policy() == Policy()

    def test_that_cannot_be_read_does_not_keep_the_workspace_shut(self, traces: Path) -> None:
        Workspace.open(traces).policy_file.write_text("x = 1")
        with pytest.raises(WorkspaceError, match="line 1: unknown key"):
            Workspace.open(traces).load_policy()


class TestWriting:
    def test_nothing_is_made_unless_asked_for(self, traces: Path) -> None:
        workspace = Workspace.open(traces, create=False)
        assert (workspace.exists, workspace.writable) == (False, True)
        assert names(traces.parent) == ["runs"]
        assert workspace.load_journal().decisions == ()
        assert workspace.load_policy() == NEW_POLICY
        with workspace.locked("ana"):
            assert workspace.exists

    def test_a_place_that_cannot_be_written_can_be_looked_at(
        self, traces: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        workspace = Workspace.open(traces, cohort="goal")
        assert not workspace.writable
        assert "is read-only, so that no workspace can be made there; name another place with --workspace" in (
            workspace.why_not
        )
        assert names(traces.parent) == ["runs"]
        assert workspace.load_policy().cohort == "goal"
        with pytest.raises(WorkspaceError, match="is read-only"), workspace.locked("ana"):
            pytest.fail("locked")

    def test_a_workspace_that_cannot_be_written_can_be_looked_at(
        self, traces: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Workspace.open(traces)
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        workspace = Workspace.open(traces)
        assert workspace.exists
        assert "it can be viewed, but nothing can be decided" in workspace.why_not

    def test_a_disk_that_refuses_is_noticed_only_by_trying(self, traces: Path) -> None:
        workspace = Workspace.open(traces, disk=ReadOnly())
        assert not workspace.writable
        assert "the file system is read-only" in workspace.why_not

    def test_the_lock_is_the_workspaces_own(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        with workspace.locked("ana"), pytest.raises(WorkspaceError, match="in use by ana"):
            Workspace.open(traces).locked(timeout=0).__enter__()
        with locked(workspace.lock_file, timeout=0):
            pass

    def test_a_crash_while_it_is_made_leaves_one_that_can_be_made(self, traces: Path) -> None:
        counting = CountingDisk()
        Workspace.open(traces, traces.parent / "count", disk=counting)
        for at in range(len(counting.effects)):
            place = traces.parent / f"w{at}"
            with pytest.raises(Crash):
                Workspace.open(traces, place, disk=FailingDisk(at))
            again = Workspace.open(traces, place)
            assert again.writable
            assert again.load_policy() == NEW_POLICY

    def test_a_power_loss_never_leaves_a_format_without_its_policy(self, traces: Path) -> None:
        disk = CountingDisk()
        workspace = Workspace.open(traces, disk=disk)
        expected = workspace.policy_file.read_bytes()
        for count, state in PowerLoss(traces.parent).states(disk.effects):
            if "runs.assay/format.json" in state:
                assert state["runs.assay/assay.toml"] == expected
            if count == len(disk.effects):
                assert state["runs.assay/format.json"] == workspace.format_file.read_bytes()


class TestNames:
    def test_numbers_of_crashpacks_are_never_used_again(self, traces: Path) -> None:
        workspace = Workspace.open(traces)
        decisions = [
            draft(crashpack=CrashpackRef(name="c1-002", digest="")),
            draft(crashpack=CrashpackRef(name="c1x-007", digest="")),
            draft(crashpack=None),
        ]
        assert workspace.next_crashpack("c1", []) == "c1-001"
        assert workspace.next_crashpack("c1", decisions) == "c1-003"
        workspace.crashpack("c1-1041").mkdir(parents=True)
        assert workspace.next_crashpack("c1", decisions) == "c1-1042"
        assert workspace.next_crashpack("c2", decisions) == "c2-001"

    @pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\0", "a\n", "-rf", "a" * 201, "é"])
    def test_from_the_journal_never_lead_elsewhere(self, name: str, traces: Path) -> None:
        workspace = Workspace.open(traces)
        for use in (workspace.bundle, workspace.crashpack, lambda n: workspace.next_crashpack(n, [])):
            with pytest.raises(WorkspaceError, match="no name that a workspace uses"):
                use(name)
        assert workspace.bundle("lineage_1") == workspace.folder / "candidates" / "lineage_1"


@pytest.mark.parametrize(
    "name", ["journal.jsonl", "journal.head", "assay.toml", "redaction.key", "format.json", "journal.checkpoint"]
)
def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(name: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    made = Workspace.open(tmp_path / "runs")
    made.append(draft("ann"))
    (made.folder / name).unlink(missing_ok=True)
    os.mkfifo(made.folder / name)

    def look() -> None:
        store = Workspace.open(tmp_path / "runs")
        store.redactor(store.load_policy())
        store.load_journal()

    def late(*_: object) -> None:
        raise AssertionError("it waits for who writes into the pipe")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    try:
        if name == "journal.checkpoint":  # disposable, so nothing is said of it
            look()
            return
        with pytest.raises(WorkspaceError, match=f"cannot read .*{name}: it is a pipe, a socket or a device"):
            look()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
