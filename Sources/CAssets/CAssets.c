#include "CAssets.h"

static const unsigned char index_html[] = {
#embed "files/index.html"
};

static const struct ca_asset assets[] = {
    {"/", "text/html; charset=utf-8", NULL, index_html, sizeof index_html},
};

size_t ca_count(void) { return sizeof assets / sizeof assets[0]; }

struct ca_asset ca_asset_at(size_t index) { return assets[index]; }
