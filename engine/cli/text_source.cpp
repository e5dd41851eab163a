#include "engine/cli/text_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace ipfence::cli {

Result<std::string> read_stream(std::FILE *stream, std::size_t limit) {
    std::string text;
    std::array<char, 16 * 1024> buffer;
    while (text.size() < limit) {
        const std::size_t wanted = std::min(buffer.size(), limit - text.size());
        const std::size_t size = std::fread(buffer.data(), 1, wanted, stream);
        text.append(buffer.data(), size);
        if (size < wanted) {
            break;
        }
    }
    if (std::ferror(stream) != 0) {
        return Error{std::string("cannot be read: ") + std::strerror(errno)};
    }
    return text;
}

Result<std::string> read_file(const std::string &file, std::size_t limit) {
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> stream(std::fopen(file.c_str(), "re"),
                                                                    &std::fclose);
    if (stream == nullptr) {
        return Error{file + ": cannot be opened: " + std::strerror(errno)};
    }
    auto text = read_stream(stream.get(), limit);
    return text ? std::move(text) : Error{file + ": " + text.error().message};
}

}  // namespace ipfence::cli
