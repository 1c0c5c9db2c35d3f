# cython: language_level=3, boundscheck=True, wraparound=False
"""The fast way from a run's text to columns, compiled: one module of several parts, so that C makes one of their steps.

Without a compiler core.columns.parsing and numbers do the same, more slowly.
"""

include "buffers.pxi"
include "taking.pxi"
include "scanning.pxi"
include "amounts.pxi"
include "hashing.pxi"
include "ordering.pxi"
include "tables.pxi"
include "digesting.pxi"
include "fields.pxi"
include "values.pxi"
include "splitting.pxi"
include "columns.pxi"
