#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace ipfence::cli {

/// Longest line that is read, without its newline.
inline constexpr std::size_t kLineLimit = 64 * 1024;

/// One line of the input, without its newline. Of one that is over the limit only that is known.
struct RequestLine {
    std::string_view text;
    bool too_long = false;
};

/// Cuts what a descriptor delivers into lines, in a buffer of fixed size. The last line may lack
/// its newline.
///
///     do {
///         while (const auto line = lines.next()) { … }
///         // here nothing is left but to wait for input
///     } while (lines.read_more());
class RequestLines {
  public:
    explicit RequestLines(int descriptor) noexcept : descriptor_(descriptor) {}

    /// The next line that has already been read, until the next call; empty when more must be read.
    std::optional<RequestLine> next() noexcept;

    /// Waits for input. False when there is none to come; `error` tells why.
    bool read_more() noexcept;

    /// The errno of the read that failed; 0 where the input simply ended.
    int error() const noexcept { return error_; }

  private:
    std::optional<RequestLine> end_line(std::size_t length, std::size_t terminator) noexcept;
    void make_room() noexcept;

    // Room for a line of the limit and for reading on behind it.
    std::array<char, 2 * kLineLimit> buffer_;
    int descriptor_;
    int error_ = 0;
    std::size_t begin_ = 0;    // of the line that is being gathered
    std::size_t scanned_ = 0;  // no newline in [begin_, scanned_)
    std::size_t end_ = 0;
    bool skipping_ = false;  // the line is over the limit; its beginning is already gone
    bool ended_ = false;
};

}  // namespace ipfence::cli
