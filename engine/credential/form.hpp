#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/known_parameter.hpp"
#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// The parameters of an application/x-www-form-urlencoded body (RFC 6749, appendix B), decoded,
/// each with exactly one reading. Views point into the storage that `parse` was given.
class Form {
  public:
    struct Parameter {
        std::string_view name;
        std::string_view value;
    };

    /// More parameters than any grant has; a body with more is refused.
    static constexpr std::size_t kMaxParameters = 64;

    /// Decodes `body` into `storage`, which must be at least as large and outlive the form.
    /// Refused, because two form parsers may disagree: a name given twice (but for `resource` and
    /// `audience`, RFC 8707 and 8693), a name outside [A-Za-z0-9_.-] or with a dot at an end, a
    /// name that a lenient parser folds onto a known one (`Client_Id`, `client.id`), a parameter
    /// without a name, a raw `;`, a raw byte that is not printable ASCII, bad percent-encoding, a
    /// decoded NUL or control byte, and `_method`, with which frameworks replace the method. An
    /// empty body has no parameters. Allocates nothing.
    static Result<Form, Refusal> parse(std::string_view body, std::span<char> storage) noexcept;

    Form() noexcept {}
    Form(const Form &other) noexcept { *this = other; }
    Form &operator=(const Form &other) noexcept;

    /// The value of `name` (its first one where repetition is allowed); absent when not given.
    std::optional<std::string_view> find(std::string_view name) const noexcept;

    /// The same, without a search.
    std::optional<std::string_view> find(KnownParameter name) const noexcept {
        return given_.contains(name) ? std::optional(parameters_[places_[index_of(name)]].value)
                                     : std::nullopt;
    }

    /// Which of the known parameters are given.
    KnownParameters given() const noexcept { return given_; }

    std::span<const Parameter> parameters() const noexcept { return {parameters_.data(), count_}; }

  private:
    class Reader;

    // Not initialized, but for the first `count_`: most forms have few parameters.
    union {
        std::array<Parameter, kMaxParameters> parameters_;
    };
    std::size_t count_ = 0;
    KnownParameters given_;
    // Where in `parameters_` the first of that name is, of those that are given.
    std::array<std::uint8_t, kKnownParameterNames.size()> places_{};
};

}  // namespace ipfence
