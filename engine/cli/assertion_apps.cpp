#include "engine/cli/assertion_apps.hpp"

#include "engine/cli/audit_line.hpp"

namespace ipfence::cli {

namespace {

// semantics.md, step 4: these always enforce.
bool is_by_assertion(Flow flow) noexcept {
    return flow == Flow::jwt_bearer || flow == Flow::saml_bearer;
}

}  // namespace

void AssertionApps::add(const RequestLine &line) {
    if (line.text.empty() && !line.too_long) {
        return;  // what the gate writes behind a line that a full disk has cut
    }
    const Result<AuditLine> audit = parse_audit_line(line);
    if (!audit) {
        ++unreadable_;
        return;
    }
    const DecisionRequest &request = audit->request;
    const App *app = request.app ? policy_.find_app(*request.app) : nullptr;
    if (app != nullptr && app->ip_relaxation != Relaxation::enforce) {
        Seen &seen = seen_[app->client_id.view()];
        ++seen.decisions;
        seen.by_assertion += is_by_assertion(request.flow) ? 1 : 0;
    }
}

std::vector<std::string> AssertionApps::warnings() const {
    std::vector<std::string> warnings;
    for (const auto &[client_id, seen] : seen_) {
        if (seen.by_assertion == seen.decisions) {
            warnings.push_back("apps." + std::string(client_id) +
                               ".ip_relaxation: relaxes nothing, since its users only bring "
                               "assertions, which always enforce (all " +
                               std::to_string(seen.decisions) +
                               " decisions of the audit log): write enforce, which says so");
        }
    }
    if (unreadable_ > 0) {
        warnings.push_back(std::to_string(unreadable_) +
                           " lines of the audit log could not be read: ipfence replay names them");
    }
    return warnings;
}

}  // namespace ipfence::cli
