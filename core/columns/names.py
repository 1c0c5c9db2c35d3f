"""What segments have in common under one numbering: forms, signatures and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.columns.facts import action_of
from core.model.signature import Signature, signature
from core.model.trace import Action
from core.promotion.savings import remains

_HELD = 4_000_000
"""Characters of texts that were read again and are held."""


class Names:
    """Forms, signatures and texts by number; only ever added to, so that numbers stay."""

    def __init__(self) -> None:
        self.forms: list[bytes] = []
        self.actions: list[Action] = []
        """What each form tells of an action."""
        self.signatures: list[Signature] = []
        self.texts: list[str] = []
        self._forms: dict[bytes, int] = {}
        self._signatures: dict[Signature, int] = {}
        self._texts: dict[str, int] = {}
        self._of_form: list[tuple[int, bool, int]] = []
        self._whole: dict[bytes, str] = {}
        self._held = 0

    def form(self, form: bytes) -> int:
        """The number of a form."""
        if (number := self._forms.get(form)) is None:
            number = self._forms[form] = len(self.forms)
            action = action_of(form)
            self.forms.append(form)
            self.actions.append(action)
            approval = action.approval
            self._of_form.append(
                (self.signature(signature(action)), remains(action), 0 if approval is None else 1 + approval.required)
            )
        return number

    def about(self, forms: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int8]]:
        """Of some forms the signature, whether a model is still needed, and the approval: 0 none, 2 a required one."""
        listed = [self._of_form[form] for form in forms]
        signs, left, approvals = zip(*listed, strict=True) if listed else ((), (), ())
        return np.array(signs, np.int64), np.array(left, np.bool_), np.array(approvals, np.int8)

    def whole(self, kept: bytes, read: Callable[[], str]) -> str:
        """The text of which only a beginning and a digest are kept; it is read again, or known from the last time."""
        if (text := self._whole.get(kept)) is None:
            text = read()
            self._held += len(text)
            if self._held > _HELD:
                self._whole.clear()
                self._held = len(text)
            self._whole[kept] = text
        return text

    def signature(self, text: Signature) -> int:
        """The number of a signature."""
        if (number := self._signatures.setdefault(text, len(self.signatures))) == len(self.signatures):
            self.signatures.append(text)
        return number

    def known(self, sequence: Sequence[Signature]) -> tuple[int, ...] | None:
        """The numbers of signatures; None when one never occurred."""
        numbers = tuple(self._signatures.get(text, -1) for text in sequence)
        return None if -1 in numbers else numbers

    def text(self, text: str | None) -> int:
        """The number of a text; -1 for none."""
        if text is None:
            return -1
        if (number := self._texts.setdefault(text, len(self.texts))) == len(self.texts):
            self.texts.append(text)
        return number
