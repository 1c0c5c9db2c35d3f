# cython: language_level=3, boundscheck=True, wraparound=False
"""The digest of an output straight from its JSON text, compiled: what `core.columns.heads.Digests` does of parsed ones."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free
from libc.stdlib cimport qsort
from libc.string cimport memcmp, memcpy

from core.columns.scanning cimport (
    AS_IT_IS, DEEPEST, OTHERWISE, Buffer, Place, Span, after, after_name, after_number, after_text, after_word, blank,
    bytes_of, is_number, mark, put, reserve,
)

from hashlib import blake2b

from core.columns.heads import KEPT, SHORT, Unusual

cdef struct Member:
    # The name as it is written, between its quotes, and where the member stands in the text.
    Place name
    Py_ssize_t length
    Py_ssize_t begin
    Py_ssize_t end


cdef int order(const void* one, const void* other) noexcept nogil:
    """Members by the bytes of their names."""
    cdef const Member* a = <const Member*>one
    cdef const Member* b = <const Member*>other
    cdef Py_ssize_t least = a.length if a.length < b.length else b.length
    cdef int found = memcmp(a.name, b.name, least)
    if found:
        return found
    return (a.length > b.length) - (a.length < b.length)


cdef class Digester:
    """Digests of outputs. Not for several threads at a time."""

    def __init__(self, canonical):
        """`canonical` makes canonical JSON of texts and numbers that are spelled in their own way."""
        self._canonical, self._known, self._digest = canonical, {}, blake2b(digest_size=16)

    def __dealloc__(self):
        PyMem_Free(self._text.data)
        PyMem_Free(self._members.data)

    cdef bytes of(self, Span span):
        """The digest of a value that is not null."""
        cdef bytes key = bytes_of(span) if span.end - span.begin <= SHORT else None
        cdef bytes digest = None if key is None else <bytes>self._known.get(key)
        cdef object hasher
        if digest is None:
            self._text.size = self._members.size = 0
            self._write(span.begin, 3)
            hasher = self._digest.copy()
            hasher.update(PyBytes_FromStringAndSize(<char*>self._text.data, self._text.size))
            digest = hasher.digest()
            if key is not None:
                if len(self._known) >= KEPT:
                    self._known.clear()
                self._known[key] = digest
        return digest

    cdef Place _write(self, Place p, int depth) except NULL:
        """What comes after a value, which is now in the text as canonical JSON."""
        cdef Span span
        cdef int escaped = AS_IT_IS
        cdef bint whole = True
        cdef bytes text
        span.begin = p
        if p[0] == c"{":
            return self._write_object(p, depth)
        if p[0] == c"[":
            return self._write_list(p, depth)
        if p[0] == c'"':
            p = after_text(p, &escaped)
        elif is_number(p):
            p = after_number(p, &whole)
        else:
            p = after_word(p)
        span.end = p
        if whole and escaped < OTHERWISE:
            put(&self._text, span.begin, p - span.begin)
        else:
            text = self._canonical(bytes_of(span))
            put(&self._text, PyBytes_AS_STRING(text), len(text))
        return p

    cdef Place _write_list(self, Place p, int depth) except NULL:
        if depth >= DEEPEST:
            raise Unusual
        mark(&self._text, c"[")
        p = blank(p + 1)
        if p[0] != c"]":
            while True:
                p = blank(self._write(p, depth + 1))
                if p[0] == c"]":
                    break
                mark(&self._text, c",")
                p = after(p, c",")
        mark(&self._text, c"]")
        return p + 1

    cdef Place _write_object(self, Place p, int depth) except NULL:
        cdef Py_ssize_t first = self._members.size, begin = self._text.size + 1
        cdef Member member
        cdef Span name
        if depth >= DEEPEST:
            raise Unusual
        mark(&self._text, c"{")
        p = blank(p + 1)
        if p[0] != c"}":
            while True:
                p = after_name(p, &name)
                member.name, member.length, member.begin = name.begin, name.end - name.begin, self._text.size
                put(&self._text, name.begin - 1, member.length + 2)
                mark(&self._text, c":")
                p = blank(self._write(p, depth + 1))
                member.end = self._text.size
                put(&self._members, &member, sizeof(Member))
                if p[0] == c"}":
                    break
                mark(&self._text, c",")
                p = after(p, c",")
            self._sort(first, begin)
        mark(&self._text, c"}")
        return p + 1

    cdef int _sort(self, Py_ssize_t first, Py_ssize_t begin) except -1:
        """Put the members of the object that was written last, from `begin` on, into the order of their names."""
        cdef Member* members = <Member*>(self._members.data + first)
        cdef Py_ssize_t count = (self._members.size - first) // <Py_ssize_t>sizeof(Member), number
        cdef Py_ssize_t end = self._text.size
        cdef bint sorted = True
        self._members.size = first
        for number in range(1, count):
            if order(&members[number - 1], &members[number]) >= 0:
                sorted = False
                break
        if sorted:
            return 0
        qsort(members, count, sizeof(Member), order)
        for number in range(count):
            if number:
                if order(&members[number - 1], &members[number]) == 0:
                    raise Unusual
                mark(&self._text, c",")
            self._again(members[number].begin, members[number].end)
        memcpy(self._text.data + begin, self._text.data + end, end - begin)
        self._text.size = end
        return 0

    cdef int _again(self, Py_ssize_t begin, Py_ssize_t end) except -1:
        """Add to the text what already stands in it, which may move while it grows."""
        cdef Py_ssize_t at = self._text.size
        reserve(&self._text, end - begin)
        memcpy(self._text.data + at, self._text.data + begin, end - begin)
        self._text.size = at + end - begin
        return 0
