# Memory that bytes are gathered in.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport qsort
from libc.string cimport memchr, memcmp, memcpy, memset

from os import urandom

ctypedef const unsigned char* Place

cdef enum:
    # Bytes that may be looked at a time: so many NULs stand behind a text that is gone through.
    PADDED = 16
    # Bytes of a buffer that is kept for the next run.
    ROOMY = 1048576

cdef extern from *:
    """
    #include <string.h>

    /* As memcpy, for texts that mostly take less than a call. */
    static inline void assay_copy(unsigned char *to, const void *source, Py_ssize_t size)
    {
        const unsigned char *from = source;
        if (size > 16) {
            memcpy(to, from, (size_t)size);
        } else if (size >= 8) {
            memcpy(to, from, 8);
            memcpy(to + size - 8, from + size - 8, 8);
        } else if (size >= 4) {
            memcpy(to, from, 4);
            memcpy(to + size - 4, from + size - 4, 4);
        } else {
            while (size--)
                *to++ = *from++;
        }
    }
    """
    void copied "assay_copy"(unsigned char* to, const void* source, Py_ssize_t size) noexcept

cdef extern from *:
    """
    #ifdef __GNUC__
    #define ASSAY_SOON(place) __builtin_prefetch(place)
    #else
    #define ASSAY_SOON(place)
    #endif
    """
    void soon "ASSAY_SOON"(const void* place) noexcept

cdef struct Buffer:
    unsigned char* data
    Py_ssize_t size
    Py_ssize_t room


cdef int more(Buffer* buffer, Py_ssize_t size) except -1:
    """Give a buffer room for so many bytes more, and for as much as it has besides."""
    return resize(buffer, 2 * (buffer.size + size) + 256)


cdef int resize(Buffer* buffer, Py_ssize_t room) except -1:
    """Give a buffer room for so many bytes."""
    cdef unsigned char* larger = <unsigned char*>PyMem_Realloc(buffer.data, room)
    if larger == NULL:
        raise MemoryError
    buffer.data = larger
    buffer.room = room
    return 0


cdef inline int reserve(Buffer* buffer, Py_ssize_t size) except -1:
    """See to it that a buffer has room for so many bytes more."""
    return more(buffer, size) if buffer.size + size > buffer.room else 0


cdef inline int put(Buffer* buffer, const void* data, Py_ssize_t size) except -1:
    """Add bytes to a buffer; they do not lie in it."""
    if size:  # nothing may stand nowhere
        reserve(buffer, size)
        copied(buffer.data + buffer.size, data, size)
        buffer.size += size
    return 0


cdef inline int mark(Buffer* buffer, unsigned char letter) except -1:
    """Add one byte to a buffer."""
    reserve(buffer, 1)
    buffer.data[buffer.size] = letter
    buffer.size += 1
    return 0


cdef inline int put_number(Buffer* buffer, int64_t number) except -1:
    """Add a number of 64 bits to a buffer."""
    return put(buffer, &number, sizeof(number))


cdef Place padded(Buffer* buffer, bytes text) except NULL:
    """A text as it can be gone through, in a buffer that holds nothing else."""
    cdef Py_ssize_t size = PyBytes_GET_SIZE(text)
    if size + PADDED > buffer.room:
        resize(buffer, size + PADDED)
    memcpy(buffer.data, PyBytes_AS_STRING(text), size)
    memset(buffer.data + size, 0, PADDED)
    return buffer.data


cdef void let_go(Buffer* buffer) noexcept:
    """Hold nothing any more, and no more memory than is of use."""
    buffer.size = 0
    if buffer.room > ROOMY:
        PyMem_Free(buffer.data)
        buffer.data = NULL
        buffer.room = 0
