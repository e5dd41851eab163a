#pragma once

#include <string>
#include <string_view>

namespace ipfence {

/// An attribute's value in an HTML page, with its character references resolved.
struct DecodedAttribute {
    std::string text;
    /// False when it has a reference that is not resolved here, and stands in `text` as it is, or
    /// one without its semicolon, which readers take differently.
    bool is_certain = true;
};

/// Resolves the references that a token, code or name can have: those to ASCII characters, by
/// number or by the names that escaping functions use.
DecodedAttribute decode_attribute(std::string_view text);

}  // namespace ipfence
