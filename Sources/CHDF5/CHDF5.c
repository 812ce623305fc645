// The HDF5 library, loaded when a file is first needed.
//
// Debian's libhdf5 brings libcurl and some thirty libraries behind it. Loading them takes 5 ms and 2 MB of every start,
// most of which never touches a file. Each function here has the name and type of the library's own and calls it; the
// names are hidden, so that the library's calls to itself do not come back here.
#include "CHDF5.h"

#include <dlfcn.h>
#include <stdio.h>

#define HIDDEN __attribute__((visibility("hidden")))

#define FUNCTION(result, name, parameters, arguments) \
    static result(*real_##name) parameters;           \
    HIDDEN result name parameters { return real_##name arguments; }
#define TYPE(name) HIDDEN hid_t name;
#include "HDF5Functions.h"
#undef FUNCTION
#undef TYPE

/// By Debian's names, of all releases that a program can be built against.
static const char *const file_names[] = {"libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5.so.103", "libhdf5.so.310"};

/// The first library there is that has the release of the headers: types differ between releases.
static void *open_library(void) {
    for (unsigned long i = 0; i < sizeof file_names / sizeof *file_names; i++) {
        void *library = dlopen(file_names[i], RTLD_NOW | RTLD_LOCAL);
        if (!library) continue;
        herr_t (*version)(unsigned *, unsigned *, unsigned *) = dlsym(library, "H5get_libversion");
        unsigned major = 0, minor = 0, release = 0;
        if (version && version(&major, &minor, &release) >= 0 && major == H5_VERS_MAJOR && minor == H5_VERS_MINOR) return library;
        dlclose(library);
    }
    return NULL;
}

int nx_load(char *text, unsigned long size) {
    static int is_loaded;
    if (is_loaded) return 1;
    void *library = open_library();
    if (!library) {
        snprintf(text, size, "the HDF5 library %d.%d is not installed (Debian: libhdf5-103-1)", H5_VERS_MAJOR, H5_VERS_MINOR);
        return 0;
    }
    const char *missing = NULL;
#define FUNCTION(result, name, parameters, arguments) \
    if (!(real_##name = dlsym(library, #name))) missing = #name;
#define TYPE(name)
#include "HDF5Functions.h"
#undef FUNCTION
#undef TYPE
    // The identifiers of types exist from H5open on.
    if (missing || real_H5open() < 0) {
        snprintf(text, size, "the HDF5 library cannot be used: %s", missing ? missing : "H5open failed");
        return 0;
    }
#define FUNCTION(result, name, parameters, arguments)
#define TYPE(name)                                     \
    {                                                  \
        const hid_t *value = dlsym(library, #name);    \
        if (value) name = *value;                      \
    }
#include "HDF5Functions.h"
#undef FUNCTION
#undef TYPE
    is_loaded = 1;
    return 1;
}
