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

/// Denies an answer by its header, for what `state.verdict` says: nginx, which gets the status,
/// ends it at once, however long it would go on. The page of the operator's for that status leaves
/// then, or nginx's own, which is replaced by the gate's answer. Returns what the header filter
/// must return.
ngx_int_t deny_by_header(RequestState &state);

}  // namespace ipfence::module
