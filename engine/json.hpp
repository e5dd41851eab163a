#pragma once

#include <jansson.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace ipfence {

/// A JSON value and one reference to it.
struct JsonRelease {
    void operator()(json_t *value) const noexcept { json_decref(value); }
};
using OwnedJson = std::unique_ptr<json_t, JsonRelease>;

/// The bytes of a JSON string; of any other value, and of null, there are none.
inline std::string_view view_of(const json_t *string) noexcept {
    return {json_string_value(string), json_string_length(string)};
}

/// The JSON string of a text. Null, which jansson's functions take for nothing, when that is not
/// UTF-8.
inline json_t *json_text(std::string_view text) noexcept {
    return json_stringn(text.data(), text.size());
}

/// The same, and of a text that is not UTF-8 a word that says so: for people.
inline json_t *shown_text(std::string_view text) noexcept {
    json_t *value = json_text(text);
    return value != nullptr ? value : json_string("(not UTF-8)");
}

/// The JSON number of a count; none is so large that jansson had it negative.
inline json_t *json_number(std::uint64_t number) noexcept {
    return json_integer(static_cast<json_int_t>(number));
}

/// A value as json_dumps writes it by these flags; empty when there is no memory.
inline std::string dump_json(const json_t *value, std::size_t flags) {
    struct Free {
        void operator()(char *text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, Free> text(json_dumps(value, flags));
    return text ? std::string(text.get()) : std::string();
}

/// At least the memory that jansson takes to read this text: for each object, array and value, and
/// for each byte of a string, which is copied, while the buffer of the token doubles.
inline std::size_t json_memory(std::string_view text) noexcept {
    constexpr std::size_t kObject = 456;
    constexpr std::size_t kArray = 232;
    constexpr std::size_t kValue = 232;
    constexpr std::size_t kByte = 8;
    // malloc takes memory from the system in steps.
    constexpr std::size_t kStep = 256 * 1024;

    std::size_t size = kStep + kValue;
    for (const char byte : text) {
        size += kByte;
        if (byte == '{') {
            size += kObject;
        } else if (byte == '[') {
            size += kArray;
        } else if (byte == ',') {
            size += kValue;
        }
    }
    return size;
}

/// Throws std::bad_alloc unless there is memory to read this text: without it for the buffer of a
/// token, jansson (2.14) leaves bytes out of it, the closing quote too, and then reads and writes
/// behind its end.
inline void require_json_memory(std::string_view text) {
    // A pointer that is not volatile would let a compiler leave both out.
    void *volatile memory = ::operator new(json_memory(text));
    ::operator delete(memory);
}

/// json_loadb where there is memory for it.
inline OwnedJson load_json(std::string_view text, std::size_t flags,
                           json_error_t *error = nullptr) {
    require_json_memory(text);
    return OwnedJson(json_loadb(text.data(), text.size(), flags, error));
}

}  // namespace ipfence
