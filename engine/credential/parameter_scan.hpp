#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/credential/refusal.hpp"

namespace ipfence {

/// Looks for a few parameters in a query, fragment or form whose others may look as they like.
/// Each wanted parameter is found at most once, under exactly its name; what a lenient parser could
/// take for it as well makes the whole ambiguous.
class ParameterScan {
  public:
    static constexpr std::size_t kMaxWanted = 8;

    /// `wanted` are names of letters, digits and `_-.`, at most kMaxWanted of them, which outlive
    /// the scan.
    explicit constexpr ParameterScan(std::span<const std::string_view> wanted) noexcept
        : wanted_(wanted) {
        for (const std::string_view name : wanted) {
            shortest_ = std::min(shortest_, name.size());
        }
    }

    /// Reads `text` (without `?` or `#`), decoding what is wanted into `storage`, which must be at
    /// least as large. May be called again for another text: the two then must not both have a
    /// wanted parameter. Says what is wrong, if anything: a wanted name given twice, in a variant
    /// spelling (`Code`, `code[]`, `[code]`, `co.de`, after decoding), with bad percent-encoding,
    /// or after a `;`, at which some parsers begin a parameter; a wanted value with a control
    /// byte.
    std::optional<Refusal> read(std::string_view text, std::span<char> &storage) noexcept {
        return read_pieces(text, ";", storage);
    }

    /// Reads query and fragment of the address that a redirect goes to, in the same way. Also what
    /// follows a path in the fragment, by which applications in a browser find their pages
    /// (`#/callback?code=`), is read; a wanted name after a `?` or `#` further on is refused.
    std::optional<Refusal> read_location(std::string_view location,
                                         std::span<char> storage) noexcept;

    /// The decoded value of the n-th wanted parameter; empty optional when it was not there.
    std::optional<std::string_view> value(std::size_t index) const noexcept {
        return values_[index];
    }

  private:
    std::optional<Refusal> read_pieces(std::string_view text, std::string_view beginnings,
                                       std::span<char> &storage) noexcept;
    std::optional<Refusal> read_piece(std::string_view piece, std::span<char> &storage) noexcept;
    bool hides_parameter(std::string_view piece, std::string_view beginnings,
                         std::span<char> storage) const noexcept;
    bool reads_as_wanted(std::string_view raw_name, std::span<char> storage) const noexcept;
    bool may_be_wanted(std::string_view name) const noexcept;
    std::optional<std::size_t> index_of(std::string_view name) const noexcept;

    std::span<const std::string_view> wanted_;
    std::size_t shortest_ = std::string_view::npos;  ///< of their sizes: no shorter name matters
    std::array<std::optional<std::string_view>, kMaxWanted> values_{};
};

}  // namespace ipfence
