#pragma once

#include <span>
#include <string_view>

#include "engine/credential/refusal.hpp"
#include "engine/result.hpp"

namespace ipfence {

/// The client of an HTTP Basic `Authorization` header. Views point into the storage given to
/// `parse_basic`. The password is not kept.
struct BasicClient {
    std::string_view client_id;      ///< form-decoded, as RFC 6749 section 2.3.1 has it
    std::string_view raw_client_id;  ///< as it stands between the base64 and the colon
};

/// Reads the value of an `Authorization` header whose scheme is Basic (RFC 7617). `storage` must be
/// at least twice as large as `authorization`. Refused: another scheme, base64 that is not
/// canonical (it must encode back to the same text), no colon, a control byte (RFC 7617, section
/// 2), an empty or non-UTF-8 client_id, bad percent-encoding in it. Allocates nothing.
Result<BasicClient, Refusal> parse_basic(std::string_view authorization,
                                         std::span<char> storage) noexcept;

}  // namespace ipfence
