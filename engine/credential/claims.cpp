#include "engine/credential/claims.hpp"

#include <cstddef>
#include <utility>

#include "engine/credential/text.hpp"
#include "engine/json.hpp"

namespace ipfence {

namespace {

// Recurses no further than `levels`.
bool is_deeper_than(json_t *value, int levels) noexcept {
    if (!json_is_object(value) && !json_is_array(value)) {
        return false;
    }
    if (levels == 0) {
        return true;
    }
    const char *name = nullptr;
    std::size_t index = 0;
    json_t *inner = nullptr;
    json_object_foreach(value, name, inner) {
        if (is_deeper_than(inner, levels - 1)) {
            return true;
        }
    }
    json_array_foreach(value, index, inner) {
        if (is_deeper_than(inner, levels - 1)) {
            return true;
        }
    }
    return false;
}

std::optional<std::string_view> text_of(const json_t *value) noexcept {
    if (!json_is_string(value)) {
        return std::nullopt;
    }
    const std::string_view text(json_string_value(value), json_string_length(value));
    // jansson reads no text that is not UTF-8.
    return text.empty() || has_control_byte(text) ? std::nullopt : std::optional(text);
}

// Unicode's simple case folding, for names made of ASCII letters: U+017F is an `s`, U+212A a `k`.
bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    constexpr std::string_view kLongS = "\u017f";
    constexpr std::string_view kKelvin = "\u212a";
    for (const char expected : lower) {
        if (text.empty()) {
            return false;
        }
        std::size_t size = 1;
        if (expected == 's' && text.starts_with(kLongS)) {
            size = kLongS.size();
        } else if (expected == 'k' && text.starts_with(kKelvin)) {
            size = kKelvin.size();
        } else if (text[0] != expected && text[0] != expected - 'a' + 'A') {
            return false;
        }
        text.remove_prefix(size);
    }
    return text.empty();
}

}  // namespace

std::optional<Claims> Claims::parse(std::string_view json) {
    json_t *value = load_json(json, JSON_REJECT_DUPLICATES);
    Claims claims(value);
    return json_is_object(value) && !is_deeper_than(value, kMaxDepth)
               ? std::optional(std::move(claims))
               : std::nullopt;
}

std::optional<std::string_view> Claims::text(const char *name) const noexcept {
    return text_of(json_object_get(object_.get(), name));
}

std::optional<std::int64_t> Claims::integer(const char *name) const noexcept {
    const json_t *value = json_object_get(object_.get(), name);
    return json_is_integer(value) ? std::optional<std::int64_t>(json_integer_value(value))
                                  : std::nullopt;
}

std::vector<std::string_view> Claims::texts(const char *name) const {
    std::vector<std::string_view> texts;
    std::size_t index = 0;
    const json_t *value = nullptr;
    json_array_foreach(json_object_get(object_.get(), name), index, value) {
        if (const auto text = text_of(value)) {
            texts.push_back(*text);
        }
    }
    return texts;
}

bool Claims::is_true(const char *name) const noexcept {
    return json_is_true(json_object_get(object_.get(), name));
}

bool Claims::has(const char *name) const noexcept {
    return json_object_get(object_.get(), name) != nullptr;
}

bool Claims::has_variant_of(std::string_view name) const noexcept {
    const char *member = nullptr;
    json_t *value = nullptr;
    json_object_foreach(object_.get(), member, value) {
        if (member != name && equals_ignoring_case(member, name)) {
            return true;
        }
    }
    return false;
}

}  // namespace ipfence
