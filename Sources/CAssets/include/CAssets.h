// The console's files and the NeXus structures of config/nexus, embedded at build time.
#pragma once
#include <stddef.h>

/// One embedded file. `encoding` is NULL or "gzip".
struct ca_asset {
    const char *path;
    const char *type;
    const char *encoding;
    const unsigned char *bytes;
    size_t count;
};

/// Number of embedded files.
size_t ca_count(void);
/// The file at `index` < ca_count().
struct ca_asset ca_asset_at(size_t index);
/// The NeXus structure `config/nexus/NAME.json`; `bytes` is NULL when there is none of that name.
struct ca_asset ca_structure(const char *name);
