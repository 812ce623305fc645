// HDF5's type and property-list names are macros that call H5open(); Swift imports only functions.
#include <hdf5.h>

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
