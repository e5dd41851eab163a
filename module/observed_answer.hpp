#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Learns from the header of the provider's answer, before it is passed on; also where a request
/// inside a session may have got another one.
void learn_from_header(RequestState &state);

}  // namespace ipfence::module
