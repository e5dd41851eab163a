#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Wraps the peer selection of every upstream that has `ipfence_guard`, whatever balancer or
/// keepalive it uses and in whatever order they are written. Runs after nginx has initialized the
/// upstreams.
void install_upstream_guards(ngx_conf_t *cf) noexcept;

}  // namespace ipfence::module
