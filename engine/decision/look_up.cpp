#include "engine/decision/look_up.hpp"

#include <array>

#include "engine/image/fetch.hpp"

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

const App *listed_or_default(const Policy &policy, const App *listed) noexcept {
    return listed != nullptr ? listed : policy.organization().default_app;
}

// The searches for the names of a request. Each stage does what needs no more than the stage before
// has fetched, and fetches what the next one needs.
struct Searches {
    NameTable::Search user;
    NameTable::Search app;

    void begin(const Policy &policy, const DecisionRequest &request) noexcept {
        user = policy.listed_users().begin(request.user.value_or(std::string_view{}));
        app = policy.listed_apps().begin(request.app.value_or(std::string_view{}));
    }

    void fetch_slots(const Policy &policy) noexcept {
        policy.listed_users().fetch_slot(user);
        policy.listed_apps().fetch_slot(app);
    }

    LookedUp finish(const Policy &policy, const DecisionRequest &request) const noexcept {
        LookedUp found;
        if (request.app) {
            const App *listed = policy.listed_apps().finish(app, *request.app);
            found.app = listed_or_default(policy, listed);
        }
        found.user = user_of(request, found.app);
        if (found.user && request.flow == Flow::client_credentials) {
            found.profile = policy.find_user(*found.user);  // a name of the app, not the request
        } else if (found.user) {
            found.profile = policy.listed_users().finish(user, *found.user);
        }
        if (found.app != nullptr) {
            fetch_whole(found.app);
        }
        if (found.profile != nullptr) {
            fetch_whole(found.profile);
        }
        return found;
    }
};

}  // namespace

const App *effective_app(const Policy &policy, std::optional<std::string_view> client_id) noexcept {
    return client_id ? listed_or_default(policy, policy.find_app(*client_id)) : nullptr;
}

std::optional<std::string_view> effective_user(const Policy &policy,
                                               const DecisionRequest &request) noexcept {
    const bool is_of_app = request.flow == Flow::client_credentials;
    return user_of(request, is_of_app ? effective_app(policy, request.app) : nullptr);
}

void look_up(const Policy &policy, std::span<const DecisionRequest> requests,
             std::span<LookedUp> looked_up) noexcept {
    std::array<Searches, kTogether> searches;
    for (std::size_t index = 0; index < requests.size(); ++index) {
        searches[index].begin(policy, requests[index]);
    }
    for (std::size_t index = 0; index < requests.size(); ++index) {
        searches[index].fetch_slots(policy);
    }
    for (std::size_t index = 0; index < requests.size(); ++index) {
        looked_up[index] = searches[index].finish(policy, requests[index]);
    }
}

LookedUp look_up(const Policy &policy, const DecisionRequest &request) noexcept {
    Searches searches;
    searches.begin(policy, request);
    searches.fetch_slots(policy);
    return searches.finish(policy, request);
}

}  // namespace ipfence
