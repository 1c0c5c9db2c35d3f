"""Runs that other tools recorded, as crystallization traces.

A file is taken apart into records (`records`), the first records tell the format (`registry`), the records of one run
are gathered and mapped (`convert`, with a module for each format), and the runs are written into a folder (`writing`)
or handed to the reader of a traces folder (`direct`). What a format does not state is left open: nothing is guessed,
and whatever is not mapped is told with its place and its reason.
"""
