#include "engine/credential/parameter_name.hpp"

#include <algorithm>

#include "engine/credential/known_parameter.hpp"
#include "engine/letter_case.hpp"

namespace ipfence {

namespace {

constexpr bool is_name_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

// What PHP, ASP.NET and others make of a name: case is lost, dots and dashes become underscores.
constexpr char folded(char byte) noexcept {
    return byte == '.' || byte == '-' ? '_' : lower_case(byte);
}

bool is_folded(std::string_view name) noexcept {
    return std::ranges::equal(name, name, {}, folded);
}

bool folds_onto(std::string_view name, std::string_view known) noexcept {
    return std::ranges::equal(name, known, {}, folded);
}

// Rails and others take the method from here.
constexpr std::string_view kMethodParameter = "_method";

}  // namespace

std::string_view objection_to_name(std::string_view name) noexcept {
    if (name.empty()) {
        return "a parameter has no name";
    }
    if (!std::ranges::all_of(name, is_name_byte)) {
        return "a parameter name has characters that parsers read differently";
    }
    if (folds_onto(name, kMethodParameter)) {
        return "the method must not be overridden";
    }
    // To qs (with `allowDots`) the first of these is a name without what is before it.
    if (name.starts_with('.') || name.ends_with('.')) {
        return "a parameter name begins or ends with a dot";
    }
    if (!is_folded(name) && std::ranges::any_of(kKnownParameterNames, [name](auto known) {
            return folds_onto(name, known);
        })) {
        return "a parameter name is a variant spelling of an OAuth parameter";
    }
    return {};
}

std::string_view objection_to_query_name(std::string_view name) noexcept {
    return known_parameter(name) ? "an OAuth parameter belongs in the body"
                                 : objection_to_name(name);
}

}  // namespace ipfence
