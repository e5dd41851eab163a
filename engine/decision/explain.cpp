#include "engine/decision/explain.hpp"

#include <iterator>
#include <optional>

#include "engine/decision/finding_text.hpp"
#include "engine/decision/steps.hpp"

namespace ipfence {

namespace {

struct WrittenTrace {
    std::vector<Finding> findings;
    void found(Finding finding) { findings.push_back(finding); }
};

constexpr std::string_view kQuestions[] = {
    "Is this moment checked at all?",
    "Whose ranges?",
    "Are there restrictions?",
    "Does the app relax them?",
    "Is it a sensitive operation that is blocked?",
    "Is it relaxed?",
    "Is the address inside the profile's login IP ranges?",
};

// The table of semantics.md, a row a relaxation.
struct Meaning {
    std::string_view without_continuous_enforcement;
    std::string_view with_continuous_enforcement;
};
constexpr Meaning kMeanings[] = {
    {"The profile's ranges hold at login and refresh.",
     "The profile's ranges hold on every request."},
    {"The profile's ranges hold at login, not at refresh.",
     "The profile's ranges hold at login, not at refresh; sensitive operations are blocked."},
    {"The profile's ranges are bypassed when (a) the app has an allow list, the flow is web "
     "server, and the request comes from the list, and only from it; or (b) the app has none, the "
     "flow is web server or user-agent, and identity was verified on this device.",
     "The profile's ranges are bypassed when (a) the app has an allow list, the flow is web "
     "server, and the request comes from the list, and only from it; or (b) the app has none, the "
     "flow is web server or user-agent, and identity was verified on this device. Sensitive "
     "operations are blocked."},
    {"The user is never restricted.",
     "The user is never restricted; sensitive operations are blocked."},
};
static_assert(std::size(kMeanings) == kRelaxationNames.size());

std::string_view meaning_of(Relaxation relaxation, bool continuous_ip_enforcement) {
    const Meaning &meaning = kMeanings[static_cast<std::size_t>(relaxation)];
    return continuous_ip_enforcement ? meaning.with_continuous_enforcement
                                     : meaning.without_continuous_enforcement;
}

std::string_view note_on(Finding why_app_has_no_say) {
    switch (why_app_has_no_say) {
        case Finding::no_app:
            return "There is no app, so nothing relaxes the ranges.";
        case Finding::app_unlisted:
            return "An app that the policy does not list relaxes nothing.";
        case Finding::app_without_oauth:
            return "SAML-enabled apps are not affected unless they are also OAuth-enabled.";
        default:
            return "The SAML bearer assertion and JWT bearer flows always enforce the ranges.";
    }
}

// The table's word on sensitive operations is that of block_relaxed_apps, and for activated devices
// more than step 5 says.
std::optional<std::string_view> note_on_sensitive_operations(const Organization &organization,
                                                             const DecisionRequest &request,
                                                             Relaxation relaxation) {
    if (!organization.continuous_ip_enforcement) {
        return std::nullopt;
    }
    switch (organization.sensitive_operations) {
        case SensitiveOperations::block_relaxed_sessions:
            return "The policy's block_relaxed_sessions blocks sensitive operations only where the "
                   "session is relaxed.";
        case SensitiveOperations::outside_ranges:
            return "The policy's outside_ranges never blocks sensitive operations as such.";
        case SensitiveOperations::block_relaxed_apps:
            break;
    }
    if (relaxation == Relaxation::relax_for_activated_devices && is_sensitive(request.operation) &&
        request.flow != Flow::unknown) {
        return "Of this relaxation, sensitive operations are blocked where it relaxes the session.";
    }
    return std::nullopt;
}

// Step 5 is taken only under continuous enforcement, and for a user who is restricted.
std::string_view note_on_unknown_flow(const Organization &organization, Reason reason) {
    return organization.continuous_ip_enforcement && reason != Reason::no_login_ip_ranges &&
                   organization.sensitive_operations == SensitiveOperations::block_relaxed_apps
               ? "The flow is unknown, so nothing is relaxed, and sensitive operations stay "
                 "blocked."
               : "The flow is unknown, so nothing is relaxed.";
}

TableRow row_of(const Policy &policy, const DecisionRequest &request, const Decision &decision) {
    TableRow row{};
    row.continuous_ip_enforcement = policy.organization().continuous_ip_enforcement;
    if (const auto finding = why_app_has_no_say(request, decision.app)) {
        row.relaxation = Relaxation::enforce;
        row.notes.push_back(note_on(*finding));
    } else {
        row.relaxation = decision.app->ip_relaxation;
        if (request.flow == Flow::unknown && row.relaxation != Relaxation::enforce) {
            row.notes.push_back(note_on_unknown_flow(policy.organization(), decision.reason));
        }
        const auto note =
            note_on_sensitive_operations(policy.organization(), request, row.relaxation);
        if (note && row.relaxation != Relaxation::enforce) {
            row.notes.push_back(*note);
        }
    }
    if (decision.reason == Reason::no_login_ip_ranges) {
        row.notes.emplace_back(
            "Restrictions are enforced only when they are configured on the user's profile.");
    }
    row.meaning = meaning_of(row.relaxation, row.continuous_ip_enforcement);
    return row;
}

}  // namespace

Explanation explain(const Policy &policy, const DecisionRequest &request) {
    WrittenTrace trace;
    Explanation explanation{};
    const LookedUp looked_up = look_up(policy, request);
    Steps(policy, request, looked_up, trace, explanation.decision).take();
    for (const Finding finding : trace.findings) {
        const unsigned step = step_of(finding);
        explanation.steps.push_back(
            {step, kQuestions[step - 1], finding_text(finding, request, explanation.decision)});
    }
    explanation.row = row_of(policy, request, explanation.decision);
    return explanation;
}

}  // namespace ipfence
