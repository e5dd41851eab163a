#pragma once

#include "module/nginx.hpp"

namespace ipfence::module {

/// Whether the provider broke its answer off, which ends with `in`. nginx ends such a one with a
/// flush and no last buffer, after it has finalized the upstream; one whose answer it has left for
/// another place it had finalized before, and of one in slices there is no last buffer either. What
/// it has in a file, and reads in a thread, comes after that, too, but in buffers that are not
/// empty.
bool upstream_broke_off(const ngx_http_request_t *r, const ngx_chain_t *in) noexcept;

/// Waits for no more of the provider's answer: from the body filter, has nginx end it as one that
/// broke off, also for its cache. nginx closes the connection and calls the body filter once more,
/// where the request may be ended in any way. Of an answer that comes from elsewhere, as from the
/// cache or a file, the end is at hand.
void break_off_upstream(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
