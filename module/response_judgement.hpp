#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Notes in `state.response` what the answer's header says, which nginx's own filters may change
/// later.
void note_response_header(RequestState &state);

/// Judges the provider's answer that `state.response` has collected, records the verdict and audits
/// it. Deny means that the answer must not leave; `state.verdict` then says why.
Outcome judge_response(RequestState &state);

}  // namespace ipfence::module
