#include "engine/credential/parameter_scan.hpp"

#include <algorithm>

#include "engine/byte_block.hpp"
#include "engine/credential/folded_name.hpp"
#include "engine/credential/percent_decoding.hpp"
#include "engine/credential/text.hpp"
#include "engine/text_pieces.hpp"

namespace ipfence {

namespace {

std::string_view without_leading(std::string_view name, std::string_view bytes) noexcept {
    return name.substr(std::min(name.find_first_not_of(bytes), name.size()));
}

// What PHP, qs, Rack, ASP.NET and others do to a name before they fold it: spaces, dots and
// brackets around it and what is in brackets after it are lost, a NUL ends it; URLSearchParams
// drops a question mark.
std::string_view without_decoration(std::string_view name) noexcept {
    name = without_leading(name, " \t.[]?");
    name = name.substr(0, std::min(name.find('['), name.find('\0')));
    return name.substr(0, name.find_last_not_of(" \t.]") + 1);
}

// To PHP, a bracket that nothing closes is an underscore, too.
constexpr char folded_with_bracket(char byte) noexcept {
    return byte == '[' ? '_' : folded(byte);
}

bool may_fold_onto_by_php(std::string_view name, std::string_view wanted) noexcept {
    name = without_leading(name.substr(0, name.find('\0')), " ");
    return std::ranges::equal(name, wanted, {}, folded_with_bracket, folded);
}

// Nothing that a parser does to a name makes it longer.
bool may_fold_onto(std::string_view name, std::string_view wanted) noexcept {
    return name.size() >= wanted.size() && (equal_when_folded(without_decoration(name), wanted) ||
                                            may_fold_onto_by_php(name, wanted));
}

// Whether a name is what every parser makes of it, but for case and dashes: nearly all are.
bool stands_for_itself(std::string_view name) noexcept {
    return !any_byte(name, [](const ByteBlock &block) {
        return ~(is_letter(block) | is_between<'0', '9'>(block) | (block == each('_')) |
                 (block == each('-')));
    });
}

// Takes such bytes off the front. Whether anything is left.
bool skip_all(std::string_view &text, char byte) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(byte), text.size()));
    return !text.empty();
}

// `find_first_of` calls a function for each byte.
std::size_t next_beginning(std::string_view text, std::string_view beginnings,
                           std::size_t from) noexcept {
    return beginnings.size() == 1 ? text.find(beginnings.front(), from)
                                  : text.find_first_of(beginnings, from);
}

// IIS and ASP.NET read `%u00XX` as `%XX`.
std::string_view without_wide_escapes(std::string_view name, std::span<char> storage) noexcept {
    constexpr std::string_view kWide = "%u00";
    if (name.find(kWide) == std::string_view::npos) {
        return name;
    }
    std::size_t size = 0;
    while (!name.empty()) {
        const bool is_wide = name.starts_with(kWide);
        storage[size++] = name.front();
        name.remove_prefix(is_wide ? kWide.size() : 1);
    }
    return {storage.data(), size};
}

// A name up to a `%` that begins no escape: what comes then, some parsers keep and some drop.
std::string_view before_bad_escape(std::string_view name) noexcept {
    constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
    for (std::size_t at = name.find('%'); at != std::string_view::npos;
         at = name.find('%', at + 1)) {
        const std::string_view digits = name.substr(at + 1, 2);
        if (digits.size() < 2 || digits.find_first_not_of(kDigits) != std::string_view::npos) {
            return name.substr(0, at);
        }
    }
    return name;
}

// Query or fragment without the path that it may begin with.
std::string_view without_path(std::string_view text) noexcept {
    const std::size_t end = text.substr(0, text.find_first_of("=&")).find_last_of("?#");
    return end == std::string_view::npos ? text : text.substr(end + 1);
}

}  // namespace

std::optional<Refusal> ParameterScan::read_location(std::string_view location,
                                                    std::span<char> storage) noexcept {
    constexpr std::string_view kBeginnings = ";?#";
    const std::size_t hash = std::min(location.find('#'), location.size());
    const std::size_t question = std::min(location.find('?'), hash);
    for (const std::string_view text :
         {location.substr(question, hash - question), location.substr(hash)}) {
        if (const auto refusal = read_pieces(without_path(text), kBeginnings, storage)) {
            return refusal;
        }
    }
    return std::nullopt;
}

std::optional<Refusal> ParameterScan::read_pieces(std::string_view text,
                                                  std::string_view beginnings,
                                                  std::span<char> &storage) noexcept {
    // Of what cannot be wanted there may be as much as there are bytes.
    while (skip_all(text, '&')) {
        const std::string_view piece = take_until(text, '&');
        if (piece.size() < shortest_) {
            continue;
        }
        if (hides_parameter(piece, beginnings, storage)) {
            return Refusal{"a parameter begins at a character that not all take for its beginning"};
        }
        if (const auto refusal = read_piece(piece, storage)) {
            return refusal;
        }
    }
    return std::nullopt;
}

// A parser that takes `;` for a separator sees parameters where others see a value.
bool ParameterScan::hides_parameter(std::string_view piece, std::string_view beginnings,
                                    std::span<char> storage) const noexcept {
    std::size_t at = next_beginning(piece, beginnings, 0);
    while (at != std::string_view::npos) {
        const std::size_t begin = at + 1;
        at = next_beginning(piece, beginnings, begin);
        const std::string_view name =
            piece.substr(begin, at == std::string_view::npos ? at : at - begin);
        if (name.size() >= shortest_ && reads_as_wanted(name.substr(0, name.find('=')), storage)) {
            return true;
        }
    }
    return false;
}

std::optional<Refusal> ParameterScan::read_piece(std::string_view piece,
                                                 std::span<char> &storage) noexcept {
    const std::size_t equals = piece.find('=');
    const std::string_view raw_name = piece.substr(0, equals);
    if (!reads_as_wanted(raw_name, storage)) {
        return std::nullopt;  // nor is it the very name, which reads as itself
    }
    const auto name = decode_form_text(raw_name, storage);
    const auto index = name ? index_of(*name) : std::nullopt;
    if (!index) {
        return Refusal{"a parameter name is a variant spelling"};
    }
    if (values_[*index]) {
        return Refusal{"a parameter is repeated"};
    }
    const auto value = decode_form_text(
        equals == std::string_view::npos ? std::string_view{} : piece.substr(equals + 1), storage);
    if (!value || has_control_byte(*value)) {
        return Refusal{"a parameter value is badly encoded"};
    }
    storage = storage.subspan(value->size());
    values_[*index] = *value;
    return std::nullopt;
}

// Whether some parser makes a wanted name of this one.
bool ParameterScan::reads_as_wanted(std::string_view raw_name,
                                    std::span<char> storage) const noexcept {
    if (raw_name.size() < shortest_) {
        return false;
    }
    if (stands_for_itself(raw_name)) {
        return may_be_wanted(raw_name);
    }
    const std::string_view escaped = without_wide_escapes(raw_name, storage);
    const auto name = decode_form_text(before_bad_escape(escaped), storage);
    return name && may_be_wanted(*name);
}

bool ParameterScan::may_be_wanted(std::string_view name) const noexcept {
    return std::ranges::any_of(
        wanted_, [name](std::string_view wanted) { return may_fold_onto(name, wanted); });
}

std::optional<std::size_t> ParameterScan::index_of(std::string_view name) const noexcept {
    const auto found = std::ranges::find(wanted_, name);
    return found == wanted_.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - wanted_.begin()));
}

}  // namespace ipfence
