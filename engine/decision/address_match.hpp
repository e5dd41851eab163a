#pragma once

#include "engine/decision/decision.hpp"

namespace ipfence {

/// What of a list an address is inside of: a range, or else a country or an autonomous system.
struct AddressMatch {
    RangeMatch range{};
    AddressOrigin origin{};

    explicit operator bool() const noexcept {
        return range || origin.country.has_value() || origin.as_number.has_value();
    }
};

/// What of a list the request's address, which must be known, is inside of; `range` is what its
/// ranges say. Where the address is, is asked for only where no range contains it and the list
/// names countries or autonomous systems.
inline AddressMatch match_address(const DecisionRequest &request, RangeMatch range,
                                  const OriginSet &origins) noexcept {
    if (range || origins.empty() || request.origins == nullptr) {
        return {range};
    }
    return {{}, origins.find(request.origins->origin_of(*request.client_address))};
}

}  // namespace ipfence
