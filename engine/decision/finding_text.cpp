#include "engine/decision/finding_text.hpp"

#include "engine/decision/address_match.hpp"

namespace ipfence {

namespace {

// Writes the sentences of one decision, a member function a step.
class Sentences {
  public:
    Sentences(const DecisionRequest &request, const Decision &decision)
        : request_(request),
          decision_(decision),
          operation_(name_of(request.operation)),
          flow_(name_of(request.flow)),
          address_(request.client_address ? request.client_address->text() : "unknown") {}

    std::string step_1(Finding finding) const {
        switch (finding) {
            case Finding::operation_always_checked:
                return "Yes: " + operation_ + " always is.";
            case Finding::continuous_enforcement_on:
                return "Yes: continuous IP enforcement is on.";
            default:
                return "No: the operation is " + operation_ +
                       ", neither login nor refresh, and continuous IP enforcement is off.";
        }
    }

    std::string step_2(Finding finding) const {
        switch (finding) {
            case Finding::user_unidentified:
                return "Nobody's: the user is not identified.";
            case Finding::app_without_run_as:
                return "Nobody's: client_credentials has no user of its own, and the policy lists "
                       "no run_as for the app.";
            case Finding::user_listed:
                return "The user's: the policy lists profile " + profile() + ".";
            case Finding::profile_claimed:
                return "The user's: the policy does not list the user, and the token names "
                       "profile " +
                       profile() + ".";
            case Finding::claimed_profile_missing:
                return "Nobody's: the policy does not list the user, and has no profile " +
                       quoted(request_.claimed_profile.value_or("")) + ", which the token names.";
            default:
                return "The default's: the policy does not list the user, and default_profile is " +
                       profile() + ".";
        }
    }

    std::string step_3(Finding finding) const {
        switch (finding) {
            case Finding::profile_restricted:
                return "Yes: profile " + profile() + " has login IP ranges.";
            case Finding::profile_unrestricted:
                return "No: profile " + profile() + " is unrestricted.";
            default:
                return "No: default_profile is null, so users that the policy does not list are "
                       "not restricted.";
        }
    }

    std::string step_4(Finding finding) const {
        switch (finding) {
            case Finding::no_app:
                return "No: there is no app.";
            case Finding::app_unlisted:
                return "No: the policy does not list the app, and has no default_app.";
            case Finding::app_without_oauth:
                return "No: the app's protocols lack oauth.";
            case Finding::flow_always_enforces:
                return "No: the flow " + flow_ + " always enforces them, whatever the app says.";
            case Finding::flow_unknown:
                return "No: " + app_is_set() +
                       ", but the flow is unknown, and may have been one that always enforces.";
            case Finding::session_not_refreshed:
                return "No: " + app_is_set() + ", and the operation is " + operation_ +
                       (request_.operation == Operation::login ? "."
                                                               : ", in a session that was not "
                                                                 "refreshed.");
            case Finding::session_refreshed:
                return "Yes: " + app_is_set() + ", and " +
                       (request_.operation == Operation::refresh ? "this is a refresh."
                                                                 : "the session was refreshed.");
            case Finding::device_not_for_flow:
                return "No: an activated device counts for the flows web_server and user_agent, "
                       "not for " +
                       flow_ + ".";
            case Finding::device_not_activated:
                return "No: " + app_is_set() + ", and this device is not activated.";
            case Finding::device_activated:
                return "Yes: " + app_is_set() + ", and this device is activated.";
            case Finding::app_enforces:
                return "No: " + app_is_set() + ".";
            case Finding::app_relaxes:
                return "Yes: " + app_is_set() + ".";
            default:
                return step_4_trusted_ranges(finding);
        }
    }

    std::string step_5(Finding finding) const {
        switch (finding) {
            case Finding::operation_not_sensitive:
                return "No: " + operation_ + " is no sensitive operation.";
            case Finding::relaxed_app_blocked:
                return "Yes: " + operation_ + " is sensitive, block_relaxed_apps is set, and " +
                       app_is_set() + ".";
            case Finding::relaxed_session_blocked:
                return "Yes: " + operation_ +
                       " is sensitive, block_relaxed_sessions is set, and step 4 relaxed this "
                       "session.";
            default:
                return "No: " + operation_ +
                       " is sensitive, but the organization's sensitive_operations does not block "
                       "it here.";
        }
    }

    std::string step_6(Finding finding) const {
        switch (finding) {
            case Finding::session_relaxed:
                return "Yes, by step 4.";
            case Finding::session_not_relaxed:
                return "No.";
            default:
                return "No: step 4 relaxed this session, but a sensitive operation is never "
                       "relaxed.";
        }
    }

    std::string step_7(Finding finding) const {
        switch (finding) {
            case Finding::inside_login_ranges:
                return "Yes: " + address_ + " is " +
                       place_in(decision_.profile->login_ip_ranges,
                                decision_.profile->login_origins) +
                       ".";
            case Finding::outside_login_ranges:
                return "No: " + address_ + " is outside all of them.";
            default:
                return "No: the address is unknown, and so inside no range.";
        }
    }

  private:
    std::string step_4_trusted_ranges(Finding finding) const {
        switch (finding) {
            case Finding::trusted_ranges_not_for_flow:
                return "No: the app's trusted IP ranges do not relax the flow " + flow_ + ".";
            case Finding::trusted_ranges_need_address:
                return "No: the app's trusted IP ranges decide, and the address is unknown.";
            case Finding::inside_trusted_ranges:
                return "Yes: " + inside_trusted_ranges() + ".";
            case Finding::inside_trusted_ranges_flow_unknown:
                return "No: " + inside_trusted_ranges() + ", but the flow is unknown.";
            case Finding::outside_trusted_ranges:
                return "No: " + address_ +
                       " is outside the app's trusted IP ranges, and only requests from those are "
                       "allowed.";
            default:
                return "No: " + address_ +
                       " is outside the app's trusted IP ranges; their effect is bypass, so the "
                       "profile's ranges decide.";
        }
    }

    std::string inside_trusted_ranges() const {
        return address_ + " is " +
               place_in(decision_.app->trusted_ip_ranges, decision_.app->trusted_origins) +
               ", one of the app's trusted IP ranges";
    }

    std::string app_is_set() const {
        return "the app is set to " + std::string(name_of(decision_.app->ip_relaxation));
    }

    std::string profile() const {
        return decision_.profile != nullptr ? quoted(decision_.profile->name) : "null";
    }

    std::string place_in(const RangeSet &ranges, const OriginSet &origins) const {
        const AddressMatch match =
            match_address(request_, ranges.match(*request_.client_address), origins);
        if (const auto range = match.range.range()) {
            return "inside " + range->text();
        }
        return match.origin.country ? "in the country " + std::string(match.origin.country->text())
                                    : "in the autonomous system " + text_of(match.origin.as_number);
    }

    static std::string text_of(std::optional<AsNumber> number) {
        return std::to_string(static_cast<std::uint32_t>(number.value_or(AsNumber{})));
    }

    static std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

    const DecisionRequest &request_;
    const Decision &decision_;
    const std::string operation_;
    const std::string flow_;
    const std::string address_;
};

}  // namespace

unsigned step_of(Finding finding) noexcept {
    constexpr Finding kLastOfStep[] = {
        Finding::continuous_enforcement_off,
        Finding::user_unlisted,
        Finding::no_default_profile,
        Finding::app_relaxes,
        Finding::sensitive_operation_not_blocked,
        Finding::sensitive_operation_never_relaxed,
    };
    unsigned step = 1;
    for (const Finding last : kLastOfStep) {
        if (finding <= last) {
            break;
        }
        ++step;
    }
    return step;
}

std::string finding_text(Finding finding, const DecisionRequest &request,
                         const Decision &decision) {
    const Sentences sentences(request, decision);
    switch (step_of(finding)) {
        case 1:
            return sentences.step_1(finding);
        case 2:
            return sentences.step_2(finding);
        case 3:
            return sentences.step_3(finding);
        case 4:
            return sentences.step_4(finding);
        case 5:
            return sentences.step_5(finding);
        case 6:
            return sentences.step_6(finding);
        default:
            return sentences.step_7(finding);
    }
}

}  // namespace ipfence
