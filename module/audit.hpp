#pragma once

#include "module/request_state.hpp"

namespace ipfence::module {

/// Writes the audit line of the verdict in `state`, one JSON object, to where `ipfence_audit` says,
/// in a location that it is written in (`is_audited`). A line that cannot be written is reported in
/// the error log, at most once a minute.
void write_audit_line(const RequestState &state);

}  // namespace ipfence::module
