#pragma once

#include <optional>
#include <string>

#include "engine/decision/decision.hpp"

namespace ipfence {

/// What of a list an address is inside of: a range, or else a country or an autonomous system.
struct AddressMatch {
    std::optional<AddressRange> range{};
    AddressOrigin origin{};
};

/// Looks the request's address, which must be known, up in a list. Where it is, is asked for only
/// where no range contains it and the list names countries or autonomous systems.
inline std::optional<AddressMatch> match_address(const DecisionRequest &request,
                                                 const RangeSet &ranges,
                                                 const OriginSet &origins) noexcept {
    if (const auto range = ranges.find(*request.client_address)) {
        return AddressMatch{range};
    }
    if (origins.empty() || request.origins == nullptr) {
        return std::nullopt;
    }
    const AddressOrigin found = origins.find(request.origins->origin_of(*request.client_address));
    return found.country || found.as_number ? std::optional(AddressMatch{std::nullopt, found})
                                            : std::nullopt;
}

}  // namespace ipfence
