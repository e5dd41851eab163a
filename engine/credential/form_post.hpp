#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/credential/html_tag.hpp"

namespace ipfence {

/// The inputs of an HTML page that carry wanted names (OAuth 2.0 Form Post Response Mode). The page
/// is the provider's own: this reads what a browser would submit, and says where it is not certain
/// of it. Only inputs that are hidden, or do not say what they are, count: in the others the user
/// types, or chooses (a `code` out of a message, say).
class FormPostPage {
  public:
    /// Reads `page`, looking for inputs with one of the names `wanted` and a value that is not
    /// empty. `wanted` must outlive this.
    FormPostPage(std::string_view page, std::span<const std::string_view> wanted);

    /// Whether a wanted input cannot be read for certain: it is there twice with different values,
    /// has an attribute twice, a character reference that readers take differently, a control byte,
    /// or no end.
    bool is_ambiguous() const noexcept { return is_ambiguous_; }

    /// The value of the n-th wanted input; empty where there is none.
    const std::string &value(std::size_t index) const noexcept { return values_[index]; }

  private:
    void read_input(const HtmlTag &tag);
    void take_value(std::size_t index, std::string_view value);

    std::span<const std::string_view> wanted_;
    std::vector<std::string> values_;
    bool is_ambiguous_ = false;
};

}  // namespace ipfence
