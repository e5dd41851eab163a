#include "engine/address/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/address/ipv4_text.hpp"

namespace ipfence {

namespace {

constexpr std::size_t kGroups = 8;
using Groups = std::array<std::uint16_t, kGroups>;

// Takes characters off the front of a text.
class Reader {
  public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    bool at_end() const noexcept { return rest_.empty(); }
    std::string_view rest() const noexcept { return rest_; }

    bool take(std::string_view expected) noexcept {
        if (!rest_.starts_with(expected)) {
            return false;
        }
        rest_.remove_prefix(expected.size());
        return true;
    }

    // A number of 1 to `max_digits` digits.
    std::optional<std::uint32_t> number(int base, std::size_t max_digits) noexcept {
        std::uint32_t value = 0;
        const char *begin = rest_.data();
        const auto [end, error] =
            std::from_chars(begin, begin + std::min(rest_.size(), max_digits), value, base);
        if (error != std::errc{}) {
            return std::nullopt;
        }
        rest_.remove_prefix(static_cast<std::size_t>(end - begin));
        return value;
    }

  private:
    std::string_view rest_;
};

bool is_digit(char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

std::optional<std::uint32_t> octet(Reader &reader) noexcept {
    const std::string_view text = reader.rest();
    // 010 is 8 to some readers and 10 to others.
    if (text.size() > 1 && text[0] == '0' && is_digit(text[1])) {
        return std::nullopt;
    }
    const auto value = reader.number(10, 3);
    return value && *value > 255 ? std::nullopt : value;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) noexcept {
    Reader reader(text);
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) {
        if (i != 0 && !reader.take(".")) {
            return std::nullopt;
        }
        const auto value = octet(reader);
        if (!value) {
            return std::nullopt;
        }
        bits = bits << 8 | *value;
    }
    return reader.at_end() ? std::optional(bits) : std::nullopt;
}

// RFC 4291, section 2.2: groups of 16 bits, of which one run of zeros may be written `::`, and the
// last two of which may be written as an IPv4 address.
class Ipv6Parser {
  public:
    explicit Ipv6Parser(std::string_view text) noexcept : reader_(text) {}

    std::optional<Groups> parse() noexcept {
        if (reader_.take("::")) {
            gap_ = 0;
        }
        while (!reader_.at_end()) {
            if (!take_part()) {
                return std::nullopt;
            }
        }
        return finish();
    }

  private:
    // One group, or a closing IPv4 address, with the separator after it.
    bool take_part() noexcept {
        if (count_ == kGroups) {
            return false;
        }
        const std::string_view rest = reader_.rest();
        const std::string_view part = rest.substr(0, rest.find(':'));
        if (part.find('.') != std::string_view::npos) {
            return part.size() == rest.size() && take_ipv4(part);
        }
        const auto group = reader_.number(16, 4);
        if (!group) {
            return false;
        }
        groups_[count_++] = static_cast<std::uint16_t>(*group);
        return take_separator();
    }

    bool take_ipv4(std::string_view text) noexcept {
        const auto bits = parse_ipv4(text);
        if (!bits || count_ + 2 > kGroups) {
            return false;
        }
        groups_[count_++] = static_cast<std::uint16_t>(*bits >> 16);
        groups_[count_++] = static_cast<std::uint16_t>(*bits);
        reader_.take(text);
        return true;
    }

    bool take_separator() noexcept {
        if (reader_.at_end()) {
            return true;
        }
        if (reader_.take("::")) {
            const bool first_gap = gap_ > kGroups;
            gap_ = count_;
            return first_gap;
        }
        return reader_.take(":") && !reader_.at_end();
    }

    // A gap stands for one group at least.
    std::optional<Groups> finish() noexcept {
        const bool has_gap = gap_ <= kGroups;
        if (has_gap ? count_ == kGroups : count_ != kGroups) {
            return std::nullopt;
        }
        if (has_gap) {
            std::rotate(groups_.begin() + static_cast<std::ptrdiff_t>(gap_),
                        groups_.begin() + static_cast<std::ptrdiff_t>(count_), groups_.end());
        }
        return groups_;
    }

    Reader reader_;
    Groups groups_{};
    std::size_t count_ = 0;
    std::size_t gap_ = kGroups + 1;  // where `::` stands; beyond the end: nowhere yet
};

std::uint64_t joined(const Groups &groups, std::size_t first) noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = first; i < first + kGroups / 2; ++i) {
        bits = bits << 16 | groups[i];
    }
    return bits;
}

class Writer {
  public:
    explicit Writer(std::span<char, Address::kMaxTextLength> out) noexcept
        : begin_(out.data()), end_(out.data() + out.size()), last_(out.data()) {}

    void number(std::uint32_t value, int base) noexcept {
        last_ = std::to_chars(last_, end_, value, base).ptr;
    }
    void text(std::string_view text) noexcept { last_ = std::ranges::copy(text, last_).out; }
    std::size_t length() const noexcept { return static_cast<std::size_t>(last_ - begin_); }

  private:
    char *begin_;
    char *end_;
    char *last_;
};

struct Run {
    std::size_t first = 0;
    std::size_t length = 0;
};

// RFC 5952, sections 4.2.2 and 4.2.3: the first of the longest runs of two or more zero groups.
Run longest_zero_run(const Groups &groups) noexcept {
    Run longest;
    Run current;
    for (std::size_t i = 0; i < kGroups; ++i) {
        if (groups[i] != 0) {
            current = {i + 1, 0};
        } else if (++current.length > longest.length) {
            longest = current;
        }
    }
    return longest.length < 2 ? Run{kGroups, 0} : longest;
}

Groups groups_of(std::uint64_t high, std::uint64_t low) noexcept {
    Groups groups;
    for (std::size_t i = 0; i < kGroups / 2; ++i) {
        const auto shift = 48 - 16 * i;
        groups[i] = static_cast<std::uint16_t>(high >> shift);
        groups[i + kGroups / 2] = static_cast<std::uint16_t>(low >> shift);
    }
    return groups;
}

// Out of the way of IPv4, which needs none of the registers that this does.
[[gnu::noinline]] std::size_t format_ipv6(std::uint64_t high, std::uint64_t low,
                                          std::span<char, Address::kMaxTextLength> out) noexcept {
    const Groups groups = groups_of(high, low);
    Writer writer(out);
    const Run run = longest_zero_run(groups);
    for (std::size_t i = 0; i < kGroups;) {
        if (i == run.first) {
            writer.text("::");
            i += run.length;
            continue;
        }
        writer.number(groups[i], 16);
        ++i;
        if (i != kGroups && i != run.first) {
            writer.text(":");
        }
    }
    return writer.length();
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) noexcept {
    if (text.find(':') == std::string_view::npos) {
        const auto bits = parse_ipv4(text);
        return bits ? std::optional(from_ipv4(*bits)) : std::nullopt;
    }
    const auto groups = Ipv6Parser(text).parse();
    return groups ? std::optional(from_ipv6(joined(*groups, 0), joined(*groups, kGroups / 2)))
                  : std::nullopt;
}

std::size_t Address::format(std::span<char, kMaxTextLength> out) const noexcept {
    static_assert(kIpv4Room <= kMaxTextLength);
    return family_ == Family::ipv4
               ? static_cast<std::size_t>(write_ipv4(out.data(), ipv4()) - out.data())
               : format_ipv6(high_, low_, out);
}

std::string Address::text() const {
    std::array<char, kMaxTextLength> buffer;
    return {buffer.data(), format(buffer)};
}

}  // namespace ipfence
