"""What a renaming or an allow rule asks for besides a reason."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from core.model.text import is_blank, trim, visible
from tui.views.deciding import Case
from tui.widgets.checklist import Tick


class Particulars(Vertical):
    """The fields of one kind of decision; empty for those that need none."""

    def __init__(self, case: Case) -> None:
        super().__init__(id="particulars")
        self.case = case
        """What is decided, as it was looked at last."""

    def compose(self) -> ComposeResult:
        """A name, or a place and how far the rule reaches."""
        if self.case.kind == "rename":
            yield from self._field("new name", visible(self.case.view.label))
        if self.case.kind == "allow":
            yield from self._field("pointer", visible(self._given))
            cohort = visible(self.case.view.cohort)
            whom = f"the whole cohort {cohort}" if cohort else "all candidates without a cohort"
            yield Tick(f"for {whom}, not only for this candidate")

    @staticmethod
    def _field(label: str, value: str) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Static(label, markup=False)
            yield Input(value=value, id="particular", compact=True)

    @property
    def first(self) -> Widget | None:
        """What has to be looked at first."""
        return next(iter(self.query(Input)), None)

    @property
    def detail(self) -> dict[str, object]:
        """What the decision records of it."""
        detail = dict(self.case.detail)
        if self.case.kind == "rename":
            detail["name"] = self._written
        if self.case.kind == "allow":
            # A pointer that is left as it came is recorded as it is, not as it had to be spelled out.
            detail["pointer"] = self._given if self._written == visible(self._given) else self._written
            detail["scope"] = "cohort" if any(tick.ticked for tick in self.query(Tick)) else "lineage"
        return detail

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be given or mended before it can be recorded."""
        written = self._written
        if self.case.kind == "rename":
            if is_blank(written) or visible(written) != written:
                return ("a name that is visible text on one line",)
            return ("another name than the present one",) if written == self.case.view.label else ()
        if self.case.kind == "allow":
            if not written.startswith("/"):
                return ("a JSON pointer that begins with /",)
            if self.case.detail.get("step") is None and not written.strip("/"):
                return ("a place inside the replay run",)
        return ()

    @property
    def _given(self) -> str:
        return str(self.case.detail.get("pointer", ""))

    @property
    def _written(self) -> str:
        return trim(next((field.value for field in self.query(Input)), ""))
