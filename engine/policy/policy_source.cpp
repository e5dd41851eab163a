#include "engine/policy/policy_source.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "engine/policy/document_extent.hpp"
#include "engine/policy/policy_image.hpp"

namespace ipfence {

namespace {

constexpr std::string_view kMagic(PolicyHeader::kMagic.data(), PolicyHeader::kMagic.size());

// What a PolicyHeader begins with.
struct PolicyStart {
    std::array<char, 8> magic;
    std::uint32_t format;
    std::uint32_t byte_order;
    std::uint64_t size;
};
static_assert(offsetof(PolicyHeader, size) == offsetof(PolicyStart, size));

// 0 for what has no size that is known beforehand, as a pipe.
std::size_t size_of(std::FILE *stream) noexcept {
    struct stat status {};
    const bool is_known = ::fstat(::fileno(stream), &status) == 0 && S_ISREG(status.st_mode);
    return is_known ? static_cast<std::size_t>(status.st_size) : 0;
}

// The rest of a stream of which `text` is the beginning.
std::string read_rest(std::FILE *stream, std::string text) {
    std::array<char, 64 * 1024> piece;
    while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), stream)) {
        text.append(piece.data(), size);
    }
    return text;
}

// The same, as far as it can be a document.
std::string read_document(std::FILE *stream, std::string text) {
    DocumentExtent extent;
    bool is_document = extent.take(text);
    std::array<char, 64 * 1024> piece;
    while (const std::size_t size =
               is_document ? std::fread(piece.data(), 1, piece.size(), stream) : 0) {
        is_document = extent.take({piece.data(), size});
        text.append(piece.data(), size);
    }
    return text;
}

// How much of a file of this size says what it is: all of an image, and one byte behind it if there
// is one; of another file with this name, as of another version, what tells that.
std::size_t telling_size(std::string_view beginning, std::size_t size) noexcept {
    PolicyStart start;
    std::memcpy(&start, beginning.data(), sizeof start);
    const bool is_ours =
        start.format == PolicyHeader::kFormat && start.byte_order == PolicyHeader::kByteOrder;
    return !is_ours            ? std::min(size, sizeof(PolicyHeader))
           : start.size < size ? std::max(start.size + 1, sizeof(PolicyHeader))
                               : size;
}

// An image where it stays. A file that grows meanwhile is read to the size that it had.
Image read_image(std::FILE *stream, std::string_view beginning, std::size_t size) {
    const auto read = [&](std::span<std::byte> memory) {
        std::ranges::copy(std::as_bytes(std::span(beginning)), memory.begin());
        const std::span<std::byte> rest = memory.subspan(beginning.size());
        return beginning.size() + std::fread(rest.data(), 1, rest.size(), stream);
    };
    return Image::filled_by(read, telling_size(beginning, size));
}

PolicySource read_source(std::FILE *stream) {
    std::string beginning(sizeof(PolicyStart), '\0');
    beginning.resize(std::fread(beginning.data(), 1, beginning.size(), stream));
    if (!beginning.starts_with(kMagic)) {
        return read_document(stream, std::move(beginning));
    }
    // Asked once: a file that is written in place may be empty a moment later.
    const std::size_t size = size_of(stream);
    if (beginning.size() == sizeof(PolicyStart) && size >= sizeof(PolicyHeader)) {
        return read_image(stream, beginning, size);
    }
    const std::string image = read_rest(stream, std::move(beginning));
    return Image::copy_of(std::as_bytes(std::span(image)));
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
