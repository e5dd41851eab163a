#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/byte_block.hpp"
#include "engine/credential/known_parameter.hpp"
#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// The parameters of an application/x-www-form-urlencoded body (RFC 6749, appendix B), each with
/// exactly one reading. Values are decoded when they are asked for. Views point into the storage
/// that `parse` was given.
class Form {
  public:
    struct Parameter {
        std::string_view name;
        std::string_view value;
    };

    /// More parameters than any grant has; a body with more is refused.
    static constexpr std::size_t kMaxParameters = 64;

    /// Reads a copy of `body` in `storage`, which must be of at least `storage_size(body.size())`
    /// bytes and outlive the form. Refused, because two form parsers may disagree: a name given
    /// twice (but for `resource` and `audience`, RFC 8707 and 8693), a name outside [A-Za-z0-9_.-]
    /// or with a dot at an end, a name that a lenient parser folds onto a known one (`Client_Id`,
    /// `client.id`), a parameter without a name, a raw `;`, a raw byte that is not printable ASCII,
    /// bad percent-encoding, a decoded NUL or control byte, and `_method`, with which frameworks
    /// replace the method. An empty body has no parameters. Allocates nothing.
    static Result<Form, Refusal> parse(std::string_view body, std::span<char> storage) noexcept;

    /// Bytes of storage that `parse` needs: more than the body has, as many are looked at together.
    static constexpr std::size_t storage_size(std::size_t body) noexcept {
        return body + sizeof(ByteBlock);
    }

    Form() noexcept {}
    /// A value is decoded in its place in the storage, once: of two copies only one would know.
    Form(Form &&other) noexcept { *this = std::move(other); }
    Form &operator=(Form &&other) noexcept;

    /// The value of `name` (its first one where repetition is allowed); absent when not given.
    std::optional<std::string_view> find(std::string_view name) const noexcept;

    /// The same, without a search.
    std::optional<std::string_view> find(KnownParameter name) const noexcept {
        return given_.contains(name) ? std::optional(value_at(places_[index_of(name)]))
                                     : std::nullopt;
    }

    /// Which of the known parameters are given.
    KnownParameters given() const noexcept { return given_; }

    /// Those of them whose value has an escape in the body; that of the others is printable ASCII.
    KnownParameters escaped() const noexcept { return escaped_; }

    /// All of them, decoded.
    std::span<const Parameter> parameters() const noexcept;

  private:
    class Reader;

    std::string_view value_at(std::size_t place) const noexcept {
        if ((encoded_ >> place & 1) != 0) {
            decode_value(place);
        }
        return parameters_[place].value;
    }

    std::optional<std::size_t> place_of(std::string_view name) const noexcept;

    // Decodes a text in the storage, where it is.
    std::string_view decode(std::string_view text) const noexcept;
    void decode_value(std::size_t place) const noexcept;

    // Not initialized, but for the first `count_`: most forms have few parameters.
    union {
        mutable std::array<Parameter, kMaxParameters> parameters_;
    };
    std::size_t count_ = 0;
    mutable std::uint64_t encoded_ = 0;  ///< bits: of which the value is not decoded yet
    static_assert(kMaxParameters <= 64);
    KnownParameters given_;
    KnownParameters escaped_;
    // Where in `parameters_` the first of that name is, of those that are given.
    std::array<std::uint8_t, kKnownParameterNames.size()> places_{};
    char *text_ = nullptr;
};

}  // namespace ipfence
