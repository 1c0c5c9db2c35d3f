"""What a crystallization is told besides its traces (spec/pipeline.md, Options)."""

from __future__ import annotations

from core.model.record import F64, I64, Record, Text


class Options(Record):
    """The pipeline's options; `min_examples` below 2 counts as 2, a confidence of 0 or less as 0.80."""

    min_examples: I64 = 2
    promotion_min_confidence: F64 = 0.0
    workflow_name: Text | None = None
    package_name: Text | None = None
    author: Text | None = None
    approver: Text | None = None
    eval_pack_link: Text | None = None

    @property
    def needed_examples(self) -> int:
        """The effective least number of examples."""
        return max(self.min_examples, 2)

    @property
    def needed_confidence(self) -> float:
        """The effective least confidence."""
        return self.promotion_min_confidence if self.promotion_min_confidence > 0 else 0.80


class BundleOptions(Record):
    """How a bundle presents itself; what is not given is derived (spec/artifacts.md, Bundle)."""

    external_key: Text | None = None
    title: Text | None = None
    team: Text | None = None
    repo: Text | None = None
    risk_level: Text | None = None
    rollout_policy: Text | None = None
