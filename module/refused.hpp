#pragma once

#include <string_view>

#include "engine/decision/reason.hpp"

namespace ipfence::module {

/// A request that is refused without a decision of the engine, or before one.
struct Refused {
    Reason reason;
    std::string_view description;  ///< a literal for the client; empty: the reason's usual words
};

}  // namespace ipfence::module
