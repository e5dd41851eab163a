#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <jansson.h>

namespace ipfence {

/// A JSON object that nobody vouches for here: the claims of a JWT whose signature is not checked,
/// or an answer of the provider. Owns the parsed JSON.
class Claims {
  public:
    /// Deeper nesting than any token or answer has.
    static constexpr int kMaxDepth = 32;

    /// Reads one JSON object with unique members, nested no deeper than kMaxDepth, and nothing
    /// else; empty for anything else.
    static std::optional<Claims> parse(std::string_view json);

    /// The claim `name` when it is a string that is not empty, is valid UTF-8 and has no control
    /// byte; valid as long as these claims.
    std::optional<std::string_view> text(const char *name) const noexcept;

    /// The claim `name` when it is an integer (no fraction, no exponent) of 64 bits.
    std::optional<std::int64_t> integer(const char *name) const noexcept;

    /// The strings of the claim `name` when it is a list; those that `text` would not return, and
    /// elements of other types, are left out. Valid as long as these claims.
    std::vector<std::string_view> texts(const char *name) const;

    /// Whether the claim is the JSON value `true`.
    bool is_true(const char *name) const noexcept;

    /// Whether the claim is there at all, of whatever type.
    bool has(const char *name) const noexcept;

    /// Whether another claim's name is `name`, which is made of small letters, to a reader that
    /// ignores case, as Go's and some of .NET's do (`Sub`).
    bool has_variant_of(std::string_view name) const noexcept;

  private:
    explicit Claims(json_t *object) noexcept : object_(object) {}

    struct Release {
        void operator()(json_t *value) const noexcept { json_decref(value); }
    };
    std::unique_ptr<json_t, Release> object_;
};

}  // namespace ipfence
