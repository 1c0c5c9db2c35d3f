# The actions of many runs as columns of numbers; core.columns.numbers does the same in Python.

from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM
from cpython.long cimport PyLong_AsLongLong


cdef class Columns:
    """Gathers the actions of runs: tables of what they share, and the numbers of each."""

    cdef readonly Table words, digests, amounts
    cdef readonly dict forms, shapes
    cdef readonly array form, shape, digest, usd, numbers, values

    def __init__(self):
        self.words, self.digests, self.amounts, self.forms, self.shapes = Table(), Table(), Table(), {}, {}
        self.form, self.shape, self.digest, self.usd, self.numbers, self.values = [array("q") for _ in range(6)]
        self.digests.of(bytes(DIGEST))

    def add(self, actions):
        """Add the actions of a run (core.columns.facts.Actions)."""
        forms, shapes, digests, values, ends, numbers, usd = actions
        count(self.forms, forms, self.form)
        count(self.shapes, shapes, self.shape)
        self.digests.add_equal(digests, DIGEST, self.digest)
        self.words.add(values, ends, self.values)
        self.amounts.add_equal(usd, sizeof(double), self.usd)
        extend(self.numbers, numbers)

    def take(self, Splitter split not None):
        """Add the actions of the run that was split last, which stay with who split them, and no longer than this."""
        cdef Buffer* held = split._gathered
        cdef Py_ssize_t actions = len(split._forms), values = held[VALUE_ENDS].size // <Py_ssize_t>sizeof(int64_t)
        cdef Py_ssize_t at = len(self.numbers), numbers = held[NUMBERS].size // <Py_ssize_t>sizeof(int64_t)
        if held[NUMBERS].size != actions * <Py_ssize_t>sizeof(Told):
            raise ValueError("the actions did not stay")
        count(self.forms, split._forms, self.form)
        count(self.shapes, split._shapes, self.shape)
        self.digests.take(held[DIGESTS].data, NULL, DIGEST, 2 * actions, self.digest)
        self.words.take(held[VALUES].data, <const int64_t*>held[VALUE_ENDS].data, 0, values, self.values)
        self.amounts.take(held[USD].data, NULL, sizeof(double), actions, self.usd)
        if numbers:
            resize_smart(self.numbers, at + numbers)
            memcpy(&self.numbers.data.as_longlongs[at], held[NUMBERS].data, held[NUMBERS].size)
        split.let_go()


cdef int count(dict table, list keys, array column) except -1:
    """Add to a column the number of each key in a table, which gives what it does not hold the next one."""
    cdef Py_ssize_t at = len(column), place
    cdef PyObject* found
    cdef object key
    resize_smart(column, at + len(keys))
    for place in range(len(keys)):
        key = <object>PyList_GET_ITEM(keys, place)
        found = PyDict_GetItemWithError(table, key)
        if found == NULL:
            column.data.as_longlongs[at + place] = len(table)
            table[key] = len(table)
        else:
            column.data.as_longlongs[at + place] = PyLong_AsLongLong(<object>found)
    return 0


cdef int extend(array column, array numbers) except -1:
    """Add numbers to a column."""
    cdef Py_ssize_t at = len(column)
    _check(numbers)
    resize_smart(column, at + len(numbers))
    if len(numbers):
        memcpy(&column.data.as_longlongs[at], numbers.data.as_longlongs, len(numbers) * sizeof(int64_t))
    return 0


def add_all(array column not None, tuple numbers not None):
    """Add numbers to a column."""
    cdef Py_ssize_t at = len(column), place
    _check(column)
    resize_smart(column, at + len(numbers))
    for place in range(len(numbers)):
        column.data.as_longlongs[at + place] = numbers[place]
