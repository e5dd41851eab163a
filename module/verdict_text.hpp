#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "engine/decision/look_up.hpp"
#include "module/request_state.hpp"

namespace ipfence::module {

// What a verdict says, in the words that the audit log and the variables share. All of these may be
// empty; views are literals, the policy's or the request's.

/// Room for a rule's text; a longer one is cut.
using RuleText = std::array<char, 512>;

/// A request as far as it is known: the verdict's own, or one that was put together for those who
/// ask.
class KnownRequest {
  public:
    KnownRequest() = default;
    explicit KnownRequest(const DecisionRequest &decided) noexcept : request_(&decided) {}
    explicit KnownRequest(const TokenAttempt &attempt) noexcept;
    KnownRequest(const KnownRequest &) = delete;
    KnownRequest &operator=(const KnownRequest &) = delete;

    explicit operator bool() const noexcept { return request_ != nullptr; }
    const DecisionRequest &operator*() const noexcept { return *request_; }
    const DecisionRequest *operator->() const noexcept { return request_; }

  private:
    std::optional<DecisionRequest> put_together_;
    const DecisionRequest *request_ = nullptr;
};

/// The decision's request; where there was no decision, what is known of it; else nothing.
inline KnownRequest request_of(const RequestState &state) noexcept {
    if (state.verdict && state.verdict->judgement) {
        return KnownRequest(state.verdict->judgement->request);
    }
    return state.token != nullptr ? KnownRequest(*state.token) : KnownRequest();
}

/// The app of an authorization request that was read, also where nothing was decided of it.
std::string_view app_asked_for(const RequestState &state) noexcept;

/// App and user of what `request_of` said.
inline std::string_view app_of(const RequestState &state, const KnownRequest &request) noexcept {
    return request ? request->app.value_or(std::string_view{}) : app_asked_for(state);
}
inline std::string_view user_of(const RequestState &state, const KnownRequest &request) noexcept {
    if (!request) {
        return {};
    }
    if (request->flow != Flow::client_credentials) {
        return request->user.value_or(std::string_view{});
    }
    // What an app runs as stands in the policy.
    const bool has_decided = state.verdict && state.verdict->judgement;
    const App *app = has_decided ? state.verdict->judgement->decision.app : nullptr;
    return app != nullptr ? run_as_user(app)
                          : effective_user(state.policy(), *request).value_or(std::string_view{});
}

/// A decision's profile and rule, as of the candidate's.
inline std::string_view profile_of(const Decision &decision) noexcept {
    return decision.profile != nullptr ? decision.profile->name.view() : std::string_view{};
}
inline std::string_view rule_of(const Decision &decision, RuleText &storage) noexcept {
    return {storage.data(), format_rule(decision, storage)};
}

inline std::string_view profile_of(const Verdict &verdict) noexcept {
    return verdict.judgement ? profile_of(verdict.judgement->decision) : std::string_view{};
}
/// The decision that the verdict is; null where the verdict is something else.
inline const Decision *decision_behind(const Verdict &verdict) noexcept {
    const bool is_decided =
        verdict.judgement && verdict.judgement->decision.reason == verdict.reason;
    return is_decided ? &verdict.judgement->decision : nullptr;
}
inline std::string_view rule_of(const Verdict &verdict, RuleText &storage) noexcept {
    const Decision *decision = decision_behind(verdict);
    return decision != nullptr ? rule_of(*decision, storage) : std::string_view{};
}

/// `allow`, `deny`, or `would_deny` for a denial that monitor mode does not carry out.
std::string_view decision_of(const Verdict &verdict) noexcept;

}  // namespace ipfence::module
