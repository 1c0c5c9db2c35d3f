# The digest of an output straight from its JSON text: what core.columns.heads.Digests does of parsed ones.

from core.columns.heads import KEPT, SHORT

cdef enum:
    DIGEST = 16

cdef struct Member:
    # The name as it is written, between its quotes, and where the member stands in the text.
    Place name
    Py_ssize_t length
    Py_ssize_t begin
    Py_ssize_t end


cdef int order_of_members(const void* one, const void* other) noexcept nogil:
    """Members by the bytes of their names."""
    cdef const Member* a = <const Member*>one
    cdef const Member* b = <const Member*>other
    cdef Py_ssize_t least = a.length if a.length < b.length else b.length
    cdef int found = memcmp(a.name, b.name, least)
    if found:
        return found
    return (a.length > b.length) - (a.length < b.length)


cdef class Known:
    """Digests of texts that were seen before."""

    cdef Table _texts
    cdef Buffer _digests

    def __cinit__(self):
        self._texts = Table()

    def __dealloc__(self):
        PyMem_Free(self._digests.data)

    cdef Place of(self, Span text, uint32_t* hash) noexcept:
        """The digest of a text, NULL where it is not known; and the text's hash, to keep it by."""
        cdef Py_ssize_t size = text.end - text.begin, number
        hash[0] = hash_of(text.begin, size)
        number = self._texts.find(text.begin, size, hash[0])
        return NULL if number < 0 else self._digests.data + DIGEST * number

    cdef Place keep(self, Span text, uint32_t hash, Place digest) except NULL:
        """The digest of a text that was not known, and is now. They start anew when there are too many."""
        if self._texts.count >= KEPT:
            self._texts.clear()
            self._digests.size = 0
        put(&self._digests, digest, DIGEST)
        self._texts.keep(text.begin, text.end - text.begin, hash)
        return self._digests.data + self._digests.size - DIGEST


cdef class Digester:
    """Digests of outputs. Not for several threads at a time."""

    cdef object _canonical
    cdef Known _known
    cdef Buffer _text, _members

    def __init__(self, canonical):
        """`canonical` makes canonical JSON of texts and numbers that are spelled in their own way."""
        self._canonical, self._known = canonical, Known()

    def __dealloc__(self):
        PyMem_Free(self._text.data)
        PyMem_Free(self._members.data)

    cdef int add(self, Span span, Buffer* digests) except -1:
        """Add the digest of a value that is not null."""
        cdef bint short = span.end - span.begin <= SHORT
        cdef uint32_t hash
        cdef Place known = self._known.of(span, &hash) if short else NULL
        cdef unsigned char[DIGEST] made
        if known == NULL:
            self._text.size = self._members.size = 0
            self._write(span.begin, 3)
            assay_digest(self._text.data, self._text.size, made, DIGEST)
            known = self._known.keep(span, hash, made) if short else made
        return put(digests, known, DIGEST)

    cdef void rest(self) noexcept:
        """Nothing is digested for a while."""
        let_go(&self._text)
        let_go(&self._members)

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
            if order_of_members(&members[number - 1], &members[number]) >= 0:
                sorted = False
                break
        if sorted:
            return 0
        qsort(members, count, sizeof(Member), order_of_members)
        for number in range(count):
            if number:
                if order_of_members(&members[number - 1], &members[number]) == 0:
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
