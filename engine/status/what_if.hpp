#pragma once

#include <string>
#include <string_view>

#include "engine/policy/policy.hpp"

namespace ipfence {

/// What a policy would decide of an invented request, for the page of `ipfence_status`.
struct WhatIf {
    bool is_answer = false;  ///< false: `json` has an `error`, which says what is wrong
    std::string json;
};

/// Reads the request from a query: `operation`, and where they are known `ip`, `user`, `app`,
/// `flow`, `refreshed` and `device_activated` (`1`); an empty value is as good as none. The answer
/// has the decision and each step that led to it. `origins` may be null.
WhatIf what_if(const Policy &policy, std::string_view query, const OriginSource *origins);

}  // namespace ipfence
