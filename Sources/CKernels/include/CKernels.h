// Inner loops that need instructions which Swift does not expose, and those that ours are measured against.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `count` bytes, continued from `seed` (0 to begin).
/// Uses three interleaved streams of the SSE4.2 instruction where the processor has it, tables otherwise.
uint32_t ck_crc32c(uint32_t seed, const void *bytes, size_t count);
/// The table version, for tests and other processors.
uint32_t ck_crc32c_software(uint32_t seed, const void *bytes, size_t count);

/// The sum of `count` numbers: what a plain loop over plain memory can do.
int64_t ck_sum_int32(const int32_t *numbers, size_t count);
