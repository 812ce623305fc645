// librdkafka, loaded when a cluster is first spoken to.
//
// It brings OpenSSL and SASL: 2 ms and 2 MB of every start of a broker, which never needs them. Each function here has
// the name and type of the library's own and calls it; the names are hidden, so that the library's calls to itself do
// not come back here.
#include "CRdKafka.h"

#include <dlfcn.h>
#include <stdio.h>

#define FUNCTION(result, name, parameters, arguments) \
    static result(*real_##name) parameters;           \
    __attribute__((visibility("hidden"))) result name parameters { return real_##name arguments; }
#include "RdKafkaFunctions.h"
#undef FUNCTION

int rk_load(char *text, unsigned long size) {
    static int is_loaded;
    if (is_loaded) return 1;
    void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(text, size, "librdkafka is not installed (Debian: librdkafka1)");
        return 0;
    }
    const char *missing = NULL;
#define FUNCTION(result, name, parameters, arguments) \
    if (!(real_##name = dlsym(library, #name))) missing = #name;
#include "RdKafkaFunctions.h"
#undef FUNCTION
    if (missing) {
        snprintf(text, size, "librdkafka is too old: it has no %s", missing);
        return 0;
    }
    is_loaded = 1;
    return 1;
}
