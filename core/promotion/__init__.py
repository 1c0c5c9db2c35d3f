"""Savings, confidence, criteria: whether a candidate may be promoted."""
