"""Benchmarks: time and memory against what the specification allows; run by `make bench`, not by pytest."""
