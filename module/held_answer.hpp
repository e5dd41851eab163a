#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// The filters that a held answer goes through when it leaves.
void send_answers_through(ngx_http_output_header_filter_pt header,
                          ngx_http_output_body_filter_pt body) noexcept;

/// The whole answer is here: judges it, and lets it go or not. With a shared store it leaves when
/// the store has what is to be remembered of it; until then nginx takes the request for one that
/// has more to send. Returns what the body filter must return.
ngx_int_t conclude_answer(RequestState &state);

/// Sends the gate's own answer in place of the provider's, which is refused without being judged.
/// Returns likewise.
ngx_int_t refuse_answer(RequestState &state, Reason reason);

/// The same for one that was denied by its header, and for whoever has no body to wait for: what
/// `state.verdict` says. Returns what a filter must return.
ngx_int_t replace_denied_answer(RequestState &state);

}  // namespace ipfence::module
