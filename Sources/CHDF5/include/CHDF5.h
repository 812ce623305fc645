#pragma once

// HDF5's type and property-list names are macros that call H5open(); Swift imports only functions.
#include <hdf5/serial/hdf5.h>

/// Loads the HDF5 library if it is not loaded yet. What `HDF5Functions.h` lists, and with it everything here, may be called
/// only after it has returned 1.
///
/// - Returns: 1, or 0 when the library is missing or of another release than the headers; `text` then says why.
int nx_load(char *text, unsigned long size);

static inline hid_t nx_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t nx_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t nx_native_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t nx_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t nx_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t nx_native_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t nx_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t nx_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t nx_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t nx_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t nx_c_s1(void) { return H5T_C_S1; }
static inline hid_t nx_p_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t nx_p_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t nx_p_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t nx_p_link_create(void) { return H5P_LINK_CREATE; }
static inline size_t nx_variable_length(void) { return H5T_VARIABLE; }
static inline hsize_t nx_unlimited(void) { return H5S_UNLIMITED; }
static inline unsigned nx_access_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned nx_access_exclusive(void) { return H5F_ACC_EXCL; }
static inline unsigned nx_access_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned nx_access_read_write(void) { return H5F_ACC_RDWR; }

static inline hid_t nx_p_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t nx_default(void) { return H5P_DEFAULT; }
static inline hid_t nx_all(void) { return H5S_ALL; }

/// Turns HDF5's own printing of errors off for the calling thread (the setting is kept per thread).
static inline void nx_quiet(void) {
    static _Thread_local int done;
    if (done) return;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    done = 1;
}

struct nx_error_text {
    char outermost[256];
    char innermost[512];
};

static inline herr_t nx_error_step(unsigned n, const H5E_error2_t *error, void *context) {
    struct nx_error_text *text = (struct nx_error_text *)context;
    const char *words = error->desc ? error->desc : "";
    unsigned long limit = n == 0 ? sizeof text->outermost : sizeof text->innermost;
    char *target = n == 0 ? text->outermost : text->innermost;
    unsigned long length = 0;
    while (length + 1 < limit && words[length]) length++;
    __builtin_memcpy(target, words, length);
    target[length] = 0;
    return 0;
}

/// The descriptions at both ends of the calling thread's error stack, which is cleared.
static inline void nx_take_error(struct nx_error_text *text) {
    text->outermost[0] = text->innermost[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, nx_error_step, text);
    H5Eclear2(H5E_DEFAULT);
}

/// The file descriptor below an open file; -1 when there is none.
static inline int nx_file_descriptor(hid_t file) {
    void *handle = NULL;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || !handle) return -1;
    return *(int *)handle;
}

/// The library's release, such as "1.10.8".
static inline const char *nx_version(void) { return &H5_VERS_INFO[sizeof("HDF5 library version: ") - 1]; }

/// The kind of object that an identifier names: 1 group, 2 dataset, 0 anything else.
static inline int nx_object_kind(hid_t object) {
    H5I_type_t type = H5Iget_type(object);
    return type == H5I_GROUP ? 1 : type == H5I_DATASET ? 2 : 0;
}

/// Whether a link leads to another file (external or of a user's own kind); -1 when there is no such link.
static inline int nx_link_leaves_file(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
    return info.type != H5L_TYPE_HARD && info.type != H5L_TYPE_SOFT;
}

/// Whether a dataset keeps its values in other files (external storage or a virtual layout).
static inline int nx_stored_elsewhere(hid_t dataset) {
    hid_t list = H5Dget_create_plist(dataset);
    if (list < 0) return 0;
    int elsewhere = H5Pget_layout(list) == H5D_VIRTUAL || H5Pget_external_count(list) > 0;
    H5Pclose(list);
    return elsewhere;
}

/// Makes the library refuse to follow links into other files, for this process.
static inline void nx_forbid_external_links(void) { H5Lunregister(H5L_TYPE_EXTERNAL); }
