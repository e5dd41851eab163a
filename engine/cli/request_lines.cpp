#include "engine/cli/request_lines.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ipfence::cli {

std::optional<RequestLine> RequestLines::next() noexcept {
    const char *const data = buffer_.data();
    const char *const newline = std::find(data + scanned_, data + end_, '\n');
    scanned_ = static_cast<std::size_t>(newline - data);
    if (scanned_ < end_) {
        return end_line(scanned_ - begin_, 1);
    }
    if (ended_ && (begin_ < end_ || skipping_)) {
        return end_line(end_ - begin_, 0);
    }
    return std::nullopt;
}

std::optional<RequestLine> RequestLines::end_line(std::size_t length,
                                                  std::size_t terminator) noexcept {
    const std::string_view text(buffer_.data() + begin_, length);
    begin_ += length + terminator;
    scanned_ = begin_;
    const bool too_long = std::exchange(skipping_, false) || length > kLineLimit;
    return too_long ? RequestLine{{}, true} : RequestLine{text, false};
}

bool RequestLines::read_more() noexcept {
    if (ended_) {
        return false;
    }
    make_room();
    ssize_t received = 0;
    do {
        received = ::read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        error_ = errno;
        return false;
    }
    ended_ = received == 0;
    end_ += static_cast<std::size_t>(received);
    return true;
}

void RequestLines::make_room() noexcept {
    if (end_ - begin_ > kLineLimit) {
        skipping_ = true;
        begin_ = end_;
    }
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    scanned_ = end_;
}

}  // namespace ipfence::cli
