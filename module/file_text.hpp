#pragma once

#include <string>

#include "engine/signature/jwks.hpp"
#include "engine/source_text.hpp"

namespace ipfence::module {

/// The whole of a file of keys, or of a password, of which a key set may be the largest.
inline Result<std::string> read_file(const std::string &path) {
    const auto stream = open_source(path, SourceKind::regular);
    if (!stream) {
        return Error{stream.error().message};
    }
    std::FILE *file = stream.value().get();
    struct stat status {};
    constexpr off_t kLimit{Jwks::kMaxTextSize};
    static_assert(kLimit == 16 << 20);
    if (::fstat(::fileno(file), &status) != 0 || status.st_size > kLimit) {
        return Error{"is larger than a key set may be, which is 16 MiB"};
    }
    auto text = read_text(file, Jwks::kMaxTextSize);
    if (!text) {
        return Error{text.error().message};
    }
    return std::move(text).value();
}

}  // namespace ipfence::module
