"""Tests of the live workspace."""
