#include "engine/credential/cookies.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/byte_block.hpp"
#include "engine/credential/percent_decoding.hpp"
#include "engine/letter_case.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

// M12: browsers keep some 50 for a site.
constexpr std::size_t kMaxCookies = 64;

// What Python takes for a blank.
constexpr bool is_python_blank(char byte) noexcept {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool has_python_blank(std::string_view text) noexcept {
    return any_byte(text, [](const ByteBlock &block) {
        return is_between<'\t', '\r'>(block) | (block == each(' '));
    });
}

// What is left when everything is cut off that some parser takes for a space: tabulators, U+00A0,
// U+2000 (J05).
constexpr bool is_visible(char byte) noexcept {
    return byte > ' ' && byte < '\x7f';
}

std::string_view widely_trimmed(std::string_view text) noexcept {
    const auto first = std::ranges::find_if(text, is_visible);
    text.remove_prefix(static_cast<std::size_t>(first - text.begin()));
    while (!text.empty() && !is_visible(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Takes what stands before the first `=` off the front of a cookie, and returns its last word,
// where blanks are in front of that: Python's SimpleCookie ends a cookie at a blank.
std::optional<std::string_view> take_name_behind_blank(std::string_view &cookie) noexcept {
    const std::string_view before = widely_trimmed(take_until(cookie, '='));
    const auto blank = std::find_if(before.rbegin(), before.rend(), is_python_blank);
    return blank == before.rend() ? std::nullopt
                                  : std::optional(std::string_view(blank.base(), before.end()));
}

// PHP makes underscores of these in a cookie's name; a dash stays, which `folded` takes as well.
constexpr char folded_in_cookie(char byte) noexcept {
    return byte == '.' || byte == ' ' || byte == '[' ? '_' : lower_case(byte);
}

// Whether some parser takes a name for the wanted one. What is around it is lost, case does not
// matter, CGI.pm decodes escapes, and to PHP brackets may follow.
bool may_be_named(std::string_view name, std::string_view wanted) noexcept {
    name = widely_trimmed(name);
    for (const char expected : wanted) {
        const auto decoded =
            name.starts_with('%') ? decode_escape(name.substr(1)) : std::optional<char>();
        if (name.empty() ||
            folded_in_cookie(decoded.value_or(name.front())) != folded_in_cookie(expected)) {
            return false;
        }
        name.remove_prefix(decoded ? 1 + kEscapeDigits : 1);
    }
    return name.empty() || name.starts_with('[');
}

// RFC 6265, section 4.1.1: what a cookie's value is made of. The rest is read differently.
bool are_cookie_bytes(std::string_view value) noexcept {
    return !any_byte(value, [](const ByteBlock &block) {
        return (block <= each(' ')) | (block == each('\x7f')) | (block == each('"')) |
               (block == each(',')) | (block == each(';')) | (block == each('\\'));
    });
}

// Finds one cookie, and what other parsers might take for it.
class CookieSearch {
  public:
    explicit CookieSearch(std::string_view name) noexcept : name_(name) {}

    void read_line(std::string_view line) noexcept {
        bool quoted = false;
        // More cookies than anybody is to have are ambiguous, whatever comes after.
        while (!line.empty() && count_ <= kMaxCookies) {
            const std::string_view piece = take_until(line, ';');
            read_piece(piece, quoted);
            quoted ^= piece.find('"') != std::string_view::npos &&
                      std::ranges::count(piece, '"') % 2 != 0;
        }
    }

    CookieValue result() const noexcept {
        const bool is_there = !value_.empty();
        if (ambiguous_ || (has_version_ && is_there)) {
            return {CookieValue::Kind::ambiguous, {}};
        }
        return is_there ? CookieValue{CookieValue::Kind::one, value_} : CookieValue{};
    }

  private:
    void read_piece(std::string_view piece, bool quoted) noexcept {
        ambiguous_ |= ++count_ > kMaxCookies;
        const std::string_view cookie = trimmed(piece, " ");
        const std::size_t equals = cookie.find('=');
        const std::string_view name = cookie.substr(0, equals);
        has_version_ |= equal_without_case(widely_trimmed(name), "$version");
        if (name != name_) {
            // Some parsers begin a cookie at a comma, or at a blank.
            ambiguous_ |=
                may_be_named(name, name_) || follows_comma(cookie) || follows_blank(cookie);
            return;
        }
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : cookie.substr(equals + 1);
        if (value.empty()) {
            return;
        }
        ambiguous_ |= quoted || !are_cookie_bytes(value) || (!value_.empty() && value_ != value);
        value_ = value;
    }

    bool follows_comma(std::string_view cookie) const noexcept {
        for (std::size_t at = cookie.find(','); at != std::string_view::npos;
             at = cookie.find(',', at + 1)) {
            const std::string_view rest = cookie.substr(at + 1);
            if (may_be_named(rest.substr(0, rest.find_first_of("=,")), name_)) {
                return true;
            }
        }
        return false;
    }

    bool follows_blank(std::string_view cookie) const noexcept {
        if (!has_python_blank(cookie)) {  // as in nearly all
            return false;
        }
        while (cookie.find('=') != std::string_view::npos) {
            const auto name = take_name_behind_blank(cookie);
            if (name && may_be_named(*name, name_)) {
                return true;
            }
        }
        return false;
    }

    std::string_view name_;
    std::string_view value_;
    std::size_t count_ = 0;
    bool ambiguous_ = false;
    bool has_version_ = false;  // RFC 2109: quotes then mean something
};

// What is between quotes, as Python reads it: a backslash and three octal digits are a byte, and a
// backslash before anything else is not there.
std::string without_backslashes(std::string_view quoted) {
    const auto is_octal = [](char byte) { return byte >= '0' && byte <= '7'; };
    std::string text;
    while (!quoted.empty()) {
        const bool is_escape = quoted.size() > 1 && quoted.front() == '\\';
        quoted.remove_prefix(is_escape ? 1 : 0);
        const std::string_view digits = quoted.substr(0, 3);
        const bool is_byte = is_escape && digits.size() == 3 && digits.front() < '4' &&
                             std::ranges::all_of(digits, is_octal);
        text.push_back(is_byte ? static_cast<char>((digits[0] - '0') << 6 | (digits[1] - '0') << 3 |
                                                   (digits[2] - '0'))
                               : quoted.front());
        quoted.remove_prefix(is_byte ? 3 : 1);
    }
    return text;
}

void add_value(CookieReadings &readings, std::string value) {
    const auto known = std::span(readings.values).first(readings.count);
    if (value.empty() || std::ranges::find(known, value) != known.end()) {
        return;
    }
    if (readings.count == CookieReadings::kMost) {
        readings.are_too_many = true;
        return;
    }
    readings.values[readings.count++] = std::move(value);
}

void add_readings_of(CookieReadings &readings, std::string_view value) {
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) {
        value = value.substr(1, value.size() - 2);
        add_value(readings, without_backslashes(value));
    }
    add_value(readings, std::string(value));
}

// What stands in `piece` between two of its blanks may be a cookie, too.
void add_reading(CookieReadings &readings, std::string_view piece, std::string_view name) {
    bool is_named = may_be_named(piece.substr(0, piece.find('=')), name);
    while (piece.find('=') != std::string_view::npos && !readings.are_too_many) {
        const auto behind_blank = take_name_behind_blank(piece);
        if (is_named || (behind_blank && may_be_named(*behind_blank, name))) {
            const std::string_view value = widely_trimmed(piece);
            add_readings_of(readings, value);
            const auto blank = std::ranges::find_if(value, is_python_blank);
            add_readings_of(readings, {value.begin(), blank});
        }
        is_named = false;
    }
}

}  // namespace

CookieValue find_cookie(std::span<const std::string_view> lines, std::string_view name) noexcept {
    CookieSearch search(name);
    for (const std::string_view line : lines) {
        search.read_line(line);
    }
    return search.result();
}

CookieReadings read_cookie_in_any_way(std::span<const std::string_view> lines,
                                      std::string_view name) {
    CookieReadings readings;
    for (std::string_view line : lines) {
        while (!line.empty()) {
            // `find_first_of` calls a function for each byte.
            const auto end =
                std::ranges::find_if(line, [](char byte) { return byte == ';' || byte == ','; });
            const auto size = static_cast<std::size_t>(end - line.begin());
            add_reading(readings, line.substr(0, size), name);
            line.remove_prefix(std::min(size + 1, line.size()));
        }
    }
    return readings;
}

std::string decode_cookie_value(std::string_view value) {
    std::string decoded;
    for (std::size_t percent = value.find('%'); percent != std::string_view::npos;
         percent = value.find('%')) {
        decoded += value.substr(0, percent);
        const auto byte = decode_escape(value.substr(percent + 1));
        decoded.push_back(byte.value_or('%'));
        value.remove_prefix(percent + 1 + (byte ? kEscapeDigits : 0));
    }
    decoded += value;
    return decoded;
}

}  // namespace ipfence
