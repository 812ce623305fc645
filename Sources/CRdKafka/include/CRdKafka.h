#pragma once

#include <librdkafka/rdkafka.h>
/* The in-memory cluster that tests run against. */
#include <librdkafka/rdkafka_mock.h>

/// Loads librdkafka if it is not loaded yet. What `RdKafkaFunctions.h` lists may be called only after it has returned 1.
///
/// - Returns: 1, or 0 when the library is missing or older than the headers; `text` then says why.
int rk_load(char *text, unsigned long size);
