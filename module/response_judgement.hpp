#pragma once

#include "engine/credential/issued_tokens.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// Notes in `state.response` what the answer's header says, which nginx's own filters may change
/// later.
void note_response_header(RequestState &state);

/// Which claims of tokens the policy asks for.
IdentityClaims identity_claims_of(const Organization &organization) noexcept;

/// Records that an answer cannot be judged, and logs what is wrong with it.
Outcome record_unreadable(RequestState &state, std::string_view problem);

/// Records a judgement whose user was read out of the answer: its name is kept for the audit log
/// and the variables.
Outcome record_kept(RequestState &state, Judgement judgement);

/// Judges the provider's answer that `state.response` has collected, records the verdict and audits
/// it. Deny means that the answer must not leave; `state.verdict` then says why.
Outcome judge_response(RequestState &state);

/// Revokes what an answer that was allowed issues, since it cannot be let go.
void revoke_answer(RequestState &state);

}  // namespace ipfence::module
