#include "engine/decision/whose_ranges.hpp"

namespace ipfence {

namespace {

// An empty name names nobody; it must not become the unlisted user, who has a profile.
std::optional<std::string_view> name_unless_empty(std::string_view name) noexcept {
    return name.empty() ? std::nullopt : std::optional(name);
}

// semantics.md, last paragraph of "The decision". The organization's default_app speaks for apps
// that nobody listed, so it cannot lend them a user.
std::optional<std::string_view> run_as_user(const App *app) noexcept {
    const bool listed = app != nullptr && !app->client_id.empty();
    return listed ? name_unless_empty(app->run_as) : std::nullopt;
}

std::optional<std::string_view> user_of(const DecisionRequest &request, const App *app) noexcept {
    if (request.flow == Flow::client_credentials) {
        return run_as_user(app);
    }
    return request.user ? name_unless_empty(*request.user) : std::nullopt;
}

}  // namespace

const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept {
    if (!client_id) {
        return nullptr;
    }
    if (const App *listed = policy.find_app(*client_id)) {
        return listed;
    }
    return policy.organization().default_app;
}

std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept {
    return user_of(request, effective_app(policy, request.app));
}

const Profile *effective_profile(const Policy &policy, const DecisionRequest &request) noexcept {
    return whose_ranges(policy, request, effective_app(policy, request.app)).profile;
}

WhoseRanges whose_ranges(const Policy &policy, const DecisionRequest &request,
                         const App *app) noexcept {
    const std::optional<std::string_view> user = user_of(request, app);
    if (!user) {
        return {request.flow == Flow::client_credentials ? Finding::app_without_run_as
                                                         : Finding::user_unidentified};
    }
    if (const Profile *profile = policy.find_user(*user)) {
        return {Finding::user_listed, profile};
    }
    if (request.claimed_profile) {
        const Profile *profile = policy.find_profile(*request.claimed_profile);
        return {profile ? Finding::profile_claimed : Finding::claimed_profile_missing, profile};
    }
    return {Finding::user_unlisted, policy.organization().default_profile};
}

}  // namespace ipfence
