# cython: language_level=3, boundscheck=True, wraparound=False
"""The actions of a run as columns straight from its text, compiled: what `core.columns.parsing` does of parsed values.

An action's text is cut into what it has in common with others, the *head*, and its own values, numbers and output. A
head that was not seen before is handed to Python, which alone decides what it means; so nothing of a trace's meaning
is known here but the names of fields. Whatever is not plainly well-formed raises Unusual.

How it stays inside the text: bytes objects end in a NUL that is not part of them, no step goes past a byte that it
has not looked at, and a NUL is nothing that is gone past.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdlib cimport qsort
from libc.string cimport memcmp, memcpy

from hashlib import blake2b

from core.columns.facts import NONE_DIGEST, Actions
from core.columns.heads import KEPT, SHORT, Unusual
from core.traces.bounds import MAX_ACTIONS

ctypedef const unsigned char* Place

cdef extern from "Python.h":
    double PyOS_string_to_double(const char*, char**, PyObject*) except? -1.0

cdef enum:
    DEEPEST = 100
    MOST_DIGITS = 18
    MOST_DECIMALS = 40
    # How a text is escaped: not, as canonical JSON does it, otherwise.
    AS_IT_IS = 0
    PLAINLY = 1
    OTHERWISE = 2

    FIELDS = 18

# The fields of an action.
cdef enum:
    OTHER, ID, KIND, NAME, TIMESTAMP, CAPABILITIES, SECRETS, COST, DURATION, DETERMINISTIC, FUZZY, PARAMETERS, INPUTS
    OUTPUT, OBSERVED, EFFECTS, APPROVAL, METADATA

cdef bint[256] _PLAIN
cdef bint[256] _DIGIT
cdef int _byte
for _byte in range(256):
    _PLAIN[_byte] = _byte >= 0x20 and _byte != c'"' and _byte != c"\\"
    _DIGIT[_byte] = c"0" <= _byte <= c"9"

cdef struct Buffer:
    unsigned char* data
    Py_ssize_t size
    Py_ssize_t room

cdef struct Span:
    Place begin
    Place end

cdef struct Member:
    # The name as it is written, between its quotes, and where the member stands in the buffer.
    Place name
    Py_ssize_t length
    Py_ssize_t begin
    Py_ssize_t end


cdef int put(Buffer* buffer, const void* data, Py_ssize_t size) except -1:
    """Add bytes to a buffer."""
    cdef unsigned char* larger
    cdef Py_ssize_t room
    if buffer.size + size > buffer.room:
        room = 2 * (buffer.size + size) + 256
        larger = <unsigned char*>PyMem_Realloc(buffer.data, room)
        if larger == NULL:
            raise MemoryError
        buffer.data = larger
        buffer.room = room
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size
    return 0


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
        raise Unusual
    return blank(p + 1)


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


cdef inline bint is_number(Place p) noexcept:
    return _DIGIT[p[0]] or p[0] == c"-"


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


cdef inline bint is_null(Span span) noexcept:
    return span.begin == NULL or span.begin[0] == c"n"


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


cdef int field_of(Span name) noexcept:
    """Which field of an action has a name."""
    cdef Py_ssize_t size = name.end - name.begin
    cdef Place p = name.begin
    if size == 2:
        return ID if memcmp(p, b"id", 2) == 0 else OTHER
    if size == 4:
        if memcmp(p, b"kind", 4) == 0:
            return KIND
        if memcmp(p, b"name", 4) == 0:
            return NAME
        return COST if memcmp(p, b"cost", 4) == 0 else OTHER
    if size == 5:
        return FUZZY if memcmp(p, b"fuzzy", 5) == 0 else OTHER
    if size == 6:
        if memcmp(p, b"inputs", 6) == 0:
            return INPUTS
        return OUTPUT if memcmp(p, b"output", 6) == 0 else OTHER
    if size == 8:
        if memcmp(p, b"metadata", 8) == 0:
            return METADATA
        return APPROVAL if memcmp(p, b"approval", 8) == 0 else OTHER
    if size == 9:
        return TIMESTAMP if memcmp(p, b"timestamp", 9) == 0 else OTHER
    if size == 10:
        return PARAMETERS if memcmp(p, b"parameters", 10) == 0 else OTHER
    if size == 11:
        return DURATION if memcmp(p, b"duration_ms", 11) == 0 else OTHER
    if size == 12:
        if memcmp(p, b"capabilities", 12) == 0:
            return CAPABILITIES
        return EFFECTS if memcmp(p, b"side_effects", 12) == 0 else OTHER
    if size == 13:
        return DETERMINISTIC if memcmp(p, b"deterministic", 13) == 0 else OTHER
    if size == 15:
        return OBSERVED if memcmp(p, b"observed_output", 15) == 0 else OTHER
    if size == 16:
        return SECRETS if memcmp(p, b"required_secrets", 16) == 0 else OTHER
    return OTHER


cdef int order(const void* one, const void* other) noexcept nogil:
    """Members by the bytes of their names."""
    cdef const Member* a = <const Member*>one
    cdef const Member* b = <const Member*>other
    cdef Py_ssize_t least = a.length if a.length < b.length else b.length
    cdef int found = memcmp(a.name, b.name, least)
    if found:
        return found
    return (a.length > b.length) - (a.length < b.length)


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


cdef class Splitter:
    """Splits runs. Not for several threads at a time."""

    cdef object _head_of, _effects_of, _canonical, _text_of, _id_of
    cdef dict _heads, _effects, _outputs
    cdef object _digest
    cdef Buffer _head, _text, _ids, _rest, _members
    cdef Span[FIELDS] _spans
    cdef object _made
    cdef list _forms, _digests, _seen, _shapes, _values, _counts, _calls, _read, _written, _usd, _wall, _durations
    cdef list _times

    def __init__(self, head_of, effects_of, canonical, text_of, id_of):
        """What decides about an unknown head, unknown effects and texts that are escaped or spelled in their own way."""
        self._head_of, self._effects_of, self._id_of = head_of, effects_of, id_of
        self._canonical, self._text_of = canonical, text_of
        self._heads, self._effects, self._outputs = {}, {}, {}
        self._digest = blake2b(digest_size=16)

    def __dealloc__(self):
        PyMem_Free(self._head.data)
        PyMem_Free(self._text.data)
        PyMem_Free(self._ids.data)
        PyMem_Free(self._rest.data)
        PyMem_Free(self._members.data)

    def split(self, bytes data not None):
        """The actions of a run, the JSON list of their ids, the times to look at, and the run without its actions.

        The bytes must be UTF-8. Times are None where they are plain and do not go back. Raises Unusual.
        """
        cdef Place begin = <Place>PyBytes_AS_STRING(data)
        cdef Place p, member
        cdef Span name
        cdef bint found = False
        self._begin()
        p = after(begin, c"{")
        if p[0] == c"}":
            raise Unusual
        while True:
            member = p
            p = after_name(p, &name)
            if name.end - name.begin == 7 and memcmp(name.begin, b"actions", 7) == 0:
                if found:
                    raise Unusual
                found = True
                p = self._actions(p)
            else:
                p = after_value(p, 1)
                if self._rest.size > 1:
                    mark(&self._rest, c",")
                put(&self._rest, member, p - member)
            p = blank(p)
            if p[0] == c"}":
                break
            p = after(p, c",")
        mark(&self._rest, c"}")
        if not found or blank(p + 1) != begin + PyBytes_GET_SIZE(data):
            raise Unusual
        return (
            self._made,
            PyUnicode_DecodeUTF8(<char*>self._ids.data, self._ids.size, NULL),
            self._ordered(),
            PyBytes_FromStringAndSize(<char*>self._rest.data, self._rest.size),
        )

    cdef int _begin(self) except -1:
        self._forms, self._digests, self._seen, self._shapes, self._values, self._counts = [], [], [], [], [], []
        self._calls, self._read, self._written, self._usd, self._wall, self._durations = [], [], [], [], [], []
        self._made = Actions(
            self._forms, self._digests, self._seen, self._shapes, self._values, self._counts,
            self._calls, self._read, self._written, self._usd, self._wall, self._durations,
        )
        self._times = []
        self._ids.size = self._rest.size = 0
        mark(&self._rest, c"{")
        return 0

    cdef Place _actions(self, Place p) except NULL:
        """What comes after the list of actions."""
        mark(&self._ids, c"[")
        if p[0] != c"[":
            raise Unusual
        p = blank(p + 1)
        if p[0] != c"]":
            while True:
                p = blank(self._action(p))
                if p[0] == c"]":
                    break
                p = after(p, c",")
                mark(&self._ids, c",")
                if len(self._forms) >= MAX_ACTIONS:
                    raise Unusual
        mark(&self._ids, c"]")
        return p + 1

    cdef Place _action(self, Place p) except NULL:
        """What comes after an action, which is now in the columns."""
        cdef Span whole, name
        cdef int field, number
        cdef list values = [], inner = []
        cdef Span* spans = self._spans
        for number in range(FIELDS):
            spans[number].begin = NULL
        self._head.size = 0
        whole.begin = p
        p = after(p, c"{")
        if p[0] == c"}":
            p += 1
        else:
            while True:
                p = after_name(p, &name)
                field = field_of(name)
                if field and spans[field].begin != NULL:
                    raise Unusual
                spans[field].begin = p
                if field == INPUTS:
                    mark(&self._head, <unsigned char>(c"A" + field))
                    p = self._structure(p, inner, 3)
                elif field == PARAMETERS:
                    mark(&self._head, <unsigned char>(c"A" + field))
                    p = self._parameters(p, values)
                elif field == METADATA:
                    mark(&self._head, <unsigned char>(c"A" + field))
                    p = self._names(p)
                else:
                    p = after_value(p, 3)
                spans[field].end = p
                if (
                    field == KIND
                    or field == NAME
                    or field == CAPABILITIES
                    or field == SECRETS
                    or field == APPROVAL
                    or field == DETERMINISTIC
                    or field == FUZZY
                ):
                    mark(&self._head, <unsigned char>(c"A" + field))
                    put(&self._head, spans[field].begin, p - spans[field].begin)
                p = blank(p)
                if p[0] == c"}":
                    p += 1
                    break
                p = after(p, c",")
        whole.end = p
        if spans[INPUTS].begin == NULL:
            inner.append("null")  # which is what they are then
        values.extend(inner)
        self._add(whole, values)
        return p

    cdef int _add(self, Span whole, list values) except -1:
        cdef Span* spans = self._spans
        cdef bytes key = PyBytes_FromStringAndSize(<char*>self._head.data, self._head.size)
        cdef tuple head = <tuple>self._heads.get(key)
        cdef long long calls = 0, read = 0, written = 0, wall = 0
        cdef double usd = 0.0
        cdef Span output
        if head is None:
            head = self._head_of(bytes_of(whole))
            _keep(self._heads, key, head)
        # Where names stand twice in an object, the last one counts, and there are fewer values than texts.
        if <object>len(values) != head[4]:
            raise Unusual
        self._add_id(spans[ID])
        self._add_time(spans[TIMESTAMP])
        if spans[COST].begin != NULL:
            self._costs(spans[COST].begin, &calls, &read, &written, &usd, &wall)
        output = spans[OUTPUT] if is_null(spans[OBSERVED]) else spans[OBSERVED]
        self._forms.append(head[0])
        self._digests.append(self._effect(spans[EFFECTS], head[3]))
        self._seen.append(NONE_DIGEST if is_null(output) else self._output(output))
        self._shapes.append(head[1])
        self._values.extend(values)
        self._counts.append(len(values))
        self._calls.append(1 if calls == 0 and head[2] else calls)
        self._read.append(read)
        self._written.append(written)
        self._usd.append(usd)
        self._wall.append(wall)
        self._durations.append(0 if is_null(spans[DURATION]) else count_of(spans[DURATION]))
        return 0

    cdef Place _structure(self, Place p, list values, int depth) except NULL:
        """What comes after the inputs, or a value inside them; how they are built goes to the head."""
        cdef unsigned char ends
        cdef Span name
        if p[0] != c"{" and p[0] != c"[":
            mark(&self._head, c"s")
            return self._scalar(p, values)
        if depth >= DEEPEST:
            raise Unusual
        mark(&self._head, p[0])
        ends = c"}" if p[0] == c"{" else c"]"
        p = blank(p + 1)
        if p[0] != ends:
            while True:
                if ends == c"}":
                    p = after_name(p, &name)
                    put(&self._head, name.begin - 1, name.end - name.begin + 2)
                p = blank(self._structure(p, values, depth + 1))
                if p[0] == ends:
                    break
                p = after(p, c",")
        mark(&self._head, ends)
        return p + 1

    cdef Place _parameters(self, Place p, list values) except NULL:
        """What comes after the parameters; their names, and which are scalars, go to the head."""
        cdef Span name
        p = after(p, c"{")
        if p[0] == c"}":
            return p + 1
        while True:
            p = after_name(p, &name)
            put(&self._head, name.begin - 1, name.end - name.begin + 2)
            if p[0] == c"{" or p[0] == c"[":
                mark(&self._head, c"c")
                p = after_value(p, 4)
            else:
                mark(&self._head, c"s")
                p = self._scalar(p, values)
            p = blank(p)
            if p[0] == c"}":
                return p + 1
            p = after(p, c",")

    cdef Place _names(self, Place p) except NULL:
        """What comes after an object whose names go to the head."""
        cdef Span name
        p = after(p, c"{")
        if p[0] == c"}":
            return p + 1
        while True:
            p = after_name(p, &name)
            put(&self._head, name.begin - 1, name.end - name.begin + 2)
            p = blank(after_value(p, 4))
            if p[0] == c"}":
                return p + 1
            p = after(p, c",")

    cdef Place _scalar(self, Place p, list values) except NULL:
        """What comes after a scalar, whose text is added to the values."""
        cdef Span span
        cdef int escaped
        cdef bint whole
        span.begin = p
        if p[0] == c'"':
            span.end = after_text(p, &escaped)
            if escaped:
                values.append(self._text_of(bytes_of(span)))
            else:
                values.append(PyUnicode_DecodeUTF8(<const char*>p + 1, span.end - p - 2, NULL))
            return span.end
        if is_number(p):
            span.end = after_number(p, &whole)
            if whole:
                values.append(PyUnicode_DecodeUTF8(<const char*>p, span.end - p, NULL))
            else:
                values.append(self._text_of(bytes_of(span)))
            return span.end
        span.end = after_word(p)
        values.append("true" if p[0] == c"t" else "false" if p[0] == c"f" else "null")
        return span.end

    cdef int _costs(
        self, Place p, long long* calls, long long* read, long long* written, double* usd, long long* wall
    ) except -1:
        """What an action cost."""
        cdef Span name, span
        cdef Py_ssize_t size
        cdef int seen = 0, this
        p = after(p, c"{")
        if p[0] == c"}":
            return 0
        while True:
            p = after_name(p, &name)
            span.begin = p
            span.end = p = after_value(p, 4)
            size = name.end - name.begin
            this = 0
            if size == 7 and memcmp(name.begin, b"wall_ms", 7) == 0:
                this, wall[0] = 1, count_of(span)
            elif size == 11 and memcmp(name.begin, b"model_calls", 11) == 0:
                this, calls[0] = 2, count_of(span)
            elif size == 12 and memcmp(name.begin, b"input_tokens", 12) == 0:
                this, read[0] = 4, count_of(span)
            elif size == 13 and memcmp(name.begin, b"output_tokens", 13) == 0:
                this, written[0] = 8, count_of(span)
            elif size == 14 and memcmp(name.begin, b"total_cost_usd", 14) == 0:
                this, usd[0] = 16, amount_of(span)
            elif size == 5 and memcmp(name.begin, b"model", 5) == 0:
                this = 32
                if not is_null(span) and span.begin[0] != c'"':
                    raise Unusual
            if seen & this:
                raise Unusual
            seen |= this
            p = blank(p)
            if p[0] == c"}":
                return 0
            p = after(p, c",")

    cdef int _add_id(self, Span span) except -1:
        cdef bytes text
        cdef int escaped
        cdef unsigned char first
        if span.begin != NULL:
            after_text(span.begin, &escaped)
            first = span.begin[1]
            # A letter or digit at the front, and it is not blank.
            if not escaped and (_DIGIT[first] or c"a" <= (first | 0x20) <= c"z"):
                return put(&self._ids, span.begin, span.end - span.begin)
        text = self._id_of(b'""' if span.begin == NULL else bytes_of(span), len(self._forms) + 1)
        return put(&self._ids, PyBytes_AS_STRING(text), len(text))

    cdef int _add_time(self, Span span) except -1:
        cdef int escaped
        if is_null(span):
            return 0
        after_text(span.begin, &escaped)
        if escaped:
            self._times.append(self._text_of(bytes_of(span)))
        else:
            self._times.append(PyBytes_FromStringAndSize(<const char*>span.begin + 1, span.end - span.begin - 2))
        return 0

    cdef list _ordered(self):
        """The times that somebody else has to look at; None where they are plain and do not go back."""
        cdef bytes before = None, time
        cdef object given
        for given in self._times:
            if type(given) is not bytes or not is_time(<Place>PyBytes_AS_STRING(given), PyBytes_GET_SIZE(given)):
                break
            time = given
            if before is not None:
                if len(before) != len(time):
                    break
                if before > time:
                    raise Unusual
            before = time
        else:
            return None
        return [given.decode() if type(given) is bytes else given for given in self._times]

    cdef bytes _effect(self, Span span, bint uncertain):
        """The digest of side effects."""
        cdef bytes key, digest
        if span.begin == NULL or (span.begin[0] == c"[" and blank(span.begin + 1)[0] == c"]"):
            return NONE_DIGEST
        key = bytes_of(span)
        digest = <bytes>self._effects.get(key)
        if digest is None:
            digest = self._effects_of(key)
            _keep(self._effects, key, digest)
        if uncertain and digest != NONE_DIGEST:
            raise Unusual
        return digest

    cdef bytes _output(self, Span span):
        """The digest of an output."""
        cdef bytes key = bytes_of(span) if span.end - span.begin <= SHORT else None
        cdef bytes digest = None if key is None else <bytes>self._outputs.get(key)
        cdef object hasher
        if digest is None:
            self._text.size = self._members.size = 0
            self._write(span.begin, 3)
            hasher = self._digest.copy()
            hasher.update(PyBytes_FromStringAndSize(<char*>self._text.data, self._text.size))
            digest = hasher.digest()
            if key is not None:
                _keep(self._outputs, key, digest)
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
        self._room(end - begin)
        memcpy(self._text.data + at, self._text.data + begin, end - begin)
        self._text.size = at + end - begin
        return 0

    cdef int _room(self, Py_ssize_t size) except -1:
        """See to it that the text has room for so many bytes more."""
        cdef unsigned char* larger
        cdef Py_ssize_t room
        if self._text.size + size > self._text.room:
            room = 2 * (self._text.size + size) + 256
            larger = <unsigned char*>PyMem_Realloc(self._text.data, room)
            if larger == NULL:
                raise MemoryError
            self._text.data, self._text.room = larger, room
        return 0


cdef int _keep(dict table, bytes key, object value) except -1:
    """Put a value into a table, which starts anew when it is full."""
    if len(table) >= KEPT:
        table.clear()
    table[key] = value
    return 0
