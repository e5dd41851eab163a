#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ipfence {

/// The inputs of the forms of an HTML page whose names are wanted (OAuth 2.0 Form Post Response
/// Mode). The page is the provider's own: this reads what a browser would submit, in one pass, and
/// says where it is not certain of it.
class FormPostPage {
  public:
    /// Reads `page`, looking for inputs with one of the names `wanted` and a value that is not
    /// empty.
    FormPostPage(std::string_view page, std::span<const std::string_view> wanted);

    /// Whether a wanted input cannot be read for certain: it is there twice with different values,
    /// or has an attribute twice, an unknown character reference, or no end.
    bool is_ambiguous() const noexcept { return ambiguous_; }

    /// The value of the n-th wanted input; empty where there is none.
    const std::string &value(std::size_t index) const noexcept { return values_[index]; }

  private:
    void read_input(std::string_view attributes);
    void take(std::string_view name, std::string_view value);

    std::span<const std::string_view> wanted_;
    std::vector<std::string> values_;
    bool ambiguous_ = false;
};

}  // namespace ipfence
