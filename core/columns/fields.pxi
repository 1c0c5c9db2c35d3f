# The fields of an action, and what is gathered of all actions of a run.

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


# What a run tells of itself alone, in the order of core.columns.of_bytes.Own.
cdef enum:
    RUN_ID, STARTED, FINISHED, REPLAY, OWN


cdef int own_of(Span name) noexcept:
    """Which of these a member of a run is, by its name; as many as there are for another one."""
    cdef Py_ssize_t size = name.end - name.begin
    if size == 2:
        return RUN_ID if memcmp(name.begin, b"id", 2) == 0 else OWN
    if size == 10:
        if memcmp(name.begin, b"started_at", 10) == 0:
            return STARTED
        return REPLAY if memcmp(name.begin, b"replay_run", 10) == 0 else OWN
    return FINISHED if size == 11 and memcmp(name.begin, b"finished_at", 11) == 0 else OWN


# core.columns.facts.NUMBERS, and the cost.
cdef struct Told:
    int64_t count
    int64_t calls
    int64_t read
    int64_t written
    int64_t wall
    int64_t duration

# The run's text, and what is gathered of it; where texts are, what comes behind them is where each ends, as numbers of 64 bits.
cdef enum:
    TEXT, HEAD, IDS, REST, TIMES, DIGESTS, VALUES, VALUE_ENDS, INNER, INNER_ENDS, NUMBERS, USD, BUFFERS

cdef unsigned char[DIGEST] _NOTHING
memset(_NOTHING, 0, DIGEST)


cdef inline int put_text(Buffer* texts, const void* data, Py_ssize_t size) except -1:
    """Add a text."""
    put(texts, data, size)
    return put_number(texts + 1, texts.size)


cdef inline bytes all_of(Buffer* buffer):
    return PyBytes_FromStringAndSize(<char*>buffer.data, buffer.size)


cdef array column_of(Buffer* buffer, array kind):
    """Numbers of 64 bits as an array of a kind."""
    cdef array made = clone(kind, buffer.size // 8, False)
    if buffer.size:
        memcpy(made.data.as_chars, buffer.data, buffer.size)
    return made
