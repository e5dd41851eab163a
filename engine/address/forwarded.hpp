#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/address/address.hpp"
#include "engine/address/range_table.hpp"

namespace ipfence {

/// How the values of the configured header are read.
enum class ForwardedSyntax : std::uint8_t {
    x_forwarded_for,  ///< a comma-separated list of addresses, each with an optional port
    forwarded,        ///< RFC 7239, section 4: the `for` parameter of each element
    single_value,     ///< one line with one address and nothing else (X-Real-IP and its like)
};

/// The syntax that a header of this name (any case) has: `X-Forwarded-For`, `Forwarded`, or another
/// name, which is a single value.
ForwardedSyntax forwarded_syntax_of(std::string_view header_name) noexcept;

/// The client address that a trusted proxy reports: the right-most one in `lines` (the header's
/// lines in the order received) that is not in `trusted_proxies`. Empty, which is "unknown", when
/// the header is missing, when every hop is a trusted proxy, when anything from the right end up to
/// the answer does not parse, when a single-value header has more than one line, or when the answer
/// is no client's address (unspecified, loopback, multicast, broadcast, class E). There is no
/// fallback to another address (threats.md, decision 4 and C02 to C17).
std::optional<Address> client_from_forwarded(ForwardedSyntax syntax,
                                             std::span<const std::string_view> lines,
                                             const RangeTable &trusted_proxies) noexcept;

}  // namespace ipfence
