#pragma once

#include <optional>

#include "module/recall.hpp"
#include "module/refused.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Lets the request go on to its content: records the verdict, stamps the request, writes the audit
/// line. Returns what the phase handler must return.
ngx_int_t allow(RequestState &state, Reason reason, const std::optional<Judgement> &judgement);

/// Lets the request go on undecided: the provider's answer will be. Returns what the phase handler
/// must return.
ngx_int_t forward_undecided(RequestState &state);

/// Denies what the engine denied: records, audits, answers the client. In monitor mode the request
/// goes on. Returns what the phase handler must return.
ngx_int_t deny(RequestState &state, const Judgement &judgement);

/// The same for what is refused without a decision.
ngx_int_t refuse(RequestState &state, const Refused &refused,
                 const std::optional<Judgement> &judgement = std::nullopt);

/// What the phase handler must return where what a verdict needs is not known: it waits for the
/// store, or the request is refused. Empty where all is known that can be.
inline std::optional<ngx_int_t> wait_or_refuse(RequestState &state, Recall how) {
    if (how == Recall::settled) [[likely]] {
        return std::nullopt;
    }
    return how == Recall::pending ? NGX_AGAIN : refuse(state, kStoreUnavailable);
}

/// Records and audits a verdict on the provider's answer. Returns `outcome`.
Outcome record_response_verdict(RequestState &state, Outcome outcome, Reason reason,
                                const std::optional<Judgement> &judgement = std::nullopt);

/// Counts and audits a verdict that `state.withholds_verdict` kept back, and withholds none any
/// more.
void publish_verdict(RequestState &state);

}  // namespace ipfence::module
