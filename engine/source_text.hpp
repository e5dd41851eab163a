#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "engine/source_stream.hpp"

namespace ipfence {

/// Reads a stream to its end, but no more than `limit` bytes of it.
inline Result<std::string, SourceFailure> read_text(std::FILE *stream, std::size_t limit) {
    std::string text;
    std::array<char, std::size_t{16} * 1024> piece;
    std::size_t wanted = 0;
    std::size_t size = 0;
    do {
        wanted = std::min(piece.size(), limit - text.size());
        size = std::fread(piece.data(), 1, wanted, stream);
        text.append(piece.data(), size);
    } while (size == wanted && text.size() < limit);
    if (std::ferror(stream) != 0) {
        return reading_failure();
    }
    return text;
}

/// Reads a file likewise.
inline Result<std::string, SourceFailure> read_text(const std::string &file, SourceKind kind,
                                                    std::size_t limit) {
    const auto stream = open_source(file, kind);
    if (!stream) {
        return stream.error();
    }
    return read_text(stream.value().get(), limit);
}

}  // namespace ipfence
