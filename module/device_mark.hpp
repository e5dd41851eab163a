#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Marks the browser's device as activated, by a signed cookie in the answer, where
/// `ipfence_verified` says that the user completed identity verification.
void mark_device(RequestState &state);

}  // namespace ipfence::module
