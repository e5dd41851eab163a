#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Says in the error log, once a minute and worker at most, how many requests were not denied since
/// `ipfence_mode` is `monitor`, and how many the candidate decides otherwise: neither shall be left
/// on in production because nobody remembers it (N10).
void remind_of_what_is_not_enforced(const RequestState &state) noexcept;

}  // namespace ipfence::module
