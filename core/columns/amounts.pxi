# Numbers, times and letters inside the text of JSON.

cdef extern from "Python.h":
    double PyOS_string_to_double(const char*, char**, PyObject*) except? -1.0

cdef Place after_count(Place p, int64_t* count) except NULL:
    """What comes after an integer."""
    cdef bint whole, negative = p[0] == c"-"
    cdef Place end
    cdef int64_t value = 0
    if not is_number(p):
        raise Unusual
    end = after_number(p, &whole)
    p += negative
    if not whole or end - p > MOST_COUNTED:
        raise Unusual
    while p < end:
        value = 10 * value + p[0] - c"0"
        p += 1
    count[0] = -value if negative else value
    return end


cdef Place after_amount(Place p, double* amount) except NULL:
    """What comes after a number."""
    cdef bint whole, negative = p[0] == c"-"
    cdef Place end, first = p + negative, at
    cdef char* ends
    cdef int64_t value = 0
    cdef int digits = 0, decimals = 0
    if not is_number(p):
        raise Unusual
    end = after_number(p, &whole)
    at = first
    while at < end and _DIGIT[at[0]]:
        value = 10 * value + at[0] - c"0"
        at += 1
    digits = <int>(at - first)
    if at < end and at[0] == c".":
        at += 1
        while at < end and _DIGIT[at[0]] and digits <= EXACT_DIGITS:
            value = 10 * value + at[0] - c"0"
            at += 1
            digits += 1
            decimals += 1
    if at == end and digits <= EXACT_DIGITS:
        # Both are exact, so their quotient is what is nearest to the number (Clinger, 1990).
        amount[0] = <double>value / _TENS[decimals]
        if negative:
            amount[0] = -amount[0]
        return end
    amount[0] = PyOS_string_to_double(<const char*>p, &ends, NULL)
    if <Place>ends != end:
        raise Unusual
    return end


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


def letters_in(bytes data not None):
    """How many commas, quotes, brackets and braces open in some bytes: core.traces.bounds.letters_in."""
    cdef Place p = <Place>PyBytes_AS_STRING(data)
    cdef Py_ssize_t commas = 0, quotes = 0, brackets = 0, braces = 0, left = PyBytes_GET_SIZE(data), at, size
    cdef uint8_t here[4]
    while left:
        # As many as one byte counts, which compilers do for many bytes at a time.
        size = left if left < 255 else 255
        here[0] = here[1] = here[2] = here[3] = 0
        for at in range(size):
            here[0] += p[at] == c","
            here[1] += p[at] == c'"'
            here[2] += p[at] == c"["
            here[3] += p[at] == c"{"
        commas += here[0]
        quotes += here[1]
        brackets += here[2]
        braces += here[3]
        p += size
        left -= size
    return commas, quotes, brackets, braces
