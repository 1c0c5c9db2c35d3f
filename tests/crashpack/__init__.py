"""Tests of the crashpack."""
