#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace ipfence::cli {

/// A line on standard error that shows how far something is, where that is a terminal; nothing
/// elsewhere. Gone again when it is destroyed.
class ProgressBar {
  public:
    ProgressBar();
    ProgressBar(const ProgressBar &) = delete;
    ProgressBar &operator=(const ProgressBar &) = delete;
    ~ProgressBar();

    /// Shows it; a total of 0 is unknown. Costs nothing when called often.
    void show(std::string_view what, std::uint64_t done, std::uint64_t total);

  private:
    using Clock = std::chrono::steady_clock;

    bool is_terminal_;
    bool is_shown_ = false;
    Clock::time_point next_;
};

}  // namespace ipfence::cli
