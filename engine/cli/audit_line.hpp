#pragma once

#include <string_view>

#include "engine/cli/request_lines.hpp"
#include "engine/decision/decision.hpp"
#include "engine/json.hpp"
#include "engine/result.hpp"

namespace ipfence::cli {

/// A line of the audit log that tells of a decision. The views point into `document`.
struct AuditLine {
    OwnedJson document;
    DecisionRequest request;
    Outcome outcome = Outcome::deny;
    Reason reason = Reason::internal_error;
    std::string_view time;
    std::string_view request_id;
};

/// Reads a line. Members that it does not know are none of its business; one that it needs and that
/// is missing or of the wrong type is an error, which says which.
Result<AuditLine> parse_audit_line(std::string_view line);

/// Reads a line as it was cut from a log; that it is too long is an error, too.
inline Result<AuditLine> parse_audit_line(const RequestLine &line) {
    return line.too_long ? Result<AuditLine>(Error{"is too long"}) : parse_audit_line(line.text);
}

/// Whether a decision gave this reason, and not the gate before or instead of one.
constexpr bool is_of_a_decision(Reason reason) noexcept {
    return reason <= Reason::address_unknown;
}

}  // namespace ipfence::cli
