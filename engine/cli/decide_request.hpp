#pragma once

#include <string_view>

#include "engine/decision/decision.hpp"
#include "engine/json.hpp"
#include "engine/result.hpp"

namespace ipfence::cli {

/// A request of `ipfence decide`. The views in `request` point into `document`.
struct DecideRequest {
    OwnedJson document;
    DecisionRequest request;
};

/// Reads one line of input (interface.md, "`decide` request"). Strict: a key that is unknown or
/// given twice, a value of the wrong type or not of the set is an error, for a request that is half
/// understood must not be answered. A null is as good as a key left out.
Result<DecideRequest> parse_decide_request(std::string_view line);

/// The flow of a request that does not name one.
Flow default_flow(const std::optional<std::string_view> &app) noexcept;

}  // namespace ipfence::cli
