"""Crashpacks: the evidence an approval leaves behind (spec/crashpack.md)."""
