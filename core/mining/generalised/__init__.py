"""Generalised mining: folded runs, values with their sources, and the few workflows worth approving.

The design and what measured best are in the README (Generalised mining); `mine.mine` is the way in.
"""
