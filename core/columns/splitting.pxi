# The actions of a run as columns straight from its text: what core.columns.parsing does of parsed values.
#
# An action's text is cut into what it has in common with others, the *head*, and its own values, numbers and output. A
# head that was not seen before is handed to Python, which alone decides what it means; so nothing of a trace's meaning
# is known here but the names of fields. Whatever is not plainly well-formed raises Unusual.

from core.columns.facts import Actions
from core.traces.bounds import MAX_ACTIONS


cdef class Splitter(Values):
    """Splits runs. Not for several threads at a time."""

    cdef object _head_of, _effects_of, _id_of
    cdef Table _known_heads
    cdef Known _effects
    cdef Digester _outputs
    cdef Span[FIELDS] _spans
    cdef list _heads, _forms, _shapes
    cdef Told _spent
    cdef Span[OWN] _own

    def __init__(self, head_of, effects_of, canonical, text_of, id_of):
        """What decides about an unknown head, unknown effects and texts that are escaped or spelled in their own way."""
        self._head_of, self._effects_of, self._id_of = head_of, effects_of, id_of
        self._text_of, self._outputs = text_of, Digester(canonical)
        self._known_heads, self._heads, self._effects = Table(), [], Known()

    def split(self, bytes data not None, bint stays=False):
        """A run's actions, what they spent, the JSON list of their ids, the times to look at, its own fields, the others.

        Spent are calls, tokens read and written, milliseconds, and every amount in USD. Times are None where they are
        plain and do not go back. Its own are id, beginning and end, and the JSON of its replay run; None for what is not
        there. The other fields are JSON. What `stays` is not told: None instead of the actions, which are there for
        `Columns.take` until the next run is split. Raises Unusual, UnicodeDecodeError.
        """
        cdef tuple made = None
        self.let_go()
        try:
            made = self._split(data, stays)
            return made
        finally:
            if made is None or not stays:
                self.let_go()

    cdef void let_go(self) noexcept:
        """Hold nothing of a run."""
        cdef int buffer
        for buffer in range(BUFFERS):
            let_go(&self._gathered[buffer])
        self._outputs.rest()

    cdef tuple _split(self, bytes data, bint stays):
        cdef Place begin, p, member
        cdef Span name
        cdef bint found = False
        cdef int own
        self._begin()
        begin = padded(&self._gathered[TEXT], data)
        if not is_ascii(begin, PyBytes_GET_SIZE(data)):
            PyUnicode_DecodeUTF8(<const char*>begin, PyBytes_GET_SIZE(data), NULL)
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
                own = own_of(name)
                if own < OWN:
                    if self._own[own].begin != NULL:
                        raise Unusual
                    self._own[own].begin = p
                    p = self._own[own].end = after_value(p, 1)
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
            None if stays else self._made(),
            (
                *(self._spent.calls, self._spent.read, self._spent.written, self._spent.wall),
                column_of(&self._gathered[USD], _AMOUNTS),
            ),
            PyUnicode_DecodeUTF8(<char*>self._gathered[IDS].data, self._gathered[IDS].size, NULL),
            self._ordered(),
            (
                plain_text(self._own[RUN_ID], False),
                plain_text(self._own[STARTED], True),
                plain_text(self._own[FINISHED], True),
                None if is_null(self._own[REPLAY]) else bytes_of(self._own[REPLAY]),
            ),
            all_of(&self._gathered[REST]),
        )

    cdef int _begin(self) except -1:
        self._forms, self._shapes = [], []
        memset(&self._spent, 0, sizeof(Told))
        memset(self._own, 0, sizeof(self._own))
        return mark(&self._gathered[REST], c"{")

    cdef object _made(self):
        cdef Buffer* gathered = self._gathered
        return Actions(
            self._forms,
            self._shapes,
            all_of(&gathered[DIGESTS]),
            all_of(&gathered[VALUES]),
            column_of(&gathered[VALUE_ENDS], _NUMBERS),
            column_of(&gathered[NUMBERS], _NUMBERS),
            column_of(&gathered[USD], _AMOUNTS),
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
        cdef Told told
        cdef double usd = 0.0
        cdef Py_ssize_t before = gathered[VALUE_ENDS].size
        memset(spans, 0, FIELDS * sizeof(Span))
        memset(&told, 0, sizeof(Told))
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
                    p = self._costs(p, &told, &usd)
                elif field == DURATION:
                    p = after_word(p) if p[0] == c"n" else after_count(p, &told.duration)
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
        told.count = (gathered[VALUE_ENDS].size - before) // <Py_ssize_t>sizeof(int64_t)
        self._add(whole, &told, usd)
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

    cdef int _add(self, Span whole, Told* told, double usd) except -1:
        cdef Buffer* gathered = self._gathered
        cdef Span* spans = self._spans
        cdef Span output = spans[OUTPUT] if is_null(spans[OBSERVED]) else spans[OBSERVED]
        cdef tuple head = self._head_of_action(whole)
        # Where names stand twice in an object, the last one counts, and there are fewer values than texts.
        if told.count != <Py_ssize_t>head[4]:
            raise Unusual
        if told.calls == 0 and head[2]:
            told.calls = 1
        self._forms.append(head[0])
        self._shapes.append(head[1])
        self._add_effects(spans[EFFECTS], head[3])
        if is_null(output):
            put(&gathered[DIGESTS], _NOTHING, DIGEST)
        else:
            self._outputs.add(output, &gathered[DIGESTS])
        put(&gathered[NUMBERS], told, sizeof(Told))
        put(&gathered[USD], &usd, sizeof(double))
        self._spent.calls += told.calls
        self._spent.read += told.read
        self._spent.written += told.written
        self._spent.wall += told.wall + told.duration
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
        cdef Buffer* digests = &self._gathered[DIGESTS]
        cdef Place digest
        cdef bytes told
        cdef uint32_t hash
        if span.begin == NULL or (span.begin[0] == c"[" and blank(span.begin + 1)[0] == c"]"):
            return put(digests, _NOTHING, DIGEST)
        digest = self._effects.of(span, &hash)
        if digest == NULL:
            told = self._effects_of(bytes_of(span))
            if len(told) != DIGEST:
                raise ValueError("no digest")
            digest = self._effects.keep(span, hash, <Place>PyBytes_AS_STRING(told))
        if uncertain and memcmp(digest, _NOTHING, DIGEST):
            raise Unusual
        return put(digests, digest, DIGEST)
