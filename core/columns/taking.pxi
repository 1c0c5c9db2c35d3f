# Whole files, opened below a folder that is open already.

cdef extern from "Python.h":
    bytes PyUnicode_EncodeFSDefault(object name)

cdef extern from *:
    """
    #include <fcntl.h>
    #include <stdint.h>
    #include <sys/stat.h>
    #include <unistd.h>

    #ifdef __APPLE__
    #define ASSAY_CHANGED st_mtimespec
    #define ASSAY_TOUCHED st_ctimespec
    #else
    #define ASSAY_CHANGED st_mtim
    #define ASSAY_TOUCHED st_ctim
    #endif

    /* Nanoseconds since 1970, as 64 bits hold them. */
    static int64_t assay_ns(struct timespec at) {
        return (int64_t)((uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec);
    }

    /* The descriptor of a regular file of at most so many bytes, and its stamp; -1 for anything else. */
    static int assay_open(int folder, const char *name, int64_t most, int64_t *stamp) {
        struct stat status;
        int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (file < 0) return -1;
        if (fstat(file, &status) || !S_ISREG(status.st_mode) || status.st_size > most) {
            close(file);
            return -1;
        }
        stamp[0] = assay_ns(status.ASSAY_CHANGED);
        stamp[1] = status.st_size;
        stamp[2] = (int64_t)status.st_ino;
        stamp[3] = assay_ns(status.ASSAY_TOUCHED);
        return file;
    }

    /* Whether a file holds exactly so many bytes, with room for one more, which is NUL then; it is closed. */
    static int assay_read(int file, char *data, Py_ssize_t size) {
        const ssize_t found = data ? read(file, data, (size_t)size + 1) : -1;
        close(file);
        if (data) data[size] = 0;
        return found == size;
    }
    """
    int assay_open(int folder, const char* name, int64_t most, int64_t* stamp) nogil
    bint assay_read(int file, char* data, Py_ssize_t size) nogil


def taken(int folder, str name not None, int64_t most):
    """The stamp and the bytes of a regular file in an open folder; no link is followed.

    The stamp is that of core.live.changes.Stamp. None for whatever is not plain: no such file, more than `most` bytes,
    one that grew or shrank a moment ago, or that does not come at once. Raises ValueError for what cannot be a name.
    """
    cdef bytes path = PyUnicode_EncodeFSDefault(name), data
    cdef const char* where = PyBytes_AS_STRING(path)
    cdef char* into
    cdef int64_t[4] stamp
    cdef int file
    cdef bint whole
    if b"\0" in path:
        raise ValueError("a name without NUL")
    with nogil:
        file = assay_open(folder, where, most, stamp)
    if file < 0:
        return None
    try:
        data = PyBytes_FromStringAndSize(NULL, stamp[1])
    except MemoryError:
        assay_read(file, NULL, 0)
        raise
    into = PyBytes_AS_STRING(data)  # behind bytes there always is room for a NUL
    with nogil:
        whole = assay_read(file, into, stamp[1])
    return ((stamp[0], stamp[1], stamp[2], stamp[3]), data) if whole and stamp[2] >= 0 else None
