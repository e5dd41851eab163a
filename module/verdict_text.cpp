#include "module/verdict_text.hpp"

#include "module/token_gate.hpp"

namespace ipfence::module {

namespace {

const Judgement *judgement_of(const RequestState &state) noexcept {
    return state.verdict && state.verdict->judgement ? &*state.verdict->judgement : nullptr;
}

}  // namespace

std::optional<DecisionRequest> request_of(const RequestState &state) noexcept {
    if (const Judgement *judgement = judgement_of(state)) {
        return judgement->request;
    }
    return state.token != nullptr ? std::optional(decision_request_of(state.token->facts, {}))
                                  : std::nullopt;
}

std::string_view app_of(const std::optional<DecisionRequest> &request) noexcept {
    return request ? request->app.value_or(std::string_view{}) : std::string_view{};
}

std::string_view user_of(const RequestState &state,
                         const std::optional<DecisionRequest> &request) noexcept {
    if (!request) {
        return {};
    }
    return effective_user(state.policy(), *request).value_or(std::string_view{});
}

std::string_view profile_of(const std::optional<Decision> &decision) noexcept {
    return decision && decision->profile != nullptr ? std::string_view(decision->profile->name)
                                                    : std::string_view{};
}

std::string_view rule_of(const std::optional<Decision> &decision, RuleText &storage) noexcept {
    return decision ? std::string_view(storage.data(), format_rule(*decision, storage))
                    : std::string_view{};
}

std::string_view profile_of(const Verdict &verdict) noexcept {
    return verdict.judgement ? profile_of(verdict.judgement->decision) : std::string_view{};
}

std::string_view rule_of(const Verdict &verdict, RuleText &storage) noexcept {
    const bool is_decided =
        verdict.judgement && verdict.judgement->decision.reason == verdict.reason;
    return is_decided ? rule_of(verdict.judgement->decision, storage) : std::string_view{};
}

std::string_view decision_of(const Verdict &verdict) noexcept {
    if (verdict.outcome == Outcome::deny && !verdict.enforced) {
        return "would_deny";
    }
    return name_of(verdict.outcome);
}

}  // namespace ipfence::module
