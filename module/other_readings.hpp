#pragma once

#include <optional>

#include "module/nginx.hpp"
#include "module/refused.hpp"

namespace ipfence::module {

/// Sees to it that the provider cannot take the request, whatever kind it is, for another one than
/// is judged. Refuses a header with which frameworks replace the method or the path (threats.md
/// A18, A20), a target in absolute form that names another host than `Host` (A14), and TLS early
/// data, which anybody who saw it may have sent once more (Q05; RFC 8470, section 5.2). Where
/// verdicts are carried out, withholds what the client says of another path or method as proxies do
/// (`X-Forwarded-Uri`, `X-Original-Method`; A18). A fragment is `has_fragment`'s.
std::optional<Refused> ensure_one_reading(ngx_http_request_t *r, bool is_enforced);

/// Whether the target has a fragment. nginx cuts it off, and forwards it as well: to Go and others
/// it is a part of the query, and may have parameters (`?#&access_token=`). RFC 9112, section 3.2,
/// has none.
bool has_fragment(const ngx_http_request_t *r) noexcept;

/// What is wrong where it has one.
inline constexpr Refused kFragment{Reason::ambiguous_request, "the request target has a fragment"};

}  // namespace ipfence::module
