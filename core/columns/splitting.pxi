# The actions of a run as columns straight from its text: what core.columns.parsing does of parsed values.
#
# An action's text is cut into what it has in common with others, the *head*, and its own values, numbers and output. A
# head that was not seen before is handed to Python, which alone decides what it means; so nothing of a trace's meaning
# is known here but the names of fields. Whatever is not plainly well-formed raises Unusual.

from cpython.unicode cimport PyUnicode_DecodeUTF8

from core.columns.facts import Actions
from core.traces.bounds import MAX_ACTIONS


cdef class Splitter:
    """Splits runs. Not for several threads at a time."""

    cdef object _head_of, _effects_of, _text_of, _id_of
    cdef Table _known_heads
    cdef Known _effects
    cdef Digester _outputs
    cdef Buffer[BUFFERS] _gathered
    cdef Span[FIELDS] _spans
    cdef list _heads, _forms, _shapes
    cdef Costs _spent

    def __init__(self, head_of, effects_of, canonical, text_of, id_of):
        """What decides about an unknown head, unknown effects and texts that are escaped or spelled in their own way."""
        self._head_of, self._effects_of, self._id_of = head_of, effects_of, id_of
        self._text_of, self._outputs = text_of, Digester(canonical)
        self._known_heads, self._heads, self._effects = Table(), [], Known()

    def __dealloc__(self):
        cdef int buffer
        for buffer in range(BUFFERS):
            PyMem_Free(self._gathered[buffer].data)

    def split(self, bytes data not None):
        """The actions of a run, what they spent, the JSON list of their ids, the times to look at, and the other fields.

        The bytes must be UTF-8. Spent are calls, tokens read and written, and milliseconds. Times are None where they
        are plain and do not go back. The other fields are JSON. Raises Unusual.
        """
        cdef Place begin, p, member
        cdef Span name
        cdef bint found = False
        self._begin()
        begin = padded(&self._gathered[TEXT], data)
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
                if self._gathered[REST].size > 1:
                    mark(&self._gathered[REST], c",")
                put(&self._gathered[REST], member, p - member)
            p = blank(p)
            if p[0] == c"}":
                break
            p = after(p, c",")
        mark(&self._gathered[REST], c"}")
        if not found or blank(p + 1) != begin + PyBytes_GET_SIZE(data):
            raise Unusual
        return (
            self._made(),
            (self._spent.calls, self._spent.read, self._spent.written, self._spent.wall),
            PyUnicode_DecodeUTF8(<char*>self._gathered[IDS].data, self._gathered[IDS].size, NULL),
            self._ordered(),
            all_of(&self._gathered[REST]),
        )

    cdef int _begin(self) except -1:
        cdef int buffer
        for buffer in range(BUFFERS):
            self._gathered[buffer].size = 0
        self._forms, self._shapes = [], []
        memset(&self._spent, 0, sizeof(Costs))
        return mark(&self._gathered[REST], c"{")

    cdef object _made(self):
        cdef Buffer* gathered = self._gathered
        return Actions(
            self._forms,
            all_of(&gathered[EFFECT_DIGESTS]),
            all_of(&gathered[OUTPUT_DIGESTS]),
            self._shapes,
            all_of(&gathered[VALUES]),
            column_of(&gathered[VALUE_ENDS], _NUMBERS),
            column_of(&gathered[COUNTS], _NUMBERS),
            column_of(&gathered[CALLS], _NUMBERS),
            column_of(&gathered[READ], _NUMBERS),
            column_of(&gathered[WRITTEN], _NUMBERS),
            column_of(&gathered[USD], _AMOUNTS),
            column_of(&gathered[WALL], _NUMBERS),
            column_of(&gathered[DURATIONS], _NUMBERS),
        )

    cdef Place _actions(self, Place p) except NULL:
        """What comes after the list of actions."""
        mark(&self._gathered[IDS], c"[")
        if p[0] != c"[":
            raise Unusual
        p = blank(p + 1)
        if p[0] != c"]":
            while True:
                p = blank(self._action(p))
                if p[0] == c"]":
                    break
                p = after(p, c",")
                mark(&self._gathered[IDS], c",")
                if len(self._forms) >= MAX_ACTIONS:
                    raise Unusual
        mark(&self._gathered[IDS], c"]")
        return p + 1

    cdef Place _action(self, Place p) except NULL:
        """What comes after an action, which is now in the columns."""
        cdef Span whole, name
        cdef int field, named = AS_IT_IS, timed = AS_IT_IS
        cdef Span* spans = self._spans
        cdef Buffer* gathered = self._gathered
        cdef Costs cost
        cdef int64_t duration = 0
        cdef Py_ssize_t before = gathered[VALUE_ENDS].size, count
        memset(spans, 0, FIELDS * sizeof(Span))
        memset(&cost, 0, sizeof(Costs))
        gathered[HEAD].size = gathered[INNER].size = gathered[INNER_ENDS].size = 0
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
                    mark(&self._gathered[HEAD], <unsigned char>(c"A" + field))
                    p = self._structure(p, &gathered[INNER], 3)
                elif field == PARAMETERS:
                    mark(&self._gathered[HEAD], <unsigned char>(c"A" + field))
                    p = self._parameters(p, &gathered[VALUES])
                elif field == METADATA:
                    mark(&self._gathered[HEAD], <unsigned char>(c"A" + field))
                    p = self._names(p)
                elif field == COST:
                    p = self._costs(p, &cost)
                elif field == DURATION:
                    p = after_word(p) if p[0] == c"n" else after_count(p, &duration)
                elif field == ID:
                    p = after_text(p, &named)
                elif field == TIMESTAMP:
                    p = after_word(p) if p[0] == c"n" else after_text(p, &timed)
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
                    mark(&self._gathered[HEAD], <unsigned char>(c"A" + field))
                    put(&self._gathered[HEAD], spans[field].begin, p - spans[field].begin)
                p = blank(p)
                if p[0] == c"}":
                    p += 1
                    break
                p = after(p, c",")
        whole.end = p
        if spans[INPUTS].begin == NULL:
            put_text(&gathered[INNER], b"null", 4)  # which is what they are then
        self._take_inner()
        count = (gathered[VALUE_ENDS].size - before) // <Py_ssize_t>sizeof(int64_t)
        self._add(whole, &cost, duration, count)
        self._add_id(spans[ID], named)
        if not is_null(spans[TIMESTAMP]):
            put(&gathered[TIMES], &spans[TIMESTAMP], sizeof(Span))
        return p

    cdef int _take_inner(self) except -1:
        """Add the values of the inputs to the others."""
        cdef Buffer* gathered = self._gathered
        cdef int64_t* ends = <int64_t*>gathered[INNER_ENDS].data
        cdef Py_ssize_t begin = gathered[VALUES].size, place
        put(&gathered[VALUES], gathered[INNER].data, gathered[INNER].size)
        for place in range(gathered[INNER_ENDS].size // <Py_ssize_t>sizeof(int64_t)):
            put_number(&gathered[VALUE_ENDS], begin + ends[place])
        return 0

    cdef int _add(self, Span whole, Costs* cost, int64_t duration, Py_ssize_t count) except -1:
        cdef Buffer* gathered = self._gathered
        cdef Span* spans = self._spans
        cdef Span output = spans[OUTPUT] if is_null(spans[OBSERVED]) else spans[OBSERVED]
        cdef tuple head = self._head_of_action(whole)
        # Where names stand twice in an object, the last one counts, and there are fewer values than texts.
        if count != <Py_ssize_t>head[4]:
            raise Unusual
        if cost.calls == 0 and head[2]:
            cost.calls = 1
        put_number(&gathered[COUNTS], count)
        self._forms.append(head[0])
        self._shapes.append(head[1])
        self._add_effects(spans[EFFECTS], head[3])
        if is_null(output):
            put(&gathered[OUTPUT_DIGESTS], _NOTHING, DIGEST)
        else:
            self._outputs.add(output, &gathered[OUTPUT_DIGESTS])
        put_number(&gathered[CALLS], cost.calls)
        put_number(&gathered[READ], cost.read)
        put_number(&gathered[WRITTEN], cost.written)
        put(&gathered[USD], &cost.usd, sizeof(double))
        put_number(&gathered[WALL], cost.wall)
        put_number(&gathered[DURATIONS], duration)
        self._spent.calls += cost.calls
        self._spent.read += cost.read
        self._spent.written += cost.written
        self._spent.wall += cost.wall + duration
        return 0

    cdef tuple _head_of_action(self, Span whole):
        """What Python said about the head of an action."""
        cdef Buffer* key = &self._gathered[HEAD]
        cdef uint32_t hash = hash_of(key.data, key.size)
        cdef Py_ssize_t number = self._known_heads.find(key.data, key.size, hash)
        if number >= 0:
            return <tuple>self._heads[number]
        head = self._head_of(bytes_of(whole))
        if self._known_heads.count >= KEPT:
            self._known_heads.clear()
            self._heads = []
        self._known_heads.keep(key.data, key.size, hash)
        self._heads.append(head)
        return head

    cdef Place _structure(self, Place p, Buffer* values, int depth) except NULL:
        """What comes after the inputs, or a value inside them; how they are built goes to the head."""
        cdef unsigned char ends
        cdef Span name
        if p[0] != c"{" and p[0] != c"[":
            mark(&self._gathered[HEAD], c"s")
            return self._scalar(p, values)
        if depth >= DEEPEST:
            raise Unusual
        mark(&self._gathered[HEAD], p[0])
        ends = c"}" if p[0] == c"{" else c"]"
        p = blank(p + 1)
        if p[0] != ends:
            while True:
                if ends == c"}":
                    p = after_name(p, &name)
                    put(&self._gathered[HEAD], name.begin - 1, name.end - name.begin + 2)
                p = blank(self._structure(p, values, depth + 1))
                if p[0] == ends:
                    break
                p = after(p, c",")
        mark(&self._gathered[HEAD], ends)
        return p + 1

    cdef Place _parameters(self, Place p, Buffer* values) except NULL:
        """What comes after the parameters; their names, and which are scalars, go to the head."""
        cdef Span name
        p = after(p, c"{")
        if p[0] == c"}":
            return p + 1
        while True:
            p = after_name(p, &name)
            put(&self._gathered[HEAD], name.begin - 1, name.end - name.begin + 2)
            if p[0] == c"{" or p[0] == c"[":
                mark(&self._gathered[HEAD], c"c")
                p = after_value(p, 4)
            else:
                mark(&self._gathered[HEAD], c"s")
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
            put(&self._gathered[HEAD], name.begin - 1, name.end - name.begin + 2)
            p = blank(after_value(p, 4))
            if p[0] == c"}":
                return p + 1
            p = after(p, c",")

    cdef Place _scalar(self, Place p, Buffer* values) except NULL:
        """What comes after a scalar, whose text is added to the values."""
        cdef Span span
        cdef int escaped = AS_IT_IS
        cdef bint whole = True
        cdef bytes text
        span.begin = p
        if p[0] == c'"':
            span.end = p = after_text(p, &escaped)
            if not escaped:
                put_text(values, span.begin + 1, p - span.begin - 2)
                return p
        elif is_number(p):
            span.end = p = after_number(p, &whole)
        else:
            span.end = p = after_word(p)
        if whole and not escaped:
            put_text(values, span.begin, p - span.begin)
        else:
            text = self._text_of(bytes_of(span))
            put_text(values, PyBytes_AS_STRING(text), len(text))
        return p

    cdef Place _costs(self, Place p, Costs* cost) except NULL:
        """What comes after the costs of an action."""
        cdef Span name
        cdef Py_ssize_t size
        cdef int seen = 0, this
        p = after(p, c"{")
        if p[0] == c"}":
            return p + 1
        while True:
            p = after_name(p, &name)
            size = name.end - name.begin
            this = 0
            if size == 7 and memcmp(name.begin, b"wall_ms", 7) == 0:
                this, p = 1, after_count(p, &cost.wall)
            elif size == 11 and memcmp(name.begin, b"model_calls", 11) == 0:
                this, p = 2, after_count(p, &cost.calls)
            elif size == 12 and memcmp(name.begin, b"input_tokens", 12) == 0:
                this, p = 4, after_count(p, &cost.read)
            elif size == 13 and memcmp(name.begin, b"output_tokens", 13) == 0:
                this, p = 8, after_count(p, &cost.written)
            elif size == 14 and memcmp(name.begin, b"total_cost_usd", 14) == 0:
                this, p = 16, after_amount(p, &cost.usd)
            else:
                if size == 5 and memcmp(name.begin, b"model", 5) == 0:
                    this = 32
                    if p[0] != c"n" and p[0] != c'"':
                        raise Unusual
                p = after_value(p, 4)
            if seen & this:
                raise Unusual
            seen |= this
            p = blank(p)
            if p[0] == c"}":
                return p + 1
            p = after(p, c",")

    cdef int _add_id(self, Span span, int escaped) except -1:
        cdef bytes text
        cdef unsigned char first
        if span.begin != NULL:
            first = span.begin[1]
            # A letter or digit at the front, and it is not blank.
            if not escaped and (c"0" <= first <= c"9" or c"a" <= (first | 0x20) <= c"z"):
                return put(&self._gathered[IDS], span.begin, span.end - span.begin)
        text = self._id_of(b'""' if span.begin == NULL else bytes_of(span), len(self._forms))
        return put(&self._gathered[IDS], PyBytes_AS_STRING(text), len(text))

    cdef list _ordered(self):
        """The times that somebody else has to look at; None where they are plain and do not go back."""
        cdef Span* times = <Span*>self._gathered[TIMES].data
        cdef Py_ssize_t count = self._gathered[TIMES].size // <Py_ssize_t>sizeof(Span), number, size, before = 0
        for number in range(count):
            size = times[number].end - times[number].begin - 2
            if not is_time(times[number].begin + 1, size) or (number and size != before):
                return [self._text_of(bytes_of(times[number])).decode() for number in range(count)]
            if number and memcmp(times[number - 1].begin + 1, times[number].begin + 1, size) > 0:
                raise Unusual
            before = size
        return None

    cdef int _add_effects(self, Span span, bint uncertain) except -1:
        """Add the digest of side effects."""
        cdef Buffer* effects = &self._gathered[EFFECT_DIGESTS]
        cdef Place digest
        cdef uint32_t hash
        if span.begin == NULL or (span.begin[0] == c"[" and blank(span.begin + 1)[0] == c"]"):
            return put(effects, _NOTHING, DIGEST)
        digest = self._effects.of(span, &hash)
        if digest == NULL:
            digest = self._effects.keep(span, hash, self._effects_of(bytes_of(span)))
        if uncertain and memcmp(digest, _NOTHING, DIGEST):
            raise Unusual
        return put(effects, digest, DIGEST)
