# Digests of short texts, as hashlib's blake2b makes them, without an object for each; and hashes that nobody can foresee.

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* Source: RFC 7693, BLAKE2b without a key. */
    static const uint64_t assay_iv[8] = {
        0x6A09E667F3BCC908ULL, 0xBB67AE8584CAA73BULL, 0x3C6EF372FE94F82BULL, 0xA54FF53A5F1D36F1ULL,
        0x510E527FADE682D1ULL, 0x9B05688C2B3E6C1FULL, 0x1F83D9ABFB41BD6BULL, 0x5BE0CD19137E2179ULL,
    };

    #define ASSAY_RIGHT(x, by) (((x) >> (by)) | ((x) << (64 - (by))))
    #define ASSAY_MIX(a, b, c, d, x, y) \\
        v[a] += v[b] + m[x]; v[d] = ASSAY_RIGHT(v[d] ^ v[a], 32); \\
        v[c] += v[d];        v[b] = ASSAY_RIGHT(v[b] ^ v[c], 24); \\
        v[a] += v[b] + m[y]; v[d] = ASSAY_RIGHT(v[d] ^ v[a], 16); \\
        v[c] += v[d];        v[b] = ASSAY_RIGHT(v[b] ^ v[c], 63);
    #define ASSAY_ROUND(a, b, c, d, e, f, g, h, i, j, k, l, m_, n, o, p) \\
        ASSAY_MIX(0, 4, 8, 12, a, b) ASSAY_MIX(1, 5, 9, 13, c, d) \\
        ASSAY_MIX(2, 6, 10, 14, e, f) ASSAY_MIX(3, 7, 11, 15, g, h) \\
        ASSAY_MIX(0, 5, 10, 15, i, j) ASSAY_MIX(1, 6, 11, 12, k, l) \\
        ASSAY_MIX(2, 7, 8, 13, m_, n) ASSAY_MIX(3, 4, 9, 14, o, p)

    static uint64_t assay_word(const unsigned char *p)
    {
    #if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        uint64_t word;
        memcpy(&word, p, 8);
        return word;
    #else
        uint64_t word = 0;
        for (int at = 7; at >= 0; at--)
            word = word << 8 | p[at];
        return word;
    #endif
    }

    /* Take in a block of 128 bytes, with how many bytes there were so far, this block's counted. */
    static void assay_take_in(uint64_t *state, const unsigned char *block, uint64_t so_far, int is_last)
    {
        uint64_t v[16], m[16];
        int at;
        for (at = 0; at < 16; at++)
            m[at] = assay_word(block + 8 * at);
        for (at = 0; at < 8; at++) {
            v[at] = state[at];
            v[at + 8] = assay_iv[at];
        }
        v[12] ^= so_far;
        if (is_last)
            v[14] = ~v[14];
        ASSAY_ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        ASSAY_ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
        ASSAY_ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)
        ASSAY_ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
        ASSAY_ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)
        ASSAY_ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
        ASSAY_ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)
        ASSAY_ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
        ASSAY_ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)
        ASSAY_ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
        ASSAY_ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        ASSAY_ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
        for (at = 0; at < 8; at++)
            state[at] ^= v[at] ^ v[at + 8];
    }

    /* Write the digest of some bytes, of 1 to 64 bytes. */
    static void assay_digest(const unsigned char *text, Py_ssize_t size, unsigned char *into, int length)
    {
        uint64_t state[8], so_far = 0;
        unsigned char last[128];
        int at;
        memcpy(state, assay_iv, sizeof(state));
        state[0] ^= 0x01010000ULL ^ (uint64_t)length;
        while (size > 128) {
            so_far += 128;
            assay_take_in(state, text, so_far, 0);
            text += 128;
            size -= 128;
        }
        memset(last, 0, sizeof(last));
        if (size)
            memcpy(last, text, (size_t)size);
        assay_take_in(state, last, so_far + (uint64_t)size, 1);
        for (at = 0; at < length; at++)
            into[at] = (unsigned char)(state[at >> 3] >> (8 * (at & 7)));
    }
    """
    void assay_digest(const unsigned char* text, Py_ssize_t size, unsigned char* into, int length) noexcept nogil


cdef enum:
    # Bytes of the longest digest.
    LONGEST = 64
    # Words of four bytes that are hashed at a time.
    BLOCK = 62


def digest(bytes text not None, int length):
    """The BLAKE2b digest of some bytes, of so many bytes."""
    cdef bytes made
    if not 1 <= length <= LONGEST:
        raise ValueError("a digest has 1 to 64 bytes")
    made = PyBytes_FromStringAndSize(NULL, length)
    assay_digest(<Place>PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), <unsigned char*>PyBytes_AS_STRING(made), length)
    return made


# Nobody outside knows these, so nobody can write texts that all fall into one place.
cdef uint64_t[BLOCK + 2] _SECRET
_seed = urandom(sizeof(_SECRET))
memcpy(_SECRET, PyBytes_AS_STRING(_seed), sizeof(_SECRET))
del _seed

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* Four bytes, and eight. */
    static inline uint32_t assay_four(const unsigned char *p) { uint32_t made; memcpy(&made, p, 4); return made; }
    static inline uint64_t assay_eight(const unsigned char *p) { uint64_t made; memcpy(&made, p, 8); return made; }

    /* Less than eight, but more than none, in eight: different ones for different texts of that many. */
    static inline uint64_t assay_few(const unsigned char *p, Py_ssize_t size)
    {
        if (size >= 4)
            return assay_four(p) | (uint64_t)assay_four(p + size - 4) << 32;
        return p[0] | (uint64_t)p[size >> 1] << 8 | (uint64_t)p[size - 1] << 16;
    }
    """
    uint64_t assay_eight(Place p) noexcept
    uint64_t assay_few(Place p, Py_ssize_t size) noexcept


cdef inline uint64_t mixed(const uint64_t* secret, uint64_t words) noexcept:
    """Two words of four bytes with the secret, multiplied once."""
    return (secret[0] + (words >> 32)) * (secret[1] + <uint32_t>words)


cdef uint32_t hash_of(Place p, Py_ssize_t size) noexcept:
    """A hash: pairs of words, each with a secret, which makes any two texts fall together once in 4,000 million times.

    Source: Thorup, High speed hashing for integers and strings (2015), chapter 3. What is longer than a block is
    hashed block by block, the hash of one going into the next; of what is left over the last eight bytes are taken.
    """
    cdef uint64_t made = _SECRET[0] + _SECRET[1] * <uint32_t>size
    cdef int at = 2
    if size < 8:
        return (made + mixed(&_SECRET[at], assay_few(p, size)) if size else made) >> 32
    while size >= 8:
        made += mixed(&_SECRET[at], assay_eight(p))
        p += 8
        size -= 8
        at += 2
        if at == BLOCK + 2:
            made = _SECRET[0] + _SECRET[1] * (made >> 32)
            at = 2
    if size:
        made += mixed(&_SECRET[at], assay_eight(p + size - 8))
    return made >> 32
