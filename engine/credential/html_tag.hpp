#pragma once

#include <optional>
#include <string_view>

namespace ipfence {

/// An attribute of a tag, as it stands in the page; one without a value has an empty one.
struct HtmlAttribute {
    std::string_view name;
    std::string_view value;
};

/// A start tag of an HTML page.
struct HtmlTag {
    std::string_view element;     ///< its name, in the letters of the page
    std::string_view attributes;  ///< all after the name; `take_attribute` reads it
    bool is_closed = false;       ///< whether the page has the `>` that ends it
};

/// Takes `page` up to its next start tag, and that tag, off its front; empty when there is no more.
/// Comments and the contents of elements whose contents are text are passed over as a browser does
/// (HTML standard, section 13.2.5). Reading a whole page looks at each byte a few times at most.
std::optional<HtmlTag> take_start_tag(std::string_view &page) noexcept;

/// Takes the next attribute off the front of `attributes`; empty when there is no more.
std::optional<HtmlAttribute> take_attribute(std::string_view &attributes) noexcept;

}  // namespace ipfence
