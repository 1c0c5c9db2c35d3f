"""Crashpacks: the evidence that a decision leaves behind, as pure functions over files in memory (spec/crashpack.md)."""
