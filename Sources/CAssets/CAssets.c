#include "CAssets.h"
#include <string.h>

#if !__has_embed("files/plotly.min.js.gz")
#error "Sources/CAssets/files/plotly.min.js.gz is missing: run `make setup-build` once"
#endif

static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char console_css[] = {
#embed "files/console.css"
};
static const unsigned char console_js[] = {
#embed "files/console.js"
};
static const unsigned char plotly_js[] = {
#embed "files/plotly.min.js.gz"
};

static const unsigned char demo_json[] = {
#embed "../../config/nexus/demo.json"
};
static const unsigned char replay_json[] = {
#embed "../../config/nexus/replay.json"
};

static const struct ca_asset structures[] = {
    {"demo", "application/json", NULL, demo_json, sizeof demo_json},
    {"replay", "application/json", NULL, replay_json, sizeof replay_json},
};

static const struct ca_asset assets[] = {
    {"/", "text/html; charset=utf-8", NULL, index_html, sizeof index_html},
    {"/console.css", "text/css; charset=utf-8", NULL, console_css, sizeof console_css},
    {"/console.js", "text/javascript; charset=utf-8", NULL, console_js, sizeof console_js},
    {"/plotly.js", "text/javascript; charset=utf-8", "gzip", plotly_js, sizeof plotly_js},
};

size_t ca_count(void) { return sizeof assets / sizeof assets[0]; }

struct ca_asset ca_asset_at(size_t index) { return assets[index]; }

struct ca_asset ca_structure(const char *name) {
    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++)
        if (strcmp(structures[i].path, name) == 0) return structures[i];
    return (struct ca_asset){NULL, NULL, NULL, NULL, 0};
}
