// A C face of toml++ (TOML 1.0): flattens a document into dotted keys with typed values.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ct_kind { CT_STRING = 0, CT_INTEGER = 1, CT_FLOAT = 2, CT_BOOLEAN = 3, CT_STRING_ARRAY_ITEM = 4, CT_OTHER = 5 };

/// One value: `key` is the dotted path, `text` the value as text, `line` where it stands in the document.
struct ct_value {
    const char *key;
    const char *text;
    int kind;
    uint32_t line;
};

struct ct_document;

/// Parses `count` bytes. Returns NULL on a syntax error and fills `message` and `line`.
struct ct_document *ct_parse(const char *text, size_t count, char *message, size_t message_capacity, uint32_t *line);
size_t ct_count(const struct ct_document *document);
struct ct_value ct_value_at(const struct ct_document *document, size_t index);
void ct_free(struct ct_document *document);

#ifdef __cplusplus
}
#endif
