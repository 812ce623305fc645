#include "CKernels.h"

int64_t ck_sum_int32(const int32_t *numbers, size_t count) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += numbers[i];
    return sum;
}
