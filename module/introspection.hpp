#pragma once

#include <optional>

#include "engine/credential/claims.hpp"
#include "engine/memory/instant.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// How long an introspection is believed at most: the token may be revoked where the gate does not
/// see it.
inline constexpr Seconds kIntrospectionLifetime = 300;

/// What the provider's introspection endpoint answered.
struct Introspected {
    std::optional<Claims> claims;  ///< empty: it gave no answer that can be read
    bool is_active = false;
};

/// Asks the provider about the presented token, by a subrequest to `ipfence_introspection`; the
/// phases run again when it has answered. False when the subrequest cannot be made (logged).
bool ask_provider(RequestState &state);

/// Takes up the answer; called once for each question.
void take_introspection(RequestState &state, const Introspected &introspected);

}  // namespace ipfence::module
