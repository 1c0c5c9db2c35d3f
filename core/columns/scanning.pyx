# cython: language_level=3, boundscheck=True, wraparound=False
"""Going through the text of JSON, compiled. Whatever is not plainly well-formed raises Unusual.

How it stays inside the text: bytes objects end in a NUL that is not part of them, no step goes past a byte that it
has not looked at, and a NUL is nothing that is gone past.
"""

from cpython.mem cimport PyMem_Realloc
from cpython.object cimport PyObject
from libc.string cimport memcmp, memcpy

from core.columns.heads import Unusual

cdef extern from "Python.h":
    double PyOS_string_to_double(const char*, char**, PyObject*) except? -1.0

cdef enum:
    MOST_DIGITS = 18
    MOST_DECIMALS = 40

cdef bint[256] _PLAIN
cdef bint[256] _DIGIT
cdef int _byte
for _byte in range(256):
    _PLAIN[_byte] = _byte >= 0x20 and _byte != c'"' and _byte != c"\\"
    _DIGIT[_byte] = c"0" <= _byte <= c"9"


cdef int no_json() except -1:
    raise Unusual


cdef int reserve(Buffer* buffer, Py_ssize_t size) except -1:
    """See to it that a buffer has room for so many bytes more."""
    cdef unsigned char* larger
    cdef Py_ssize_t room
    if buffer.size + size > buffer.room:
        room = 2 * (buffer.size + size) + 256
        larger = <unsigned char*>PyMem_Realloc(buffer.data, room)
        if larger == NULL:
            raise MemoryError
        buffer.data = larger
        buffer.room = room
    return 0


cdef int put(Buffer* buffer, const void* data, Py_ssize_t size) except -1:
    """Add bytes to a buffer; they do not lie in it."""
    reserve(buffer, size)
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size
    return 0


cdef int hex_digits(Place p) except -1:
    """The value of four hexadecimal digits."""
    cdef int value = 0, place
    cdef unsigned char c
    for place in range(4):
        c = p[place]
        if c"0" <= c <= c"9":
            value = 16 * value + c - c"0"
        elif c"a" <= (c | 0x20) <= c"f":
            value = 16 * value + (c | 0x20) - c"a" + 10
        else:
            raise Unusual
    return value


cdef Place after_text(Place p, int* escaped) except NULL:
    """What comes after a text whose opening quote is here; and how it is escaped."""
    cdef unsigned char c
    cdef int code
    if p[0] != c'"':
        raise Unusual
    p += 1
    escaped[0] = AS_IT_IS
    while True:
        while _PLAIN[p[0]]:
            p += 1
        c = p[0]
        if c == c'"':
            return p + 1
        if c != c"\\":
            raise Unusual
        c = p[1]
        if c == c"n" or c == c'"' or c == c"\\" or c == c"t" or c == c"r" or c == c"b" or c == c"f":
            escaped[0] |= PLAINLY
            p += 2
        elif c == c"/":
            escaped[0] |= OTHERWISE
            p += 2
        elif c == c"u":
            escaped[0] |= OTHERWISE
            code = hex_digits(p + 2)
            p += 6
            if 0xD800 <= code <= 0xDFFF:
                # Two that belong together, or it is no text.
                if code > 0xDBFF or p[0] != c"\\" or p[1] != c"u" or not 0xDC00 <= hex_digits(p + 2) <= 0xDFFF:
                    raise Unusual
                p += 6
        else:
            raise Unusual


cdef Place after_name(Place p, Span* name) except NULL:
    """The value of a member whose name begins here; the name is what stands between its quotes."""
    cdef int escaped
    name.begin = p + 1
    p = after_text(p, &escaped)
    name.end = p - 1
    if escaped:
        raise Unusual
    return after(p, c":")


cdef Place after_number(Place p, bint* whole) except NULL:
    """What comes after a number of moderate length; and whether it is an integer."""
    cdef Place begin
    whole[0] = True
    if p[0] == c"-":
        p += 1
        if p[0] == c"0" and p[1] != c"." and p[1] != c"e" and p[1] != c"E":
            raise Unusual  # it is read as a float
    begin = p
    if p[0] == c"0":
        p += 1
    else:
        while _DIGIT[p[0]]:
            p += 1
        if p == begin or p - begin > MOST_DIGITS:
            raise Unusual
    if p[0] == c".":
        whole[0] = False
        p += 1
        begin = p
        while _DIGIT[p[0]]:
            p += 1
        if p == begin or p - begin > MOST_DECIMALS:
            raise Unusual
    if p[0] == c"e" or p[0] == c"E":
        whole[0] = False
        p += 1
        if p[0] == c"-" or p[0] == c"+":
            p += 1
        begin = p
        while _DIGIT[p[0]]:
            p += 1
        if p == begin or p - begin > 2:
            raise Unusual
    return p


cdef Place after_word(Place p) except NULL:
    """What comes after true, false or null."""
    cdef const char* word
    if p[0] == c"t":
        word = "true"
    elif p[0] == c"f":
        word = "false"
    elif p[0] == c"n":
        word = "null"
    else:
        raise Unusual
    while word[0]:
        if p[0] != <unsigned char>word[0]:
            raise Unusual
        p += 1
        word += 1
    return p


cdef Place after_value(Place p, int depth) except NULL:
    """What comes after any value."""
    cdef int escaped
    cdef bint whole
    cdef unsigned char ends
    if p[0] == c'"':
        return after_text(p, &escaped)
    if is_number(p):
        return after_number(p, &whole)
    if p[0] != c"{" and p[0] != c"[":
        return after_word(p)
    if depth >= DEEPEST:
        raise Unusual
    ends = c"}" if p[0] == c"{" else c"]"
    p = blank(p + 1)
    if p[0] == ends:
        return p + 1
    while True:
        if ends == c"}":
            p = after(after_text(p, &escaped), c":")
        p = blank(after_value(p, depth + 1))
        if p[0] == ends:
            return p + 1
        p = after(p, c",")


cdef long long count_of(Span span) except? -1:
    """An integer; 0 where there is none."""
    cdef long long value = 0
    cdef bint whole, negative
    cdef Place p = span.begin
    if p == NULL:
        return 0
    if not is_number(p):
        raise Unusual
    after_number(p, &whole)
    if not whole:
        raise Unusual
    negative = p[0] == c"-"
    if negative:
        p += 1
    while p < span.end:
        value = 10 * value + p[0] - c"0"
        p += 1
    return -value if negative else value


cdef double amount_of(Span span) except? -1.0:
    """A number; 0 where there is none."""
    cdef char* end
    cdef double value
    if span.begin == NULL:
        return 0.0
    if not is_number(span.begin):
        raise Unusual
    value = PyOS_string_to_double(<const char*>span.begin, &end, NULL)
    if <Place>end != span.end:
        raise Unusual
    return value


cdef bint is_time(Place p, Py_ssize_t size) noexcept:
    """Whether a text is a time as nearly everybody writes it: `2026-01-31T23:59:59.999Z`, the day below 29."""
    cdef Py_ssize_t place
    cdef const char* form = "dddd-dd-ddTdd:dd:dd.dddddd"
    if size != 20 and size != 24 and size != 27:
        return False
    for place in range(size - 1):
        if place < 20 and form[place] != c"d":
            if p[place] != <unsigned char>form[place]:
                return False
        elif not _DIGIT[p[place]]:
            return False
    return (
        p[size - 1] == c"Z"
        and memcmp(p, b"0000", 4) > 0
        and memcmp(b"01", p + 5, 2) <= 0 <= memcmp(b"12", p + 5, 2)
        and memcmp(b"01", p + 8, 2) <= 0 <= memcmp(b"28", p + 8, 2)
        and memcmp(p + 11, b"24", 2) < 0
        and p[14] < c"6"
        and p[17] < c"6"
    )
