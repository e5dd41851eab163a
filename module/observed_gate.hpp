#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// What the gate does with a request of a kind that is only learned from: `verification`,
/// `revocation`, `logout`. Called again when a form body has arrived. Returns what the phase
/// handler must return.
ngx_int_t gate_observed_request(RequestState &state);

}  // namespace ipfence::module
