#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Records the verdict on an answer that will not be whole: its client has left, the provider broke
/// it off, or nginx has put another one in its place. To be called while `awaits_verdict`.
void record_end_of_answer(RequestState &state);

/// From here on, a request that ends before the answer that was to be judged is whole says so in
/// the audit log, and before nginx writes its access log: no decision goes unrecorded (I12). May be
/// called any number of times. Throws std::bad_alloc.
void watch_end_of_request(RequestState &state);

}  // namespace ipfence::module
