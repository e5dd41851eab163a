#include "engine/credential/parameter_name.hpp"

#include <algorithm>

#include "engine/credential/folded_name.hpp"
#include "engine/credential/known_parameter.hpp"

namespace ipfence {

namespace {

constexpr bool is_name_byte(char byte) noexcept {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

bool is_folded(std::string_view name) noexcept {
    return std::ranges::equal(name, name, {}, folded);
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
    if (equal_when_folded(name, kMethodParameter)) {
        return "the method must not be overridden";
    }
    // To qs (with `allowDots`) the first of these is a name without what is before it.
    if (name.starts_with('.') || name.ends_with('.')) {
        return "a parameter name begins or ends with a dot";
    }
    if (!is_folded(name) && std::ranges::any_of(kKnownParameterNames, [name](auto known) {
            return equal_when_folded(name, known);
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
