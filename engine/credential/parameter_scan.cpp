#include "engine/credential/parameter_scan.hpp"

#include <algorithm>

#include "engine/credential/percent_decoding.hpp"
#include "engine/credential/text.hpp"

namespace ipfence {

namespace {

constexpr char folded(char byte) noexcept {
    if (byte >= 'A' && byte <= 'Z') {
        return static_cast<char>(byte - 'A' + 'a');
    }
    return byte == '.' || byte == '-' || byte == ' ' ? '_' : byte;
}

// What PHP, qs, ASP.NET and others make of a name: spaces around it and brackets after it are lost,
// case does not matter, dots, dashes and spaces become underscores, a NUL ends it.
std::string_view without_decoration(std::string_view name) noexcept {
    while (name.starts_with(' ') || name.starts_with('\t')) {
        name.remove_prefix(1);
    }
    name = name.substr(0, std::min(name.find('['), name.find('\0')));
    while (name.ends_with(' ') || name.ends_with('\t')) {
        name.remove_suffix(1);
    }
    return name;
}

bool folds_onto(std::string_view name, std::string_view wanted) noexcept {
    return std::ranges::equal(without_decoration(name), wanted, {}, folded);
}

}  // namespace

std::optional<Refusal> ParameterScan::read(std::string_view text,
                                           std::span<char> &storage) noexcept {
    while (!text.empty()) {
        const std::size_t ampersand = text.find('&');
        if (const auto refusal = read_piece(text.substr(0, ampersand), storage)) {
            return refusal;
        }
        text.remove_prefix(ampersand == std::string_view::npos ? text.size() : ampersand + 1);
    }
    return std::nullopt;
}

std::optional<Refusal> ParameterScan::read_piece(std::string_view piece,
                                                 std::span<char> &storage) noexcept {
    // A parser that takes `;` for a separator sees parameters where others see a value.
    for (std::size_t at = piece.find(';'); at != std::string_view::npos;
         at = piece.find(';', at + 1)) {
        const std::string_view rest = piece.substr(at + 1);
        if (is_variant(rest.substr(0, rest.find_first_of("=;")))) {
            return Refusal{"a parameter follows a semicolon"};
        }
    }

    const std::size_t equals = piece.find('=');
    const auto name = decode_form_text(piece.substr(0, equals), storage);
    if (!name) {
        return std::nullopt;  // no parser makes one of the wanted names of it
    }
    const auto index = index_of(*name);
    if (!index) {
        return is_variant(*name) ? std::optional(Refusal{"a parameter name is a variant spelling"})
                                 : std::nullopt;
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

std::optional<std::size_t> ParameterScan::index_of(std::string_view name) const noexcept {
    const auto found = std::ranges::find(wanted_, name);
    return found == wanted_.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - wanted_.begin()));
}

bool ParameterScan::is_variant(std::string_view name) const noexcept {
    return std::ranges::any_of(
        wanted_, [name](std::string_view wanted) { return folds_onto(name, wanted); });
}

}  // namespace ipfence
