#pragma once

#include <cstddef>
#include <iostream>

#include "engine/json.hpp"

namespace ipfence::cli {

/// Prints a document for people, and a line end, to standard output; what cannot be written shows
/// in std::cout.
inline void print_json(const OwnedJson &document) {
    json_dump_callback(
        document.get(),
        [](const char *text, std::size_t size, void *) {
            std::cout.write(text, static_cast<std::streamsize>(size));
            return std::cout ? 0 : -1;
        },
        nullptr, JSON_INDENT(2));
    std::cout << '\n';
}

}  // namespace ipfence::cli
