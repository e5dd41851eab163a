#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Records the verdict on an answer that will not be whole: its client has left, the provider broke
/// it off, or nginx has put another one in its place. To be called while `awaits_verdict`.
void record_end_of_answer(RequestState &state);

/// The LOG handler, which runs before nginx's access log: where a request ended before the answer
/// that was to be judged was whole, says so in the audit log. No decision goes unrecorded (I12).
ngx_int_t end_of_request_handler(ngx_http_request_t *r) noexcept;

}  // namespace ipfence::module
