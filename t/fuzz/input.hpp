#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

namespace ipfence::fuzz {

/// Text on the heap in exactly its size, so that the sanitizer sees a reader who goes one byte too
/// far.
class ExactText {
  public:
    explicit ExactText(std::string_view text)
        : size_(text.size()), bytes_(std::make_unique<char[]>(size_)) {
        text.copy(bytes_.get(), size_);
    }

    std::string_view view() const noexcept { return {bytes_.get(), size_}; }

  private:
    std::size_t size_;
    std::unique_ptr<char[]> bytes_;
};

/// The bytes of one run, taken apart from the front into the arguments of what is tested: seeds
/// then are files that a person can write.
class Input {
  public:
    Input(const std::uint8_t *data, std::size_t size) noexcept
        : left_(reinterpret_cast<const char *>(data), size) {}

    /// The next byte; a zero when there is none.
    unsigned char byte() noexcept {
        const unsigned char first = left_.empty() ? 0 : static_cast<unsigned char>(left_[0]);
        left_.remove_prefix(left_.empty() ? 0 : 1);
        return first;
    }

    /// One of `choices`, by the next byte.
    template <class Choices>
    auto one_of(const Choices &choices) noexcept {
        return choices[byte() % choices.size()];
    }

    /// What there is before the next newline.
    ExactText line() {
        const std::string_view text = left_.substr(0, left_.find('\n'));
        left_.remove_prefix(text.size() < left_.size() ? text.size() + 1 : text.size());
        return ExactText(text);
    }

    /// All lines that are left.
    std::vector<ExactText> lines() {
        std::vector<ExactText> all;
        while (!left_.empty()) {
            all.push_back(line());
        }
        return all;
    }

    /// All that is left.
    ExactText rest() const { return ExactText(left_); }

  private:
    std::string_view left_;
};

/// Views on texts, for those who take a span of them.
inline std::vector<std::string_view> views_of(const std::vector<ExactText> &texts) {
    std::vector<std::string_view> views;
    for (const ExactText &text : texts) {
        views.push_back(text.view());
    }
    return views;
}

/// A finding, unless `holds`.
inline void require(bool holds, const char *property) {
    if (!holds) {
        std::fprintf(stderr, "does not hold: %s\n", property);
        std::abort();
    }
}

}  // namespace ipfence::fuzz
