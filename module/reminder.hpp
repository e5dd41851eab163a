#pragma once

#include "module/candidate.hpp"

namespace ipfence::module {

/// Says in the error log, once a minute and worker at most, how many requests were not denied since
/// `ipfence_mode` is `monitor`, and how many the candidate decides otherwise: neither shall be left
/// on in production because nobody remembers it (N10).
void say_what_is_not_enforced(const RequestState &state) noexcept;

/// The same, where there may be something to say.
inline void remind_of_what_is_not_enforced(const RequestState &state) noexcept {
    const Verdict &verdict = *state.verdict;
    if ((verdict.outcome == Outcome::deny && !verdict.enforced) || is_flip(verdict)) {
        say_what_is_not_enforced(state);
    }
}

}  // namespace ipfence::module
