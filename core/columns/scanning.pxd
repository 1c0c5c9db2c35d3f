"""Going through the text of JSON: what core.columns.splitting and digesting look at it with."""

cdef extern from "Python.h":
    bytes PyBytes_FromStringAndSize(const char*, Py_ssize_t)

ctypedef const unsigned char* Place

cdef enum:
    DEEPEST = 100
    # How a text is escaped: not, as canonical JSON does it, otherwise.
    AS_IT_IS = 0
    PLAINLY = 1
    OTHERWISE = 2

cdef struct Buffer:
    unsigned char* data
    Py_ssize_t size
    Py_ssize_t room

cdef struct Span:
    Place begin
    Place end

cdef int reserve(Buffer* buffer, Py_ssize_t size) except -1
cdef int put(Buffer* buffer, const void* data, Py_ssize_t size) except -1
cdef int no_json() except -1
cdef Place after_text(Place p, int* escaped) except NULL
cdef Place after_name(Place p, Span* name) except NULL
cdef Place after_number(Place p, bint* whole) except NULL
cdef Place after_word(Place p) except NULL
cdef Place after_value(Place p, int depth) except NULL
cdef long long count_of(Span span) except? -1
cdef double amount_of(Span span) except? -1.0
cdef bint is_time(Place p, Py_ssize_t size) noexcept


cdef inline int mark(Buffer* buffer, unsigned char letter) except -1:
    """Add one byte to a buffer."""
    return put(buffer, &letter, 1)


cdef inline bytes bytes_of(Span span):
    return PyBytes_FromStringAndSize(<const char*>span.begin, span.end - span.begin)


cdef inline Place blank(Place p) noexcept:
    """What comes after white space."""
    while p[0] == c" " or p[0] == c"\n" or p[0] == c"\r" or p[0] == c"\t":
        p += 1
    return p


cdef inline Place after(Place p, unsigned char letter) except NULL:
    """What comes after a mark that has to be there, and the white space around it."""
    p = blank(p)
    if p[0] != letter:
        no_json()
    return blank(p + 1)


cdef inline bint is_number(Place p) noexcept:
    return c"0" <= p[0] <= c"9" or p[0] == c"-"


cdef inline bint is_null(Span span) noexcept:
    """Whether a value is null, or not there."""
    return span.begin == NULL or span.begin[0] == c"n"
