#pragma once

#include <optional>

#include "module/nginx.hpp"
#include "module/refused.hpp"

namespace ipfence::module {

/// What the provider could take for another request than the one that is judged, whatever kind it
/// is: a header with which frameworks replace the method or the path (threats.md A18, A20), a
/// target in absolute form that names another host than `Host` (A14), and TLS early data, which
/// anybody who saw it may have sent once more (Q05; RFC 8470, section 5.2).
std::optional<Refused> refuse_other_readings(ngx_http_request_t *r);

}  // namespace ipfence::module
