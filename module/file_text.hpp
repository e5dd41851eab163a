#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace ipfence::module {

/// The whole of a file; empty when it cannot be read, as a directory cannot. For key files, which
/// are small.
inline std::optional<std::string> read_file(const std::string &path) {
    struct Close {
        void operator()(std::FILE *file) const noexcept { std::fclose(file); }
    };
    constexpr std::size_t kPiece = 4096;
    const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
    std::string text;
    std::size_t got = 0;
    do {
        text.resize(text.size() + kPiece);
        got = file ? std::fread(text.data() + text.size() - kPiece, 1, kPiece, file.get()) : 0;
        text.resize(text.size() - kPiece + got);
    } while (got == kPiece);
    return file && std::ferror(file.get()) == 0 ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace ipfence::module
