# cython: language_level=3, boundscheck=True, wraparound=False
"""What the encoder does for every value, compiled; core.columns.numbers does the same where this is not there."""

from cpython.array cimport array, resize_smart
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError
from cpython.list cimport PyList_GET_ITEM
from cpython.float cimport PyFloat_AsDouble
from cpython.long cimport PyLong_AsLongLong
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport qsort
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object, Py_ssize_t*) except NULL

cdef enum:
    WIDTH = 8

cdef struct Word:
    # The first bytes as a number that orders as they do, the whole text, and its number.
    uint64_t begin
    const unsigned char* text
    Py_ssize_t size
    uint32_t number


def number(dict table not None, list keys not None, array column not None):
    """Add to a column (`q`) the number of each key in a table, which gives what it does not hold the next one."""
    cdef Py_ssize_t at = len(column), count = len(keys), place
    cdef PyObject* found
    cdef object key
    if column.typecode != "q":
        raise TypeError("the column is no column of numbers")
    resize_smart(column, at + count)
    for place in range(count):
        key = <object>PyList_GET_ITEM(keys, place)
        found = PyDict_GetItemWithError(table, key)
        if found == NULL:
            column.data.as_longlongs[at + place] = len(table)
            table[key] = len(table)
        else:
            column.data.as_longlongs[at + place] = PyLong_AsLongLong(<object>found)


def extend(array column not None, list numbers not None):
    """Add numbers to a column (`q` or `d`)."""
    cdef Py_ssize_t at = len(column), count = len(numbers), place
    cdef str kind = column.typecode
    if kind != "q" and kind != "d":
        raise TypeError("the column is no column of numbers")
    resize_smart(column, at + count)
    try:
        if kind == "q":
            for place in range(count):
                column.data.as_longlongs[at + place] = PyLong_AsLongLong(numbers[place])
        else:
            for place in range(count):
                column.data.as_doubles[at + place] = PyFloat_AsDouble(numbers[place])
    except BaseException:
        resize_smart(column, at)
        raise


cdef int order(const void* one, const void* other) noexcept nogil:
    """Words by the bytes of their texts."""
    cdef const Word* a = <const Word*>one
    cdef const Word* b = <const Word*>other
    cdef Py_ssize_t least
    cdef int found
    if a.begin != b.begin:
        return -1 if a.begin < b.begin else 1
    least = a.size if a.size < b.size else b.size
    if least > WIDTH:
        found = memcmp(a.text + WIDTH, b.text + WIDTH, least - WIDTH)
        if found:
            return found
    return (a.size > b.size) - (a.size < b.size)


def ordered(list texts not None, Py_ssize_t most, shorter):
    """Different texts in ascending order: the rank of each, one after the other what is kept of them, and the ends.

    Ranks and ends are 32 bits each, ends beginning with 0. `shorter` gives what is kept of the UTF-8 of a text that
    takes more than `most` bytes.
    """
    cdef Py_ssize_t count = len(texts), place, size = 0
    cdef Word* words = <Word*>PyMem_Malloc((count + 1) * sizeof(Word))
    cdef bytes ranks = PyBytes_FromStringAndSize(NULL, count * sizeof(uint32_t))
    cdef bytes ends = PyBytes_FromStringAndSize(NULL, (count + 1) * sizeof(uint32_t))
    cdef uint32_t* rank = <uint32_t*>PyBytes_AS_STRING(ranks)
    cdef uint32_t* end = <uint32_t*>PyBytes_AS_STRING(ends)
    cdef dict long_ones = {}
    cdef bytes data, some
    cdef unsigned char* block
    if words == NULL:
        raise MemoryError
    try:
        for place in range(count):
            words[place].text = <const unsigned char*>PyUnicode_AsUTF8AndSize(texts[place], &words[place].size)
            words[place].begin = beginning(words[place].text, words[place].size)
            words[place].number = <uint32_t>place
        qsort(words, count, sizeof(Word), order)
        end[0] = 0
        for place in range(count):
            rank[words[place].number] = <uint32_t>place
            if words[place].size > most:
                some = shorter(PyBytes_FromStringAndSize(<const char*>words[place].text, words[place].size))
                long_ones[place] = some
                size += len(some)
            else:
                size += words[place].size
            end[place + 1] = <uint32_t>size
        data = PyBytes_FromStringAndSize(NULL, size)
        block = <unsigned char*>PyBytes_AS_STRING(data)
        size = 0
        for place in range(count):
            if words[place].size > most:
                some = long_ones[place]
                memcpy(block + size, PyBytes_AS_STRING(some), PyBytes_GET_SIZE(some))
                size += PyBytes_GET_SIZE(some)
            else:
                memcpy(block + size, words[place].text, words[place].size)
                size += words[place].size
    finally:
        PyMem_Free(words)
    return ranks, data, ends


cdef uint64_t beginning(const unsigned char* text, Py_ssize_t size) noexcept:
    """The first bytes as a number; what is not there counts as NUL."""
    cdef uint64_t made = 0
    cdef Py_ssize_t place
    for place in range(WIDTH):
        made = made << 8 | (text[place] if place < size else 0)
    return made
