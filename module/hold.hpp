#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Prepares to look at the provider's answer: to hold it back, or under monitor to read along.
/// False when there is no memory.
bool hold_response(RequestState &state);

/// Puts the gate's header and body filters on top of nginx's chains. They hold what hands out codes
/// or tokens back whole until it is judged (threats.md, decision 5), then release it unchanged or
/// replace it; under monitor they only read along.
void install_response_filters() noexcept;

}  // namespace ipfence::module
