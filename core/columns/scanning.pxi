# Going through the text of JSON. Whatever is not plainly well-formed raises Unusual.
#
# How it stays inside the text: behind it stand `PADDED` NULs (`padded`), no step goes past a byte that was not looked
# at, a NUL is nothing that is gone past, and no more than so many bytes are looked at a time.

from cpython.unicode cimport PyUnicode_DecodeUTF8

from core.columns.heads import Unusual

cdef enum:
    DEEPEST = 100
    MOST_DIGITS = 18
    MOST_DECIMALS = 40
    # Digits of a count: those of 50,000 actions add up to less than 64 bits hold.
    MOST_COUNTED = 12
    # What a float holds exactly: integers of so many digits, and powers of ten up to this one.
    EXACT_DIGITS = 15
    EXACT_TENS = 22
    # How a text is escaped: not, as canonical JSON does it, otherwise.
    AS_IT_IS = 0
    PLAINLY = 1
    OTHERWISE = 2

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>
    #if defined(__GNUC__) && defined(__SSE2__)
    #include <emmintrin.h>
    #endif

    #define ONES 0x0101010101010101ULL
    #define HIGHEST (ONES << 7)

    /* How many of eight bytes, from the first on, are plain letters of a text: no quote, no backslash, nothing below a
       space. Source: Mycroft's test for a zero byte, and its form for bytes that are less than a number; the lowest
       bit that they set is right. */
    static inline int of_eight(const unsigned char *p)
    {
    #if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        uint64_t here, quotes, slashes, found;
        memcpy(&here, p, 8);
        quotes = here ^ ONES * '"';
        slashes = here ^ ONES * '\\\\';
        found = (((quotes - ONES) & ~quotes) | ((slashes - ONES) & ~slashes) | ((here - ONES * ' ') & ~here)) & HIGHEST;
        return found ? __builtin_ctzll(found) >> 3 : 8;
    #else
        int at = 0;
        while (at < 8 && p[at] >= ' ' && p[at] != '"' && p[at] != '\\\\')
            at++;
        return at;
    #endif
    }

    /* The same of sixteen. */
    static inline int plain_letters(const unsigned char *p)
    {
    #if defined(__GNUC__) && defined(__SSE2__)
        const __m128i here = _mm_loadu_si128((const __m128i *)p);
        const __m128i quotes = _mm_cmpeq_epi8(here, _mm_set1_epi8('"'));
        const __m128i slashes = _mm_cmpeq_epi8(here, _mm_set1_epi8('\\\\'));
        const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(here, _mm_set1_epi8(31)), here);
        const int found = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls));
        return found ? __builtin_ctz(found) : 16;
    #else
        const int first = of_eight(p);
        return first < 8 ? first : 8 + of_eight(p + 8);
    #endif
    }
    """
    int plain_letters(Place p) noexcept

cdef struct Span:
    Place begin
    Place end

cdef unsigned char[256] _DIGIT
cdef double[23] _TENS
cdef int _byte
for _byte in range(256):
    _DIGIT[_byte] = c"0" <= _byte <= c"9"
_TENS[0] = 1.0
for _byte in range(1, EXACT_TENS + 1):
    _TENS[_byte] = 10.0 * _TENS[_byte - 1]


cdef int no_json() except -1:
    raise Unusual


cdef inline bytes bytes_of(Span span):
    return PyBytes_FromStringAndSize(<const char*>span.begin, span.end - span.begin)


cdef inline Place blank(Place p) noexcept:
    """What comes after white space."""
    if p[0] > c" ":
        return p
    while p[0] == c" " or p[0] == c"\n" or p[0] == c"\r" or p[0] == c"\t":
        p += 1
    return p


cdef inline Place after(Place p, unsigned char letter) except NULL:
    """What comes after a mark that has to be there, and the white space around it."""
    if p[0] == letter and p[1] > c" ":
        return p + 1
    p = blank(p)
    if p[0] != letter:
        no_json()
    return blank(p + 1)


cdef bint is_ascii(Place p, Py_ssize_t size) noexcept:
    """Whether all of some bytes are ASCII."""
    cdef unsigned char every = 0
    cdef Py_ssize_t at
    for at in range(size):  # compilers do many at a time
        every |= p[at]
    return every < 128


cdef inline bint is_number(Place p) noexcept:
    return c"0" <= p[0] <= c"9" or p[0] == c"-"


cdef inline bint is_null(Span span) noexcept:
    """Whether a value is null, or not there."""
    return span.begin == NULL or span.begin[0] == c"n"


cdef str plain_text(Span span, bint optional):
    """What a text that is written as it is says; None where there is none, and for null where it is `optional`."""
    cdef Py_ssize_t size = span.end - span.begin
    if span.begin == NULL or (optional and is_null(span)):
        return None
    if span.begin[0] != c'"' or memchr(span.begin, c"\\", size) != NULL:
        raise Unusual
    return PyUnicode_DecodeUTF8(<const char*>span.begin + 1, size - 2, NULL)


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


cdef Place after_escape(Place p, int* escaped) except NULL:
    """What comes after a letter of a text that is written as an escape."""
    cdef unsigned char c
    cdef int code
    if p[0] != c"\\":
        raise Unusual
    c = p[1]
    if c == c"n" or c == c'"' or c == c"\\" or c == c"t" or c == c"r" or c == c"b" or c == c"f":
        escaped[0] |= PLAINLY
        return p + 2
    escaped[0] |= OTHERWISE
    if c == c"/":
        return p + 2
    if c != c"u":
        raise Unusual
    code = hex_digits(p + 2)
    p += 6
    if 0xD800 <= code <= 0xDFFF:
        # Two that belong together, or it is no text.
        if code > 0xDBFF or p[0] != c"\\" or p[1] != c"u" or not 0xDC00 <= hex_digits(p + 2) <= 0xDFFF:
            raise Unusual
        p += 6
    return p


cdef inline Place after_text(Place p, int* escaped) except NULL:
    """What comes after a text whose opening quote is here; and how it is escaped."""
    cdef int plain
    if p[0] != c'"':
        no_json()
    escaped[0] = AS_IT_IS
    plain = plain_letters(p + 1)
    p += 1 + plain
    return p + 1 if p[0] == c'"' else after_rest(p, escaped)


cdef Place after_rest(Place p, int* escaped) except NULL:
    """What comes after a text of which the rest is here."""
    cdef int plain
    while True:
        plain = plain_letters(p)
        p += plain
        if plain == PADDED:
            continue
        if p[0] == c'"':
            return p + 1
        p = after_escape(p, escaped)


cdef inline Place after_name(Place p, Span* name) except NULL:
    """The value of a member whose name begins here; the name is what stands between its quotes."""
    cdef int escaped
    name.begin = p + 1
    p = after_text(p, &escaped)
    name.end = p - 1
    if escaped:
        no_json()
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
