#include "engine/cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ipfence::cli {

void Output::append(std::string_view text) noexcept {
    while (!text.empty()) {
        if (size_ == buffer_.size() && !flush()) {
            return;
        }
        const std::size_t count = std::min(text.size(), buffer_.size() - size_);
        std::copy_n(text.data(), count, buffer_.data() + size_);
        size_ += count;
        text.remove_prefix(count);
    }
}

bool Output::flush() noexcept {
    std::size_t written = 0;
    while (error_ == 0 && written < size_) {
        const ssize_t count = ::write(descriptor_, buffer_.data() + written, size_ - written);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
    size_ = 0;
    return error_ == 0;
}

}  // namespace ipfence::cli
