#pragma once

#include <string>

#include "engine/signature/jwks.hpp"
#include "engine/source_stream.hpp"

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
    if (::fstat(::fileno(file), &status) != 0 || status.st_size > kLimit) {
        return Error{"is larger than a key set may be, which is 16 MiB"};
    }
    constexpr std::size_t kPiece = 4096;
    std::string text;
    std::size_t got = 0;
    do {
        text.resize(text.size() + kPiece);
        got = std::fread(text.data() + text.size() - kPiece, 1, kPiece, file);
        text.resize(text.size() - kPiece + got);
    } while (got == kPiece && text.size() < Jwks::kMaxTextSize);
    if (std::ferror(file) != 0) {
        return Error{reading_failure().message};
    }
    return text;
}

}  // namespace ipfence::module
