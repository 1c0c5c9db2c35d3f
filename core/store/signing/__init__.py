"""Signatures under decisions: whose key, made how, and whether they hold (design/trust.md)."""
