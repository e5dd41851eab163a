#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace ipfence {

class JsonReading;

/// A JSON object that nobody vouches for here: the claims of a JWT whose signature is not checked,
/// or an answer of the provider. Owns the parsed JSON.
///
/// Read by simdjson, for every token response passes through here before a client gets it; jansson
/// takes some thirty times as long, and reads what is read once (policies, keys).
class Claims {
  public:
    /// Deeper nesting than any token or answer has.
    static constexpr int kMaxDepth = 32;

    /// Reads one JSON object, and nothing else: its members unique in each object, nested no deeper
    /// than kMaxDepth, without NUL, lone surrogates or integers beyond 64 bits. Empty for anything
    /// else. Throws std::bad_alloc.
    static std::optional<Claims> parse(std::string_view json);

    /// The same of a JSON object in base64url (base64.hpp), as a part of a JWT is.
    static std::optional<Claims> parse_base64url(std::string_view encoded);

    Claims(Claims &&) noexcept;
    Claims &operator=(Claims &&) noexcept;
    ~Claims();

    /// The claim `name` when it is a string that is not empty, is valid UTF-8 and has no control
    /// byte; valid as long as these claims.
    std::optional<std::string_view> text(std::string_view name) const noexcept;

    /// The claim `name` when it is an integer (no fraction, no exponent) of 64 bits.
    std::optional<std::int64_t> integer(std::string_view name) const noexcept;

    /// The latest time that `time` knows: 34,000 years from now, and exact in a double.
    static constexpr std::int64_t kLatestTime = std::int64_t{1} << 40;

    /// What becomes of a part of a second.
    enum class Rounding { down, up };

    /// The claim `name` when it is a NumericDate (RFC 7519, section 2: a number, which may have a
    /// fraction) from 1970 to kLatestTime, in whole seconds.
    std::optional<std::int64_t> time(std::string_view name, Rounding rounding) const noexcept;

    /// The strings of the claim `name` when it is a list; those that `text` would not return, and
    /// elements of other types, are left out. Valid as long as these claims.
    std::vector<std::string_view> texts(std::string_view name) const;

    /// Whether the claim is the JSON value `true`.
    bool is_true(std::string_view name) const noexcept;

    /// Whether the claim is there at all, of whatever type.
    bool has(std::string_view name) const noexcept;

    /// Whether the claim is there, and neither a text that `text` returns, nor empty, nor `null`.
    bool is_unreadable(std::string_view name) const noexcept;

    /// Whether another claim's name is `name`, which is made of small letters, to a reader that
    /// ignores case, as Go's and some of .NET's do (`Sub`).
    bool has_variant_of(std::string_view name) const noexcept;

    /// Whether such a reader may find another issuer or subject in these claims.
    bool names_party_in_variants() const noexcept {
        return has_variant_of("iss") || has_variant_of("sub");
    }

  private:
    struct End {
        void operator()(JsonReading *reading) const noexcept;
    };
    using Reading = std::unique_ptr<JsonReading, End>;

    explicit Claims(Reading reading) noexcept;

    Reading reading_;
};

}  // namespace ipfence
