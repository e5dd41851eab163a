#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Keeps what `in` brings of an answer's body in its HeldResponse, in the request's pool, up to the
/// location's limit; says whether that was the last of it. What is too large, or cannot be kept, is
/// marked as such.
bool collect(RequestState &state, ngx_chain_t *in);

/// Marks all of `in` as read: the buffers belong to whoever sent them, who takes them again then.
void consume(ngx_chain_t *in) noexcept;

}  // namespace ipfence::module
