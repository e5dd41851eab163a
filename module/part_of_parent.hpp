#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether `r` is what nginx fetches beside an answer for the same request, a slice of it or what
/// its cache is renewed with: it begins behind the gate, in the very place that was decided for
/// whoever it is a part of. Another subrequest there has been through the gate itself.
inline bool is_part_of_parent(const ngx_http_request_t *r) noexcept {
    return r != r->main && r->loc_conf == r->parent->loc_conf &&
           view(r->uri) == view(r->parent->uri) && view(r->args) == view(r->parent->args);
}

}  // namespace ipfence::module
