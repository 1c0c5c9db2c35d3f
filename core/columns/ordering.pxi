# Many different texts in ascending order.

cdef enum:
    WIDTH = 8
    # So many words are put in order one by one.
    FEW = 12
    # So many words before it is looked at, a text is asked for.
    SOON = 8

cdef struct Word:
    # Some of its bytes as a number that orders as they do, the whole text, and its number.
    uint64_t some
    Place text
    Py_ssize_t size
    uint32_t number

cdef uint64_t _lot
_seed = urandom(sizeof(_lot))
memcpy(&_lot, PyBytes_AS_STRING(_seed), sizeof(_lot))
_lot |= 1  # it never becomes another number if it is 0
del _seed


cdef void in_order(Word* words, Py_ssize_t count, Py_ssize_t at) noexcept:
    """Sort different texts that are alike up to a place, by the bytes from there on.

    Source: Bentley and Sedgewick, Fast algorithms for sorting and searching strings (1997), with several bytes at a
    time. What divides them is drawn by lot, so that nobody can write texts that take long.
    """
    cdef Py_ssize_t less, equal, more, ended, place
    cdef uint64_t middle
    while count > FEW:
        middle = words[drawn() % <uint64_t>count].some
        less, equal, more = 0, 0, count
        while equal < more:
            if words[equal].some < middle:
                exchange(&words[equal], &words[less])
                less += 1
                equal += 1
            elif words[equal].some > middle:
                more -= 1
                exchange(&words[equal], &words[more])
            else:
                equal += 1
        in_order(words, less, at)
        in_order(words + more, count - more, at)
        words, count, ended = words + less, more - less, 0
        for place in range(count):  # what ends here is the beginning of what does not
            if words[place].size <= at + WIDTH:
                exchange(&words[place], &words[ended])
                ended += 1
        one_by_one(words, ended, at)
        words, count, at = words + ended, count - ended, at + WIDTH
        for place in range(count):
            if place + SOON < count:
                soon(words[place + SOON].text + at)
            come_to(&words[place], at)
    one_by_one(words, count, at)


cdef void one_by_one(Word* words, Py_ssize_t count, Py_ssize_t at) noexcept:
    """The same for a few."""
    cdef Py_ssize_t place, before
    cdef Word word
    for place in range(1, count):
        word, before = words[place], place
        while before and comes_before(&word, &words[before - 1], at):
            words[before] = words[before - 1]
            before -= 1
        words[before] = word


cdef bint comes_before(Word* one, Word* other, Py_ssize_t at) noexcept:
    """Whether one of two texts that are alike up to a place comes first."""
    cdef Py_ssize_t rest = (one.size if one.size < other.size else other.size) - at - WIDTH
    cdef int found
    if one.some != other.some:
        return one.some < other.some
    if rest > 0:
        found = memcmp(one.text + at + WIDTH, other.text + at + WIDTH, rest)
        if found:
            return found < 0
    return one.size < other.size


cdef void come_to(Word* word, Py_ssize_t at) noexcept:
    """Look at the bytes of a text from a place on; what is not there counts as NUL."""
    cdef Py_ssize_t left = word.size - at, place
    word.some = 0
    for place in range(WIDTH):
        word.some = word.some << 8 | (word.text[at + place] if place < left else 0)


cdef inline void exchange(Word* one, Word* other) noexcept:
    cdef Word word = one[0]
    one[0] = other[0]
    other[0] = word


cdef inline uint64_t drawn() noexcept:
    """A number that nobody outside can tell. Source: Marsaglia, Xorshift RNGs (2003)."""
    global _lot
    _lot ^= _lot << 13
    _lot ^= _lot >> 7
    _lot ^= _lot << 17
    return _lot
