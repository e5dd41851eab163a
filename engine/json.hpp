#pragma once

#include <jansson.h>

#include <cstddef>
#include <string_view>

namespace ipfence {

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
inline json_t *load_json(std::string_view text, std::size_t flags, json_error_t *error = nullptr) {
    require_json_memory(text);
    return json_loadb(text.data(), text.size(), flags, error);
}

}  // namespace ipfence
