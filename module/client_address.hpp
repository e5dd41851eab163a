#pragma once

#include <optional>

#include "engine/address/address.hpp"
#include "module/nginx.hpp"

namespace ipfence::module {

/// The address that decisions about this request use: `ipfence_client_address` where it is set;
/// else what a trusted proxy reports; else the connection's. Empty, which is "unknown", whenever
/// the source that applies does not yield exactly one address: there is no fallback from one to the
/// next.
std::optional<Address> client_address_of(ngx_http_request_t *r);

}  // namespace ipfence::module
