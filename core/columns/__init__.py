"""Runs as columns: what mining, comparison and savings need of many runs, payloads left on disk."""
