"""Decisions: what is checked, what is recorded, and the evidence that is left behind (spec/review.md)."""
