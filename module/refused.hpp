#pragma once

#include <string_view>

#include "engine/decision/reason.hpp"

namespace ipfence::module {

/// A request that is refused without a decision of the engine, or before one.
struct Refused {
    Reason reason;
    std::string_view description;  ///< a literal for the client; empty: the reason's usual words
};

// Of any kind of request.
inline constexpr Refused kInternalError{Reason::internal_error, {}};
inline constexpr Refused kRequestTooLarge{Reason::request_too_large, {}};
inline constexpr Refused kStoreUnavailable{Reason::store_unavailable, {}};

}  // namespace ipfence::module
