#include "engine/policy/policy_source.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <string_view>

#include "engine/policy/policy_image.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kMagic(PolicyHeader::kMagic.data(), PolicyHeader::kMagic.size());

// 0 for what has no size that is known beforehand, as a pipe.
std::size_t size_of(std::FILE *stream) noexcept {
    struct stat status {};
    const bool is_known = ::fstat(::fileno(stream), &status) == 0 && S_ISREG(status.st_mode);
    return is_known ? static_cast<std::size_t>(status.st_size) : 0;
}

// The rest of a stream of which `text` is the beginning.
std::string read_text(std::FILE *stream, std::string text) {
    text.reserve(size_of(stream));
    std::array<char, 64 * 1024> piece;
    while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), stream)) {
        text.append(piece.data(), size);
    }
    return text;
}

// The same, where it stays. A file that grows meanwhile is read to the size that it had.
Image read_image(std::FILE *stream, std::string_view beginning, std::size_t size) {
    const auto read = [&](std::span<std::byte> memory) {
        std::ranges::copy(std::as_bytes(std::span(beginning)), memory.begin());
        const std::span<std::byte> rest = memory.subspan(beginning.size());
        return beginning.size() + std::fread(rest.data(), 1, rest.size(), stream);
    };
    return Image::filled_by(read, size);
}

PolicySource read_source(std::FILE *stream) {
    std::string beginning(kMagic.size(), '\0');
    beginning.resize(std::fread(beginning.data(), 1, beginning.size(), stream));
    const std::size_t size = size_of(stream);
    if (beginning == kMagic && size >= beginning.size()) {
        return read_image(stream, beginning, size);
    }
    std::string text = read_text(stream, std::move(beginning));
    if (text.starts_with(kMagic)) {
        return Image::copy_of(std::as_bytes(std::span(text)));
    }
    return text;
}

}  // namespace

Result<PolicySource, SourceFailure> read_policy_source(const std::string &file, SourceKind kind) {
    const auto stream = open_source(file, kind);
    if (!stream) {
        return stream.error();
    }
    PolicySource source = read_source(stream.value().get());
    if (std::ferror(stream.value().get()) != 0) {
        return reading_failure();
    }
    return source;
}

}  // namespace ipfence
