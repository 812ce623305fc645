#include "CKernels.h"
#include <string.h>

static uint32_t table[8][256];

__attribute__((constructor)) static void fill_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
        table[0][i] = c;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t i = 0; i < 256; i++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xff];
}

uint32_t ck_crc32c_software(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint32_t crc = ~seed;
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        word ^= crc;
        crc = table[7][word & 0xff] ^ table[6][word >> 8 & 0xff] ^ table[5][word >> 16 & 0xff] ^
              table[4][word >> 24 & 0xff] ^ table[3][word >> 32 & 0xff] ^ table[2][word >> 40 & 0xff] ^
              table[1][word >> 48 & 0xff] ^ table[0][word >> 56];
    }
    while (count--) crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Three blocks are summed at once, since the instruction has a latency of three cycles; the sums are joined by
// multiplying with x^(8 * block) mod P, done with precomputed tables.
enum { long_block = 8192, short_block = 256 };
static uint32_t long_shift[4][256], short_shift[4][256];

static uint32_t multiply(const uint32_t *matrix, uint32_t vector) {
    uint32_t sum = 0;
    for (; vector; vector >>= 1, matrix++)
        if (vector & 1) sum ^= *matrix;
    return sum;
}

static void square(uint32_t *out, const uint32_t *matrix) {
    for (int i = 0; i < 32; i++) out[i] = multiply(matrix, matrix[i]);
}

// Fills `shift` with the operator that appends `count` (a power of two) zero bytes.
static void fill_shift(uint32_t shift[4][256], size_t count) {
    uint32_t even[32], odd[32];
    odd[0] = 0x82f63b78u;
    for (int i = 1; i < 32; i++) odd[i] = 1u << (i - 1);
    square(even, odd);
    square(odd, even);
    uint32_t *current = odd, *next = even;
    for (; count > 0; count >>= 1) {
        square(next, current);
        uint32_t *swap = current;
        current = next;
        next = swap;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 0; k < 4; k++) shift[k][i] = multiply(current, i << (8 * k));
}

__attribute__((constructor)) static void fill_shifts(void) {
    fill_shift(long_shift, long_block);
    fill_shift(short_shift, short_block);
}

static inline uint32_t apply(uint32_t shift[4][256], uint32_t crc) {
    return shift[0][crc & 0xff] ^ shift[1][crc >> 8 & 0xff] ^ shift[2][crc >> 16 & 0xff] ^ shift[3][crc >> 24];
}

__attribute__((target("sse4.2"))) static inline uint64_t step(uint64_t crc, const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return _mm_crc32_u64(crc, word);
}

#define INTERLEAVED(block, shift)                                                          \
    while (count >= 3 * block) {                                                           \
        uint64_t second = 0, third = 0;                                                    \
        for (const uint8_t *end = p + block; p < end; p += 8) {                            \
            crc = step(crc, p);                                                            \
            second = step(second, p + block);                                              \
            third = step(third, p + 2 * block);                                            \
        }                                                                                  \
        crc = apply(shift, (uint32_t)crc) ^ (uint32_t)second;                              \
        crc = apply(shift, (uint32_t)crc) ^ (uint32_t)third;                               \
        p += 2 * block;                                                                    \
        count -= 3 * block;                                                                \
    }

__attribute__((target("sse4.2"))) static uint32_t hardware(uint32_t seed, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t crc = ~seed;
    INTERLEAVED(long_block, long_shift)
    INTERLEAVED(short_block, short_shift)
    for (; count >= 8; p += 8, count -= 8) crc = step(crc, p);
    while (count--) crc = _mm_crc32_u8((uint32_t)crc, *p++);
    return ~(uint32_t)crc;
}
#endif

uint32_t ck_crc32c(uint32_t seed, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return hardware(seed, bytes, count);
#endif
    return ck_crc32c_software(seed, bytes, count);
}
