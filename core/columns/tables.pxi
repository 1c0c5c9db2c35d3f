# Texts as numbers: what the encoder does for every value; core.columns.numbers does the same in Python.

from cpython.array cimport array, clone, resize_smart
from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from array import array as _array_of

from core.columns.texts import CUT, END, TOLD

cdef enum:
    FEWEST = 1024
    # Bytes of all texts of a table, so that 32 bits tell where one lies.
    MOST_TEXT = 0xFFFFFFFF

cdef array _NUMBERS = _array_of("q")
cdef array _AMOUNTS = _array_of("d")

cdef struct Slot:
    # The hash of a text, its number, from 1 (0 where there is none), and where it lies.
    uint32_t hash
    uint32_t number
    uint32_t begin
    uint32_t size


cdef class Table:
    """Gives each different text the next number. Not for several threads at a time."""

    cdef Buffer _texts, _ends, _hashes
    cdef Slot* _slots
    cdef uint32_t _mask
    cdef readonly Py_ssize_t count

    def __cinit__(self):
        self._slots = slots(FEWEST)
        self._mask = FEWEST - 1

    def __dealloc__(self):
        PyMem_Free(self._texts.data)
        PyMem_Free(self._ends.data)
        PyMem_Free(self._hashes.data)
        PyMem_Free(self._slots)

    def __len__(self):
        return self.count

    def of(self, bytes text not None):
        """The number of a text."""
        return self.number(<Place>PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))

    def add(self, bytes texts not None, array ends not None, array column not None):
        """Add to a column (`q`) the number of each of some texts, which stand one after the other; `ends` (`q`)."""
        cdef Py_ssize_t count = len(ends), place
        cdef int64_t begin = 0, end, size = PyBytes_GET_SIZE(texts)
        _check(ends)
        for place in range(count):
            end = ends.data.as_longlongs[place]
            if not begin <= end <= size:
                raise ValueError("the texts do not end there")
            begin = end
        self.take(<Place>PyBytes_AS_STRING(texts), <const int64_t*>ends.data.as_longlongs, 0, count, column)

    def add_equal(self, texts, Py_ssize_t size, array column not None):
        """The same of the bytes of an object, every `size` of them a text."""
        cdef bytes data = bytes(texts)
        cdef Py_ssize_t count = PyBytes_GET_SIZE(data) // size if size > 0 else 0
        if size <= 0 or count * size != PyBytes_GET_SIZE(data):
            raise ValueError("these are no texts of one length")
        self.take(<Place>PyBytes_AS_STRING(data), NULL, size, count, column)

    def add_each(self, texts, Py_ssize_t nothing, array column not None):
        """The same of each of some texts, and of None a number that stands for nothing."""
        cdef tuple listed = tuple(texts)
        cdef Py_ssize_t at = len(column), size
        cdef const char* data
        _check(column)
        resize_smart(column, at + len(listed))
        for text in listed:
            if text is None:
                column.data.as_longlongs[at] = nothing
            else:
                data = PyUnicode_AsUTF8AndSize(text, &size)
                column.data.as_longlongs[at] = self.number(<Place>data, size)
            at += 1

    def joined(self):
        """All texts one after the other, by number."""
        return PyBytes_FromStringAndSize(<char*>self._texts.data, self._texts.size)

    def ends(self):
        """Where each of them ends, as 32 bits; 0 before the first."""
        cdef bytes ends = PyBytes_FromStringAndSize(NULL, (self.count + 1) * sizeof(uint32_t))
        cdef uint32_t* end = <uint32_t*>PyBytes_AS_STRING(ends)
        cdef Py_ssize_t place
        end[0] = 0
        for place in range(self.count):
            end[place + 1] = <uint32_t>(<int64_t*>self._ends.data)[place]
        return ends

    def ordered(self):
        """The texts in ascending order: the rank of each, one after the other what is kept of them, and the ends.

        Ranks and ends are 32 bits each, ends beginning with 0. Kept is what core.columns.texts says.
        """
        cdef Word* words = <Word*>PyMem_Malloc((self.count + 1) * sizeof(Word))
        cdef Py_ssize_t place
        if words == NULL:
            raise MemoryError
        try:
            for place in range(self.count):
                words[place].text = self.text(place, &words[place].size)
                words[place].number = <uint32_t>place
                come_to(&words[place], 0)
            in_order(words, self.count, 0)
            return self._in_order(words)
        finally:
            PyMem_Free(words)

    cdef tuple _in_order(self, Word* words):
        """What `ordered` gives of sorted words."""
        cdef bytes ranks = PyBytes_FromStringAndSize(NULL, self.count * sizeof(uint32_t))
        cdef bytes ends = PyBytes_FromStringAndSize(NULL, (self.count + 1) * sizeof(uint32_t))
        cdef uint32_t* rank = <uint32_t*>PyBytes_AS_STRING(ranks)
        cdef uint32_t* end = <uint32_t*>PyBytes_AS_STRING(ends)
        cdef Buffer made
        cdef unsigned char[LONGEST] rest
        cdef Py_ssize_t place
        cdef int most = CUT, told = TOLD
        cdef unsigned char end_of_cut = END
        memset(&made, 0, sizeof(Buffer))
        end[0] = 0
        try:
            for place in range(self.count):
                if place + SOON < self.count:
                    soon(words[place + SOON].text)
                rank[words[place].number] = <uint32_t>place
                if words[place].size > most:
                    put(&made, words[place].text, most)
                    mark(&made, end_of_cut)
                    assay_digest(words[place].text, words[place].size, rest, told)
                    put(&made, rest, told)
                else:
                    put(&made, words[place].text, words[place].size)
                end[place + 1] = <uint32_t>made.size
            return ranks, PyBytes_FromStringAndSize(<char*>made.data, made.size), ends
        finally:
            PyMem_Free(made.data)

    cdef Place text(self, Py_ssize_t number, Py_ssize_t* size) noexcept:
        """A text by its number."""
        cdef int64_t* ends = <int64_t*>self._ends.data
        cdef int64_t begin = ends[number - 1] if number else 0
        size[0] = ends[number] - begin
        return self._texts.data + begin

    cdef int take(
        self, Place data, const int64_t* ends, Py_ssize_t size, Py_ssize_t count, array column
    ) except -1:
        """Add to a column the number of each of some texts, by their ends or all of one size."""
        cdef Py_ssize_t at = len(column), place
        cdef int64_t begin = 0, end
        _check(column)
        resize_smart(column, at + count)
        self._look(data, ends, size, count)
        for place in range(count):
            end = begin + size if ends == NULL else ends[place]
            column.data.as_longlongs[at + place] = self._number(
                data + begin, end - begin, (<uint32_t*>self._hashes.data)[place]
            )
            begin = end
        return 0

    cdef int _look(self, Place data, const int64_t* ends, Py_ssize_t size, Py_ssize_t count) except -1:
        """The hashes of some texts, by their ends or all of one size, with what is looked at on its way from memory.

        That takes longer than everything else, but not for many at a time.
        """
        cdef int64_t begin = 0, end
        cdef Py_ssize_t place
        cdef uint32_t* hashes
        cdef Slot* slot
        self._hashes.size = 0
        reserve(&self._hashes, count * sizeof(uint32_t))
        hashes = <uint32_t*>self._hashes.data
        for place in range(count):
            end = begin + size if ends == NULL else ends[place]
            hashes[place] = hash_of(data + begin, end - begin)
            soon(&self._slots[hashes[place] & self._mask])
            begin = end
        for place in range(count):
            slot = &self._slots[hashes[place] & self._mask]
            if slot.number:
                soon(self._texts.data + slot.begin)
        return 0

    cdef Py_ssize_t find(self, Place text, Py_ssize_t size, uint32_t hash) noexcept:
        """The number of a text; -1 for what it does not hold."""
        cdef uint32_t place = hash & self._mask
        cdef Slot* slot = &self._slots[place]
        while slot.number:
            if slot.hash == hash and slot.size == size:
                if size == 0 or memcmp(self._texts.data + slot.begin, text, size) == 0:
                    return slot.number - 1
            place = (place + 1) & self._mask
            slot = &self._slots[place]
        return -1

    cdef Py_ssize_t keep(self, Place text, Py_ssize_t size, uint32_t hash) except -1:
        """The number of a text that it does not hold, and does now."""
        cdef Slot slot
        if self._texts.size + size > MOST_TEXT:
            raise MemoryError
        if 2 * <size_t>self.count > self._mask:
            self._grow()
        slot.begin, slot.size = <uint32_t>self._texts.size, <uint32_t>size
        reserve(&self._ends, sizeof(int64_t))
        put(&self._texts, text, size)
        put_number(&self._ends, self._texts.size)
        self.count += 1
        slot.hash, slot.number = hash, <uint32_t>self.count
        into(self._slots, self._mask, slot)
        return self.count - 1

    cdef Py_ssize_t number(self, Place text, Py_ssize_t size) except -1:
        """The number of a text."""
        return self._number(text, size, hash_of(text, size))

    cdef inline Py_ssize_t _number(self, Place text, Py_ssize_t size, uint32_t hash) except -1:
        cdef Py_ssize_t found = self.find(text, size, hash)
        return self.keep(text, size, hash) if found < 0 else found

    cdef void clear(self) noexcept:
        """Hold nothing any more."""
        self.count = 0
        self._texts.size = self._ends.size = 0
        memset(self._slots, 0, (<size_t>self._mask + 1) * sizeof(Slot))

    cdef int _grow(self) except -1:
        """Make room for twice as many."""
        cdef size_t place, room = 2 * (<size_t>self._mask + 1)
        cdef Slot* larger = slots(room)
        for place in range(<size_t>self._mask + 1):
            if self._slots[place].number:
                into(larger, <uint32_t>(room - 1), self._slots[place])
        PyMem_Free(self._slots)
        self._slots = larger
        self._mask = <uint32_t>(room - 1)
        return 0


cdef Slot* slots(size_t count) except NULL:
    """So many slots without anything in them, a power of two."""
    cdef Slot* made = <Slot*>PyMem_Calloc(count, sizeof(Slot)) if count <= 0x80000000 else NULL
    if made == NULL:
        raise MemoryError
    return made


cdef inline void into(Slot* slots, uint32_t mask, Slot slot) noexcept:
    """Put into a table what it does not hold."""
    cdef uint32_t place = slot.hash & mask
    while slots[place].number:
        place = (place + 1) & mask
    slots[place] = slot


cdef int _check(array column) except -1:
    if column.typecode != "q":
        raise TypeError("the column is no column of numbers")
    return 0
