#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// What the gate does with a request of a kind that is only learned from: `verification`,
/// `revocation`, `logout`. Called again when a form body has arrived. Returns what the phase
/// handler must return.
ngx_int_t gate_observed_request(RequestState &state);

/// Remembers a session that the answer gives out in the place of one that the request has, as many
/// a provider does once the user was verified or has changed a password, and some with every
/// answer.
void learn_replaced_sessions(const RequestState &state);

/// Learns from the header of the provider's answer, before it is passed on; also where a request
/// inside a session may have got another one.
void learn_from_header(RequestState &state);

}  // namespace ipfence::module
