# The values inside an action.

cdef class Values:
    """Gathers values, and of how an action is built what goes to its head."""

    cdef object _text_of
    cdef Buffer[BUFFERS] _gathered

    def __dealloc__(self):
        cdef int buffer
        for buffer in range(BUFFERS):
            PyMem_Free(self._gathered[buffer].data)

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

    cdef Place _costs(self, Place p, Told* told, double* usd) except NULL:
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
                this, p = 1, after_count(p, &told.wall)
            elif size == 11 and memcmp(name.begin, b"model_calls", 11) == 0:
                this, p = 2, after_count(p, &told.calls)
            elif size == 12 and memcmp(name.begin, b"input_tokens", 12) == 0:
                this, p = 4, after_count(p, &told.read)
            elif size == 13 and memcmp(name.begin, b"output_tokens", 13) == 0:
                this, p = 8, after_count(p, &told.written)
            elif size == 14 and memcmp(name.begin, b"total_cost_usd", 14) == 0:
                this, p = 16, after_amount(p, usd)
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
