#include "CToml.h"
#include <cstring>
#include <sstream>
#include <string>
#include <toml++/toml.h>
#include <vector>

namespace {
struct Entry {
    std::string key, text;
    int kind;
    uint32_t line;
};
}  // namespace

struct ct_document {
    std::vector<Entry> entries;
};

namespace {
std::string describe(const toml::node &node) {
    std::ostringstream out;
    node.visit([&](auto &&value) { out << value; });
    return out.str();
}

void flatten(ct_document &document, const std::string &prefix, const toml::table &table) {
    for (auto &&[key, node] : table) {
        std::string path = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
        uint32_t line = node.source().begin.line;
        if (auto *child = node.as_table()) {
            flatten(document, path, *child);
        } else if (auto *array = node.as_array()) {
            bool strings = true;
            for (auto &&item : *array) strings = strings && item.is_string();
            if (!strings) {
                document.entries.push_back({path, "array", CT_OTHER, line});
                continue;
            }
            if (array->empty()) document.entries.push_back({path, "", CT_OTHER, line});
            for (auto &&item : *array)
                document.entries.push_back({path, item.as_string()->get(), CT_STRING_ARRAY_ITEM, line});
        } else if (auto *text = node.as_string()) {
            document.entries.push_back({path, text->get(), CT_STRING, line});
        } else {
            int kind = node.is_integer() ? CT_INTEGER : node.is_floating_point() ? CT_FLOAT : node.is_boolean() ? CT_BOOLEAN : CT_OTHER;
            document.entries.push_back({path, describe(node), kind, line});
        }
    }
}
}  // namespace

extern "C" ct_document *ct_parse(const char *text, size_t count, char *message, size_t capacity, uint32_t *line) {
    try {
        toml::table table = toml::parse(std::string_view(text, count));
        auto document = new ct_document;
        flatten(*document, "", table);
        return document;
    } catch (const toml::parse_error &error) {
        std::strncpy(message, std::string(error.description()).c_str(), capacity - 1);
        message[capacity - 1] = 0;
        *line = error.source().begin.line;
        return nullptr;
    }
}

extern "C" size_t ct_count(const ct_document *document) { return document->entries.size(); }

extern "C" ct_value ct_value_at(const ct_document *document, size_t index) {
    const Entry &entry = document->entries[index];
    return {entry.key.c_str(), entry.text.c_str(), entry.kind, entry.line};
}

extern "C" void ct_free(ct_document *document) { delete document; }
