#include "engine/policy/json_value.hpp"

#include <algorithm>

namespace ipfence {

namespace {

std::string_view type_name(const json_t *value) noexcept {
    switch (json_typeof(value)) {
        case JSON_OBJECT:
            return "an object";
        case JSON_ARRAY:
            return "an array";
        case JSON_STRING:
            return "a string";
        case JSON_INTEGER:
        case JSON_REAL:
            return "a number";
        case JSON_TRUE:
        case JSON_FALSE:
            return "a boolean";
        case JSON_NULL:
            return "null";
    }
    return "something else";
}

bool is_readable(std::string_view text) noexcept {
    return !text.empty() && std::ranges::none_of(text, [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return code < 0x20 || code == 0x7f;
    });
}

void report_unknown_key(Inspection &inspection, std::string_view key,
                        std::span<const std::string_view> known) {
    const auto place = inspection.enter(key);
    std::string allowed;
    for (const std::string_view word : known) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(word);
    }
    inspection.error("is not a known key; known here: " + allowed);
}

// Shows every key of an object to `visit`; false, and reported, when the value is none.
template <class Visitor>
bool visit_keys(Inspection &inspection, const json_t *value, Visitor &&visit) {
    if (!json_is_object(value)) {
        report_type(inspection, "an object", value);
        return false;
    }
    const char *key;
    std::size_t length;
    json_t *member;
    json_object_keylen_foreach(const_cast<json_t *>(value), key, length, member) {
        visit(std::string_view(key, length));
    }
    return true;
}

}  // namespace

void report_type(Inspection &inspection, std::string_view wanted, const json_t *value) {
    inspection.error("must be " + std::string(wanted) + ", not " + std::string(type_name(value)));
}

bool is_object(Inspection &inspection, const json_t *value,
               std::span<const std::string_view> known) {
    return visit_keys(inspection, value, [&](std::string_view key) {
        if (std::ranges::find(known, key) == known.end()) {
            report_unknown_key(inspection, key, known);
        }
    });
}

bool is_map(Inspection &inspection, const json_t *value) {
    return visit_keys(inspection, value, [&](std::string_view key) {
        if (!is_readable(key)) {
            const auto place = inspection.enter(key);
            inspection.error("is a key that is empty or holds a control character");
        }
    });
}

bool is_list(Inspection &inspection, const json_t *value) {
    if (!json_is_array(value)) {
        report_type(inspection, "an array", value);
        return false;
    }
    if (json_array_size(value) == 0) {
        inspection.error("must not be empty; a list that lost its values must not open the door");
        return false;
    }
    return true;
}

std::optional<std::string> text_of(Inspection &inspection, const json_t *value) {
    if (!json_is_string(value)) {
        report_type(inspection, "a string", value);
        return std::nullopt;
    }
    if (!is_readable(view_of(value))) {
        inspection.error("must not be empty or hold a control character");
        return std::nullopt;
    }
    return std::string(view_of(value));
}

std::optional<bool> boolean_of(Inspection &inspection, const json_t *value) {
    if (!json_is_boolean(value)) {
        report_type(inspection, "true or false", value);
        return std::nullopt;
    }
    return json_is_true(value);
}

std::vector<std::string> texts_of(Inspection &inspection, const json_t *value,
                                  const std::function<void(const std::string &)> &check) {
    std::vector<std::string> texts;
    if (!is_list(inspection, value)) {
        return texts;
    }
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto place = inspection.enter(i);
        auto text = text_of(inspection, json_array_get(value, i));
        if (text && std::ranges::find(texts, *text) != texts.end()) {
            inspection.error("\"" + *text + "\" is given twice");
        } else if (text) {
            check(*text);
            texts.push_back(std::move(*text));
        }
    }
    return texts;
}

}  // namespace ipfence
