"""Pure view-models: what the screens show, computed from snapshots without any widget."""
