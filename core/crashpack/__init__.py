"""Crashpacks: the evidence that a decision leaves behind, as functions over files in memory (spec/crashpack.md)."""
