#include "engine/decision/look_up.hpp"

#include "engine/image/fetch.hpp"

namespace ipfence {

namespace {

// semantics.md, last paragraph of "The decision". The organization's default_app speaks for apps
// that nobody listed, so it cannot lend them a user.
std::string_view run_as_user(const App *app) noexcept {
    const bool listed = app != nullptr && !app->client_id.empty();
    return listed ? std::string_view(app->run_as) : std::string_view{};
}

// An empty name names nobody; it must not become the unlisted user, who has a profile.
std::string_view user_of(const DecisionRequest &request, const App *app) noexcept {
    return request.flow == Flow::client_credentials ? run_as_user(app)
                                                    : request.user.value_or(std::string_view{});
}

const App *listed_or_default(const Policy &policy, const App *listed) noexcept {
    return listed != nullptr ? listed : policy.organization().default_app;
}

}  // namespace

const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept {
    return client_id ? listed_or_default(policy, policy.find_app(*client_id)) : nullptr;
}

std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept {
    const bool is_of_app = request.flow == Flow::client_credentials;
    const std::string_view user =
        user_of(request, is_of_app ? effective_app(policy, request.app) : nullptr);
    return user.empty() ? std::nullopt : std::optional(user);
}

void NameSearches::finish(const Policy &policy, const DecisionRequest &request,
                          LookedUp &found) const noexcept {
    if (request.app) {
        const App *listed = policy.listed_apps().finish(app_, *request.app);
        found.app = listed_or_default(policy, listed);
    }
    found.user = user_of(request, found.app);
    found.profile = profile_of(found.user, policy, request);
    if (found.app != nullptr) {
        fetch_whole(found.app);
    }
    if (found.profile != nullptr) {
        fetch_whole(found.profile);
    }
}

const Profile *NameSearches::profile_of(std::string_view user, const Policy &policy,
                                        const DecisionRequest &request) const noexcept {
    if (user.empty()) {
        return nullptr;
    }
    return request.flow == Flow::client_credentials
               ? policy.find_user(user)  // a name of the app, which no search was begun for
               : policy.listed_users().finish(user_, user);
}

LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept {
    NameSearches searches;
    searches.begin(policy, request);
    searches.fetch_slots(policy);
    LookedUp found;
    searches.finish(policy, request, found);
    return found;
}

}  // namespace ipfence
