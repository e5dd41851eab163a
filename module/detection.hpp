#pragma once

#include <optional>

#include "module/refused.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

/// What the parameters of a request make of it (`ipfence_detect`).
struct DetectedKind {
    bool is_pending = false;  ///< its body is being read: return `rc` from the phase handler
    ngx_int_t rc = NGX_OK;
    std::optional<Refused> refused;
    /// With what its path says of it: the stricter of the two.
    ngx_http_ipfence_kind_e kind = NGX_HTTP_IPFENCE_OFF;
};

/// Whether `ipfence_detect` applies to this location.
inline bool detects(const ngx_http_ipfence_loc_conf_t &conf) noexcept {
    return conf.detections != nullptr;
}

/// Looks for the parameters that the location's `ipfence_detect` name, in the query and in the
/// body where that is a form. Refused: a parameter that not all parsers would find; a body of which
/// one might make a form (multipart, or without a type); a request that is of two kinds of which
/// neither implies what the other asks.
DetectedKind detect_by_parameters(RequestState &state, ngx_http_ipfence_kind_e of_path);

/// The same where there is such a directive; where there is none, the kind is that of the path.
inline DetectedKind detect_kind(RequestState &state, ngx_http_ipfence_kind_e of_path) {
    return detects(*location_configuration(state.request))
               ? detect_by_parameters(state, of_path)
               : DetectedKind{.refused = std::nullopt, .kind = of_path};
}

}  // namespace ipfence::module
