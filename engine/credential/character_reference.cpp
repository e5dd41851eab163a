#include "engine/credential/character_reference.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace ipfence {

namespace {

using std::string_view;

struct Reference {
    char character = '\0';
    std::size_t size = 0;  // with `&`, and `;` where it has one
    bool is_closed = false;
};

// HTML standard, section 13.5; those that may stand for a character of a token or a name.
constexpr std::array<std::pair<string_view, char>, 11> kNamed{{
    {"&amp;", '&'},
    {"&lt;", '<'},
    {"&gt;", '>'},
    {"&quot;", '"'},
    {"&apos;", '\''},
    {"&lowbar;", '_'},
    {"&UnderBar;", '_'},
    {"&period;", '.'},
    {"&plus;", '+'},
    {"&sol;", '/'},
    {"&equals;", '='},
}};

std::optional<Reference> named_reference(string_view text) noexcept {
    const auto found = std::ranges::find_if(
        kNamed, [text](const auto &known) { return text.starts_with(known.first); });
    return found == kNamed.end()
               ? std::nullopt
               : std::optional(Reference{found->second, found->first.size(), true});
}

std::optional<Reference> numeric_reference(string_view text) noexcept {
    const bool is_hexadecimal = text.starts_with("&#x") || text.starts_with("&#X");
    const char *digits = text.data() + (is_hexadecimal ? 3 : 2);
    const char *end = text.data() + text.size();
    unsigned code = 0;
    const auto [stop, error] = std::from_chars(digits, end, code, is_hexadecimal ? 16 : 10);
    if (error != std::errc{} || code == 0 || code > 0x7f) {
        return std::nullopt;
    }
    const bool is_closed = stop != end && *stop == ';';
    return Reference{static_cast<char>(code),
                     static_cast<std::size_t>(stop - text.data()) + (is_closed ? 1 : 0), is_closed};
}

}  // namespace

DecodedAttribute decode_attribute(string_view text) {
    DecodedAttribute decoded;
    while (true) {
        const std::size_t literal = std::min(text.find('&'), text.size());
        decoded.text += text.substr(0, literal);
        text.remove_prefix(literal);
        if (text.empty()) {
            return decoded;
        }
        const auto reference =
            text.starts_with("&#") ? numeric_reference(text) : named_reference(text);
        decoded.is_certain &= reference && reference->is_closed;
        decoded.text.push_back(reference ? reference->character : '&');
        text.remove_prefix(reference ? reference->size : 1);
    }
}

}  // namespace ipfence
