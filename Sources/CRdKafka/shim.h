#include <librdkafka/rdkafka.h>
/* The in-memory cluster that tests run against. */
#include <librdkafka/rdkafka_mock.h>
