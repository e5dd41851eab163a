#include "engine/cli/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace ipfence::cli {

namespace {

constexpr std::size_t kWidth = 40;
constexpr std::uint64_t kPercent = 100;
constexpr std::chrono::milliseconds kInterval{100};
// Back to the line's beginning, and the rest of it away.
constexpr std::string_view kClearLine = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar() : is_terminal_(::isatty(STDERR_FILENO) == 1), next_(Clock::now()) {}

ProgressBar::~ProgressBar() {
    if (is_shown_) {
        std::cerr << kClearLine << std::flush;
    }
}

void ProgressBar::show(std::string_view what, std::uint64_t done, std::uint64_t total) {
    if (!is_terminal_ || Clock::now() < next_) {
        return;
    }
    next_ = Clock::now() + kInterval;
    is_shown_ = true;
    std::cerr << kClearLine;
    if (total == 0) {
        std::cerr << what << ": " << done << std::flush;
        return;
    }
    const auto filled = static_cast<std::size_t>(std::min(done, total) * kWidth / total);
    std::cerr << '[' << std::string(filled, '#') << std::string(kWidth - filled, ' ') << "] "
              << std::min(done, total) * kPercent / total << "% " << what << std::flush;
}

}  // namespace ipfence::cli
