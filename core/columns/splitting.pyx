# cython: language_level=3, boundscheck=True, wraparound=False
"""The actions of a run as columns straight from its text, compiled: what `core.columns.parsing` does of parsed values.

An action's text is cut into what it has in common with others, the *head*, and its own values, numbers and output. A
head that was not seen before is handed to Python, which alone decides what it means; so nothing of a trace's meaning
is known here but the names of fields. Whatever is not plainly well-formed raises Unusual.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport memcmp

from core.columns.digesting cimport Digester
from core.columns.scanning cimport (
    DEEPEST, Buffer, Place, Span, after, after_name, after_number, after_text, after_value, after_word, amount_of,
    blank, bytes_of, count_of, is_null, is_number, is_time, mark, put,
)

from core.columns.facts import NONE_DIGEST, Actions
from core.columns.heads import KEPT, Unusual
from core.traces.bounds import MAX_ACTIONS

cdef enum:
    FIELDS = 18

# The fields of an action.
cdef enum:
    OTHER, ID, KIND, NAME, TIMESTAMP, CAPABILITIES, SECRETS, COST, DURATION, DETERMINISTIC, FUZZY, PARAMETERS, INPUTS
    OUTPUT, OBSERVED, EFFECTS, APPROVAL, METADATA


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


cdef class Splitter:
    """Splits runs. Not for several threads at a time."""

    cdef object _head_of, _effects_of, _text_of, _id_of
    cdef dict _heads, _effects
    cdef Digester _outputs
    cdef Buffer _head, _ids, _rest
    cdef Span[FIELDS] _spans
    cdef object _made
    cdef list _forms, _digests, _seen, _shapes, _values, _counts, _calls, _read, _written, _usd, _wall, _durations
    cdef list _times

    def __init__(self, head_of, effects_of, canonical, text_of, id_of):
        """What decides about an unknown head, unknown effects and texts that are escaped or spelled in their own way."""
        self._head_of, self._effects_of, self._id_of = head_of, effects_of, id_of
        self._text_of, self._outputs = text_of, Digester(canonical)
        self._heads, self._effects = {}, {}

    def __dealloc__(self):
        PyMem_Free(self._head.data)
        PyMem_Free(self._ids.data)
        PyMem_Free(self._rest.data)

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
        self._seen.append(NONE_DIGEST if is_null(output) else self._outputs.of(output))
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
            if not escaped and (c"0" <= first <= c"9" or c"a" <= (first | 0x20) <= c"z"):
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


cdef int _keep(dict table, bytes key, object value) except -1:
    """Put a value into a table, which starts anew when it is full."""
    if len(table) >= KEPT:
        table.clear()
    table[key] = value
    return 0
