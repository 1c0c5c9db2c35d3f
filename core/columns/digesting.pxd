from core.columns.scanning cimport Buffer, Place, Span


cdef class Digester:
    cdef object _canonical, _digest
    cdef dict _known
    cdef Buffer _text, _members

    cdef bytes of(self, Span span)
    cdef Place _write(self, Place p, int depth) except NULL
    cdef Place _write_list(self, Place p, int depth) except NULL
    cdef Place _write_object(self, Place p, int depth) except NULL
    cdef int _sort(self, Py_ssize_t first, Py_ssize_t begin) except -1
    cdef int _again(self, Py_ssize_t begin, Py_ssize_t end) except -1
