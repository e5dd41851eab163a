#pragma once

#include <string_view>

namespace ipfence {

/// A request that the gate does not forward, because it is malformed or because it and the
/// provider could read it differently. `description` is a literal that repeats nothing of the
/// request, fit for an `error_description` (RFC 6749, section 5.2: printable ASCII without `"`
/// and `\`).
struct Refusal {
    std::string_view description;
};

}  // namespace ipfence
