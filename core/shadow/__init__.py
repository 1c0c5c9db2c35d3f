"""Comparing a candidate with recorded runs; nothing is executed."""
