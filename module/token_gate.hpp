#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// What the gate does with a request of kind `token`, step by step: headers, body, facts,
/// judgement. Called again when the body has arrived. Returns what the phase handler must return.
ngx_int_t gate_token_request(RequestState &state);

}  // namespace ipfence::module
