#pragma once

#include <optional>

#include "module/nginx.hpp"
#include "module/refused.hpp"

namespace ipfence::module {

/// What the provider could take for another request than the one that is judged, whatever kind it
/// is: a header with which frameworks replace the method or the path (threats.md A18, A20), a
/// target in absolute form that names another host than `Host` (A14), and TLS early data, which
/// anybody who saw it may have sent once more (Q05; RFC 8470, section 5.2). A fragment is
/// `has_fragment`'s. Where verdicts are carried out, what the client says of another path or method
/// as proxies do (`X-Forwarded-Uri`, `X-Original-Method`) is kept from the provider (A18).
std::optional<Refused> refuse_other_readings(ngx_http_request_t *r, bool is_enforced);

/// Whether the target has a fragment. nginx cuts it off, and forwards it as well: to Go and others
/// it is a part of the query, and may have parameters (`?#&access_token=`). RFC 9112, section 3.2,
/// has none.
bool has_fragment(const ngx_http_request_t *r) noexcept;

/// What is wrong where it has one.
inline constexpr Refused kFragment{Reason::ambiguous_request, "the request target has a fragment"};

}  // namespace ipfence::module
