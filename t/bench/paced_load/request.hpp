#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace ipfence::bench {

/// The bytes of a request; `##########` in it, wherever it occurs, becomes the request's number.
class RequestTemplate {
  public:
    /// Numbers run upwards from `first`, or are drawn from `first` to `last` where there is a last.
    RequestTemplate(std::string text, std::uint64_t first, std::optional<std::uint64_t> last)
        : text_(std::move(text)), next_(first), last_(last) {}

    /// The next request; valid until the one after.
    std::string_view next() {
        const std::string number = padded(number_of_next());
        for (std::size_t place = find_first(); place != std::string::npos;
             place = template_.find(kPlace, place + kPlace.size())) {
            text_.replace(place, kPlace.size(), number);
        }
        return text_;
    }

  private:
    static constexpr std::string_view kPlace = "##########";

    std::size_t find_first() const { return template_.find(kPlace); }

    std::uint64_t number_of_next() {
        const std::uint64_t first = next_;
        if (last_) {
            return std::uniform_int_distribution<std::uint64_t>(first, *last_)(random_);
        }
        return next_++;
    }

    static std::string padded(std::uint64_t number) {
        const std::string digits = std::to_string(number);
        return digits.size() < kPlace.size()
                   ? std::string(kPlace.size() - digits.size(), '0') + digits
                   : digits;
    }

    std::string text_;
    std::string template_ = text_;
    std::uint64_t next_;
    std::optional<std::uint64_t> last_;
    std::mt19937_64 random_{1};
};

}  // namespace ipfence::bench
